import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { Position } from '../log/position.ts';

const NS_PER_SECOND = 1_000_000_000n;
const NS_PER_UNIT: Readonly<Record<string, bigint>> = {
  ms: 1_000_000n,
  s: NS_PER_SECOND,
  m: 60n * NS_PER_SECOND,
  h: 3600n * NS_PER_SECOND,
  d: 86_400n * NS_PER_SECOND,
};

const RFC_3339 =
  /^(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?([Zz]|[+-]\d{2}:\d{2})$/;

/** Nanoseconds since 1970 of decimal digits or of a time as RFC 3339 has it; undefined if it is neither. */
export function parseTimestamp(text: string): bigint | undefined {
  if (/^\d{1,19}$/.test(text)) return BigInt(text);
  const match = RFC_3339.exec(text);
  if (match === null) return undefined;
  const [, date, time, fraction = '', zone = 'Z'] = match;
  const ms = Date.parse(`${date}T${time}${zone.toUpperCase()}`);
  if (Number.isNaN(ms) || ms < 0 || !isDay(date)) return undefined;
  return BigInt(ms) * 1_000_000n + BigInt(fraction.padEnd(9, '0'));
}

/** False for 30 February, which JavaScript takes for 2 March. */
function isDay(date = ''): boolean {
  const ms = Date.parse(`${date}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(date);
}

/** `earliest`, `latest`, `-5m` and what {@link parseTimestamp} takes; undefined if it is none of them. */
export function parsePosition(text: string): Position | undefined {
  if (text === 'earliest' || text === 'latest') return { at: text };
  const ago = /^-(\d{1,9})(ms|s|m|h|d)$/.exec(text);
  if (ago !== null) {
    return { at: 'ago', agoNs: BigInt(ago[1] ?? '0') * (NS_PER_UNIT[ago[2] ?? ''] ?? 0n) };
  }
  const timestampNs = parseTimestamp(text);
  return timestampNs === undefined ? undefined : { at: 'timestamp', timestampNs };
}

const TIME_RULE =
  'must be nanoseconds since 1970 or a time as RFC 3339 has it, such as 2026-11-21T18:00:00.000000001Z';
const POSITION_RULE =
  'must be earliest, latest, a time ago such as -5m, nanoseconds since 1970, or a time as RFC 3339 has it';

/** A time in a query or a body. */
export const timeText = z.string().transform((text, context) => {
  const timestampNs = parseTimestamp(text);
  if (timestampNs !== undefined) return timestampNs;
  context.addIssue({ code: 'custom', message: TIME_RULE });
  return z.NEVER;
});

/** A time, or a time ago; {@link momentNs} tells when that is. */
export type Moment = Extract<Position, { at: 'timestamp' | 'ago' }>;

const MOMENT_RULE = `${TIME_RULE}, or a time ago such as -5m`;

/** A {@link Moment} in a query or a body. */
export const momentText = z.string().transform((text, context): Moment => {
  const moment = parseMoment(text);
  if (moment !== undefined) return moment;
  context.addIssue({ code: 'custom', message: MOMENT_RULE });
  return z.NEVER;
});

/** Where to end, in a query: a {@link Moment}, or what is there now. */
export const endText = z.string().transform((text, context): Moment | 'now' => {
  if (text === 'now') return text;
  const moment = parseMoment(text);
  if (moment !== undefined) return moment;
  context.addIssue({ code: 'custom', message: `${MOMENT_RULE}; or now` });
  return z.NEVER;
});

/** Nanoseconds since 1970. */
export function momentNs(moment: Moment, clock: Clock): bigint {
  return moment.at === 'timestamp' ? moment.timestampNs : clock.nowNs() - moment.agoNs;
}

function parseMoment(text: string): Moment | undefined {
  const position = parsePosition(text);
  return position?.at === 'timestamp' || position?.at === 'ago' ? position : undefined;
}

/** Where to begin, in a query or a body. */
export const positionText = z.string().transform((text, context) => {
  const position = parsePosition(text);
  if (position !== undefined) return position;
  context.addIssue({ code: 'custom', message: POSITION_RULE });
  return z.NEVER;
});
