import { asBrokerError, BrokerError } from '../errors.ts';
import { SUBSCRIPTION_UNSENT_BYTES } from '../limits.ts';
import type { ReadEvent } from '../log/read-event.ts';
import type { Subscription } from '../log/subscribe.ts';
import { Wakeup } from '../log/wakeup.ts';
import type { Logger } from '../logger.ts';
import type { CallOrigin, ReadCall } from './call.ts';
import { encodeEndWithError, encodeEvent, encodeMessages, encodeWireEvent } from './convert.ts';
import type { OpenStream } from './streams.ts';

/** What the stream needs of a call. */
export type SubscribeCall = Omit<ReadCall, keyof CallOrigin>;

/**
 * Pumps a reader's events into a call, no faster than the client takes them: what was not sent yet is counted
 * in bytes, since grpc-js's own limit of 16 responses says nothing of their size.
 */
export class SubscribeStream implements OpenStream {
  readonly #call: SubscribeCall;
  readonly #subscription: Subscription;
  readonly #logger: Logger;
  readonly #sent = new Wakeup();
  #unsentBytes = 0;
  #isOver = false;
  #isShuttingDown = false;
  /** True once the client was told the end: nothing may follow it. */
  #hasEnded = false;

  constructor(call: SubscribeCall, subscription: Subscription, logger: Logger) {
    this.#call = call;
    this.#subscription = subscription;
    this.#logger = logger;
  }

  shutDown(): void {
    this.#isShuttingDown = true;
    this.#subscription.reader.close();
    this.#sent.wake();
  }

  /** Runs the stream to its end. Never rejects. */
  async run(): Promise<void> {
    const over = () => {
      this.#isOver = true;
      this.#subscription.reader.close();
      this.#sent.wake();
    };
    // A cancelled call emits only some of these, and not always the same.
    this.#call.on('cancelled', over);
    this.#call.on('close', over);
    this.#call.on('error', over);
    if (this.#call.cancelled) over();
    try {
      this.#call.write(this.#encodeStarted(this.#subscription.createdTimestampNs));
      await this.#pump(this.#subscription.reader.events());
      if (this.#isShuttingDown && !this.#hasEnded) {
        throw new BrokerError(
          'SHUTTING_DOWN',
          'the broker is shutting down; subscribe again behind the last message',
        );
      }
    } catch (thrown) {
      const error = asBrokerError(thrown);
      if (error.reason === 'INTERNAL') this.#logger.error({ err: thrown }, 'subscription failed');
      if (!this.#isOver) this.#call.write(encodeEndWithError(error));
    } finally {
      if (!this.#isOver) this.#call.end();
    }
  }

  /**
   * Sends events while the next one is already being read. Nothing of what was sent is held while it waits: a client
   * that does not read costs what is not sent, and the one event ahead.
   */
  async #pump(events: AsyncGenerator<ReadEvent, void>): Promise<void> {
    try {
      let next = events.next();
      while (this.#write(await next)) {
        next = events.next();
        if (!this.#isFull) continue;
        // An error of the next event is met when its turn comes, behind this one.
        next.catch(() => {});
        await this.#room();
      }
    } finally {
      this.#subscription.reader.close();
      await events.return();
    }
  }

  /** Hands an event to the call; false if there is none, or nobody to send it to. */
  #write({ value: event, done }: IteratorResult<ReadEvent, void>): boolean {
    if (done === true || this.#isOver || this.#isShuttingDown) return false;
    this.#hasEnded = event.type === 'end';
    const response = this.#encode(event);
    const bytes = response.length;
    this.#unsentBytes += bytes;
    this.#call.write(response, () => {
      this.#unsentBytes -= bytes;
      this.#sent.wake();
    });
    return true;
  }

  /** Resolves when there is room for the next response. */
  async #room(): Promise<void> {
    while (this.#isFull && !this.#isOver && !this.#isShuttingDown) await this.#sent.wait();
  }

  get #isFull(): boolean {
    return this.#unsentBytes > SUBSCRIPTION_UNSENT_BYTES;
  }

  #encode(event: ReadEvent): Buffer {
    if (event.type === 'messages') return encodeMessages(event);
    if (event.type === 'created') return this.#encodeStarted(event.createdTimestampNs);
    return encodeEvent(event);
  }

  #encodeStarted(createdTimestampNs: bigint | undefined): Buffer {
    const { fromNs, untilNs } = this.#subscription;
    const value = {
      fromTimestampNs: fromNs,
      untilTimestampNs: untilNs ?? 0n,
      topicCreatedTimestampNs: createdTimestampNs ?? 0n,
    };
    return encodeWireEvent({ $case: 'started', value });
  }
}
