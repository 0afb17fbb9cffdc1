import { EventEmitter } from 'node:events';
import { SubscribeResponse } from 'playhead-proto';
import { describe, expect, it } from 'vitest';
import { SUBSCRIPTION_UNSENT_BYTES } from '../../../src/limits.ts';
import type { ReadEvent, Reader } from '../../../src/log/read-event.ts';
import { silentLogger } from '../../../src/logger.ts';
import type { SubscribeCall } from '../../../src/service/subscribe-stream.ts';
import { SubscribeStream } from '../../../src/service/subscribe-stream.ts';
import { runOf } from '../../support/message.ts';

/** A call whose client takes a response when the test says so. */
class HeldCall extends EventEmitter implements SubscribeCall {
  cancelled = false;
  readonly responses: Buffer[] = [];
  readonly #unsent: (() => void)[] = [];
  isEnded = false;
  takesAll = false;

  write(response: Buffer, onSent?: () => void): boolean {
    expect(this.isEnded).toBe(false);
    this.responses.push(response);
    if (this.takesAll) onSent?.();
    else if (onSent !== undefined) this.#unsent.push(onSent);
    return true;
  }

  end(): void {
    expect(this.isEnded).toBe(false);
    this.isEnded = true;
  }

  takeAll(): void {
    this.takesAll = true;
    for (const onSent of this.#unsent.splice(0)) onSent();
  }

  get events(): string[] {
    return this.responses.map((response) => {
      const { event, messages } = SubscribeResponse.decode(response);
      if (event?.$case === 'end') return `end ${event.value.reason}`;
      return event?.$case ?? `${messages.length} messages`;
    });
  }
}

/** A reader of these events, which then waits until it is closed. */
class ListReader implements Reader {
  readonly #events: readonly ReadEvent[];
  #close: () => void = () => {};
  readonly #closed = new Promise<void>((resolve) => {
    this.#close = resolve;
  });
  delivered = 0;

  constructor(...events: ReadEvent[]) {
    this.#events = events;
  }

  async *events(): AsyncGenerator<ReadEvent, void> {
    for (const event of this.#events) {
      this.delivered++;
      yield event;
      if (event.type === 'end') return;
    }
    await this.#closed;
  }

  close(): void {
    this.#close();
  }
}

// Two of them are exactly as much as a stream sends ahead.
const HALF = SUBSCRIPTION_UNSENT_BYTES / 2;
const overheadBytes = runOf('x'.repeat(HALF - 100)).bytes.length - (HALF - 100);
const { bytes: chunk } = runOf('x'.repeat(HALF - overheadBytes));
const messages: ReadEvent = {
  type: 'messages',
  chunks: [chunk],
  bytes: chunk.length,
  messageCount: 1,
  runs: [],
  nextNs: 1n,
};
const END: ReadEvent = { type: 'end', reason: 'closed' };

function setUp(reader: Reader) {
  const call = new HeldCall();
  const subscription = { reader, fromNs: 5n, untilNs: 9n, createdTimestampNs: 3n };
  const stream = new SubscribeStream(call, subscription, silentLogger);
  return { call, stream, over: stream.run() };
}

/** Until nothing moves any more. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('SubscribeStream', () => {
  it('says first how the request was understood, and ends behind the end', async () => {
    const { call, over } = setUp(new ListReader(messages, END));
    await over;
    expect(call.events).toEqual(['started', '1 messages', 'end 1']);
    expect(SubscribeResponse.decode(call.responses[0] ?? Buffer.alloc(0)).event?.value).toEqual({
      fromTimestampNs: 5n,
      untilTimestampNs: 9n,
      topicCreatedTimestampNs: 3n,
    });
    expect(call.isEnded).toBe(true);
  });

  it('holds no more than its bound for a client that does not read', async () => {
    const reader = new ListReader(...Array.from({ length: 50 }, () => messages), END);
    const { call, over } = setUp(reader);
    await settled();
    const held = call.responses.slice(1).reduce((sum, { length }) => sum + length, 0);
    expect(held).toBeLessThanOrEqual(SUBSCRIPTION_UNSENT_BYTES + chunk.length);
    expect(reader.delivered).toBeLessThan(6);
    call.takeAll();
    await over;
    expect(call.responses).toHaveLength(52);
  });

  it('tells an error as the end', async () => {
    const reader: Reader = {
      async *events() {
        yield { type: 'caught_up', nextNs: 0n };
        throw new Error('a bug');
      },
      close() {},
    };
    const { call, over } = setUp(reader);
    await over;
    expect(call.events).toEqual(['started', 'caughtUp', 'end 5']);
    expect(call.isEnded).toBe(true);
  });

  it('tells a shut-down, also to a client that does not read', async () => {
    const { call, stream, over } = setUp(new ListReader(messages, messages, messages, messages));
    await settled();
    stream.shutDown();
    await over;
    expect(call.events.at(-1)).toBe('end 5');
    expect(call.isEnded).toBe(true);
  });

  it('tells one end only, though the shut-down comes right behind it', async () => {
    const { call, stream, over } = setUp(new ListReader(messages, messages, END));
    await settled();
    stream.shutDown();
    await over;
    expect(call.events.filter((event) => event.startsWith('end'))).toEqual(['end 1']);
  });

  it.each(['cancelled', 'close', 'error'])(
    'stops when the call tells that it is over by "%s"',
    async (event) => {
      const { call, over } = setUp(new ListReader(messages, messages, messages, messages));
      await settled();
      const before = call.responses.length;
      call.emit(event);
      await over;
      expect(call.responses).toHaveLength(before);
      expect(call.isEnded).toBe(false);
    },
  );

  it('stops at once when the call was cancelled before', async () => {
    const call = new HeldCall();
    call.cancelled = true;
    const subscription = {
      reader: new ListReader(messages),
      fromNs: 0n,
      untilNs: undefined,
      createdTimestampNs: undefined,
    };
    await new SubscribeStream(call, subscription, silentLogger).run();
    expect(call.events).not.toContain('1 messages');
  });
});
