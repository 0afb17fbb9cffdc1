import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { PUBLISH_CLOSED, PUBLISH_STARTED } from '../../../src/compat/seaweedfs-codec.ts';
import { SeaweedPublishStream } from '../../../src/compat/seaweedfs-publish.ts';
import type { BrokerError } from '../../../src/errors.ts';
import { PUBLISH_STREAM_BYTES } from '../../../src/limits.ts';
import { bytesField, varintField } from '../../conformance/wire-bytes.ts';
import { TestLog } from '../../support/test-log.ts';

/** A call whose events a test makes. */
class FakeCall extends EventEmitter {
  readonly written: Buffer[] = [];
  readonly steps: string[] = [];
  isEnded = false;

  pause(): void {
    this.steps.push('pause');
  }
  resume(): void {
    this.steps.push('resume');
  }
  write(response: Buffer): boolean {
    this.written.push(response);
    return true;
  }
  end(): void {
    this.isEnded = true;
    this.emit('finish');
  }

  begin(namespace: string, topic: string): void {
    this.emit('data', bytesField(1, bytesField(1, namespace), bytesField(2, topic)));
  }
  publish(value: string | Buffer): void {
    this.emit('data', bytesField(2, bytesField(3, value)));
  }
}

async function start(test: TestLog) {
  const call = new FakeCall();
  const errors: BrokerError[] = [];
  const stream = new SeaweedPublishStream(call, test.log, {
    maxRequestBytes: 64 * 1024 * 1024,
    refuse: (error) => errors.push(error),
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
    call.emit('data', bytesField(2, varintField(5, 1)));
    call.emit('cancelled');
    call.emit('close');
    await over;
    const topic = test.log.topic('chan/c');
    expect([topic.sequence, topic.isClosed]).toEqual([3n, true]);
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
    call.emit('data', bytesField(2, varintField(5, 1)));
    await over;
    expect(errors).toEqual([]);
    expect(call.written).toEqual([PUBLISH_STARTED, PUBLISH_CLOSED]);
    expect(test.log.topic('chan/c').sequence).toBe(BigInt(count));
  });

  it('tells that the broker goes once what it took is stored', async () => {
    await using test = await TestLog.open();
    const { call, errors, stream } = await start(test);
    call.begin('chan', 'c');
    call.publish('x');
    stream.shutDown();
    await expect.poll(() => errors.map(({ reason }) => reason)).toEqual(['SHUTTING_DOWN']);
    expect(test.log.topic('chan/c').sequence).toBe(1n);
  });

  it('is refused what is too much for one request', async () => {
    await using test = await TestLog.open();
    const call = new FakeCall();
    const errors: BrokerError[] = [];
    new SeaweedPublishStream(call, test.log, {
      maxRequestBytes: 100,
      refuse: (error) => errors.push(error),
    }).run(() => {});
    call.begin('chan', 'c');
    call.publish('x'.repeat(200));
    expect(errors.map(({ reason }) => reason)).toEqual(['REQUEST_TOO_LARGE']);
  });
});
