import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { Caller } from './caller.ts';
import { isExternal, messagesOf, newTopic } from './support.ts';

const MB = 1_000_000;
const CLI_PATH = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** Answers each message with the memory that is in use after a collection, and with what the process takes. */
const PROBE = `data:text/javascript,${encodeURIComponent(`
process.on('message', () => {
  gc();
  gc();
  const { heapUsed, external, rss } = process.memoryUsage();
  process.send({ live: heapUsed + external, rss });
});
process.channel.unref();
`)}`;

/** The broker as it was built, in a process of its own: only so can its memory be told from that of its clients. */
class MeasuredBroker implements AsyncDisposable {
  readonly address: string;
  readonly #child: ChildProcess;
  readonly #directory: string;

  private constructor(address: string, child: ChildProcess, directory: string) {
    this.address = address;
    this.#child = child;
    this.#directory = directory;
  }

  static async start(): Promise<MeasuredBroker> {
    const directory = await mkdtemp(join(tmpdir(), 'playhead-memory-'));
    const flags = [
      '--data-dir',
      join(directory, 'data'),
      '--durability',
      'os',
      '--log-level',
      'warn',
    ];
    const child = spawn(
      process.execPath,
      [
        '--expose-gc',
        '--import',
        PROBE,
        CLI_PATH,
        'serve',
        '--json',
        '--grpc-address',
        '127.0.0.1:0',
        ...flags,
      ],
      { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] },
    );
    if (child.stdout === null) throw new TypeError('the broker has no standard output');
    for await (const line of createInterface(child.stdout)) {
      const { grpc_address: address }: { grpc_address: string } = JSON.parse(line);
      return new MeasuredBroker(address, child, directory);
    }
    throw new Error('the broker ended before it listened; was it built?');
  }

  async memory(): Promise<{ live: number; rss: number }> {
    const answered = once(this.#child, 'message');
    this.#child.send('memory');
    const [memory] = await answered;
    return memory;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
    await rm(this.#directory, { recursive: true, force: true });
  }
}

/** Publishes so many megabytes, in messages of a kilobyte. */
async function publishMegabytes(caller: Caller, topic: string, count: number): Promise<void> {
  const value = 'x'.repeat(1000);
  const messages = messagesOf(...Array.from({ length: 1000 }, () => value));
  for (let i = 0; i < count; i++) await caller.call('Publish', { topic, messages });
}

describe.skipIf(isExternal)('the memory of a broker', () => {
  test('grows by less than 1 MB for a reader that stops reading, however much is published', async () => {
    await using broker = await MeasuredBroker.start();
    using publisher = Caller.connect(broker.address);
    const topic = newTopic();
    // More than it keeps for those who follow.
    await publishMegabytes(publisher, topic, 50);
    const before = await broker.memory();

    const count = 8;
    const readers = Array.from({ length: count }, () => Caller.connect(broker.address));
    const stalled = readers.map((reader) =>
      reader.subscribe({ topic, from: { edge: 'EDGE_EARLIEST' } }),
    );
    for (const subscription of stalled) await subscription.until('started');
    await publishMegabytes(publisher, topic, 50);
    const after = await broker.memory();
    expect((after.live - before.live) / count).toBeLessThan(1 * MB);

    for (const reader of readers) reader.close();
  });

  test('grows by less than 100 MB for 1000 subscribers who wait', async () => {
    await using broker = await MeasuredBroker.start();
    using publisher = Caller.connect(broker.address);
    const topic = newTopic();
    await publishMegabytes(publisher, topic, 1);
    const before = await broker.memory();
    const readers = Array.from({ length: 10 }, () => Caller.connect(broker.address));
    const waiting = readers.flatMap((reader) =>
      Array.from({ length: 100 }, () => reader.subscribe({ topic })),
    );
    await Promise.all(waiting.map((subscription) => subscription.until('caught_up')));
    const { topic: described } = await publisher.call('GetTopic', { topic });
    expect(described.subscriber_count).toBe(1000);
    const after = await broker.memory();
    expect(after.live - before.live).toBeLessThan(100 * MB);
    expect(after.rss - before.rss).toBeLessThan(100 * MB);

    // They are there: what comes is delivered to each.
    await publisher.call('Publish', { topic, messages: messagesOf('hello') });
    await Promise.all(waiting.map((subscription) => subscription.take(1)));
    for (const reader of readers) reader.close();
  });
});
