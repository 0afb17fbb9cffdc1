import { createRequire } from 'node:module';
import { setTimeout as delay, setImmediate } from 'node:timers/promises';
import type { Client, Publisher } from 'rabbitmq-stream-js-client';
import streams from 'rabbitmq-stream-js-client';
import type { BenchClient } from '../contestants/contestant.ts';
import { Payloads, Sequence } from '../verify.ts';
import { CREDIT, OrderedCredit } from './rabbitmq-credit.ts';
import { skipUnknownCommand } from './rabbitmq-handshake.ts';
import { BriefInspect } from './rabbitmq-inspect.ts';
import type { Answer } from './rabbitmq-unconfirmed.ts';
import { Unconfirmed } from './rabbitmq-unconfirmed.ts';

/** Of the library. */
export const CLIENT_VERSION: string = createRequire(import.meta.url)(
  'rabbitmq-stream-js-client/package.json',
).version;

const { connect, Offset } = streams;

skipUnknownCommand();

/** A frame of the protocol holds up to 1 MiB. */
const MAX_FRAME_BYTES = 512 * 1024;
const MAX_FRAME_MESSAGES = 4_000;
const MAX_UNCONFIRMED_BYTES = 8 * 1024 * 1024;
const MAX_UNCONFIRMED = 50_000;

/** What the library allocates for a frame at first: room for a full one, or little. */
const PUBLISH_BUFFER_BYTES = 640 * 1024;
const SEND_BUFFER_BYTES = 4 * 1024;

const CLOSE_TIMEOUT_MS = 2_000;

/** Streams of RabbitMQ through `rabbitmq-stream-js-client`. */
export class StreamClient implements BenchClient, AsyncDisposable {
  static readonly setup: string =
    `up to ${MAX_FRAME_MESSAGES} messages or ${MAX_FRAME_BYTES} bytes in a frame, up to ${MAX_UNCONFIRMED} messages or ` +
    `${MAX_UNCONFIRMED_BYTES} bytes unconfirmed, ${CREDIT} chunks of credit, without sub-batches (the library reads only ` +
    'the first one of a chunk) and without what the library formats for its debug log';
  readonly name = 'rabbitmq-stream-js-client';
  readonly #publishing: Connection;
  readonly #other: Connection;
  readonly #brief = new BriefInspect();
  readonly #topics = new Map<string, Promise<unknown>>();
  readonly #senders = new Map<string, Promise<Sender>>();

  private constructor(publishing: Connection, other: Connection) {
    this.#publishing = publishing;
    this.#other = other;
  }

  static async connect(hostname: string, port: number): Promise<StreamClient> {
    const publishing = await open(hostname, port, PUBLISH_BUFFER_BYTES);
    try {
      return new StreamClient(publishing, await open(hostname, port, SEND_BUFFER_BYTES));
    } catch (error) {
      await orLost(publishing.client.close());
      throw error;
    }
  }

  get serverVersion(): string {
    return this.#other.client.rabbitManagementVersion;
  }

  async publish(topic: string, messageBytes: number, count: number): Promise<void> {
    await using sender = await this.#openSender(this.#publishing, topic, messageBytes);
    let sinceTurn = 0;
    for (const value of new Payloads(messageBytes).range(count)) {
      if (sender.unconfirmed.isFull) await sender.unconfirmed.untilHalf();
      sender.send(Buffer.from(value));
      // Confirms and signals get their turn.
      if (++sinceTurn % MAX_FRAME_MESSAGES === 0) await setImmediate();
    }
    await sender.unconfirmed.untilNone();
  }

  async send(topic: string, value: Buffer): Promise<void> {
    let opening = this.#senders.get(topic);
    if (opening === undefined) {
      opening = this.#openSender(this.#other, topic, value.length);
      this.#senders.set(topic, opening);
    }
    const sender = await opening;
    await new Promise<void>((resolve, reject) => sender.send(value, { resolve, reject }));
  }

  async read(topic: string, messageBytes: number, count: number): Promise<void> {
    await this.#create(topic);
    const sequence = new Sequence(new Payloads(messageBytes), topic);
    let left = count;
    const { promise, resolve, reject } = withResolvers();
    await using _consumer = await this.#consume(
      topic,
      Offset.first(),
      (value) => {
        try {
          sequence.takeValue(value);
        } catch (error) {
          reject(error);
        }
        if (--left === 0) resolve();
      },
      reject,
    );
    await promise;
    sequence.finish(count);
  }

  async follow(topic: string, onValue: (value: Buffer) => void): Promise<AsyncDisposable> {
    await this.#create(topic);
    return this.#consume(topic, Offset.next(), onValue, () => {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#brief[Symbol.dispose]();
    await Promise.all([
      orLost(this.#publishing.client.close()),
      orLost(this.#other.client.close()),
    ]);
  }

  async #consume(
    stream: string,
    offset: ReturnType<typeof Offset.first>,
    onValue: (value: Buffer) => void,
    onClosed: (error: Error) => void,
  ): Promise<AsyncDisposable> {
    const consumer = await this.#other.client.declareConsumer(
      {
        stream,
        offset,
        creditPolicy: new OrderedCredit(),
        connectionClosedListener: () => onClosed(closedError(stream)),
      },
      ({ content }) => onValue(content),
    );
    const { extendedId } = consumer;
    return {
      [Symbol.asyncDispose]: async () => {
        await orLost(this.#other.client.closeConsumer(extendedId));
      },
    };
  }

  async #openSender(
    { client, unconfirmed: all }: Connection,
    topic: string,
    messageBytes: number,
  ): Promise<Sender> {
    await this.#create(topic);
    const unconfirmed = new Unconfirmed(
      clamp(MAX_UNCONFIRMED_BYTES / messageBytes, MAX_UNCONFIRMED),
    );
    const publisher = await client.declarePublisher({
      stream: topic,
      maxChunkLength: clamp(MAX_FRAME_BYTES / messageBytes, MAX_FRAME_MESSAGES),
      connectionClosedListener: () => unconfirmed.fail(closedError(topic)),
    });
    const { extendedId } = publisher;
    all.set(extendedId, unconfirmed);
    return new Sender(publisher, unconfirmed, async () => {
      all.delete(extendedId);
      await orLost(client.deletePublisher(extendedId));
    });
  }

  #create(stream: string): Promise<unknown> {
    let creating = this.#topics.get(stream);
    if (creating === undefined) {
      creating = this.#other.client.createStream({ stream });
      this.#topics.set(stream, creating);
    }
    return creating;
  }
}
/** A client, and for each of its publishers what is under way. */
interface Connection {
  readonly client: Client;
  readonly unconfirmed: Map<string, Unconfirmed>;
}

async function open(hostname: string, port: number, initialSize: number): Promise<Connection> {
  const unconfirmed = new Map<string, Unconfirmed>();
  const client = await connect({
    hostname,
    port,
    username: 'guest',
    password: 'guest',
    vhost: '/',
    bufferSizeSettings: { initialSize },
    listeners: {
      publish_confirm: ({ publisherId, publishingIds }, connectionId) => {
        unconfirmed.get(`${publisherId}@${connectionId}`)?.confirm(publishingIds);
      },
    },
  });
  return { client, unconfirmed };
}

/** A publisher and what it has under way. */
class Sender implements AsyncDisposable {
  readonly unconfirmed: Unconfirmed;
  readonly #publisher: Publisher;
  readonly #close: () => Promise<void>;
  #lastId = 0n;

  constructor(publisher: Publisher, unconfirmed: Unconfirmed, close: () => Promise<void>) {
    this.#publisher = publisher;
    this.unconfirmed = unconfirmed;
    this.#close = close;
  }

  /** The library keeps the bytes until it sends them. */
  send(value: Buffer, answer?: Answer): void {
    this.#lastId += 1n;
    this.unconfirmed.add(this.#lastId, answer);
    this.#publisher.basicSend(this.#lastId, value).catch(this.unconfirmed.fail);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }
}

/** Resolves when something is closed, or cannot be: the library waits for the answer of a server that is gone. */
async function orLost(closing: Promise<unknown>): Promise<void> {
  const timeout = new AbortController();
  const lost = delay(CLOSE_TIMEOUT_MS, undefined, { signal: timeout.signal });
  await Promise.race([closing, lost]).catch(() => {});
  timeout.abort();
  await lost.catch(() => {});
}

function closedError(stream: string): Error {
  return new Error(`${stream}: the server closed the connection`);
}

function clamp(value: number, max: number): number {
  return Math.max(1, Math.min(max, Math.floor(value)));
}

function withResolvers(): Answer & { readonly promise: Promise<void> } {
  let answer: Answer | undefined;
  const promise = new Promise<void>((resolve, reject) => {
    answer = { resolve, reject };
  });
  if (answer === undefined) throw new TypeError('a promise runs its executor at once');
  return { promise, ...answer };
}
