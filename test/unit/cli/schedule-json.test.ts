import { describe, expect, it } from 'vitest';
import { newScheduleId, scheduleColumns, scheduleToJson } from '../../../src/cli/schedule-json.ts';
import { tabSeparated } from '../../../src/cli/table.ts';

const once = {
  id: 'reminder',
  topic: 'mails',
  dueTimestampNs: 1_763_719_200_000_000_000n,
  cron: undefined,
  timeZone: '',
  runCount: 0,
  lastRunTimestampNs: undefined,
  lastError: undefined,
  byteCount: 6,
};
const nightly = {
  ...once,
  id: 'nightly',
  cron: '0 3 * * *',
  timeZone: 'Europe/Berlin',
  runCount: 7,
  lastRunTimestampNs: 1_763_632_800_000_000_001n,
  lastError: 'disk\tfull',
};

describe('a schedule', () => {
  it('is an object of JSON with timestamps as texts', () => {
    expect(scheduleToJson(once)).toEqual({
      id: 'reminder',
      topic: 'mails',
      due_timestamp_ns: '1763719200000000000',
      cron: null,
      time_zone: '',
      run_count: 0,
      last_run_timestamp_ns: null,
      last_error: null,
      byte_count: 6,
    });
    expect(scheduleToJson(nightly)).toMatchObject({
      cron: '0 3 * * *',
      time_zone: 'Europe/Berlin',
      last_run_timestamp_ns: '1763632800000000001',
      last_error: 'disk\tfull',
    });
  });

  it('is a row of a list', () => {
    expect(tabSeparated(scheduleColumns, once)).toBe(
      'reminder\tmails\t2025-11-21T10:00:00.000000000Z\tonce\t0\t-\t6\t-',
    );
    expect(tabSeparated(scheduleColumns, nightly).split('\t').slice(3)).toEqual([
      '0 3 * * * Europe/Berlin',
      '7',
      '2025-11-20T10:00:00.000000001Z',
      '6',
      'disk\\tfull',
    ]);
  });
});

describe('newScheduleId', () => {
  it('is new each time and cannot be taken for an option', () => {
    const ids = Array.from({ length: 100 }, newScheduleId);
    expect(new Set(ids).size).toBe(100);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{24}$/);
  });
});
