import {
  clampTime,
  NS_PER_DAY,
  NS_PER_HOUR,
  NS_PER_MINUTE,
  NS_PER_MS,
  NS_PER_SECOND,
  TIME_MAX_NS,
  timeParts,
} from './nanoseconds.ts';

const UNIT_NS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1000n,
  µs: 1000n,
  ms: NS_PER_MS,
  s: NS_PER_SECOND,
  sec: NS_PER_SECOND,
  m: NS_PER_MINUTE,
  min: NS_PER_MINUTE,
  h: NS_PER_HOUR,
  d: NS_PER_DAY,
  w: 7n * NS_PER_DAY,
};

const UNITS = Object.keys(UNIT_NS)
  .sort((a, b) => b.length - a.length)
  .join('|');
const NUMBER_AND_UNIT = new RegExp(`^(\\d+)(?:\\.(\\d{1,9}))? ?(${UNITS})$`);
const DATE_AND_CLOCK =
  /^(\d{4}-\d{2}-\d{2})(?:[Tt ](\d{2}:\d{2})(?::(\d{2}))?(?:\.([\d ]{1,11}))?)? ?([Zz]|[+-]\d{2}:\d{2}|UTC)?$/;
const CLOCK = /^(\d{2}:\d{2})(?::(\d{2}))?(?:\.([\d ]{1,11}))?[Zz]?$/;

/** What words such as *now* and *earliest* stand for. */
export interface MomentContext {
  readonly nowNs: bigint;
  readonly earliestNs: bigint;
  readonly latestNs: bigint;
}

/**
 * The time that somebody typed; undefined if it is none. Takes RFC 3339, also with a space and without its zone, which
 * then is UTC; a date; a clock time of today; nanoseconds since 1970; `1763719200s`; `-5m` and `5 min ago`; `now`,
 * `earliest` and `latest`.
 */
export function parseMoment(input: string, context: MomentContext): bigint | undefined {
  const text = input.trim();
  if (text === 'now') return context.nowNs;
  if (text === 'earliest') return context.earliestNs;
  if (text === 'latest') return context.latestNs;
  if (/^\d{12,19}$/.test(text)) return withinTime(BigInt(text));
  const ago = /^-(.+)$/.exec(text)?.[1] ?? /^(.+?) ago$/.exec(text)?.[1];
  if (ago !== undefined) {
    const lengthNs = parseLength(ago.trim());
    return lengthNs === undefined ? undefined : clampTime(context.nowNs - lengthNs);
  }
  const sinceNs = parseLength(text);
  if (sinceNs !== undefined) return withinTime(sinceNs);
  return parseCalendar(text, context.nowNs);
}

function parseLength(text: string): bigint | undefined {
  const match = NUMBER_AND_UNIT.exec(text);
  if (match === null) return undefined;
  const [, whole = '', fraction = '', unit = ''] = match;
  const unitNs = UNIT_NS[unit] ?? 0n;
  return (BigInt(`${whole}${fraction}`) * unitNs) / 10n ** BigInt(fraction.length);
}

function parseCalendar(text: string, nowNs: bigint): bigint | undefined {
  const clock = CLOCK.exec(text);
  if (clock !== null) {
    const [, minutes = '', seconds = '00', fraction = ''] = clock;
    return calendar(timeParts(nowNs).date, `${minutes}:${seconds}`, fraction, 'Z');
  }
  const match = DATE_AND_CLOCK.exec(text);
  if (match === null) return undefined;
  const [, date = '', minutes = '00:00', seconds = '00', fraction = '', zone = 'Z'] = match;
  return calendar(date, `${minutes}:${seconds}`, fraction, zone === 'UTC' ? 'Z' : zone);
}

function calendar(date: string, clock: string, fraction: string, zone: string): bigint | undefined {
  const digits = fraction.replaceAll(' ', '');
  const ms = Date.parse(`${date}T${clock}${zone.toUpperCase()}`);
  if (Number.isNaN(ms) || ms < 0 || digits.length > 9 || !isOnCalendar(date)) return undefined;
  return withinTime(BigInt(ms) * NS_PER_MS + BigInt(digits.padEnd(9, '0')));
}

/** Date.parse takes 31 February for 3 March. */
function isOnCalendar(date: string): boolean {
  const day = new Date(`${date}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().slice(0, 10) === date;
}

function withinTime(timestampNs: bigint): bigint | undefined {
  return timestampNs > TIME_MAX_NS ? undefined : timestampNs;
}
