import { invalidArgument } from '../errors.ts';
import { COMPAT_WAIT_MS_MAX } from '../limits.ts';

const MS_PER_UNIT: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};
const PART = /(\d{1,15}(?:\.\d{0,9})?|\.\d{1,9})(ns|us|µs|μs|ms|s|m|h)/gy;

/** Milliseconds of a duration as Go writes it, such as `5s` or `1h2m0.5s`; undefined if it is none, or negative. */
export function parseGoDuration(text: string): number | undefined {
  const plain = text.startsWith('+') ? text.slice(1) : text;
  if (plain === '0') return 0;
  let ms = 0;
  let end = 0;
  for (const [part, number, unit] of plain.matchAll(PART)) {
    ms += Number(number) * (MS_PER_UNIT[unit ?? ''] ?? Number.NaN);
    end += part.length;
  }
  return end === plain.length && end > 0 ? ms : undefined;
}

/** How long a request is to wait, in milliseconds. Throws INVALID_ARGUMENT that names the field. */
export function waitMs(field: string, text: unknown): number {
  const ms = typeof text === 'string' ? parseGoDuration(text) : undefined;
  if (ms !== undefined && ms <= COMPAT_WAIT_MS_MAX) return Math.ceil(ms);
  const given = typeof text === 'string' ? JSON.stringify(text.slice(0, 80)) : 'it';
  const what = text === undefined ? 'is missing' : `${given} is not a duration`;
  throw invalidArgument(field, `${what}: it is one from 0s to 1h, for example 5s`);
}
