import { usageError } from './exit-code.ts';
import { parseMilliseconds } from './option-value.ts';
import { parseMoment } from './range.ts';

/** The options that say when a message is published, as they were written. */
export interface WhenOptions {
  readonly delay?: string;
  readonly at?: string;
  readonly cron?: string;
  readonly tz?: string;
}

/** When a message is published: after so many milliseconds, at a timestamp, or again and again. */
export type When =
  | { readonly delay: number }
  | { readonly at: bigint }
  | { readonly cron: string; readonly timeZone: string | undefined };

/** How times of schedules are written, for help. */
export const WHEN_HELP = `A cron expression has five fields: minute, hour, day of month, month, day of week. Or: "@every 10s".
Its zone is one of IANA such as Europe/Berlin; UTC unless --tz says otherwise. A run that was missed is made up for once.`;

/** Reads when a message is published; undefined if nothing was said: at once. Throws a usage error. */
export function parseWhen(options: WhenOptions): When | undefined {
  const { delay, at, cron, tz } = options;
  const given = (['delay', 'at', 'cron'] as const).filter((name) => options[name] !== undefined);
  if (given.length > 1) throw usageError(`--${given[0]} and --${given[1]} exclude each other`);
  if (tz !== undefined && cron === undefined) {
    throw usageError('--tz is the zone of --cron; other times bring their own');
  }
  if (delay !== undefined) return { delay: parseMilliseconds('--delay', delay) };
  if (at !== undefined) return { at: parseAt(at) };
  // Whether it parses and ever fires is the broker's to say, which has to follow it.
  return cron === undefined ? undefined : { cron, timeZone: tz };
}

function parseAt(text: string): bigint {
  const time = parseMoment('--at', text);
  if (typeof time === 'bigint') return time;
  throw usageError(`--at ${text}: must be a timestamp; --delay counts from now`);
}
