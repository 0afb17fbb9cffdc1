import { parseDuration } from 'playhead-client';
import { usageError } from './exit-code.ts';

const NS_PER_MS = 1_000_000n;

/** Milliseconds of a duration such as `30s`; undefined if it is none, or no whole number of milliseconds. */
export function readMilliseconds(text: string): number | undefined {
  try {
    const ns = parseDuration(text);
    return ns % NS_PER_MS === 0n ? Number(ns / NS_PER_MS) : undefined;
  } catch {
    // The rule, which the caller adds, says all that the parser would.
    return undefined;
  }
}

/** Milliseconds of a duration for the named option. What is too short or too long is the broker's to say. */
export function parseMilliseconds(option: string, text: string): number {
  const ms = readMilliseconds(text);
  if (ms !== undefined) return ms;
  throw usageError(
    `${option} ${text}: must be a duration of whole milliseconds such as 500ms, 30s or 7d`,
  );
}

/**
 * A whole number, 0 or more, for the named option. What is too small or too large is the broker's to say, as far as it
 * fits the wire.
 */
export function parseWholeNumber(
  option: string,
  text: string,
  max: number = Number.MAX_SAFE_INTEGER,
): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= max) return value;
  throw usageError(`${option} ${text}: must be a whole number from 0 to ${max}`);
}

/** One of the names, for the named option. */
export function parseName<const T extends string>(
  option: string,
  text: string,
  names: readonly T[],
): T {
  const name = names.find((known) => known === text);
  if (name !== undefined) return name;
  throw usageError(`${option} ${text}: must be one of ${names.join(', ')}`);
}
