const NS_PER_SECOND = 1_000_000_000n;

/** A timestamp for people: RFC 3339 in UTC with nine digits of fraction. For nanoseconds from 1970 to 2262. */
export function formatTimestamp(timestampNs: bigint): string {
  const seconds = timestampNs / NS_PER_SECOND;
  const fraction = `${timestampNs % NS_PER_SECOND}`.padStart(9, '0');
  return new Date(Number(seconds) * 1000).toISOString().replace('000Z', `${fraction}Z`);
}
