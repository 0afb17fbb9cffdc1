import { describe, expect, it } from 'vitest';
import { parseSettings } from '../../../src/cli/subscription-settings.ts';

describe('parseSettings', () => {
  it('reads what was said and leaves out the rest', () => {
    expect(parseSettings({})).toEqual({});
    expect(
      parseSettings({
        mode: 'key-ordered',
        lease: '30s',
        maxAttempts: '3',
        maxInFlight: '100',
        backoff: '1s,5s,1m30s',
        idleExpiry: '7d',
        deadLetterTopic: 'failed/mail',
        maxPending: '1000',
        backlogPolicy: 'drop-oldest',
      }),
    ).toEqual({
      mode: 'key_ordered',
      lease: 30_000,
      maxAttempts: 3,
      maxInFlight: 100,
      backoff: [1000, 5000, 90_000],
      idleExpiry: 604_800_000,
      deadLetterTopic: 'failed/mail',
      maxPending: 1000,
      backlogPolicy: 'drop_oldest',
    });
  });

  it('takes limits away with none', () => {
    expect(parseSettings({ backoff: 'none', idleExpiry: 'none', maxPending: 'none' })).toEqual({
      backoff: [],
      idleExpiry: 0,
      maxPending: 0,
    });
  });

  it('reads a backoff that doubles', () => {
    expect(parseSettings({ backoffInitial: '1s' }).backoff).toEqual({ initial: 1000 });
    expect(
      parseSettings({ backoffInitial: '1s', backoffMax: '10m', backoffJitter: '0.2' }).backoff,
    ).toEqual({ initial: 1000, max: 600_000, jitter: 0.2 });
  });

  it('leaves ranges to the broker', () => {
    expect(
      parseSettings({ maxAttempts: '0', lease: '8d', backoffInitial: '1s', backoffJitter: '7' }),
    ).toMatchObject({ maxAttempts: 0, lease: 691_200_000, backoff: { jitter: 7 } });
  });

  it.each([
    [{ mode: 'key_ordered' }, '--mode key_ordered: must be one of shared, exclusive, key-ordered'],
    [{ lease: '30' }, '--lease 30: must be a duration'],
    [{ maxAttempts: '-1' }, '--max-attempts -1: must be a whole number'],
    [{ maxAttempts: 'none' }, '--max-attempts none: must be a whole number'],
    [{ maxInFlight: '3000000000' }, '--max-in-flight 3000000000: must be a whole number'],
    [{ backoff: '1s,,5s' }, '--backoff : must be a duration'],
    [{ backoff: '1s;5s' }, '--backoff 1s;5s: must be a duration'],
    [{ backoff: '1s', backoffMax: '5s' }, '--backoff lists the delays itself'],
    [{ backoffMax: '5s' }, '--backoff-max and --backoff-jitter need --backoff-initial'],
    [{ backoffJitter: '0.5' }, '--backoff-max and --backoff-jitter need --backoff-initial'],
    [{ backoffInitial: '1s', backoffJitter: '' }, '--backoff-jitter : must be a number'],
    [{ idleExpiry: 'never' }, '--idle-expiry never: must be a duration'],
    [{ maxPending: '1e3' }, '--max-pending 1e3: must be a whole number'],
    [{ backlogPolicy: 'drop' }, '--backlog-policy drop: must be one of refuse, drop-oldest, wait'],
  ])('refuses %j with a usage error', (options, problem) => {
    expect(() => parseSettings(options)).toThrow(problem);
    expect(() => parseSettings(options)).toThrow(expect.objectContaining({ exitCode: 2 }));
  });
});
