import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { connect, PlayheadError } from 'playhead-client';
import { describe, expect, it } from 'vitest';
import { TestBroker } from '../support/broker.ts';
import { CliBroker } from '../support/cli.ts';
import { numbered, texts } from '../support/collect.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const FAST_RETRY = { initialBackoffMs: 5, maxBackoffMs: 20 };

async function startAgain(broker: CliBroker): Promise<CliBroker> {
  return CliBroker.start(['--data-dir', broker.dataDir, '--grpc-address', broker.address]);
}

describe('SIGTERM', () => {
  it('keeps everything that was acknowledged, and nothing of the rest twice', async () => {
    await using broker = await CliBroker.start();
    await using client = connect(broker.address, { retry: { giveUpAfterMs: 0 } });
    const publishers = numbered(4, 'load/t').map((topic) => client.publisher(topic));
    const acknowledged = new Map<string, bigint>();
    let isUnderWay = () => {};
    const underWay = new Promise<void>((resolve) => {
      isUnderWay = resolve;
    });
    const running = publishers.map(async (publisher) => {
      for (let i = 0; ; i++) {
        const values = numbered(50, `${publisher.topic}-${i}`);
        const results = await Promise.allSettled(values.map((value) => publisher.publish(value)));
        for (const [j, result] of results.entries()) {
          if (result.status === 'rejected') {
            expect(result.reason).toBeInstanceOf(PlayheadError);
            return;
          }
          acknowledged.set(values[j] ?? '', result.value);
        }
        if (acknowledged.size > 1000) isUnderWay();
      }
    });
    await underWay;
    broker.process.child.kill('SIGTERM');
    await Promise.all(running);
    expect(await broker.process.exit()).toMatchObject({ exitCode: 0, stderr: '' });

    await using again = await startAgain(broker);
    await using reader = connect(again.address);
    const stored = new Map<string, bigint>();
    for await (const { text, timestampNs } of reader.subscribe('load/*', {
      from: 'earliest',
      follow: false,
    })) {
      expect(stored.has(text)).toBe(false);
      stored.set(text, timestampNs);
    }
    for (const [value, timestampNs] of acknowledged) expect(stored.get(value)).toBe(timestampNs);
  });

  it('is bridged by publisher and subscriber when the broker comes back', async () => {
    await using broker = await CliBroker.start();
    await using client = connect(broker.address, { retry: FAST_RETRY });
    const values = numbered(6000);
    const read = texts(client.subscribe('bridge', { from: 'earliest', limit: values.length }));
    const brokers: CliBroker[] = [];
    const source = async function* () {
      for (const [i, value] of values.entries()) {
        if (i === 3000) {
          broker.process.child.kill('SIGTERM');
          await broker.process.exit();
          brokers.push(await startAgain(broker));
        }
        if (i % 500 === 0) await new Promise((resolve) => setImmediate(resolve));
        yield value;
      }
    };
    await client.publisher('bridge').publishAll(source());
    expect(await read).toEqual(values);
    for (const each of brokers) await each[Symbol.asyncDispose]();
  });

  it('tells subscribers in-band, which try again', async () => {
    await using broker = await TestBroker.start();
    const reasons: string[] = [];
    await using client = connect(broker.address, {
      retry: FAST_RETRY,
      onRetry: ({ error }) => reasons.push(error.reason),
    });
    const publisher = client.publisher('told');
    const subscription = client.subscribe('told', { limit: 2 });
    await subscription.started();
    await publisher.publish('a');
    await broker.restart();
    await publisher.publish('b');
    expect(await texts(subscription)).toEqual(['a', 'b']);
    expect(reasons).toContain('SHUTTING_DOWN');
  });

  it('ends the process though another one, which is subscribed, is frozen', async () => {
    await using broker = await CliBroker.start();
    await broker.ok(['pub', 'frozen', 'hello']);
    await using reader = broker.start(['sub', 'frozen', '--from', 'earliest']);
    await reader.sees('stdout', 'hello');
    reader.child.kill('SIGSTOP');
    await broker.ok(['pub', 'frozen', '-'], { stdin: 'x'.repeat(999_999) });
    broker.process.child.kill('SIGTERM');
    expect(await broker.process.exit()).toMatchObject({ exitCode: 0 });
  }, 20_000);

  it('twice ends the process at once', async () => {
    await using broker = await CliBroker.start();
    await using proxy = await TcpProxy.start(broker.address);
    const controller = new AbortController();
    await using client = connect(proxy.address, { signal: controller.signal });
    // A subscriber that takes nothing holds up the end.
    const subscription = client.subscribe('held');
    await subscription.started();
    proxy.stall();
    const { child } = broker.process;
    const closed = once(child, 'close');
    child.kill('SIGTERM');
    await expect
      .poll(
        async () => {
          await using probe = connect(broker.address, { retry: { giveUpAfterMs: 0 } });
          return await probe.serverInfo().then(
            () => 'serving',
            (error: PlayheadError) => error.reason,
          );
        },
        { timeout: 10_000 },
      )
      .not.toBe('serving');
    // One that comes at once would count as the first.
    const again = setInterval(() => child.kill('SIGTERM'), 50);
    await closed;
    clearInterval(again);
    expect(child.exitCode).toBe(143);
    controller.abort();
  });
});

describe('Ctrl-C', () => {
  it('ends a broker that npm has started in order, though it gets the signal from the terminal and from npm', async () => {
    await using directory = await temporaryDirectory();
    const args = ['--data-dir', directory.path, '--grpc-address', '127.0.0.1:0', '--json'];
    // In a process group of its own, as a shell starts it. The build is there.
    const npm = spawn('npm', ['start', '--ignore-scripts', '--', ...args], { detached: true });
    const closed = once(npm, 'close');
    let stdout = '';
    let stderr = '';
    npm.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    await new Promise<void>((resolve, reject) => {
      closed.then(() => reject(new Error(`npm has ended: ${stderr}`)), reject);
      npm.stdout.on('data', (chunk: Buffer) => {
        stdout += chunk.toString();
        if (stdout.includes('grpc_address')) resolve();
      });
    });
    process.kill(-(npm.pid ?? 0), 'SIGINT');
    await closed;
    expect(npm.exitCode).toBe(0);
    expect(stderr).toContain('"stopped"');
    expect(await readdir(directory.path)).not.toContain('owner.json');
  });
});

describe('closing a broker in the same process', () => {
  it('acknowledges what it has accepted', async () => {
    await using broker = await TestBroker.start();
    await using client = broker.connect({ retry: { giveUpAfterMs: 0 } });
    const publisher = client.publisher('accepted');
    await publisher.publish('first');
    const outcomes = Promise.allSettled(numbered(1000).map((value) => publisher.publish(value)));
    await broker.stop();
    const stored = (await outcomes).filter(({ status }) => status === 'fulfilled').length;
    await broker.restart();
    await using other = broker.connect();
    expect((await other.topics.get('accepted')).messageCount).toBe(1 + stored);
  });

  it('is the same when done twice, and frees port and directory', async () => {
    await using broker = await TestBroker.start();
    await Promise.all([broker.stop(), broker.stop()]);
    await broker.stop();
    await broker.restart();
    await using client = broker.connect();
    await client.publisher('again').publish('a');
  });

  it('ends though a subscriber takes nothing', async () => {
    await using broker = await TestBroker.start();
    await using client = broker.connect();
    const values = numbered(200).map((value) => value.padEnd(100_000));
    await client.publisher('stuck').publishAll(values);
    const stuck = client.subscribe('stuck', { from: 'earliest' });
    await stuck.started();
    await broker.stop();
    await broker.restart();
    expect(await take20(stuck)).toEqual(values.slice(0, 20));
  });
});

async function take20(source: AsyncIterable<{ readonly text: string }>): Promise<string[]> {
  const values: string[] = [];
  for await (const { text } of source) {
    values.push(text);
    if (values.length === 20) break;
  }
  return values;
}
