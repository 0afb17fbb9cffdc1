import { parseDuration } from './time.ts';

const NS_PER_MS = 1_000_000n;

/** Milliseconds, or a text as {@link parseDuration} reads it: `'500ms'`, `'5m'`. */
export type Duration = number | string;

/** Whole milliseconds of a duration. Throws a TypeError, which names the option, for what is none. */
export function toMs(name: string, duration: Duration): bigint {
  if (typeof duration === 'number') {
    if (Number.isSafeInteger(duration) && duration >= 0) return BigInt(duration);
    throw new TypeError(`${name} must be whole milliseconds, 0 or more, not ${duration}`);
  }
  const ns = parseDuration(duration);
  if (ns % NS_PER_MS === 0n) return ns / NS_PER_MS;
  throw new TypeError(`${name} must be whole milliseconds, not ${duration}`);
}
