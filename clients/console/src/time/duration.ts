import { NS_PER_DAY, NS_PER_HOUR, NS_PER_MINUTE, NS_PER_MS, NS_PER_SECOND } from './nanoseconds.ts';

const UNITS: readonly (readonly [bigint, string])[] = [
  [NS_PER_DAY, 'd'],
  [NS_PER_HOUR, 'h'],
  [NS_PER_MINUTE, 'min'],
  [NS_PER_SECOND, 's'],
  [NS_PER_MS, 'ms'],
  [1000n, 'µs'],
];

/** A length of time with two or three digits: `2.5 h`, `340 ms`, `12 ns`. */
export function formatDuration(lengthNs: bigint): string {
  if (lengthNs < 0n) return `−${formatDuration(-lengthNs)}`;
  for (const [unitNs, name] of UNITS) {
    if (lengthNs < unitNs) continue;
    const tenths = (lengthNs * 10n) / unitNs;
    const isShort = tenths < 100n && tenths % 10n !== 0n;
    return isShort ? `${tenths / 10n}.${tenths % 10n} ${name}` : `${tenths / 10n} ${name}`;
  }
  return `${lengthNs} ns`;
}

/** How long ago the time was: `3 min ago`, `just now`, or `in 5 s` if it is to come. */
export function formatAgo(timestampNs: bigint, nowNs: bigint): string {
  const agoNs = nowNs - timestampNs;
  if (agoNs < -NS_PER_SECOND) return `in ${formatDuration(wholeUnits(-agoNs))}`;
  return agoNs < NS_PER_SECOND ? 'just now' : `${formatDuration(wholeUnits(agoNs))} ago`;
}

/** Without tenths: what changes each second is hard to read. */
function wholeUnits(lengthNs: bigint): bigint {
  const unitNs = UNITS.find(([unit]) => lengthNs >= unit)?.[0] ?? 1n;
  return (lengthNs / unitNs) * unitNs;
}
