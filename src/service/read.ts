import type { ReadRequest } from 'playhead-proto';
import { ReadResponse } from 'playhead-proto';
import { BrokerError, invalidArgument } from '../errors.ts';
import { READ_BYTES_DEFAULT, READ_MESSAGES_DEFAULT, READ_MESSAGES_MAX } from '../limits.ts';
import type { Log } from '../log/log.ts';
import type { ReadEvent, TopicRun } from '../log/read-event.ts';
import type { Subscription } from '../log/subscribe.ts';
import { subscribe } from '../log/subscribe.ts';
import type { Topic } from '../log/topic.ts';
import { topicDeleted } from '../log/topic.ts';
import { isGlob } from '../log/topic-name.ts';
import { fromWirePosition, toWireClosed } from './convert.ts';

/** Answers a unary Read: what is there, up to the bounds, without waiting. */
export async function read(log: Log, request: ReadRequest, maxBytes: number): Promise<Buffer> {
  const { topic, untilTimestampNs } = request;
  const maxMessages = bounded(
    'max_messages',
    request.maxMessages,
    READ_MESSAGES_DEFAULT,
    READ_MESSAGES_MAX,
  );
  const chunkBytes = bounded('max_bytes', request.maxBytes, READ_BYTES_DEFAULT, maxBytes);
  const single = isGlob(topic) ? undefined : log.topic(topic);
  const endNs = log.readContext.committer.endNs;
  const isOpenEnded = untilTimestampNs === undefined || untilTimestampNs > endNs;
  const page = async (untilNs: bigint | undefined, pageOptions: { isOpenEnded: boolean }) => {
    const subscription = await subscribe(log, {
      topic,
      position: fromWirePosition(request.from, { at: 'earliest' }),
      untilNs,
      untilNow: false,
      maxMessages,
      createdTimestampNs: undefined,
      chunkBytes,
    });
    const options = { topic: single, maxBytes: chunkBytes, ...pageOptions };
    return new Page(subscription, options);
  };
  const whole = await page(untilTimestampNs, { isOpenEnded });
  try {
    return await whole.collect();
  } catch (error) {
    // What is before a loss is read first; the page behind it begins with the loss and tells of it.
    const lossNs = lossAt(error);
    if (lossNs === undefined || lossNs <= whole.fromNs) throw error;
    return (await page(lossNs, { isOpenEnded: false })).collect({ isCaughtUp: false });
  }
}

/** Where a loss begins; undefined if that is not what went wrong. */
function lossAt(error: unknown): bigint | undefined {
  if (!(error instanceof BrokerError) || error.reason !== 'DATA_LOSS') return undefined;
  const firstNs = error.metadata['first_timestamp_ns'];
  return firstNs === undefined ? undefined : BigInt(firstNs);
}

interface PageOptions {
  /** Undefined for a glob. */
  readonly topic: Topic | undefined;
  readonly maxBytes: number;
  /** True if the page ends with what is there, and not with an until that lies before. */
  readonly isOpenEnded: boolean;
}

/** Collects a reader's events into one response. */
class Page {
  readonly #subscription: Subscription;
  readonly #options: PageOptions;
  readonly #chunks: Buffer[] = [];
  readonly #runs: TopicRun[] = [];
  readonly #tail: Omit<ReadResponse, 'messages' | 'runs'>;
  #bytes = 0;

  constructor(subscription: Subscription, options: PageOptions) {
    this.#subscription = subscription;
    this.#options = options;
    this.#tail = {
      nextTimestampNs: subscription.fromNs,
      isCaughtUp: false,
      trimmed: undefined,
      closed: undefined,
    };
  }

  /** Timestamp from which on the page is read. */
  get fromNs(): bigint {
    return this.#subscription.fromNs;
  }

  async collect(known: Pick<Partial<ReadResponse>, 'isCaughtUp'> = {}): Promise<Buffer> {
    const { reader } = this.#subscription;
    try {
      for await (const event of reader.events()) if (!this.#add(event)) break;
      if (!this.#tail.isCaughtUp) await reader.proveWhole?.(this.#tail.nextTimestampNs);
    } finally {
      reader.close();
    }
    const { topic } = this.#options;
    if (topic !== undefined && !this.#tail.isCaughtUp) this.#checkEnd(topic);
    const response = { messages: [], runs: this.#runs, ...this.#tail, ...known };
    const tail = ReadResponse.encode(response).finish();
    return Buffer.concat([...this.#chunks, tail]);
  }

  /** Takes an event into the page; false if the page is complete. */
  #add(event: ReadEvent): boolean {
    switch (event.type) {
      case 'messages':
        if (this.#bytes > 0 && this.#bytes + event.bytes > this.#options.maxBytes) return false;
        this.#chunks.push(...event.chunks);
        this.#runs.push(...event.runs);
        this.#bytes += event.bytes;
        this.#tail.nextTimestampNs = event.nextNs;
        return this.#bytes < this.#options.maxBytes;
      case 'trimmed':
        this.#tail.trimmed = { topic: event.topic, firstTimestampNs: event.firstTimestampNs };
        return true;
      case 'created':
        return true;
      case 'caught_up':
        this.#tail.isCaughtUp = true;
        this.#tail.nextTimestampNs = event.nextNs;
        return false;
      case 'closed':
        // One of many topics is complete: the others go on.
        if (this.#options.topic === undefined) return true;
        this.#tail.isCaughtUp = true;
        this.#tail.closed = toWireClosed(event.marker, event.topic);
        return true;
      case 'deleted':
        if (this.#options.topic === undefined) return true;
        throw topicDeleted(event.topic);
      case 'end':
        this.#tail.isCaughtUp ||= event.reason !== 'limit';
        if (event.reason === 'until' && !this.#options.isOpenEnded) {
          this.#tail.nextTimestampNs = this.#subscription.untilNs ?? this.#tail.nextTimestampNs;
        }
        return false;
    }
  }

  /** A page that is full may still be the last one: then it says so, and nobody has to ask for an empty page. */
  #checkEnd(topic: Topic): void {
    const { nextTimestampNs } = this.#tail;
    if (topic.lastTimestampNs >= nextTimestampNs) return;
    this.#tail.isCaughtUp = true;
    const marker = topic.closeMarker();
    if (marker === undefined || marker instanceof BrokerError) return;
    const { untilNs } = this.#subscription;
    if (untilNs !== undefined && marker.timestampNs >= untilNs) return;
    this.#tail.closed = toWireClosed(marker, topic.name);
  }
}

function bounded(field: string, value: number, unset: number, limit: number): number {
  if (value < 0) throw invalidArgument(field, `${value} is negative`);
  if (value > limit) {
    throw new BrokerError(
      'INVALID_ARGUMENT',
      `${field}: ${value} is more than ${limit}, the limit`,
      { field },
    );
  }
  return value === 0 ? Math.min(unset, limit) : value;
}
