import type { Batch } from './batch.ts';
import { Checksum } from './checksum.ts';
import { type Closed, fromWireClosed } from './closed.ts';
import type { Connection } from './connection.ts';
import { PlayheadError } from './errors.ts';
import type { Publishable } from './publishable.ts';
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
  #closing: Promise<Closed> | undefined;

  constructor(connection: Connection, topics: Topics, topic: string, onClosed: () => void) {
    this.#topics = topics;
    this.publisher = new Publisher(
      connection,
      topic,
      {},
      {
        onStored: (batch) => this.#sumUp(batch),
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
    const { topic } = this.publisher;
    await this.publisher.flush();
    const last = messages === undefined ? [] : [...messages];
    // A checksum over a part of the messages would tell every reader that something is wrong.
    const isOnlyWriter = (await this.#countStored(topic)) === this.#messageCount;
    let closed: Closed;
    if (last.length === 0) {
      closed = await this.#topics.close(topic, {
        reason,
        checksum: isOnlyWriter ? this.checksum : undefined,
      });
    } else {
      const checksum = isOnlyWriter ? this.#checksum.digest(last.map(valueOf)) : new Uint8Array();
      closed = fromWireClosed(await this.publisher.publishClosing(last, { reason, checksum }));
    }
    await this.publisher.close();
    return closed;
  }

  async #countStored(topic: string): Promise<number> {
    try {
      return (await this.#topics.get(topic)).messageCount;
    } catch (error) {
      if (error instanceof PlayheadError && error.reason === 'TOPIC_NOT_FOUND') return 0;
      throw error;
    }
  }

  #sumUp(batch: Batch): void {
    this.#messageCount += batch.count;
    batch.eachValue((value) => this.#checksum.update(value));
  }
}

function valueOf(message: Publishable): Uint8Array {
  const value =
    typeof message === 'string' || message instanceof Uint8Array ? message : message.value;
  return typeof value === 'string' ? Buffer.from(value) : value;
}
