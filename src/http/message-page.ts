import { z } from 'zod';
import { BrokerError } from '../errors.ts';
import { PAGE_BYTES, READ_BYTES_DEFAULT } from '../limits.ts';
import type { Log } from '../log/log.ts';
import type { ReadEvent } from '../log/read-event.ts';
import { type SubscribeOptions, type Subscription, subscribe } from '../log/subscribe.ts';
import { topicDeleted } from '../log/topic.ts';
import { isGlob } from '../log/topic-name.ts';
import { messageTexts } from './event-encoding.ts';
import { messageJson } from './message-json.ts';
import type { OpenReaders } from './open-readers.ts';
import { closedJson, closedToJson, timestampOrNull } from './topic-json.ts';

/** A page of messages. */
export const messagePage = z
  .object({
    messages: z.array(messageJson),
    next_timestamp_ns: z.string().describe('Where the next page begins.'),
    is_caught_up: z.boolean().describe('These are all that there are.'),
    trimmed: z
      .object({ topic: z.string(), first_timestamp_ns: z.string().nullable() })
      .nullable()
      .describe('Set if messages that were asked for are gone.'),
    closed: closedJson.nullable().describe('Set if the topic is complete and was read to its end.'),
  })
  .meta({ id: 'MessagePage' });

type PageTail = Omit<z.output<typeof messagePage>, 'messages'>;

/** What is read into a page: from where to where, and how much. */
export type PageOptions = Omit<SubscribeOptions, 'chunkBytes' | 'createdTimestampNs'>;

/**
 * Reads what is there, up to the bounds, without waiting; answers with a {@link messagePage} as text. What is before a loss
 * is read first: the page behind it begins with the loss, and tells of it.
 */
export async function readPage(
  log: Log,
  readers: OpenReaders,
  options: PageOptions,
): Promise<string> {
  const whole = await open(log, options);
  try {
    return await collect(whole, readers, options.topic);
  } catch (error) {
    const lossNs = lossAt(error);
    if (lossNs === undefined || lossNs <= whole.fromNs) throw error;
    const before = await open(log, { ...options, untilNow: false, untilNs: lossNs });
    return collect(before, readers, options.topic, { isBeforeLoss: true });
  }
}

function open(log: Log, options: PageOptions): Promise<Subscription> {
  return subscribe(log, { ...options, chunkBytes: PAGE_BYTES, createdTimestampNs: undefined });
}

/** Where a loss begins; undefined if that is not what went wrong. */
function lossAt(error: unknown): bigint | undefined {
  if (!(error instanceof BrokerError) || error.reason !== 'DATA_LOSS') return undefined;
  const firstNs = error.metadata['first_timestamp_ns'];
  return firstNs === undefined ? undefined : BigInt(firstNs);
}

async function collect(
  { reader, fromNs }: Subscription,
  readers: OpenReaders,
  topic: string,
  { isBeforeLoss = false } = {},
): Promise<string> {
  const page = new Page(topic, fromNs);
  const remove = readers.add(reader);
  try {
    for await (const event of reader.events()) if (!page.add(event)) break;
    if (!page.isCaughtUp) await reader.proveWhole?.(page.nextNs);
  } finally {
    reader.close();
    remove();
  }
  return page.text(isBeforeLoss);
}

/** Collects the events of a reader. */
class Page {
  readonly #topic: string;
  readonly #messages: string[] = [];
  readonly #tail: PageTail;
  #bytes = 0;
  nextNs: bigint;

  constructor(topic: string, fromNs: bigint) {
    this.#topic = topic;
    this.nextNs = fromNs;
    this.#tail = { next_timestamp_ns: '', is_caught_up: false, trimmed: null, closed: null };
  }

  get isCaughtUp(): boolean {
    return this.#tail.is_caught_up;
  }

  /** False if the page is complete. */
  add(event: ReadEvent): boolean {
    const tail = this.#tail;
    switch (event.type) {
      case 'messages':
        for (const { json } of messageTexts(event, this.#topic)) this.#messages.push(json);
        this.nextNs = event.nextNs;
        this.#bytes += event.bytes;
        return this.#bytes < READ_BYTES_DEFAULT;
      case 'trimmed': {
        const first_timestamp_ns = timestampOrNull(event.firstTimestampNs);
        tail.trimmed = { topic: event.topic, first_timestamp_ns };
        return true;
      }
      case 'closed':
        // One of many topics is complete: the others go on.
        if (!isGlob(this.#topic)) tail.closed = closedToJson(event.marker, event.topic);
        return true;
      case 'deleted':
        if (!isGlob(this.#topic)) throw topicDeleted(event.topic);
        return true;
      case 'caught_up':
        this.nextNs = event.nextNs;
        return true;
      case 'end':
        tail.is_caught_up = event.reason !== 'limit';
        return false;
      case 'created':
        return true;
    }
  }

  text(isBeforeLoss: boolean): string {
    const isCaughtUp = this.isCaughtUp && !isBeforeLoss;
    const tail = { ...this.#tail, next_timestamp_ns: `${this.nextNs}`, is_caught_up: isCaughtUp };
    return `{"messages":[${this.#messages.join(',')}],${JSON.stringify(tail).slice(1)}`;
  }
}
