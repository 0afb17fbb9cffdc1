import { EventEmitter } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { PUBLISH_CLOSED, PUBLISH_STARTED } from '../../../src/compat/seaweedfs-codec.ts';
import { SeaweedPublishStream } from '../../../src/compat/seaweedfs-publish.ts';
import type { BrokerError } from '../../../src/errors.ts';
import { PUBLISH_STREAM_BYTES, SEAWEEDFS_REFUSAL_MS } from '../../../src/limits.ts';
import { bytesField, varintField } from '../../conformance/wire-bytes.ts';
import { runOf } from '../../support/message.ts';
import { settled } from '../../support/subscribed.ts';
import { TestLog } from '../../support/test-log.ts';

/** A call whose events a test makes. */
class FakeCall extends EventEmitter {
  readonly written: Buffer[] = [];
  readonly steps: string[] = [];
  isEnded = false;
  isRefused = false;

  pause(): void {
    this.steps.push('pause');
  }
  resume(): void {
    this.steps.push('resume');
  }
  /** It is sent in the next turn, and not if the call has ended by then. */
  write(response: Buffer, onSent?: () => void): boolean {
    setImmediate(() => {
      if (this.isRefused) return;
      this.written.push(response);
      onSent?.();
    });
    return true;
  }
  end(): void {
    setImmediate(() => {
      this.isEnded = true;
      this.emit('finish');
    });
  }

  begin(namespace: string, topic: string): void {
    this.emit('data', bytesField(1, bytesField(1, namespace), bytesField(2, topic)));
  }
  publish(value: string | Buffer): void {
    this.emit('data', bytesField(2, bytesField(3, value)));
  }
  close(): void {
    this.emit('data', bytesField(2, varintField(5, 1)));
  }
}

const reasonsOf = (errors: readonly BrokerError[]) => errors.map(({ reason }) => reason);

async function start(test: TestLog, { maxRequestBytes = 64 * 1024 * 1024 } = {}) {
  const call = new FakeCall();
  const errors: BrokerError[] = [];
  const stream = new SeaweedPublishStream(call, test.log, {
    maxRequestBytes,
    refuse: (error) => {
      call.isRefused = true;
      errors.push(error);
    },
  });
  const over = new Promise<void>((resolve) => stream.run(resolve));
  return { call, errors, stream, over };
}

describe('the stream of a publisher of SeaweedFS', () => {
  it('stores what came in the very turn in which it was cut off, and its close, and is over then', async () => {
    await using test = await TestLog.open();
    const { call, over } = await start(test);
    call.begin('chan', 'c');
    for (const value of ['a', 'b', 'c']) call.publish(value);
    call.close();
    call.emit('cancelled');
    call.emit('close');
    await over;
    const topic = test.log.topic('chan/c');
    expect([topic.sequence, topic.isClosed]).toEqual([3n, true]);
    await turn();
    expect(call.written).toEqual([PUBLISH_STARTED]);
  });

  it('makes one append of what comes in one turn', async () => {
    await using test = await TestLog.open();
    const { call, over } = await start(test);
    await test.log.createTopic('ns/t', {});
    call.begin('ns', 't');
    for (let i = 0; i < 100; i++) call.publish(`m${i}`);
    call.emit('end');
    await over;
    const topic = test.log.topic('ns/t');
    expect(topic.sequence).toBe(100n);
    expect(topic.recent.length).toBe(1);
    expect(call.isEnded).toBe(true);
  });

  it('reads no further while much waits, and goes on when it is stored', async () => {
    await using test = await TestLog.open();
    const { call, errors, over } = await start(test);
    call.begin('chan', 'c');
    const value = Buffer.alloc(512 * 1024);
    const count = Math.ceil(PUBLISH_STREAM_BYTES / value.length);
    for (let i = 0; i < count; i++) call.publish(value);
    expect(call.steps).toEqual(['pause']);
    await expect.poll(() => call.steps).toEqual(['pause', 'resume']);
    call.close();
    await over;
    expect(errors).toEqual([]);
    expect(call.written).toEqual([PUBLISH_STARTED, PUBLISH_CLOSED]);
    expect(test.log.topic('chan/c').sequence).toBe(BigInt(count));
  });

  it('closes without a checksum if somebody else writes while it does', async () => {
    await using test = await TestLog.open();
    const { call, over } = await start(test);
    call.begin('chan', 'c');
    call.publish('mine');
    await settled(test);
    const topic = test.log.topic('chan/c');
    const others = test.log.appendAndWait({
      topic,
      run: runOf('theirs'),
      producer: undefined,
      expectedLastTimestampNs: undefined,
      close: undefined,
    });
    call.close();
    // The close goes along with what the other has just written, and is not stored yet.
    call.emit('end');
    expect(topic.sequence).toBe(1n);
    await others;
    await over;
    await using reader = await test.read('chan/c');
    expect(await reader.until('messages')).toEqual(['mine', 'theirs']);
    const closed = await reader.next();
    expect(closed).toMatchObject({ type: 'closed', marker: { messageCount: 2n } });
    expect(closed).toMatchObject({ marker: { checksum: Buffer.alloc(0) } });
    expect(call.written).toEqual([PUBLISH_STARTED, PUBLISH_CLOSED]);
  });

  it('tells that the broker goes once what it took is stored', async () => {
    await using test = await TestLog.open();
    const { call, errors, stream } = await start(test);
    call.begin('chan', 'c');
    call.publish('x');
    stream.shutDown();
    await expect.poll(() => reasonsOf(errors)).toEqual(['SHUTTING_DOWN']);
    expect(test.log.topic('chan/c').sequence).toBe(1n);
  });

  it('is refused what is too much for one request', async () => {
    await using test = await TestLog.open();
    const { call, errors } = await start(test, { maxRequestBytes: 100 });
    call.begin('chan', 'c');
    call.publish('x'.repeat(200));
    call.close();
    await expect.poll(() => reasonsOf(errors)).toEqual(['REQUEST_TOO_LARGE']);
  });
});

describe('the refusal of a publisher of SeaweedFS that was told to begin', () => {
  /** A stream on a channel that another has closed. */
  async function refused(test: TestLog) {
    const started = await start(test);
    started.call.begin('chan', 'c');
    await closeBehind(test);
    started.call.publish('late');
    return started;
  }

  async function closeBehind(test: TestLog): Promise<void> {
    await test.log.closeTopic('chan/c', { reason: '', checksum: Buffer.alloc(0) });
  }

  it('has one empty response before it, for each receive of the client an event, and comes at once with a close', async () => {
    await using test = await TestLog.open();
    const { call, errors } = await refused(test);
    call.close();
    await expect.poll(() => reasonsOf(errors)).toEqual(['CHANNEL_CLOSED']);
    expect(call.written).toEqual([PUBLISH_STARTED, Buffer.alloc(0)]);
  });

  it('waits for a close that is on its way behind other messages, which are read and not stored', async () => {
    await using test = await TestLog.open();
    const { call, errors } = await refused(test);
    for (let i = 0; i < 10; i++) {
      await turn();
      call.publish(`m${i}`);
    }
    expect(errors).toEqual([]);
    call.close();
    await expect.poll(() => reasonsOf(errors)).toEqual(['CHANNEL_CLOSED']);
    expect(test.log.topic('chan/c').sequence).toBe(0n);
  });

  it('comes after a moment if there is no close, once', async () => {
    await using test = await TestLog.open();
    const { call, errors } = await refused(test);
    // The append has been refused by then.
    for (let i = 0; i < 5; i++) await turn();
    test.clock.advance(SEAWEEDFS_REFUSAL_MS - 1);
    for (let i = 0; i < 5; i++) await turn();
    expect(errors).toEqual([]);
    test.clock.advance(1);
    await expect.poll(() => reasonsOf(errors)).toEqual(['CHANNEL_CLOSED']);
    call.close();
    await turn();
    expect(call.written).toEqual([PUBLISH_STARTED, Buffer.alloc(0)]);
    expect(errors).toHaveLength(1);
  });

  it.each(['end', 'shut down'] as const)('comes at once at the %s', async (what) => {
    await using test = await TestLog.open();
    const { call, errors, stream } = await refused(test);
    if (what === 'end') call.emit('end');
    else stream.shutDown();
    await expect.poll(() => reasonsOf(errors)).toEqual(['CHANNEL_CLOSED']);
    expect(call.written).toEqual([PUBLISH_STARTED, Buffer.alloc(0)]);
  });

  it('comes to nobody who is gone', async () => {
    await using test = await TestLog.open();
    const { call, errors, over } = await refused(test);
    for (let i = 0; i < 5; i++) await turn();
    call.emit('cancelled');
    await over;
    test.clock.advance(SEAWEEDFS_REFUSAL_MS);
    for (let i = 0; i < 5; i++) await turn();
    expect(errors).toEqual([]);
    expect(call.written).toEqual([PUBLISH_STARTED]);
  });

  it('has nothing before it if the stream was refused at its init', async () => {
    await using test = await TestLog.open();
    await closeBehind(test);
    const { call, errors } = await start(test);
    call.begin('chan', 'c');
    expect(reasonsOf(errors)).toEqual(['CHANNEL_CLOSED']);
    await turn();
    expect(call.written).toEqual([]);
  });
});
