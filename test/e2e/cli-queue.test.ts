import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CliProcess } from '../support/cli.ts';
import { CliBroker, runCli } from '../support/cli.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const EMPTY_QUEUE = { exitCode: 4, stdout: '', stderr: 'empty queue\n' };

let broker: CliBroker;

beforeAll(async () => {
  broker = await CliBroker.start();
});
afterAll(async () => {
  await broker[Symbol.asyncDispose]();
});

const put = (queue: string, message: string | Uint8Array, ...options: string[]) =>
  broker.ok(['put', queue, ...options], { stdin: message });
const get = (queue: string, ...options: string[]) => broker.run(['get', queue, ...options]);

/** What `stat` says of the queue's subscription. */
async function statOf(queue: string) {
  const args = ['--json', 'subscription', 'stat', `queue/${queue}`, 'queue'];
  return JSON.parse(await broker.ok(args));
}

/** Starts `playhead on` and waits until it gets messages. */
async function startOn(queue: string, ...options: string[]): Promise<CliProcess> {
  const reader = broker.start(['on', queue, '--verbose', ...options]);
  await reader.sees('stderr', `waiting for messages of ${queue}`);
  return reader;
}

describe('playhead put and get', () => {
  it('pass on standard input as one message, in order and once', async () => {
    await put('order', 'first\nwith two lines\n');
    await put('order', 'second');
    expect(await get('order')).toMatchObject({
      exitCode: 0,
      stdout: 'first\nwith two lines\n',
      stderr: '',
    });
    expect((await get('order')).stdout).toBe('second');
    expect(await get('order')).toMatchObject(EMPTY_QUEUE);
  });

  it('say nothing of a success', async () => {
    expect(await broker.run(['put', 'quiet'], { stdin: 'a' })).toMatchObject({
      exitCode: 0,
      stdout: '',
      stderr: '',
    });
  });

  it.each(['EMPTY', '', 'QUIT', '\n', 'empty queue', '--json', '\0'])(
    'see nothing special in the message %j',
    async (message) => {
      await put('special', message);
      await put('special', 'behind');
      expect(await get('special')).toMatchObject({ exitCode: 0, stdout: message, stderr: '' });
      expect((await get('special')).stdout).toBe('behind');
      expect(await get('special')).toMatchObject(EMPTY_QUEUE);
    },
  );

  it('pass on bytes', async () => {
    const bytes = randomBytes(200_000);
    await put('bytes', bytes);
    expect((await get('bytes')).bytes).toEqual(bytes);
  });

  it.each(['EMPTY', 'queue', 'a/b/c', 'v1.2-x_y', '0'])('take the name %s', async (name) => {
    await put(name, 'x');
    expect((await get(name)).stdout).toBe('x');
    expect(await get(name)).toMatchObject(EMPTY_QUEUE);
  });

  it.each(['', 'a//b', 'a b', 'jobs*'])('refuse the name "%s" with 3', async (name) => {
    for (const verb of ['put', 'get', 'on']) {
      expect((await broker.run([verb, name], { stdin: 'x' })).exitCode).toBe(3);
    }
  });

  it('take each line for a message with --lines', async () => {
    await put('lines', 'a\n\nc\r\nlast', '--lines');
    for (const line of ['a', '', 'c\r', 'last']) {
      expect(await get('lines')).toMatchObject({ exitCode: 0, stdout: line });
    }
    expect(await get('lines')).toMatchObject(EMPTY_QUEUE);
  });

  it('answer in JSON', async () => {
    const stored = JSON.parse(await put('json', 'a', '--json'));
    expect(stored).toMatchObject({ topic: 'queue/json', message_count: 1 });
    const got = JSON.parse((await get('json', '--json')).stdout);
    expect(got).toMatchObject({ value: 'a', timestamp_ns: stored.last_timestamp_ns, attempt: 1 });
    const { exitCode, stderr } = await get('json', '--json');
    expect(exitCode).toBe(4);
    expect(JSON.parse(stderr).error).toMatchObject({ message: 'empty queue', exit_code: 4 });
  });

  it('remove what was taken from the disk', async () => {
    await put('gone', 'a');
    await get('gone');
    expect(await statOf('gone')).toMatchObject({ pending_count: 0, acknowledged_count: 1 });
    const topic = JSON.parse(await broker.ok(['--json', 'stat', 'queue/gone']));
    expect(topic.config.trim_consumed).toBe(true);
  });
});

describe('playhead get', () => {
  it('ends with 4 for an unknown queue, and makes it', async () => {
    expect(await get('made')).toMatchObject(EMPTY_QUEUE);
    expect(await statOf('made')).toMatchObject({ pending_count: 0 });
  });

  it('writes to a file, and makes none for an empty queue', async () => {
    await using directory = await temporaryDirectory();
    const path = join(directory.path, 'message');
    expect(await get('file', path)).toMatchObject(EMPTY_QUEUE);
    await expect(readFile(path)).rejects.toThrow('ENOENT');
    const bytes = randomBytes(1000);
    await put('file', bytes);
    expect(await get('file', path)).toMatchObject({ exitCode: 0, stdout: '' });
    expect(await readFile(path)).toEqual(bytes);
  });

  it('leaves the message in the queue if it cannot write it', async () => {
    await using directory = await temporaryDirectory();
    await put('unwritable', 'kept');
    for (const path of [directory.path, join(directory.path, 'no', 'such')]) {
      expect((await get('unwritable', path)).exitCode).toBe(2);
    }
    await using reader = broker.start(['get', 'unwritable']);
    reader.child.stdout.destroy();
    expect((await reader.exit()).exitCode).toBe(1);
    expect((await get('unwritable')).stdout).toBe('kept');
  });

  it('waits for a message with --wait', async () => {
    await using reader = broker.start(['get', 'awaited', '--wait', '1m', '--verbose']);
    await reader.sees('stderr', 'waiting for messages of awaited');
    await put('awaited', 'here');
    expect(await reader.exit()).toMatchObject({ exitCode: 0, stdout: 'here' });
    expect(await get('awaited', '--wait', '50ms')).toMatchObject(EMPTY_QUEUE);
  });

  it('ends at once when it is interrupted', async () => {
    await using reader = broker.start(['get', 'interrupted', '--wait', '1h', '--verbose']);
    await reader.sees('stderr', 'waiting for messages of interrupted');
    reader.child.kill('SIGINT');
    expect(await reader.exit()).toMatchObject({ exitCode: 130, stdout: '' });
  });

  it('ends with 4 for a queue that is closed and consumed', async () => {
    await put('closing', 'last');
    await broker.ok(['close', 'queue/closing']);
    expect((await get('closing')).stdout).toBe('last');
    expect(await get('closing', '--wait', '1m')).toMatchObject(EMPTY_QUEUE);
    expect((await broker.run(['put', 'closing'], { stdin: 'more' })).exitCode).toBe(3);
  });
});

describe('playhead put that is refused', () => {
  it('ends with 3 and names the limit for a message that is too large, and stores nothing', async () => {
    for (const options of [[], ['--lines'], ['--delay', '1s'], ['--cron', '* * * * *']]) {
      const { exitCode, stdout, stderr } = await broker.run(['put', 'large', ...options], {
        stdin: Buffer.alloc(1_048_577, 'x'),
      });
      expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
      expect(stderr).toMatch(/^playhead: .*1048576 bytes.*\n$/);
    }
    expect(await get('large')).toMatchObject(EMPTY_QUEUE);
    expect(await broker.ok(['schedule', 'ls', 'queue/large'])).toBe('');
  });

  it('takes the limit of PLAYHEAD_MAX_MESSAGE_BYTES', async () => {
    const env = { PLAYHEAD_MAX_MESSAGE_BYTES: '100' };
    const { exitCode, stderr } = await broker.run(['put', 'small'], {
      stdin: 'x'.repeat(101),
      env,
    });
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(/^playhead: .*limit 100 bytes\n$/);
    await broker.ok(['put', 'small'], { stdin: 'x'.repeat(50), env });
    expect((await get('small')).stdout).toBe('x'.repeat(50));
    const wrong = { PLAYHEAD_MAX_MESSAGE_BYTES: '1MB' };
    expect((await broker.run(['put', 'small'], { stdin: 'x', env: wrong })).exitCode).toBe(2);
  });

  it('takes the limit of the broker, which PLAYHEAD_MAX_MESSAGE_BYTES sets, too', async () => {
    await using own = await CliBroker.start(['--max-message-bytes', '200']);
    const { exitCode, stderr } = await own.run(['put', 'small'], { stdin: 'x'.repeat(201) });
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(/^playhead: .*\b200 bytes.*\n$/);
    expect(await own.run(['get', 'small'])).toMatchObject(EMPTY_QUEUE);
  });

  it.each([
    ['--delay', '5'],
    ['--delay', '5s', '--at', '2026-11-21'],
    ['--tz', 'UTC'],
    ['--at', '-5m'],
    ['--at', 'tomorrow'],
  ])('ends with 2 for %s %s', async (...options) => {
    expect((await runCli(['put', 'jobs', ...options], { stdin: 'x' })).exitCode).toBe(2);
  });

  it.each([
    [['--cron', 'never'], 'cron'],
    [['--cron', '0 0 30 2 *'], 'cron'],
    [['--cron', '* * * * *', '--tz', 'Mars/Olympus'], 'time_zone'],
  ])('ends with 3 for %j, naming %s', async (options, field) => {
    const args = ['--json', 'put', 'badly', ...options];
    const { exitCode, stderr } = await broker.run(args, { stdin: 'x' });
    expect(exitCode).toBe(3);
    expect(JSON.parse(stderr).error).toMatchObject({
      reason: 'INVALID_ARGUMENT',
      metadata: { field },
    });
  });
});

describe('playhead put for later', () => {
  it('puts after a delay, or at a time, and says how to call it off', async () => {
    const id = (await put('later', 'delayed', '--delay', '3s')).trim();
    expect(id).toMatch(/^\S+$/);
    expect(await get('later')).toMatchObject(EMPTY_QUEUE);
    expect((await get('later', '--wait', '20s')).stdout).toBe('delayed');
    expect((await broker.run(['cancel', id])).exitCode).toBe(4);

    await put('later', 'dated', '--at', '2026-01-01T00:00:00Z');
    expect((await get('later', '--wait', '20s')).stdout).toBe('dated');
  });

  it('puts again and again until it is cancelled', async () => {
    const id = (await put('recurring', 'tick', '--cron', '@every 1s')).trim();
    for (let count = 0; count < 2; count++) {
      expect((await get('recurring', '--wait', '20s')).stdout).toBe('tick');
    }
    expect(await broker.ok(['cancel', id])).toBe(`${id} cancelled\n`);
    const { exitCode, stderr } = await broker.run(['--json', 'cancel', id]);
    expect(exitCode).toBe(4);
    expect(JSON.parse(stderr).error.reason).toBe('SCHEDULE_NOT_FOUND');
  });

  it('takes the zone of a cron expression', async () => {
    const options = ['--cron', '0 3 * * *', '--tz', 'Europe/Berlin'];
    const id = (await put('nightly', 'report', ...options)).trim();
    const [row] = (await broker.ok(['--json', 'schedule', 'ls', 'queue/nightly'])).split('\n');
    expect(JSON.parse(row ?? '')).toMatchObject({
      id,
      topic: 'queue/nightly',
      cron: '0 3 * * *',
      time_zone: 'Europe/Berlin',
    });
  });
});

describe('playhead on', () => {
  it('prints each message, a line each, as it comes, and acknowledges it', async () => {
    await put('on', 'a\nb\n', '--lines');
    await using reader = await startOn('on');
    await reader.sees('stdout', 'a\nb\n');
    await put('on', '');
    await put('on', 'EMPTY');
    await reader.sees('stdout', 'a\nb\n\nEMPTY\n');
    reader.child.kill('SIGTERM');
    expect(await reader.exit()).toMatchObject({ exitCode: 143, stdout: 'a\nb\n\nEMPTY\n' });
    expect(await statOf('on')).toMatchObject({ pending_count: 0, acknowledged_count: 4 });
  });

  it('ends after --count messages and takes no more than these', async () => {
    await put('count', 'a\nb\nc\n', '--lines');
    expect(await broker.run(['on', 'count', '--count', '2'])).toMatchObject({
      exitCode: 0,
      stdout: 'a\nb\n',
      stderr: '',
    });
    expect(JSON.parse((await get('count', '--json')).stdout)).toMatchObject({
      value: 'c',
      attempt: 1,
    });
  });

  it('ends when no message has come for --idle', async () => {
    await put('idle', 'a\nb\n', '--lines');
    for (const idle of ['200', '200ms']) {
      const { exitCode, stdout } = await broker.run(['on', 'idle', '--idle', idle]);
      expect({ exitCode, stdout }).toEqual({
        exitCode: 0,
        stdout: idle === '200' ? 'a\nb\n' : '',
      });
    }
  });

  it('prints nothing but the bytes with --raw', async () => {
    await put('raw', 'a');
    await put('raw', Buffer.from([0xff, 0x00]));
    const { bytes } = await broker.run(['on', 'raw', '--raw', '--count', '2']);
    expect(bytes).toEqual(Buffer.from([0x61, 0xff, 0x00]));
  });

  it('prints an object a line with --json', async () => {
    await put('objects', 'a');
    const { stdout } = await broker.run(['on', 'objects', '--json', '--count', '1']);
    expect(JSON.parse(stdout)).toMatchObject({ topic: 'queue/objects', value: 'a', attempt: 1 });
  });

  it('gives each of several all messages from now on with --fan, and takes none away', async () => {
    await put('fan', 'before');
    await using first = await startOn('fan', '--fan', '--count', '2');
    await using second = await startOn('fan', '--fan', '--count', '2');
    await put('fan', 'a\nb\n', '--lines');
    for (const reader of [first, second]) {
      expect(await reader.exit()).toMatchObject({ exitCode: 0, stdout: 'a\nb\n' });
    }
    for (const message of ['before', 'a', 'b']) {
      expect((await get('fan')).stdout).toBe(message);
    }
    const subscriptions = (await broker.ok(['subscription', 'ls', 'queue/fan'])).trimEnd();
    expect(subscriptions.split('\n')).toHaveLength(1);
  });

  it('acknowledges nothing that a closed pipe did not take', async () => {
    await using reader = await startOn('pipe');
    await put('pipe', 'taken');
    await reader.sees('stdout', 'taken\n');
    reader.child.stdout.destroy();
    await once(reader.child.stdout, 'close');
    await put('pipe', 'kept');
    expect((await reader.exit()).exitCode).toBe(0);
    expect((await get('pipe', '--wait', '10s')).stdout).toBe('kept');
    expect(await get('pipe')).toMatchObject(EMPTY_QUEUE);
  });

  it('gives back at once what it holds when it is killed', async () => {
    await using reader = await startOn('killed');
    reader.child.kill('SIGSTOP');
    await put('killed', 'a');
    reader.child.kill('SIGKILL');
    await reader.exit();
    expect((await get('killed', '--wait', '10s')).stdout).toBe('a');
  });

  it('ends with 0 when the queue is closed and everything in it is printed', async () => {
    await put('sealed', 'a');
    await using reader = await startOn('sealed');
    await reader.sees('stdout', 'a\n');
    await broker.ok(['close', 'queue/sealed', '--reason', 'enough']);
    const { exitCode, stdout, stderr } = await reader.exit();
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'a\n' });
    expect(stderr).toContain('closed: enough\n');
  });

  it('ends with 4 when the queue is deleted', async () => {
    await using reader = await startOn('deleted');
    await broker.ok(['rm', 'queue/deleted', '--yes']);
    expect((await reader.exit()).exitCode).toBe(4);
  });

  it.each([
    ['--count', '0'],
    ['--idle', 'soon'],
    ['--idle', '0'],
    ['--raw', '--json'],
  ])('ends with 2 for %s %s', async (...options) => {
    expect((await runCli(['on', 'jobs', ...options])).exitCode).toBe(2);
  });
});

describe('four writers and three readers', () => {
  it('share 10,000 messages, each once', async () => {
    const names = ['one', 'two', 'three', 'four'];
    const expected = names.flatMap((name) =>
      Array.from({ length: 2500 }, (_, index) => `${name} ${index}`),
    );
    await using first = await startOn('shared');
    await using second = await startOn('shared');
    await using third = await startOn('shared');
    const readers = [first, second, third];

    const printed = printedLines(readers, expected.length);
    await Promise.all(
      names.map((name) =>
        put('shared', expected.filter((line) => line.startsWith(`${name} `)).join('\n'), '--lines'),
      ),
    );
    await printed;
    for (const reader of readers) reader.child.kill('SIGINT');
    const results = await Promise.all(readers.map((reader) => reader.exit()));

    expect(results.map(({ exitCode }) => exitCode)).toEqual([130, 130, 130]);
    const lines = results.flatMap(({ stdout }) => stdout.split('\n').slice(0, -1));
    expect(lines.toSorted()).toEqual(expected.toSorted());
    expect(await statOf('shared')).toMatchObject({
      pending_count: 0,
      acknowledged_count: expected.length,
      redelivered_count: 0,
    });
    expect(await get('shared')).toMatchObject(EMPTY_QUEUE);
  });

  /** Resolves when the readers have printed so many lines in all; rejects if one of them ends before. */
  function printedLines(readers: readonly CliProcess[], count: number): Promise<void> {
    return new Promise((resolve, reject) => {
      let lines = 0;
      for (const { child } of readers) {
        child.once('exit', (code) => reject(new Error(`a reader ended with ${code}`)));
        child.stdout.on('data', (chunk: Buffer) => {
          lines += chunk.filter((byte) => byte === 0x0a).length;
          if (lines >= count) resolve();
        });
      }
    });
  }
});
