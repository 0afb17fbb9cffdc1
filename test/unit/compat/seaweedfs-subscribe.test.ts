import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { closeMessage } from '../../../src/compat/seaweedfs-codec.ts';
import { SeaweedSubscribeStream } from '../../../src/compat/seaweedfs-subscribe.ts';
import type { BrokerError } from '../../../src/errors.ts';
import { bytesField, varintField } from '../../conformance/wire-bytes.ts';
import { settled } from '../../support/subscribed.ts';
import { TestLog } from '../../support/test-log.ts';

/** A call of which a test says when something is sent. */
class FakeCall extends EventEmitter {
  readonly written: Buffer[] = [];
  readonly #unsent: (() => void)[] = [];
  readonly cancelled = false;
  isEnded = false;

  write(response: Buffer, onSent: () => void): boolean {
    this.written.push(response);
    this.#unsent.push(onSent);
    return true;
  }
  end(): void {
    this.isEnded = true;
  }

  send(count: number): void {
    for (const onSent of this.#unsent.splice(0, count)) onSent();
  }
  begin(topic: string): void {
    const init = [bytesField(1, 'chan'), bytesField(2, topic), varintField(4, 1)];
    this.emit('data', bytesField(1, ...init));
  }
}

function start(test: TestLog) {
  const call = new FakeCall();
  const errors: BrokerError[] = [];
  const stream = new SeaweedSubscribeStream(call, test.log, {
    accept: () => {},
    refuse: (error) => errors.push(error),
  });
  const done = new Promise<void>((resolve) => stream.run(resolve));
  return { call, errors, done };
}

describe('the stream of a subscriber of SeaweedFS', () => {
  it('ends behind the close marker once everything before it is sent', async () => {
    await using test = await TestLog.open();
    await test.publish('chan/c', 'a', 'b');
    const { timestampNs } = await test.close('chan/c');
    const { call, errors, done } = start(test);
    call.begin('c');
    await settled(test);
    expect(call.written).toHaveLength(3);
    expect(call.written.at(-1)).toEqual(closeMessage(timestampNs));
    call.send(2);
    await settled(test);
    expect(call.isEnded).toBe(false);
    call.send(1);
    await done;
    expect(call.isEnded).toBe(true);
    expect(errors).toEqual([]);
  });

  it('is told of a deletion once everything before it is sent', async () => {
    await using test = await TestLog.open();
    await test.publish('chan/c', 'a', 'b');
    const { call, errors, done } = start(test);
    call.begin('c');
    await settled(test);
    expect(call.written).toHaveLength(2);
    await test.log.deleteTopic('chan/c');
    await settled(test);
    expect(errors).toEqual([]);
    call.send(2);
    await done;
    expect(errors).toMatchObject([{ reason: 'TOPIC_DELETED' }]);
    expect(call.isEnded).toBe(false);
  });

  it('is over without a word when its client goes while something is unsent', async () => {
    await using test = await TestLog.open();
    await test.publish('chan/c', 'a');
    await test.close('chan/c');
    const { call, errors, done } = start(test);
    call.begin('c');
    await settled(test);
    call.emit('cancelled');
    await done;
    expect([call.isEnded, errors]).toEqual([false, []]);
  });
});
