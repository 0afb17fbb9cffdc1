import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CliBroker, runCli } from '../support/cli.ts';

let broker: CliBroker;
/** Of the messages one to five in `numbers`. */
let timestamps: string[];

beforeAll(async () => {
  broker = await CliBroker.start();
  const output = await broker.ok(['pub', 'numbers', 'one', 'two', 'three', 'four', 'five']);
  timestamps = output.trimEnd().split('\n');
});
afterAll(async () => {
  await broker[Symbol.asyncDispose]();
});

const words = async (...args: string[]) =>
  (await broker.ok(['sub', ...args])).trimEnd().split('\n');

describe('playhead sub of a part', () => {
  it('reads what is there and ends', async () => {
    const all = ['one', 'two', 'three', 'four', 'five'];
    expect(await words('numbers', '--until', 'now')).toEqual(all);
    expect(await words('numbers', '--no-follow')).toEqual(all);
    expect(await words('numbers', '--range', ':end')).toEqual(all);
  });

  it('begins where it is told', async () => {
    const [, , third = ''] = timestamps;
    expect(await words('numbers', '--from', third, '--no-follow')).toEqual([
      'three',
      'four',
      'five',
    ]);
    expect(await words('numbers', '--last', '2', '--no-follow')).toEqual(['four', 'five']);
    expect(await words('numbers', '--from', '-1h', '--limit', '2')).toEqual(['one', 'two']);
    expect(await words('numbers', '--range', '-2:end')).toEqual(['four', 'five']);
    expect(await words('numbers', '--range', '+4:end')).toEqual(['five']);
    expect(await words('numbers', '--range', '+1', '--limit', '2')).toEqual(['two', 'three']);
  });

  it('ends before a time, to the nanosecond', async () => {
    const [first = '', , third = ''] = timestamps;
    expect(await words('numbers', '--until', third)).toEqual(['one', 'two']);
    expect(await words('numbers', '--range', `@${first}:+2ns`)).toEqual(['one', 'two']);
    expect(await words('numbers', '--range', `@${first}:@${third}`)).toEqual(['one', 'two']);
  });

  it('merges the topics of a glob in the order of time', async () => {
    await broker.ok(['pub', 'merge/a', '1']);
    await broker.ok(['pub', 'merge/b', '2']);
    await broker.ok(['pub', 'merge/a', '3']);
    expect(await words('merge/*', '--no-follow', '--format', '%t=%s\\n')).toEqual([
      'merge/a=1',
      'merge/b=2',
      'merge/a=3',
    ]);
  });

  it('writes JSON, one message a line', async () => {
    const [line = ''] = await words('numbers', '--json', '--limit', '1', '--from', 'earliest');
    expect(JSON.parse(line)).toEqual({
      topic: 'numbers',
      timestamp_ns: expect.stringMatching(/^\d{19}$/),
      time: timestamps[0],
      value: 'one',
    });
  });

  it('shows with --verbose how it understood the times', async () => {
    const args = ['sub', 'numbers', '--verbose', '--range', `@${timestamps[1]}:+1ns`];
    const { stdout, stderr } = await broker.run(args);
    expect(stdout).toBe('two\n');
    expect(stderr).toBe(`reading numbers from ${timestamps[1]} until ${timestamps[2]}\n`);
  });

  it('ends at once, without a refusal, when it begins behind all that is there', async () => {
    const from = '2050-01-01T00:00:00.000000000Z';
    const args = ['sub', 'numbers', '--verbose', '--from', from, '--until', 'now'];
    expect(await broker.run(args)).toMatchObject({
      exitCode: 0,
      stdout: '',
      stderr: `reading numbers from ${from} until ${from}\n`,
    });
  });
});

describe('playhead sub that follows', () => {
  it('begins at the end of a topic', async () => {
    await using reader = broker.start(['sub', 'numbers', '--verbose', '--limit', '1']);
    await reader.sees('stderr', 'reading numbers from ');
    await broker.ok(['pub', 'numbers', 'six']);
    const { exitCode, stdout } = await reader.exit();
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'six\n' });
  });

  it('begins at the beginning of a channel and ends with 0 at its close', async () => {
    await broker.ok(['pub', 'chan/job', 'a', 'b']);
    await using early = broker.start(['sub', 'chan/job']);
    await early.sees('stdout', 'a\nb\n');
    await broker.ok(['pub', 'chan/job', 'c']);
    await broker.ok(['close', 'chan/job', '--reason', 'all done']);
    const expected = { exitCode: 0, stdout: 'a\nb\nc\n', stderr: 'closed: 3 messages, all done\n' };
    expect(await early.exit()).toMatchObject(expected);
    expect(await broker.run(['sub', 'chan/job'])).toMatchObject(expected);
    const { stderr } = await broker.run(['sub', 'chan/job', '--json']);
    expect(JSON.parse(stderr)).toMatchObject({
      event: 'closed',
      message_count: 3,
      reason: 'all done',
    });
  });

  it('waits for a channel that does not exist yet', async () => {
    await using reader = broker.start(['sub', 'chan/later', '--verbose']);
    await reader.sees('stderr', 'reading chan/later');
    await broker.ok(['pub', 'chan/later', 'here']);
    await reader.sees('stdout', 'here\n');
  });

  it('ends with 0 at a time to come', async () => {
    const { exitCode, stdout } = await broker.run(['sub', 'numbers', '--until', '+100ms']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '' });
  });

  it('ends with 130 at SIGINT and with 143 at SIGTERM, without a word', async () => {
    for (const [signal, exitCode] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
    ] as const) {
      await using reader = broker.start(['sub', 'numbers', '--from', 'earliest']);
      await reader.sees('stdout', 'one\n');
      reader.child.kill(signal);
      expect(await reader.exit()).toMatchObject({ exitCode, stderr: '' });
    }
  });

  it('ends with 0 and without a word when its reader goes away', async () => {
    const line = `${'x'.repeat(99)}\n`;
    await broker.ok(['pub', 'long'], { stdin: line.repeat(20_000) });
    await using reader = broker.start(['sub', 'long', '--from', 'earliest']);
    await once(reader.child.stdout, 'data');
    reader.child.stdout.destroy();
    expect(await reader.exit()).toMatchObject({ exitCode: 0, stderr: '' });
  });

  it('ends with 4 when the topic is deleted', async () => {
    await broker.ok(['pub', 'doomed', 'a']);
    await using reader = broker.start(['sub', 'doomed', '--from', 'earliest']);
    await reader.sees('stdout', 'a\n');
    await broker.ok(['rm', 'doomed', '--yes']);
    expect(await reader.exit()).toMatchObject({
      exitCode: 4,
      stderr: 'playhead: doomed was deleted\n',
    });
  });

  it('says where a topic begins when what was asked for is trimmed', async () => {
    const times = (await broker.ok(['pub', 'trimmed', 'a', 'b'])).trimEnd().split('\n');
    await broker.ok(['trim', 'trimmed', '--before', times[1] ?? '']);
    const { stdout, stderr } = await broker.run([
      'sub',
      'trimmed',
      '--no-follow',
      '--from',
      times[0] ?? '',
    ]);
    expect(stdout).toBe('b\n');
    expect(stderr).toBe(`trimmed: trimmed begins at ${times[1]}\n`);
  });

  it('goes on when its broker comes back', async () => {
    await using first = await CliBroker.start();
    await first.ok(['pub', 'chan/long', 'before']);
    await using reader = first.start(['sub', 'chan/long']);
    await reader.sees('stdout', 'before\n');
    first.process.child.kill('SIGTERM');
    expect((await first.process.exit()).exitCode).toBe(0);
    await reader.sees('stderr', 'trying again');
    await using second = await CliBroker.start([
      '--grpc-address',
      first.address,
      '--data-dir',
      first.dataDir,
    ]);
    await second.ok(['pub', 'chan/long', 'after']);
    await second.ok(['close', 'chan/long']);
    expect(await reader.exit()).toMatchObject({ exitCode: 0, stdout: 'before\nafter\n' });
  });
});

describe('playhead sub that fails', () => {
  it('ends with 4 for an unknown topic', async () => {
    const { exitCode, stdout, stderr } = await broker.run(['sub', 'unknown', '--until', 'now']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 4, stdout: '' });
    expect(stderr).toMatch(/^playhead: .*unknown.*\n$/);
  });

  it('ends with 3 for an end before the start', async () => {
    const { exitCode } = await broker.run(['sub', 'numbers', '--from', '-1m', '--until', '-2m']);
    expect(exitCode).toBe(3);
  });

  it('ends with 1 when there is no broker', async () => {
    const args = ['--address', '127.0.0.1:9', '--timeout', '300ms', 'sub', 'numbers'];
    expect(await runCli(args)).toMatchObject({ exitCode: 1, stdout: '' });
  });

  it.each([
    [['--from', '1763719200'], /needs a unit/],
    [['--limit', '0'], /at least 1/],
    [
      ['--last', '2', '--from', 'earliest'],
      /'--last <count>' cannot be used with option '--from <place>'/,
    ],
    [['--range', ':end', '--until', 'now'], /cannot be used/],
    [['--format', '%x'], /"%x" is unknown/],
    [['--format', '%s', '--json'], /exclude each other/],
  ])('ends with 2 for %j', async (options, problem) => {
    const { exitCode, stdout, stderr } = await broker.run(['sub', 'numbers', ...options]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(problem);
  });
});
