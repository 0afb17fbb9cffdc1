import { Edge, type Position as WirePosition } from 'playhead-proto';
import { parseDuration, parseTimestamp } from './time.ts';

const MAX_INT64 = 2n ** 63n - 1n;

/** A time that counts back from the broker's clock. */
export interface Ago {
  readonly agoNs: bigint;
}

/**
 * Where reading begins.
 *
 * - `'earliest'`: with the first retained message; `'latest'`: with the next one to come.
 * - a bigint (nanoseconds since 1970, UTC) or a Date: with the first message of that time or later.
 * - a string, as {@link parsePosition} reads it: `'-5m'`, `'2026-11-21T04:08:00Z'`, `'1732186800s'`.
 * - `{ last: n }`: with the last n messages.
 */
export type StartPosition =
  | 'earliest'
  | 'latest'
  | bigint
  | Date
  | Ago
  | { readonly last: number }
  | (string & {});

/**
 * Where reading ends: before this time, or with `'now'` behind what is there when it begins. A time in the future is
 * waited for. Strings are read by {@link parseUntil}.
 */
export type EndPosition = 'now' | bigint | Date | Ago | (string & {});

/**
 * Reads `earliest`, `latest`, a time that counts back from the broker's clock (`-5m`, `-1h30m`), or a timestamp as in
 * {@link parseTimestamp}. Throws a TypeError for anything else.
 */
export function parsePosition(text: string): 'earliest' | 'latest' | bigint | Ago {
  return text === 'earliest' || text === 'latest' ? text : parseTime(text);
}

/** Reads `now`, or a time as in {@link parsePosition}. Throws a TypeError for anything else. */
export function parseUntil(text: string): 'now' | bigint | Ago {
  return text === 'now' ? text : parseTime(text);
}

/** Reads a timestamp, or a time that counts back from the broker's clock (`-5m`). */
export function parseTime(text: string): bigint | Ago {
  return text.startsWith('-') ? { agoNs: parseDuration(text.slice(1)) } : parseTimestamp(text);
}

/** Throws a TypeError for what is no position. */
export function toWirePosition(position: StartPosition): WirePosition {
  const start = typeof position === 'string' ? parsePosition(position) : position;
  if (start === 'earliest') return { at: { $case: 'edge', value: Edge.EARLIEST } };
  if (start === 'latest') return { at: { $case: 'edge', value: Edge.LATEST } };
  if (typeof start === 'object' && 'last' in start) {
    if (!Number.isSafeInteger(start.last) || start.last < 1) {
      throw new TypeError(`last must be a positive integer, not ${start.last}`);
    }
    return { at: { $case: 'lastMessages', value: BigInt(start.last) } };
  }
  const time = toTime(start);
  return typeof time === 'bigint'
    ? { at: { $case: 'timestampNs', value: time } }
    : { at: { $case: 'agoNs', value: time.agoNs } };
}

/** Throws a TypeError for what is no end. */
export function toUntil(until: EndPosition): 'now' | bigint | Ago {
  const end = typeof until === 'string' ? parseUntil(until) : until;
  return end === 'now' ? end : toTime(end);
}

/** Nanoseconds of a time. Whether they make sense is the broker's to say; whether they fit the wire is ours. */
export function toTime(time: bigint | Date | Ago | string): bigint | Ago {
  if (typeof time === 'string') return parseTime(time);
  if (typeof time === 'bigint') return checkedInt64(time);
  if (time instanceof Date) {
    const ms = time.getTime();
    if (Number.isNaN(ms)) throw new TypeError('the Date is invalid');
    return checkedInt64(BigInt(ms) * 1_000_000n);
  }
  if (typeof time?.agoNs === 'bigint') return { agoNs: checkedInt64(time.agoNs) };
  throw new TypeError('a time is a bigint in nanoseconds, a Date, or a text such as -5m');
}

function checkedInt64(ns: bigint): bigint {
  if (ns > MAX_INT64 || ns < -MAX_INT64) throw new TypeError(`${ns} ns does not fit into 64 bits`);
  return ns;
}
