import { describe, expect, it } from 'vitest';
import { CRON_BYTES } from '../../../src/limits.ts';
import { parseCron } from '../../../src/subscription/cron.ts';

const ns = (time: string) => BigInt(Date.parse(time)) * 1_000_000n;

/** The next times, in UTC. */
function times(cron: string, timeZone: string, from: string, count: number): string[] {
  const recurrence = parseCron(cron, timeZone);
  const found: string[] = [];
  let atNs = ns(from);
  for (let i = 0; i < count; i++) {
    atNs = recurrence.next(atNs);
    found.push(new Date(Number(atNs / 1_000_000n)).toISOString().slice(0, 16));
  }
  return found;
}

describe('five fields', () => {
  it.each([
    ['*/20 * * * *', '', ['2026-10-20T10:20', '2026-10-20T10:40', '2026-10-20T11:00']],
    ['0 8 * * MON-FRI', '', ['2026-10-21T08:00', '2026-10-22T08:00', '2026-10-23T08:00']],
    ['0 8 * * *', 'America/New_York', ['2026-10-20T12:00', '2026-10-21T12:00', '2026-10-22T12:00']],
    ['0 0 29 2 *', 'UTC', ['2028-02-29T00:00', '2032-02-29T00:00', '2036-02-29T00:00']],
    ['0 0 13 * 5', '', ['2026-10-23T00:00', '2026-10-30T00:00', '2026-11-06T00:00']],
    ['  5  4  1  1  * ', '', ['2027-01-01T04:05', '2028-01-01T04:05', '2029-01-01T04:05']],
  ])('%j in %j come at %j', (cron, timeZone, expected) => {
    expect(times(cron, timeZone, '2026-10-20T10:05:00Z', 3)).toEqual(expected);
  });

  it('come behind a time, and not at it', () => {
    expect(times('0 * * * *', '', '2026-10-20T10:00:00Z', 1)).toEqual(['2026-10-20T11:00']);
  });

  it('come once for the hour that is left out, an hour later by the clock', () => {
    expect(times('30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z', 2)).toEqual([
      '2026-03-29T01:30',
      '2026-03-30T00:30',
    ]);
    expect(times('0,45 2 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z', 3)).toEqual([
      '2026-03-29T01:00',
      '2026-03-30T00:00',
      '2026-03-30T00:45',
    ]);
  });

  it('come once in the hour that comes twice, but every hour comes', () => {
    expect(times('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z', 2)).toEqual([
      '2026-10-25T00:30',
      '2026-10-26T01:30',
    ]);
    expect(times('0 * * * *', 'Europe/Berlin', '2026-10-24T23:30:00Z', 3)).toEqual([
      '2026-10-25T00:00',
      '2026-10-25T01:00',
      '2026-10-25T02:00',
    ]);
  });
});

describe('@every', () => {
  const recurrence = parseCron('@every 1m30s', '');

  it('counts its steps from the last due time, and passes over what was missed', () => {
    const dueNs = ns('2026-10-20T10:00:00Z');
    expect(recurrence.next(dueNs)).toBe(dueNs + 90_000_000_000n);
    expect(recurrence.next(dueNs + 5n, dueNs)).toBe(dueNs + 90_000_000_000n);
    expect(recurrence.next(dueNs + 200_000_000_000n, dueNs)).toBe(dueNs + 270_000_000_000n);
  });

  it('is never more than a step ahead, also when the clock was put back', () => {
    const nowNs = ns('2026-10-20T10:00:00Z');
    expect(recurrence.next(nowNs, nowNs + 3_600_000_000_000n)).toBe(nowNs + 90_000_000_000n);
  });
});

describe('parseCron refuses', () => {
  it.each([
    ['* * * *', '', 'cron', /neither five fields/],
    ['* * * * * *', '', 'cron', /neither five fields/],
    ['@daily', '', 'cron', /neither five fields/],
    ['61 * * * *', '', 'cron', /does not parse/],
    ['H * * * *', '', 'cron', /"H" is no field/],
    ['* * * foo *', '', 'cron', /does not parse/],
    ['5-1 * * * *', '', 'cron', /does not parse/],
    ['0 0 30 2 *', '', 'cron', /never fires/],
    ['0 0 31 4,6 *', '', 'cron', /never fires/],
    ['@every', '', 'cron', /neither five fields/],
    ['@every 10', '', 'cron', /wants a duration/],
    ['@every -1s', '', 'cron', /wants a duration/],
    ['@every 0s', '', 'cron', /0 ms; it is between 1000 and/],
    ['@every 500ms', '', 'cron', /500 ms; it is between 1000 and/],
    ['@every 5000d', '', 'cron', /it is between/],
    [`0 0 ${'1,'.repeat(CRON_BYTES)}1 * *`, '', 'cron', /at most 255/],
    ['* * * * *', 'Europe/Nowhere', 'time_zone', /no time zone "Europe\/Nowhere"/],
    ['* * * * *', '+01:00', 'time_zone', /no time zone/],
    ['* * * * *', 'x'.repeat(CRON_BYTES + 1), 'time_zone', /at most 255/],
    ['@every 10s', 'Mars/Base', 'time_zone', /no time zone/],
  ])('%j in %j, naming %s', (cron, timeZone, field, message) => {
    expect(() => parseCron(cron, timeZone)).toThrow(
      expect.objectContaining({
        reason: 'INVALID_ARGUMENT',
        metadata: { field },
        message: expect.stringMatching(message),
      }),
    );
  });
});
