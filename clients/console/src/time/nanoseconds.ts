/** Nanoseconds since 1970 are bigint everywhere: a number holds them exactly only up to April 1970. */
export const NS_PER_MS = 1_000_000n;
export const NS_PER_SECOND = 1_000_000_000n;
export const NS_PER_MINUTE = 60n * NS_PER_SECOND;
export const NS_PER_HOUR = 60n * NS_PER_MINUTE;
export const NS_PER_DAY = 24n * NS_PER_HOUR;

/** The last nanosecond that the broker knows: it keeps them in 64 bits with a sign. */
export const TIME_MAX_NS = 2n ** 63n - 1n;

/** The three parts of a time in UTC, the last with nine digits: `2026-11-21`, `18:00:00`, `000000001`. */
export interface TimeParts {
  readonly date: string;
  readonly clock: string;
  readonly fraction: string;
}

export function timeParts(timestampNs: bigint): TimeParts {
  const seconds = timestampNs / NS_PER_SECOND;
  const iso = new Date(Number(seconds) * 1000).toISOString();
  const fraction = `${timestampNs % NS_PER_SECOND}`.padStart(9, '0');
  return { date: iso.slice(0, 10), clock: iso.slice(11, 19), fraction };
}

/** RFC 3339 in UTC with nine digits: what the broker takes and gives. */
export function formatTime(timestampNs: bigint): string {
  const { date, clock, fraction } = timeParts(timestampNs);
  return `${date}T${clock}.${fraction}Z`;
}

/** As {@link formatTime}, as people write it. */
export function formatTimePlain(timestampNs: bigint): string {
  const { date, clock, fraction } = timeParts(timestampNs);
  return `${date} ${clock}.${fraction}`;
}

/** The nearest time that the broker knows. */
export function clampTime(timestampNs: bigint): bigint {
  if (timestampNs < 0n) return 0n;
  return timestampNs > TIME_MAX_NS ? TIME_MAX_NS : timestampNs;
}

/** The time as the JSON of the broker has it; undefined for null and for what is no number. */
export function timestampOf(digits: string | null | undefined): bigint | undefined {
  return typeof digits === 'string' && /^\d{1,19}$/.test(digits) ? BigInt(digits) : undefined;
}

export function laterOf(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

export function earlierOf(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
