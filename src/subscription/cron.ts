import { createRequire } from 'node:module';
import type * as cronLibrary from 'cron-parser';
import { invalidArgument } from '../errors.ts';
import { CRON_BYTES, EVERY_MS_MIN, PARSED_CRONS, SCHEDULE_DELAY_MS_MAX } from '../limits.ts';

/** When something recurs. */
export interface Recurrence {
  /** The first time behind `afterNs`, and behind `dueNs`, which is the last one if there was one. */
  next(afterNs: bigint, dueNs?: bigint): bigint;
  /** The longest time between two; undefined if that depends on the calendar. */
  readonly everyNs: bigint | undefined;
}

const require = createRequire(import.meta.url);

const NS_PER_MS = 1_000_000n;
const EVERY = /^@every\s+(\S+)$/;
const DURATION = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/;
const DURATION_PART = /(\d+(?:\.\d+)?)(ms|s|m|h|d)/g;
const UNIT_MS = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);

/** Parsed before, the least recently used first. */
const parsed = new Map<string, Recurrence>();

/**
 * Parses five fields of cron, in local time of a time zone of IANA (empty: UTC), or "@every" with a duration such as
 * 1h30m. Throws INVALID_ARGUMENT, naming `cron` or `time_zone`.
 *
 * When clocks are put forward, what falls into the hour that is left out is due once, an hour later by the clock.
 * When they are put back, what names its hour is due once in the hour that comes twice; what is due every hour goes on.
 */
export function parseCron(cron: string, timeZone: string): Recurrence {
  const key = `${timeZone}\n${cron}`;
  const known = parsed.get(key);
  const recurrence = known ?? parse(cron, timeZone);
  parsed.delete(key);
  parsed.set(key, recurrence);
  if (parsed.size > PARSED_CRONS) {
    for (const [oldest] of parsed) {
      parsed.delete(oldest);
      break;
    }
  }
  return recurrence;
}

function parse(cron: string, timeZone: string): Recurrence {
  checkLength('cron', cron);
  checkTimeZone(timeZone);
  const every = EVERY.exec(cron);
  if (every !== null) return parseEvery(every[1] ?? '');
  return parseFields(cron, timeZone || 'UTC');
}

/** Digits, names, "*", "/", "," and "-": the letters that are more than cron has are not the same everywhere. */
const FIELD = /^(?:[\d*/,-]|[A-Za-z]{3})+$/;

function parseFields(cron: string, tz: string): Recurrence {
  const fields = cron.trim().split(/\s+/);
  const strange = fields.find((field) => !FIELD.test(field));
  if (fields.length !== 5) {
    throw invalidArgument(
      'cron',
      `${quote(cron)} is neither five fields (minute, hour, day of month, month, day of week) nor "@every" with a duration`,
    );
  }
  if (strange !== undefined) {
    throw invalidArgument('cron', `${quote(cron)} does not parse: ${quote(strange)} is no field`);
  }
  // Loaded at the first use: few brokers need its megabytes.
  const { CronDate, CronExpressionParser }: typeof cronLibrary = require('cron-parser');
  try {
    const expression = CronExpressionParser.parse(fields.join(' '), { tz });
    return {
      everyNs: undefined,
      next(afterNs, dueNs = afterNs) {
        const fromNs = dueNs > afterNs ? dueNs : afterNs;
        expression.reset(new CronDate(Number(fromNs / NS_PER_MS), tz));
        return BigInt(expression.next().getTime()) * NS_PER_MS;
      },
    };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const isNever = why.includes('explicit day of month');
    const what = isNever ? 'never fires: no such month has such a day' : `does not parse: ${why}`;
    throw invalidArgument('cron', `${quote(cron)} ${what}`);
  }
}

function checkTimeZone(timeZone: string): void {
  checkLength('time_zone', timeZone);
  // Node knows offsets by now, too; they have no summer time, and so are not what a time zone is asked for.
  if (timeZone === '' || (/^[A-Za-z]/.test(timeZone) && isTimeZone(timeZone))) return;
  throw invalidArgument('time_zone', `there is no time zone ${quote(timeZone)} of IANA`);
}

function isTimeZone(timeZone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

function parseEvery(duration: string): Recurrence {
  const everyMs = parseDuration(duration);
  if (everyMs < EVERY_MS_MIN || everyMs > SCHEDULE_DELAY_MS_MAX) {
    throw invalidArgument(
      'cron',
      `@every ${duration} is ${everyMs} ms; it is between ${EVERY_MS_MIN} and ${SCHEDULE_DELAY_MS_MAX}`,
    );
  }
  const everyNs = BigInt(everyMs) * NS_PER_MS;
  return {
    everyNs,
    next(afterNs, dueNs = afterNs) {
      // Not more than one step ahead: a clock that was put back must not make it pause for as long.
      if (dueNs > afterNs) return afterNs + everyNs;
      return dueNs + ((afterNs - dueNs) / everyNs + 1n) * everyNs;
    },
  };
}

function parseDuration(text: string): number {
  if (!DURATION.test(text)) {
    throw invalidArgument(
      'cron',
      `"@every" wants a duration of ms, s, m, h and d, such as 1h30m, not ${quote(text)}`,
    );
  }
  let sumMs = 0;
  for (const [, amount, unit = ''] of text.matchAll(DURATION_PART)) {
    sumMs += Number(amount) * (UNIT_MS.get(unit) ?? 0);
  }
  return Math.round(sumMs);
}

function checkLength(field: string, text: string): void {
  const bytes = Buffer.byteLength(text);
  if (bytes > CRON_BYTES) throw invalidArgument(field, `has ${bytes} bytes; at most ${CRON_BYTES}`);
}

function quote(text: string): string {
  return JSON.stringify(text);
}
