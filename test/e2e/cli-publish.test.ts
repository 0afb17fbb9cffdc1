import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CliProcess } from '../support/cli.ts';
import { CliBroker, runCli } from '../support/cli.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

let broker: CliBroker;

beforeAll(async () => {
  broker = await CliBroker.start();
});
afterAll(async () => {
  await broker[Symbol.asyncDispose]();
});

const read = async (topic: string, ...options: string[]) =>
  (await broker.run(['sub', topic, '--until', 'now', ...options])).bytes;

describe('playhead pub with arguments', () => {
  it('publishes each argument and answers with their timestamps', async () => {
    const timestamps = (await broker.ok(['pub', 'args', 'first', '', 'third']))
      .trimEnd()
      .split('\n');
    expect(timestamps).toHaveLength(3);
    expect(String(await read('args', '--format', '%T %s\\n'))).toBe(
      `${timestamps[0]} first\n${timestamps[1]} \n${timestamps[2]} third\n`,
    );
  });

  it('gives every message key and headers', async () => {
    await broker.ok([
      'pub',
      'tags',
      'a',
      'b',
      '--key',
      'k',
      '--header',
      'x=1',
      '--header',
      'x=2=3',
    ]);
    expect(String(await read('tags', '--format', '%k %h %s %S\\n'))).toBe(
      'k x=1,x=2=3 a 1\nk x=1,x=2=3 b 1\n',
    );
  });

  it('goes on behind what a producer of the same name has published', async () => {
    await broker.ok(['pub', 'named', 'a', '--name', 'writer']);
    await broker.ok(['pub', 'named', '--name', 'writer'], { stdin: 'a\nb\n' });
    expect(String(await read('named'))).toBe('a\na\nb\n');
  });

  it('answers in JSON', async () => {
    const answer = JSON.parse(await broker.ok(['--json', 'pub', 'json', 'a', 'b']));
    expect(answer).toMatchObject({ topic: 'json', message_count: 2 });
    expect(BigInt(answer.last_timestamp_ns)).toBe(BigInt(answer.first_timestamp_ns) + 1n);
  });

  it('takes what follows -- for messages', async () => {
    await broker.ok(['pub', 'dashes', '--', '--json', '-5']);
    expect(String(await read('dashes'))).toBe('--json\n-5\n');
  });
});

describe('playhead pub from standard input', () => {
  it('publishes lines as they are, byte for byte', async () => {
    // Bytes that are no UTF-8, carriage returns, empty lines, and no newline at the end.
    const lines = Array.from({ length: 500 }, (_, index) =>
      Buffer.from(randomBytes(index % 97).map((byte) => (byte === 0x0a ? 0x0d : byte))),
    );
    const input = Buffer.concat([
      ...lines.flatMap((line) => [line, Buffer.from('\n')]),
      Buffer.from('last'),
    ]);
    await broker.ok(['pub', 'lines'], { stdin: input });
    expect(await read('lines')).toEqual(Buffer.concat([input, Buffer.from('\n')]));
  });

  it('publishes a line as soon as it has come', async () => {
    await using reader = broker.start(['sub', 'chan/live']);
    await using writer = broker.start(['pub', 'chan/live', '-']);
    writer.child.stdin.write('one\n');
    await reader.sees('stdout', 'one\n');
    writer.child.stdin.end('two');
    await reader.sees('stdout', 'two\n');
    expect((await writer.exit()).exitCode).toBe(0);
  });

  it('publishes a whole file as one message', async () => {
    const content = randomBytes(100_000);
    const path = join(broker.dataDir, '..', 'file');
    await writeFile(path, content);
    await broker.ok(['pub', 'whole', '--file', path]);
    await broker.ok(['pub', 'whole', '--whole'], { stdin: content });
    expect(await read('whole', '--format', '%s')).toEqual(Buffer.concat([content, content]));
  });

  it('takes back what sub --json wrote', async () => {
    const bytes = Buffer.from([0xff, 0x00, 0x0a]);
    await broker.ok(['pub', 'original', '--whole', '--key', 'k', '--header', 'a=ü'], {
      stdin: bytes,
    });
    await broker.ok(['pub', 'original', 'text']);
    const json = await read('original', '--json');
    await broker.ok(['pub', 'copy', '--ndjson'], { stdin: json });
    const copy = await read('copy', '--json');
    const withoutPlace = (text: Buffer) =>
      text
        .toString()
        .trimEnd()
        .split('\n')
        .map((line) => ({ ...JSON.parse(line), topic: '', timestamp_ns: '', time: '' }));
    expect(withoutPlace(copy)).toEqual(withoutPlace(json));
    expect(withoutPlace(copy)).toHaveLength(2);
  });

  it('publishes nothing for no input, and says so', async () => {
    for (const args of [
      ['pub', 'nothing'],
      ['pub', 'nothing', '-'],
    ]) {
      expect(await broker.run(args)).toMatchObject({
        exitCode: 0,
        stdout: '',
        stderr: 'published: 0 messages; none came in\n',
      });
    }
    expect((await broker.run(['stat', 'nothing'])).exitCode).toBe(4);
  });

  it('says nothing of its progress where nobody watches', async () => {
    const { stderr } = await broker.run(['pub', 'quiet'], { stdin: 'a\n'.repeat(10_000) });
    expect(stderr).toBe('');
  });

  it('sums up in JSON', async () => {
    const answer = JSON.parse(await broker.ok(['pub', 'sum', '--json'], { stdin: 'a\nb\n' }));
    expect(answer).toMatchObject({ topic: 'sum', message_count: 2, byte_count: 4 });
  });

  it('publishes what it has read when it is interrupted', async () => {
    await using reader = broker.start(['sub', 'chan/interrupted']);
    await using writer = broker.start(['pub', 'chan/interrupted']);
    writer.child.stdin.write('one\n');
    await reader.sees('stdout', 'one\n');
    writer.child.kill('SIGINT');
    expect((await writer.exit()).exitCode).toBe(130);
  });
});

describe('playhead pub that is refused', () => {
  it('ends with 3 for a message that is too large, and stores nothing', async () => {
    const large = Buffer.alloc(1_100_000, 'x');
    for (const mode of ['--whole', '--lines']) {
      const { exitCode, stderr } = await broker.run(['pub', 'large', mode], { stdin: large });
      expect(exitCode).toBe(3);
      expect(stderr).toMatch(/^playhead: .*limit 1048576 bytes\n$/);
    }
    expect((await broker.run(['stat', 'large'])).exitCode).toBe(4);
  });

  it('says of an empty topic name that it is empty, and no more', async () => {
    expect(await broker.run(['pub', '', 'a'])).toMatchObject({
      exitCode: 3,
      stderr: 'playhead: topic: a topic name must not be empty\n',
    });
  });

  it('ends with 3 for a closed channel, while its input is still open', async () => {
    await broker.ok(['close', 'chan/shut']);
    await using writer = broker.start(['pub', 'chan/shut']);
    writer.child.stdin.write('a\n');
    const { exitCode, stderr } = await writer.exit();
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(/^playhead: .*closed.*\n$/);
  });

  it('ends with 3 unless the last message is the expected one', async () => {
    const first = (await broker.ok(['pub', 'cas', 'a', '--expect-last', 'none'])).trim();
    await broker.ok(['pub', 'cas', 'b', '--expect-last', first]);
    const { exitCode, stderr } = await broker.run([
      '--json',
      'pub',
      'cas',
      'c',
      '--expect-last',
      first,
    ]);
    expect(exitCode).toBe(3);
    expect(JSON.parse(stderr).error).toMatchObject({ reason: 'CONFLICT', exit_code: 3 });
    expect(String(await read('cas'))).toBe('a\nb\n');
  });

  it('ends with 2 for a line that is no message in JSON, and says how much was stored', async () => {
    const { exitCode, stderr } = await broker.run(['pub', 'bad', '--ndjson'], {
      stdin: '{"value":1}',
    });
    expect(exitCode).toBe(2);
    expect(stderr).toBe(
      'playhead: line 1: value must be a text; JSON goes in as a text, bytes as value_base64\n',
    );
  });

  it('ends with 2 for a --file that is missing or a directory, without a connection', async () => {
    await using directory = await temporaryDirectory();
    const missing = join(directory.path, 'missing');
    for (const [path, why] of [
      [missing, 'there is no such file'],
      [directory.path, 'is a directory'],
    ] as const) {
      const { exitCode, stderr } = await broker.run(['pub', 'whole', '--file', path]);
      expect({ exitCode, stderr }).toEqual({
        exitCode: 2,
        stderr: `playhead: --file ${path}: ${why}\n`,
      });
    }
  });

  it.each(['', 'a//b', '../x', 'a b', 'x'.repeat(256), 'orders/*'])(
    'ends with 3 for the topic name "%s"',
    async (topic) => {
      const { exitCode, stderr } = await broker.run(['--json', 'pub', topic, 'x']);
      expect(exitCode).toBe(3);
      expect(JSON.parse(stderr).error.reason).toBe('INVALID_ARGUMENT');
    },
  );
});

describe('playhead pub without a broker', () => {
  /** Of a broker of its own, which has stored `one` of an input that is still open. */
  async function startPublishing(own: CliBroker, ...options: string[]): Promise<CliProcess> {
    await using reader = own.start(['sub', 'chan/cut']);
    const writer = own.start(['pub', 'chan/cut', ...options]);
    writer.child.stdin.write('one\n');
    await reader.sees('stdout', 'one\n');
    return writer;
  }

  it('ends with 1 within the timeout when the broker dies', async () => {
    await using own = await CliBroker.start();
    await using writer = await startPublishing(own, '--timeout', '300ms');
    own.process.child.kill('SIGKILL');
    writer.child.stdin.write('two\n');
    const { exitCode, stderr } = await writer.exit();
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^playhead: .+\n$/m);
  });

  it('waits for what it has read when it is interrupted, but not when it is interrupted again', async () => {
    await using own = await CliBroker.start();
    await using writer = await startPublishing(own, '--timeout', '1h', '--verbose');
    own.process.child.kill('SIGSTOP');
    writer.child.stdin.write('two\n');
    writer.child.kill('SIGTERM');
    await writer.sees('stderr', 'interrupt again to end at once');
    writer.child.kill('SIGINT');
    expect((await writer.exit()).exitCode).toBe(130);
  });

  it.each([
    ['arguments', ['a']],
    ['standard input', []],
  ])('ends with 1 within the timeout, with %s', async (_what, messages) => {
    // Port 9 is discard, which nobody serves.
    const args = ['--address', '127.0.0.1:9', '--timeout', '300ms', 'pub', 'orders', ...messages];
    const started = performance.now();
    const { exitCode, stderr } = await runCli(args, { stdin: 'a\n' });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^playhead: .*127\.0\.0\.1:9.*\n$/);
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});
