import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CliBroker, runCli } from '../support/cli.ts';

let broker: CliBroker;

beforeAll(async () => {
  broker = await CliBroker.start();
});
afterAll(async () => {
  await broker[Symbol.asyncDispose]();
});

const reasonOf = (stderr: string): string => JSON.parse(stderr).error.reason;

/** The schedules of these topics. */
async function list(glob: string) {
  const lines = (await broker.ok(['--json', 'schedule', 'ls', glob])).split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line));
}

/** The first messages of a topic, which may be still to come. */
const first = (topic: string, count: number) =>
  broker.ok(['sub', topic, '--from', 'earliest', '--limit', String(count)]);

describe('playhead schedule add', () => {
  it('publishes after a delay, and prints the id', async () => {
    const id = (
      await broker.ok(['schedule', 'add', 'delayed', '--delay', '200ms', 'later'])
    ).trim();
    expect(id).toMatch(/^[\w./-]+$/);
    expect(await first('delayed', 1)).toBe('later\n');
    expect(await list('delayed')).toEqual([]);
  });

  it('publishes at a time, and at once if that is past', async () => {
    const before = Date.now();
    const at = new Date(before + 300).toISOString();
    await broker.ok(['schedule', 'add', 'dated', '--at', at, 'on time']);
    expect(await first('dated', 1)).toBe('on time\n');
    expect(Date.now()).toBeGreaterThanOrEqual(before + 300);
    await broker.ok(['schedule', 'add', 'past', '--at', '2026-01-01', 'late']);
    expect(await first('past', 1)).toBe('late\n');
  });

  it('publishes again and again', async () => {
    await broker.ok(['schedule', 'add', 'ticks', '--id', 'tick', '--cron', '@every 1s', 'tick']);
    expect(await first('ticks', 2)).toBe('tick\ntick\n');
    const [schedule] = await list('ticks');
    expect(schedule.run_count).toBeGreaterThanOrEqual(2);
    expect(schedule.last_run_timestamp_ns).toMatch(/^\d{19}$/);
    await broker.ok(['schedule', 'cancel', 'tick']);
  });

  it('takes standard input as one message, byte for byte', async () => {
    const bytes = Buffer.from([0xff, 0x00, 0x0a, 0x0a]);
    for (const message of [[], ['-']]) {
      await broker.ok(['schedule', 'add', 'stdin', '--delay', '0s', ...message], { stdin: bytes });
    }
    const args = ['sub', 'stdin', '--from', 'earliest', '--limit', '2', '--format', '%s'];
    expect((await broker.run(args)).bytes).toEqual(Buffer.concat([bytes, bytes]));
  });

  it('answers in JSON', async () => {
    const args = ['schedule', 'add', 'json', '--id', 'json', '--cron', '0 3 * * *'];
    const schedule = JSON.parse(
      await broker.ok(['--json', ...args, '--tz', 'Europe/Berlin', 'run']),
    );
    expect(schedule).toMatchObject({
      id: 'json',
      topic: 'json',
      cron: '0 3 * * *',
      time_zone: 'Europe/Berlin',
      run_count: 0,
      last_run_timestamp_ns: null,
      last_error: null,
    });
    const due = new Date(Number(BigInt(schedule.due_timestamp_ns) / 1_000_000n));
    const hour = new Intl.DateTimeFormat('en-GB', {
      timeZone: 'Europe/Berlin',
      timeStyle: 'short',
    });
    expect(hour.format(due)).toBe('03:00');
  });

  it('says with --verbose when it is due', async () => {
    const args = ['schedule', 'add', 'said', '--at', '2200-01-01', 'x', '--verbose'];
    const { stdout, stderr } = await broker.run(args);
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr).toBe('said gets it at 2200-01-01T00:00:00.000000000Z\n');
  });

  it('answers for the same id as the first time, and refuses another schedule with 3', async () => {
    const args = ['schedule', 'add', 'same', '--id', 'same', '--at', '2200-01-01'];
    expect(await broker.ok([...args, 'x'])).toBe('same\n');
    expect(await broker.ok([...args, 'x'])).toBe('same\n');
    const { exitCode, stderr } = await broker.run(['--json', ...args, 'y']);
    expect(exitCode).toBe(3);
    expect(reasonOf(stderr)).toBe('SCHEDULE_EXISTS');
  });

  it.each([
    [['--cron', 'never'], 'cron'],
    [['--cron', '60 * * * *'], 'cron'],
    [['--cron', '0 0 30 2 *'], 'cron'],
    [['--cron', '@every 0s'], 'cron'],
    [['--cron', '* * * * *', '--tz', 'Mars/Olympus'], 'time_zone'],
    [['--delay', '4000d'], 'delay_ms'],
    [['--delay', '1s', '--id', 'a b'], 'id'],
  ])('ends with 3 for %j, naming %s', async (options, field) => {
    const args = ['--json', 'schedule', 'add', 'badly', ...options, 'x'];
    const { exitCode, stdout, stderr } = await broker.run(args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
    expect(JSON.parse(stderr).error).toMatchObject({
      reason: 'INVALID_ARGUMENT',
      metadata: { field },
    });
  });

  it.each([
    [[]],
    [['--delay', '5']],
    [['--delay', '5s', '--cron', '* * * * *']],
    [['--delay', '5s', '--tz', 'UTC']],
    [['--at', '-5m']],
    [['--delay', '5s', '--id', '']],
  ])('ends with 2 for %j', async (options) => {
    expect((await runCli(['schedule', 'add', 'jobs', ...options, 'x'])).exitCode).toBe(2);
  });

  it('ends with 3 and names the limit for a message that is too large', async () => {
    const { exitCode, stderr } = await broker.run(['schedule', 'add', 'large', '--delay', '1s'], {
      stdin: Buffer.alloc(1_048_577),
    });
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(/^playhead: .*1048576 bytes.*\n$/);
    const small = await broker.run(['schedule', 'add', 'large', '--delay', '1s', 'x'.repeat(11)], {
      env: { PLAYHEAD_MAX_MESSAGE_BYTES: '10' },
    });
    expect(small.exitCode).toBe(3);
    expect(small.stderr).toMatch(/limit 10 bytes\n$/);
    expect(await list('large')).toEqual([]);
  });
});

describe('playhead schedule ls', () => {
  it('lists what matches by id, with tabs where nobody watches', async () => {
    for (const id of ['list/b', 'list/a']) {
      await broker.ok(['schedule', 'add', 'listed', '--id', id, '--at', '2200-01-01', 'six by']);
    }
    const rows = (await broker.ok(['schedule', 'ls', 'listed'])).trimEnd().split('\n');
    expect(rows.map((row) => row.split('\t').slice(0, 5))).toEqual([
      ['list/a', 'listed', '2200-01-01T00:00:00.000000000Z', 'once', '0'],
      ['list/b', 'listed', '2200-01-01T00:00:00.000000000Z', 'once', '0'],
    ]);
    expect(await broker.ok(['schedule', 'ls', 'no/such/*'])).toBe('');
  });
});

describe('playhead schedule run and cancel', () => {
  it('publish now what is to run once, and are done with it', async () => {
    await broker.ok(['schedule', 'add', 'ran', '--id', 'ran', '--at', '2200-01-01', 'x']);
    const time = (await broker.ok(['schedule', 'run', 'ran'])).trim();
    expect(await broker.ok(['sub', 'ran', '--no-follow', '--format', '%T %s\\n'])).toBe(
      `${time} x\n`,
    );
    expect((await broker.run(['schedule', 'run', 'ran'])).exitCode).toBe(4);
  });

  it('publish now what repeats, which goes on', async () => {
    await broker.ok(['schedule', 'add', 'goes', '--id', 'goes', '--cron', '0 0 1 1 *', 'x']);
    const [{ due_timestamp_ns: due }] = await list('goes');
    await broker.ok(['schedule', 'run', 'goes']);
    expect(await first('goes', 1)).toBe('x\n');
    expect(await list('goes')).toMatchObject([{ due_timestamp_ns: due, run_count: 1 }]);
    expect(await broker.ok(['schedule', 'cancel', 'goes'])).toBe('goes cancelled\n');
    expect(await list('goes')).toEqual([]);
  });

  it.each(['run', 'cancel'])('end %s of an unknown schedule with 4', async (verb) => {
    const { exitCode, stderr } = await broker.run(['--json', 'schedule', verb, 'unknown']);
    expect(exitCode).toBe(4);
    expect(reasonOf(stderr)).toBe('SCHEDULE_NOT_FOUND');
  });
});
