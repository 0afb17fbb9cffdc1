import { createHash, randomUUID } from 'node:crypto';
import { type Fields, textOf } from '../bytes.ts';
import { DriverError } from '../driver.ts';
import { closedError, type HttpClient } from './http-client.ts';
import { camel, toBody, topicPath } from './http-values.ts';

/** A larger message goes alone: if it is refused, then without its neighbours. */
const SOLO_CHARACTERS = 64 * 1024;
const REQUEST_CHARACTERS = 1024 * 1024;

/** Publishes to a topic in the order of the calls. Every request carries producer and sequence, so that it is stored once. */
export class HttpWriter {
  readonly #client: HttpClient;
  readonly #topic: string;
  readonly #producer: string;
  readonly #hash = createHash('md5');
  #messageCount = 0;
  #sequence = 1;
  #last: Promise<unknown> = Promise.resolve();
  #isClosed = false;
  #closing: Promise<Fields> | undefined;

  constructor(client: HttpClient, topic: string, producer: string = randomUUID()) {
    this.#client = client;
    this.#topic = topic;
    this.#producer = producer;
  }

  publish(
    messages: readonly Fields[],
    expectedLastTimestampNs?: unknown,
  ): Promise<readonly string[]> {
    if (this.#isClosed || this.#client.isClosed) return Promise.reject(closedError());
    return this.#queue(async () => {
      const timestamps: string[] = [];
      let failure: unknown;
      for (const part of partsOf(messages)) {
        try {
          timestamps.push(...(await this.#send(part, expectedLastTimestampNs)));
        } catch (error) {
          failure ??= error;
        }
      }
      if (failure !== undefined) throw failure;
      return timestamps;
    });
  }

  /** Resolves when everything that was handed over is stored, or not. */
  async flush(): Promise<void> {
    await this.#last;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.flush();
  }

  /** Closes the topic, with the checksum if nobody else has written to it. */
  closeTopic(messages: readonly Fields[], reason: unknown): Promise<Fields> {
    this.#closing ??= this.#queue(() => this.#closeTopic(messages, reason)).catch((error) => {
      this.#closing = undefined;
      throw error;
    });
    return this.#closing;
  }

  async #closeTopic(messages: readonly Fields[], reason: unknown): Promise<Fields> {
    if (messages.length > 0) await this.#send(messages, undefined);
    const checksum = (await this.#isOnlyWriter()) ? this.#hash.copy().digest('hex') : undefined;
    const path = `${topicPath(this.#topic)}/close`;
    return camel(await this.#client.json('POST', path, { body: { reason, checksum } })) as Fields;
  }

  async #isOnlyWriter(): Promise<boolean> {
    try {
      const { message_count: count } = await this.#client.json('GET', topicPath(this.#topic));
      return count === this.#messageCount;
    } catch (error) {
      if (!(error instanceof DriverError) || error.reason !== 'TOPIC_NOT_FOUND') throw error;
      if (this.#messageCount === 0) return true;
      throw new DriverError({ reason: 'TOPIC_DELETED', message: `${this.#topic} was deleted` });
    }
  }

  #queue<T>(job: () => Promise<T>): Promise<T> {
    const result = this.#last.then(job, job);
    this.#last = result.catch(() => undefined);
    return result;
  }

  async #send(messages: readonly Fields[], expected: unknown): Promise<readonly string[]> {
    const sequence = this.#sequence;
    this.#sequence += messages.length;
    const { first_timestamp_ns: first } = await this.#client.json(
      'POST',
      `${topicPath(this.#topic)}/messages`,
      {
        body: { messages: messages.map(toBody) },
        headers: {
          'playhead-producer': this.#producer,
          'playhead-sequence': `${sequence}`,
          ...(expected !== undefined && {
            'playhead-expected-last-timestamp-ns': textOf(expected),
          }),
        },
      },
    );
    this.#messageCount += messages.length;
    for (const { value } of messages) this.#hash.update(Buffer.from(textOf(value), 'base64'));
    return messages.map((_, i) => `${BigInt(String(first)) + BigInt(i)}`);
  }
}

function partsOf(messages: readonly Fields[]): readonly (readonly Fields[])[] {
  const parts: Fields[][] = [];
  let characters = Number.POSITIVE_INFINITY;
  for (const message of messages) {
    const { length } = textOf(message['value']);
    if (length > SOLO_CHARACTERS || characters + length > REQUEST_CHARACTERS) {
      parts.push([]);
      characters = 0;
    }
    parts.at(-1)?.push(message);
    characters += length > SOLO_CHARACTERS ? REQUEST_CHARACTERS : length;
  }
  return parts;
}
