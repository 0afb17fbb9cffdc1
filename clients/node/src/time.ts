const UNIT_NS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
  d: 86_400_000_000_000n,
  w: 604_800_000_000_000n,
};

const MAX_INT64 = 2n ** 63n - 1n;
const NS_PER_SECOND = 1_000_000_000n;

/**
 * Nanoseconds of a duration such as `500ms`, `1h30m` or `1.5s`. Units are ns, us, ms, s, m, h, d (24 hours) and
 * w (7 days). Every number needs its unit. Throws a TypeError for anything else.
 */
export function parseDuration(text: string): bigint {
  const parts = /^(?:\d+(?:\.\d+)?(?:ns|us|ms|s|m|h|d|w))+$/.test(text)
    ? text.matchAll(/(\d+)(?:\.(\d+))?(ns|us|ms|s|m|h|d|w)/g)
    : undefined;
  if (parts === undefined) {
    const hint = /^\d+(?:\.\d+)?$/.test(text)
      ? `: a number needs a unit, for instance ${text}s`
      : '';
    throw new TypeError(`"${text}" is no duration such as 500ms, 5m or 1h30m${hint}`);
  }
  let totalNs = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of parts) {
    const unitNs = UNIT_NS[unit] ?? 0n;
    totalNs += BigInt(whole) * unitNs;
    if (fraction !== '') totalNs += (BigInt(fraction) * unitNs) / 10n ** BigInt(fraction.length);
  }
  if (totalNs > MAX_INT64) throw new TypeError(`duration "${text}" is longer than 292 years`);
  return totalNs;
}

/** RFC 3339 in UTC with nine digits of fraction: `2026-11-21T04:08:00.123456789Z`. */
export function formatTimestamp(timestampNs: bigint): string {
  const fractionNs = ((timestampNs % NS_PER_SECOND) + NS_PER_SECOND) % NS_PER_SECOND;
  const seconds = (timestampNs - fractionNs) / NS_PER_SECOND;
  const date = new Date(Number(seconds) * 1000).toISOString();
  return `${date.slice(0, -5)}.${fractionNs.toString().padStart(9, '0')}Z`;
}

/**
 * Nanoseconds since 1970 of a timestamp: RFC 3339 with up to nine digits of fraction (`2026-11-21T04:08:00.5Z`), or a
 * number with its unit (`1732186800s`, and likewise ms, us, ns). A bare number is refused, since its unit
 * would be a guess. Throws a TypeError for anything else, for times before 1970 and for those beyond int64.
 */
export function parseTimestamp(text: string): bigint {
  const number = /^(\d+)(s|ms|us|ns)$/.exec(text);
  if (number !== null)
    return checked(BigInt(number[1] ?? '') * (UNIT_NS[number[2] ?? ''] ?? 0n), text);
  if (/^\d+$/.test(text)) {
    throw new TypeError(
      `timestamp "${text}" needs a unit: ${text}s, ${text}ms, ${text}us or ${text}ns since 1970, or RFC 3339`,
    );
  }
  const date = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)$/.exec(
    text,
  );
  if (date === null && /^\d{4}-\d\d-\d\d[Tt ][\d:.]+$/.test(text)) {
    throw new TypeError(`timestamp "${text}" needs a zone: ${text}Z is UTC`);
  }
  if (date === null) {
    throw new TypeError(
      `"${text}" is no timestamp such as 2026-11-21T04:08:00.123456789Z or 1732186800s`,
    );
  }
  const [, day = '', time = '', fraction = '', zone = ''] = date;
  const secondsMs = Date.parse(`${day}T${time}${zone.toUpperCase()}`);
  if (Number.isNaN(secondsMs) || !isOnCalendar(day)) {
    throw new TypeError(`timestamp "${text}" is not on the calendar or the clock`);
  }
  return checked(BigInt(secondsMs) * 1_000_000n + BigInt(fraction.padEnd(9, '0')), text);
}

/** Date.parse takes 31 February for 3 March. */
function isOnCalendar(day: string): boolean {
  const date = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().slice(0, 10) === day;
}

function checked(timestampNs: bigint, text: string): bigint {
  if (timestampNs < 0n) throw new TypeError(`timestamp "${text}" is before 1970`);
  if (timestampNs > MAX_INT64) throw new TypeError(`timestamp "${text}" is after the year 2262`);
  return timestampNs;
}
