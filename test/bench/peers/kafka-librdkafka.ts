import { createRequire } from 'node:module';
import { setTimeout as delay, setImmediate } from 'node:timers/promises';
import type {
  ConsumerGlobalConfig,
  IAdminClient,
  LibrdKafkaError,
  Message,
  ProducerGlobalConfig,
  ProducerTopicConfig,
} from '@confluentinc/kafka-javascript';
import rdkafka from '@confluentinc/kafka-javascript';
import { Payloads, Sequence } from '../verify.ts';
import type { TopicClient } from './kafka-tools.ts';

const { AdminClient, CODES, KafkaConsumer, Producer } = rdkafka;

const PARTITION = 0;
const MAX_BUFFERED_KIB = 65_536;
const MAX_BUFFERED_MESSAGES = 100_000;
const LINGER_MS = 5;
const READ_BYTES = 8 * 1024 * 1024;
const READ_MESSAGES = 10_000;
const FOLLOW_POLL_MS = 100;
const QUEUE_FULL_MS = 1;
const TURN_MESSAGES = 4_000;
const TIMEOUT_MS = 60_000;
const FLUSH_TIMEOUT_MS = 600_000;

const packageVersion: string = createRequire(import.meta.url)(
  '@confluentinc/kafka-javascript/package.json',
).version;

/** Of the library and of what it wraps. */
export const LIBRARY_VERSION: string = `@confluentinc/kafka-javascript ${packageVersion} with librdkafka ${rdkafka.librdkafkaVersion}`;

/** What every producer has. Compression is off, as by default. */
const PRODUCER: ProducerGlobalConfig = {
  // The default of Kafka's own producer, not of librdkafka. Without it a request that is tried again comes out of order.
  'enable.idempotence': true,
  'batch.size': 1_000_000,
  'batch.num.messages': 10_000,
  'queue.buffering.max.messages': MAX_BUFFERED_MESSAGES,
  'queue.buffering.max.kbytes': MAX_BUFFERED_KIB,
};

/** After this time a message has failed, as when the server is gone. */
const TOPIC: ProducerTopicConfig = { acks: -1, 'message.timeout.ms': TIMEOUT_MS };

const CONSUMER: ConsumerGlobalConfig = {
  // It joins no group: each consumer is told its partition and where to begin.
  'group.id': 'playhead-bench',
  'enable.auto.commit': false,
  'queued.max.messages.kbytes': MAX_BUFFERED_KIB,
  'max.partition.fetch.bytes': 8 * 1024 * 1024,
  // A full queue otherwise keeps the next fetch back for a second.
  'fetch.queue.backoff.ms': 2,
};

/** Kafka through `@confluentinc/kafka-javascript`, with its interface of callbacks, which does the least per message. */
export class LibrdkafkaClient implements TopicClient, AsyncDisposable {
  static readonly setup: string =
    `librdkafka: acks=all, compression off, idempotent (as the Java producer is by default), batch.size=1000000, linger.ms=${LINGER_MS} ` +
    `to publish, linger.ms=0 and max.in.flight=1 to send, up to ${MAX_BUFFERED_MESSAGES} messages or ${MAX_BUFFERED_KIB} KiB under way, ` +
    'fetch.queue.backoff.ms=2, max.partition.fetch.bytes=8 MiB';
  readonly name = '@confluentinc/kafka-javascript';
  readonly #address: string;
  readonly #admin: IAdminClient;
  readonly #publisher: InstanceType<typeof Producer>;
  readonly #sender: InstanceType<typeof Producer>;
  readonly #topics = new Map<string, Promise<void>>();
  #failure: LibrdKafkaError | undefined;

  private constructor(address: string) {
    const broker = { 'bootstrap.servers': address };
    this.#address = address;
    this.#admin = AdminClient.create({ ...broker });
    this.#publisher = new Producer(
      {
        ...PRODUCER,
        ...broker,
        'linger.ms': LINGER_MS,
        dr_cb: true,
        'delivery.report.only.error': true,
      },
      TOPIC,
    );
    // While one request is under way, what comes in gathers for the next; more would carry a message each.
    this.#sender = new Producer(
      { ...PRODUCER, ...broker, 'linger.ms': 0, 'max.in.flight': 1, dr_cb: true },
      TOPIC,
    );
  }

  static async connect(address: string): Promise<LibrdkafkaClient> {
    const client = new LibrdkafkaClient(address);
    try {
      await client.#connect();
    } catch (error) {
      await client[Symbol.asyncDispose]();
      throw error;
    }
    return client;
  }

  async publish(topic: string, messageBytes: number, count: number): Promise<void> {
    await this.create(topic);
    let sinceTurn = 0;
    for (const value of new Payloads(messageBytes).range(count)) {
      while (!this.#enqueue(topic, value)) await delay(QUEUE_FULL_MS);
      // Errors and signals get their turn.
      if (++sinceTurn % TURN_MESSAGES === 0) await setImmediate();
    }
    await called((done) => this.#publisher.flush(FLUSH_TIMEOUT_MS, done));
    if (this.#failure !== undefined) throw this.#failure;
  }

  async send(topic: string, value: Buffer): Promise<void> {
    await this.create(topic);
    await called((done) => {
      this.#sender.produce(topic, PARTITION, value, null, null, done);
    });
  }

  async read(topic: string, messageBytes: number, count: number): Promise<void> {
    await this.create(topic);
    const sequence = new Sequence(new Payloads(messageBytes), topic);
    await using consumer = await Consumer.open({ ...CONSUMER, 'bootstrap.servers': this.#address });
    consumer.assign(topic, 0);
    const atOnce = Math.max(1, Math.min(READ_MESSAGES, Math.floor(READ_BYTES / messageBytes)));
    let left = count;
    let next = consumer.take(Math.min(left, atOnce));
    while (left > 0) {
      const messages = await next;
      left -= messages.length;
      // It collects the next messages while these are checked.
      if (left > 0) next = consumer.take(Math.min(left, atOnce));
      for (const { value } of messages) if (value !== null) sequence.takeValue(value);
    }
    sequence.finish(count);
  }

  async follow(topic: string, onValue: (value: Buffer) => void): Promise<AsyncDisposable> {
    await this.create(topic);
    const consumer = await Consumer.open({
      ...CONSUMER,
      'bootstrap.servers': this.#address,
      'enable.partition.eof': true,
    });
    try {
      await consumer.follow(topic, onValue);
    } catch (error) {
      await consumer[Symbol.asyncDispose]();
      throw error;
    }
    return consumer;
  }

  create(topic: string): Promise<void> {
    let creating = this.#topics.get(topic);
    if (creating === undefined) {
      creating = this.#create(topic);
      this.#topics.set(topic, creating);
    }
    return creating;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#admin.disconnect();
    await disconnect(this.#publisher);
    await disconnect(this.#sender);
  }

  async #connect(): Promise<void> {
    for (const producer of [this.#publisher, this.#sender]) {
      await called((done) => producer.connect({ timeout: TIMEOUT_MS }, done));
      producer.setPollInBackground(true);
    }
    this.#publisher.on('delivery-report', (error) => {
      this.#failure ??= error;
    });
    this.#sender.on('delivery-report', (error, { opaque }) => {
      const done: (error: LibrdKafkaError | null) => void = opaque;
      done(error);
    });
  }

  /** Whether there was room for it. */
  #enqueue(topic: string, value: Buffer): boolean {
    try {
      this.#publisher.produce(topic, PARTITION, value);
      return true;
    } catch (error) {
      if (this.#failure !== undefined) throw this.#failure;
      if (isQueueFull(error)) return false;
      throw error;
    }
  }

  async #create(topic: string): Promise<void> {
    const newTopic = { topic, num_partitions: 1, replication_factor: 1 };
    await called((done) => this.#admin.createTopic(newTopic, TIMEOUT_MS, done));
  }
}

/** A consumer of one partition, without a group. */
class Consumer implements AsyncDisposable {
  readonly #consumer: InstanceType<typeof KafkaConsumer>;

  private constructor(config: ConsumerGlobalConfig) {
    this.#consumer = new KafkaConsumer(config, {});
  }

  static async open(config: ConsumerGlobalConfig): Promise<Consumer> {
    const consumer = new Consumer(config);
    await called((done) => consumer.#consumer.connect({ timeout: TIMEOUT_MS }, done));
    return consumer;
  }

  assign(topic: string, offset: number): void {
    this.#consumer.assign([{ topic, partition: PARTITION, offset }]);
  }

  /** So many messages, or fewer if there are none for a second. */
  take(count: number): Promise<readonly Message[]> {
    return new Promise((resolve, reject) => {
      this.#consumer.consume(count, (error, messages) => {
        if (error) reject(error);
        else resolve(messages);
      });
    });
  }

  /** Resolves when it has come to the end of the topic. */
  async follow(topic: string, onValue: (value: Buffer) => void): Promise<void> {
    const end = new Promise<number>((resolve, reject) => {
      this.#consumer.queryWatermarkOffsets(topic, PARTITION, TIMEOUT_MS, (error, offsets) => {
        if (error) reject(error);
        else resolve(offsets.highOffset);
      });
    });
    this.assign(topic, await end);
    this.#consumer.on('data', ({ value }) => {
      if (value !== null) onValue(value);
    });
    this.#consumer.setDefaultConsumeTimeout(FOLLOW_POLL_MS);
    this.#consumer.setDefaultConsumeLoopTimeoutDelay(0);
    const isAtEnd = new Promise<void>((resolve) => {
      this.#consumer.once('partition.eof', () => resolve());
    });
    this.#consumer.consume();
    await isAtEnd;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return disconnect(this.#consumer);
  }
}

/** Resolves when it calls back, rejects if that is with an error. */
function called(
  run: (done: (error: LibrdKafkaError | null | undefined) => void) => unknown,
): Promise<void> {
  return new Promise((resolve, reject) => {
    run((error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

async function disconnect(
  client: InstanceType<typeof Producer> | InstanceType<typeof KafkaConsumer>,
): Promise<void> {
  if (client.isConnected()) await called((done) => client.disconnect(done));
}

function isQueueFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === CODES.ERRORS.ERR__QUEUE_FULL;
}
