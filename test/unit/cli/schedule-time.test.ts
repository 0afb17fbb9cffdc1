import { describe, expect, it } from 'vitest';
import { parseWhen } from '../../../src/cli/schedule-time.ts';

describe('parseWhen', () => {
  it.each([
    [{}, undefined],
    [{ delay: '1.5s' }, { delay: 1500 }],
    [{ at: '1763719200s' }, { at: 1_763_719_200_000_000_000n }],
    [{ at: '2026-11-21' }, { at: 1_795_219_200_000_000_000n }],
    [{ cron: '0 3 * * *' }, { cron: '0 3 * * *', timeZone: undefined }],
    [
      { cron: '@every 10s', tz: 'UTC' },
      { cron: '@every 10s', timeZone: 'UTC' },
    ],
  ])('reads %j', (options, expected) => {
    expect(parseWhen(options)).toEqual(expected);
  });

  it.each([
    [{ delay: '5' }, '--delay 5: must be a duration'],
    [{ at: '-5m' }, '--at -5m: must be a timestamp; --delay counts from now'],
    [{ at: '1763719200' }, '--at 1763719200: '],
    [{ delay: '5s', at: '2026-11-21' }, '--delay and --at exclude each other'],
    [{ at: '2026-11-21', cron: '* * * * *' }, '--at and --cron exclude each other'],
    [{ delay: '5s', tz: 'UTC' }, '--tz is the zone of --cron'],
    [{ tz: 'UTC' }, '--tz is the zone of --cron'],
  ])('refuses %j with a usage error', (options, problem) => {
    expect(() => parseWhen(options)).toThrow(problem);
    expect(() => parseWhen(options)).toThrow(expect.objectContaining({ exitCode: 2 }));
  });

  it('leaves a cron expression to the broker', () => {
    expect(parseWhen({ cron: 'never' })).toEqual({ cron: 'never', timeZone: undefined });
  });
});
