import type { Batch } from './batch.ts';
import { Checksum } from './checksum.ts';
import { type Closed, fromWireClosed } from './closed.ts';
import type { Connection } from './connection.ts';
import { PlayheadError } from './errors.ts';
import type { PublishAck } from './publish-request.ts';
import type { Publishable } from './publishable.ts';
import type { CloseTerms } from './publisher.ts';
import { Publisher } from './publisher.ts';
import type { Topics } from './topics.ts';

export interface CloseChannelOptions {
  /** Last messages, stored in the same step: no reader sees them without the end. */
  readonly messages?: Iterable<Publishable> | undefined;
  /** Why, for readers; at most 1024 bytes. */
  readonly reason?: string | undefined;
}

/** Writes one channel: publishes, sums up what was stored, and closes. One for each name and client. */
export class ChannelWriter {
  readonly publisher: Publisher;
  readonly #topics: Topics;
  readonly #checksum = new Checksum();
  #messageCount = 0;
  /** Of the last message that was stored; 0n before the first. */
  #lastTimestampNs = 0n;
  #closing: Promise<Closed> | undefined;

  constructor(connection: Connection, topics: Topics, topic: string, onClosed: () => void) {
    this.#topics = topics;
    this.publisher = new Publisher(
      connection,
      topic,
      {},
      {
        onStored: (batch, ack) => this.#sumUp(batch, ack),
        onClosed,
      },
    );
  }

  get checksum(): string {
    return this.#checksum.digest().toString('hex');
  }

  /** Whether close() was called, and did not fail. */
  get isClosing(): boolean {
    return this.#closing !== undefined;
  }

  close(options: CloseChannelOptions): Promise<Closed> {
    this.#closing ??= this.#close(options).catch((error: unknown) => {
      this.#closing = undefined;
      throw error;
    });
    return this.#closing;
  }

  async #close({ messages, reason = '' }: CloseChannelOptions): Promise<Closed> {
    await this.publisher.flush();
    const last = messages === undefined ? [] : [...messages];
    const closed = (await this.#closeVerified(last, reason)) ?? (await this.#end(last, { reason }));
    await this.publisher.close();
    return closed;
  }

  /**
   * Closes with the checksum; undefined, and nothing done, if others have written too: a checksum over a part of the
   * messages would tell every reader that something is wrong.
   */
  async #closeVerified(last: readonly Publishable[], reason: string): Promise<Closed | undefined> {
    if ((await this.#countStored()) !== this.#messageCount) return undefined;
    const checksum = this.#checksum.digest(last.map(valueOf));
    // Whoever writes from here on is noticed by the broker.
    const expectedLastTimestampNs = this.#lastTimestampNs;
    try {
      return await this.#end(last, { reason, checksum, expectedLastTimestampNs });
    } catch (error) {
      if (!(error instanceof PlayheadError) || error.reason !== 'CONFLICT') throw error;
      if (error.metadata['last_timestamp_ns'] === '0') throw this.#deletedError();
      return undefined;
    }
  }

  async #end(last: readonly Publishable[], terms: Partial<CloseTerms>): Promise<Closed> {
    const none = { reason: '', checksum: new Uint8Array() };
    return fromWireClosed(await this.publisher.publishClosing(last, { ...none, ...terms }));
  }

  async #countStored(): Promise<number> {
    try {
      return (await this.#topics.get(this.publisher.topic)).messageCount;
    } catch (error) {
      if (!(error instanceof PlayheadError) || error.reason !== 'TOPIC_NOT_FOUND') throw error;
      // To close what somebody has deleted would make an empty channel of that name.
      if (this.#messageCount > 0) throw this.#deletedError();
      return 0;
    }
  }

  #deletedError(): PlayheadError {
    const { topic } = this.publisher;
    return new PlayheadError('TOPIC_DELETED', `topic ${topic} was deleted`, {
      metadata: { topic },
    });
  }

  #sumUp(batch: Batch, { lastTimestampNs }: PublishAck): void {
    this.#messageCount += batch.count;
    if (batch.count > 0) this.#lastTimestampNs = lastTimestampNs;
    batch.eachValue((value) => this.#checksum.update(value));
  }
}

function valueOf(message: Publishable): Uint8Array {
  const value =
    typeof message === 'string' || message instanceof Uint8Array ? message : message.value;
  return typeof value === 'string' ? Buffer.from(value) : value;
}
