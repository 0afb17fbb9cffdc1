import type { Ago } from 'playhead-client';
import { formatTimestamp, parseDuration, parseTime } from 'playhead-client';
import { usageError } from './exit-code.ts';

/** Where reading begins. */
export type Start = 'earliest' | 'latest' | bigint | Ago | { readonly last: number };
/** Where reading ends. `afterStartNs` counts from the start. */
export type Stop = 'now' | bigint | Ago | { readonly afterStartNs: bigint };

/** A part of a topic, as it was asked for. What is missing is left to the command. */
export interface Range {
  readonly from?: Start;
  readonly until?: Stop;
  /** So many messages behind the start are left out. */
  readonly skip?: number;
}

/** A range in terms of the client. */
export interface ResolvedRange {
  readonly from: Start;
  readonly until: 'now' | bigint | Ago | undefined;
}

const TIMESTAMP = /^\d{4}-\d\d-\d\d(?:[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d))?/;
/** No message is older than this; a smaller number was meant as a duration. */
const YEAR_2001_NS = 10n ** 18n;
const COUNT = /^[-+][1-9]\d{0,14}$/;
const DATE = /^\d{4}-\d\d-\d\d$/;

/** The range grammar, for help. */
export const RANGE_HELP = `A range is START, :END or START:END.
  START  start or earliest, end or latest, -N (the last N messages), +N (all but the first N), @TIME
  END    end or now (what is there), @TIME, +DURATION (counted from START)
  TIME   2026-11-21 (UTC), 2026-11-21T10:00:00.000000001Z, 1763719200s (or ms, us, ns), -5m (ago)
A range without END follows. Examples: @-1h: · @-48h:-24h · @2026-11-21T10:00:00Z:+250ms · -10 · :end`;

/**
 * Reads a range such as `@-1h:`, `@2026-11-21T10:00:00Z:+5m`, `-10` or `:end`: rpk's grammar, with times to the
 * nanosecond and without offsets, which a tape does not have. Throws a usage error.
 */
export function parseRange(text: string): Range {
  return explained(`--range ${text}`, () => {
    const { start, stop } = splitRange(text);
    const begin = parseRangeStart(start);
    return stop === '' ? begin : { ...begin, until: parseStop(stop.replace(/^@/, '')) };
  });
}

/** Reads the value of `--from`. */
export function parseFrom(text: string): Start {
  return explained(`--from ${text}`, () => parseStart(text));
}

/** Reads the value of `--until`. */
export function parseUntil(text: string): Stop {
  return explained(`--until ${text}`, () => parseStop(text));
}

/** Reads a time for the named option: a timestamp, a date, or so long ago. */
export function parseMoment(option: string, text: string): bigint | Ago {
  return explained(`${option} ${text}`, () => readTime(text));
}

/** Reads a number of messages for the named option: a whole number, at least 1. */
export function parseCount(option: string, text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= 1 && Number.isSafeInteger(count)) return count;
  throw usageError(`${option} ${text}: must be a whole number, at least 1`);
}

/**
 * Turns an end that counts from the start into a time. What counts back from now is taken from the one
 * `clockNs`, so that the length is exact.
 */
export function resolveRange(from: Start, until: Stop | undefined, clockNs: bigint): ResolvedRange {
  if (until === undefined || typeof until !== 'object' || !('afterStartNs' in until))
    return { from, until };
  if (from === 'latest') return { from, until: clockNs + until.afterStartNs };
  if (typeof from === 'bigint') return { from, until: from + until.afterStartNs };
  if (typeof from === 'object' && 'agoNs' in from) {
    const fromNs = resolveTime(from, clockNs);
    return { from: fromNs, until: fromNs + until.afterStartNs };
  }
  throw usageError('an end of +DURATION needs a start that is a time');
}

/** A time as a timestamp. What lies before 1970 is 1970. */
export function resolveTime(time: bigint | Ago, clockNs: bigint): bigint {
  if (typeof time === 'bigint') return time;
  return time.agoNs < clockNs ? clockNs - time.agoNs : 0n;
}

function splitRange(text: string): { start: string; stop: string } {
  // A timestamp has colons of its own.
  const timestamp = text.startsWith('@') ? TIMESTAMP.exec(text.slice(1))?.[0] : undefined;
  const startLength = timestamp === undefined ? text.search(/:|$/) : 1 + timestamp.length;
  const rest = text.slice(startLength);
  if (text === '' || text === ':' || (rest !== '' && !rest.startsWith(':'))) {
    throw new TypeError(
      'must be START, :END or START:END, with times such as @2026-11-21T10:00:00Z',
    );
  }
  return { start: text.slice(0, startLength), stop: rest.slice(1) };
}

function parseRangeStart(text: string): Range {
  if (text === '' || text === '@') return { from: 'earliest' };
  if (text.startsWith('@')) return { from: readTime(text.slice(1)) };
  if (COUNT.test(text)) {
    const count = Number(text.slice(1));
    return text.startsWith('-') ? { from: { last: count } } : { from: 'earliest', skip: count };
  }
  const edge = parseEdge(text);
  if (edge !== undefined) return { from: edge };
  if (/^\d+$/.test(text)) {
    throw new TypeError(
      `${text} is no position; write -${text}, +${text} or a time such as @${text}s`,
    );
  }
  throw new TypeError('a start is start, end, -N, +N or @TIME');
}

function parseStart(text: string): Start {
  return parseEdge(text) ?? readTime(text);
}

function parseEdge(text: string): 'earliest' | 'latest' | undefined {
  if (text === 'earliest' || text === 'start') return 'earliest';
  if (text === 'latest' || text === 'end') return 'latest';
  return undefined;
}

function parseStop(text: string): Stop {
  if (text === 'now' || text === 'end') return 'now';
  if (text.startsWith('+')) return { afterStartNs: parseDuration(text.slice(1)) };
  const isUnixTime = /^\d+(?:s|ms|us|ns)$/.test(text);
  // As in rpk: a length counts from the start without a sign, too, unless it could be a timestamp.
  if (!isUnixTime && /^[\d.]+[a-z]/.test(text)) return { afterStartNs: parseDuration(text) };
  const time = readTime(text);
  if (isUnixTime && typeof time === 'bigint' && time < YEAR_2001_NS) {
    throw new TypeError(`${text} would be ${formatTimestamp(time)}; for a duration write +${text}`);
  }
  return time;
}

/** A date alone is its first nanosecond, UTC. */
function readTime(text: string): bigint | Ago {
  return parseTime(DATE.test(text) ? `${text}T00:00:00Z` : text);
}

function explained<T>(source: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw usageError(`${source}: ${error.message}`, error);
  }
}
