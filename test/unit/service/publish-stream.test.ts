import { EventEmitter, once } from 'node:events';
import type { ClientDuplexStream } from '@grpc/grpc-js';
import type { PublishResult } from 'playhead-proto';
import { decodeErrorReason, PublishStreamRequest, PublishStreamResponse } from 'playhead-proto';
import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../../src/errors.ts';
import { PUBLISH_STREAM_BYTES, SHUTDOWN_GRACE_MS } from '../../../src/limits.ts';
import type { PublishCall } from '../../../src/service/publish-stream.ts';
import { PublishStream } from '../../../src/service/publish-stream.ts';
import { content } from '../../support/message.ts';
import { TestLog } from '../../support/test-log.ts';
import { TestServer } from '../../support/test-server.ts';

const EMPTY = PublishStreamRequest.decode(Buffer.alloc(0));

function request(
  fields: Partial<PublishStreamRequest>,
  ...values: (string | Buffer)[]
): PublishStreamRequest {
  const messages = values.map((value) => ({ ...content(value), timestampNs: 0n, isClose: false }));
  return { ...EMPTY, messages, ...fields };
}

/** A result in short: the timestamps of what was stored, or why it was not. */
function shortOf({ outcome }: PublishResult): string {
  if (outcome?.$case === 'error') return decodeErrorReason(outcome.value.reason);
  const count =
    Number((outcome?.value.lastTimestampNs ?? 0n) - (outcome?.value.firstTimestampNs ?? 0n)) + 1;
  return `${outcome?.value.duplicate ? 'again ' : ''}${count}`;
}

/** The results of a stream, as they come. */
class Results {
  readonly stream: ClientDuplexStream<PublishStreamRequest, PublishStreamResponse>;
  readonly responses: string[][] = [];
  readonly ended: Promise<unknown>;

  constructor(server: TestServer) {
    this.stream = server.broker.publishStream();
    this.stream.on('data', ({ results }: PublishStreamResponse) =>
      this.responses.push(results.map(shortOf)),
    );
    this.ended = once(this.stream, 'status').then(([status]) => status);
    this.stream.on('error', () => {});
  }

  send(...args: Parameters<typeof request>): void {
    this.stream.write(request(...args));
  }

  get all(): string[] {
    return this.responses.flat();
  }

  async atLeast(count: number): Promise<string[]> {
    while (this.all.length < count) await once(this.stream, 'data');
    return this.all;
  }
}

describe('PublishStream', () => {
  it('answers requests in their order, those of one commit in one response, and ends behind the last', async () => {
    await using server = await TestServer.start();
    const results = new Results(server);
    results.send({ topic: 't' }, '0');
    await results.atLeast(1);
    const arrived = server.test.store.appends.close();
    results.send({}, '1');
    await arrived;
    for (let i = 2; i < 50; i++)
      results.send({}, ...Array.from({ length: (i % 3) + 1 }, () => `${i}`));
    results.send({ topic: 'a b' }, 'refused');
    results.stream.end();
    await expect
      .poll(() => server.test.log.readContext.committer.pendingBytes)
      .toBeGreaterThan(48 * 256);
    server.test.store.appends.open();
    expect(await results.ended).toMatchObject({ code: 0 });
    const counts = Array.from({ length: 48 }, (_, i) => `${((i + 2) % 3) + 1}`);
    expect(results.all).toEqual(['1', '1', ...counts, 'INVALID_ARGUMENT']);
    expect(results.responses.length).toBeLessThan(6);
  });

  it('takes topic and producer of the request before where they are left out', async () => {
    await using server = await TestServer.start();
    const results = new Results(server);
    results.send({ topic: 'a', producer: 'p', sequence: 1n }, '1');
    results.send({ sequence: 2n }, '2');
    results.send({ sequence: 2n }, '2');
    results.send({ topic: 'b', sequence: 9n }, '3');
    results.send({}, '4');
    expect(await results.atLeast(5)).toEqual(['1', '1', 'again 1', '1', '1']);
    const { log } = server.test;
    expect([log.topic('a').sequence, log.topic('b').sequence]).toEqual([2n, 2n]);
    expect([log.producer('a', 'p')?.sequence, log.producer('b', 'p')?.sequence]).toEqual([2n, 9n]);
    results.stream.end();
  });

  it('wants a topic in the first request', async () => {
    await using server = await TestServer.start();
    const results = new Results(server);
    results.send({}, '1');
    results.send({ topic: 't' }, '2');
    expect(await results.atLeast(2)).toEqual(['INVALID_ARGUMENT', '1']);
    results.stream.end();
  });

  it('goes on behind a refusal, and keeps the order behind a topic that has yet to be created', async () => {
    await using server = await TestServer.start();
    const results = new Results(server);
    const arrived = server.test.store.records.close();
    results.send({ topic: 'new' }, '1');
    results.send({ topic: 'a..b' }, '2');
    results.send({ topic: 'new', expectedLastTimestampNs: 5n }, '3');
    results.send({ topic: 'new' }, '4');
    await arrived;
    server.test.store.records.open();
    expect(await results.atLeast(4)).toEqual(['1', 'INVALID_ARGUMENT', 'CONFLICT', '1']);
    results.stream.end();
  });

  it('creates no topic for what is refused', async () => {
    await using server = await TestServer.start();
    const results = new Results(server);
    results.send({ topic: 'large' }, Buffer.alloc(1024 * 1024 + 1));
    results.send({ topic: 'conditional', expectedLastTimestampNs: 5n }, 'x');
    results.send({ topic: 'conditional', expectedLastTimestampNs: 0n }, 'x');
    expect(await results.atLeast(3)).toEqual(['MESSAGE_TOO_LARGE', 'CONFLICT', '1']);
    expect(server.test.log.topics.get('large')).toBeUndefined();
    expect(server.test.log.topic('conditional').sequence).toBe(1n);
    results.stream.end();
  });

  it('stays with the topic that it used first, though the name is in use again', async () => {
    await using server = await TestServer.start();
    const results = new Results(server);
    results.send({ topic: 't' }, '1');
    await results.atLeast(1);
    await server.test.log.deleteTopic('t');
    await server.test.publish('t', 'new');
    results.send({}, '2');
    expect(await results.atLeast(2)).toEqual(['1', 'TOPIC_DELETED']);
    results.stream.end();
    const other = new Results(server);
    other.send({ topic: 't' }, '3');
    expect(await other.atLeast(1)).toEqual(['1']);
    other.stream.end();
  });

  it('does not read on while too much waits, whatever the client sends', async () => {
    await using server = await TestServer.start();
    const results = new Results(server);
    const { committer } = server.test.log.readContext;
    const value = Buffer.alloc(1_000_000);
    results.send({ topic: 't' }, 'first');
    await results.atLeast(1);
    const arrived = server.test.store.appends.close();
    const count = 60;
    for (let i = 0; i < count; i++) results.send({}, value);
    results.stream.end();
    await arrived;
    await expect
      .poll(() => committer.pendingBytes, { timeout: 10_000 })
      .toBeGreaterThan(PUBLISH_STREAM_BYTES - value.length);
    for (let turn = 0; turn < 300; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(committer.pendingBytes).toBeLessThan(PUBLISH_STREAM_BYTES + 2 * value.length);
    server.test.store.appends.open();
    expect(await results.ended).toMatchObject({ code: 0 });
    expect(results.all).toHaveLength(count + 1);
  });

  it('acknowledges what it took when the broker shuts down, refuses the rest in-band, and ends OK', async () => {
    await using server = await TestServer.start();
    const results = new Results(server);
    results.send({ topic: 't' }, '1');
    await results.atLeast(1);
    const arrived = server.test.store.appends.close();
    results.send({}, '2');
    await arrived;
    server.test.log.drain();
    results.send({}, '3');
    results.send({}, '4');
    const startedAt = performance.now();
    const closing = server.server.close();
    await new Promise((resolve) => setImmediate(resolve));
    server.test.store.appends.open();
    await closing;
    expect(performance.now() - startedAt).toBeLessThan(SHUTDOWN_GRACE_MS / 2);
    expect(await results.ended).toMatchObject({ code: 0 });
    expect(results.all.slice(0, 2)).toEqual(['1', '1']);
    for (const late of results.all.slice(2)) expect(late).toBe('SHUTTING_DOWN');
  });

  it.each(['OVERLOADED', 'DISK_FULL', 'STORAGE_FAILED', 'SHUTTING_DOWN'] as const)(
    'stores nothing behind %s, since the order could not be kept, and ends OK',
    async (reason) => {
      await using test = await TestLog.open();
      await test.publish('t', '0');
      const call = new HandCall();
      new PublishStream(call, test.log, 1_000_000).run(() => {});
      const append = test.log.append.bind(test.log);
      test.log.append = (each) => {
        if (each.run?.bytes.includes('refused')) each.settle(new BrokerError(reason, 'now'));
        else append(each);
      };
      call.receive(request({ topic: 't' }, '1'));
      // The stream has looked up the topic by then, and takes what follows at once.
      await expect.poll(() => call.results).toEqual(['1']);
      for (const value of ['2', 'refused', '3', '4']) call.receive(request({}, value));
      await expect.poll(() => call.isEnded).toBe(true);
      call.receive(request({}, '5'));
      await test.log.readContext.committer.idle();
      expect(call.results).toEqual(['1', '1', reason]);
      expect(test.log.topic('t').sequence).toBe(3n);
    },
  );
});

/** A call whose other end is the test. */
class HandCall extends EventEmitter implements PublishCall {
  readonly writableNeedDrain = false;
  readonly results: string[] = [];
  isEnded = false;

  receive(sent: PublishStreamRequest): void {
    this.emit('data', Buffer.from(PublishStreamRequest.encode(sent).finish()));
  }

  write(response: Buffer): boolean {
    expect(this.isEnded).toBe(false);
    this.results.push(...PublishStreamResponse.decode(response).results.map(shortOf));
    return true;
  }

  end(): void {
    expect(this.isEnded).toBe(false);
    this.isEnded = true;
  }

  sendMetadata(): void {}
  pause(): void {}
  resume(): void {}
}
