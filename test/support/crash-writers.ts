import { credentials, status } from '@grpc/grpc-js';
import type { PublishAck, PublishRequest, SubscribeResponse } from 'playhead-proto';
import { decodeErrorDetails, Edge } from 'playhead-proto';
import { BrokerServiceClient, TopicServiceClient } from './grpc-services.ts';
import type { Ledger, SeenMessage } from './ledger.ts';

/** The clients of one life of a broker. */
export class CrashClients {
  readonly #broker: BrokerServiceClient;
  readonly #topics: TopicServiceClient;

  constructor(address: string) {
    const options = { 'grpc.use_local_subchannel_pool': 1 };
    this.#broker = new BrokerServiceClient(address, credentials.createInsecure(), options);
    this.#topics = new TopicServiceClient(address, credentials.createInsecure(), options);
  }

  close(): void {
    this.#broker.close();
    this.#topics.close();
  }

  publish(request: PublishRequest): Promise<PublishAck | undefined> {
    return new Promise((resolve, reject) => {
      this.#broker.publish(request, (error, response) =>
        error ? reject(error) : resolve(response.ack),
      );
    });
  }

  trim(topic: string, beforeTimestampNs: bigint): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#topics.trimTopic({ topic, beforeTimestampNs }, (error) =>
        error ? reject(error) : resolve(),
      );
    });
  }

  /** Everything that the topic holds now; undefined if there is no such topic. */
  async readAll(topic: string): Promise<{ seen: SeenMessage[]; isClosed: boolean } | undefined> {
    const call = this.#broker.subscribe({
      topic,
      from: { at: { $case: 'edge', value: Edge.EARLIEST } },
      untilNow: true,
      maxMessages: 0n,
      topicCreatedTimestampNs: 0n,
    });
    const seen: SeenMessage[] = [];
    let isClosed = false;
    try {
      for await (const response of call as AsyncIterable<SubscribeResponse>) {
        for (const { timestampNs, value } of response.messages) {
          seen.push({ timestampNs, id: Buffer.from(value).toString() });
        }
        if (response.event?.$case === 'closed') isClosed = true;
        if (response.event?.$case === 'end' && response.event.value.error !== undefined) {
          throw new Error(`${topic}: ${response.event.value.error.message}`);
        }
      }
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === status.NOT_FOUND)
        return undefined;
      throw error;
    }
    return { seen, isClosed };
  }
}

/** A request of a writer, and the ids of its messages. */
interface Batch {
  readonly request: PublishRequest;
  readonly ids: readonly string[];
}

/**
 * Publishes one batch after the other to one topic until its broker is gone. A writer with a producer name sends a
 * batch of which it does not know the outcome again, to the broker's next life; one without a name gives it up.
 */
export class CrashWriter {
  readonly #name: string;
  readonly #topic: string;
  readonly #isProducer: boolean;
  readonly #ledger: Ledger;
  readonly #random: () => number;
  #next = 1;
  #pending: Batch | undefined;

  constructor(
    name: string,
    topic: string,
    isProducer: boolean,
    ledger: Ledger,
    random: () => number,
  ) {
    this.#name = name;
    this.#topic = topic;
    this.#isProducer = isProducer;
    this.#ledger = ledger;
    this.#random = random;
  }

  /** Resolves when the broker no longer answers. */
  async run(clients: CrashClients): Promise<void> {
    for (;;) {
      const batch = this.#pending ?? this.#newBatch();
      try {
        const ack = await clients.publish(batch.request);
        this.#ledger.acknowledge(this.#topic, batch.ids, ack?.firstTimestampNs ?? 0n);
        this.#pending = undefined;
      } catch (error) {
        if (wasRefused(error)) throw error;
        this.#ledger.lose(batch.ids);
        this.#pending = this.#isProducer ? batch : undefined;
        return;
      }
    }
  }

  #newBatch(): Batch {
    const count = 1 + Math.floor(this.#random() * 50);
    const ids = Array.from({ length: count }, (_, i) => `${this.#name}:${this.#next + i}`);
    const sequence = BigInt(this.#next);
    this.#next += count;
    const request = publishRequest(this.#topic, ids);
    return {
      ids,
      request: this.#isProducer ? { ...request, producer: this.#name, sequence } : request,
    };
  }
}

/** A request that publishes its messages' ids. */
export function publishRequest(
  topic: string,
  values: readonly (string | Buffer)[],
): PublishRequest {
  return {
    topic,
    messages: values.map((value) => ({
      timestampNs: 0n,
      key: Buffer.alloc(0),
      value: Buffer.from(value),
      headers: [],
      isClose: false,
    })),
    producer: '',
    sequence: 0n,
    expectedLastTimestampNs: undefined,
    close: undefined,
  };
}

/** True if the broker has said no; false if it was gone before it could say. */
export function wasRefused(error: unknown): boolean {
  if (!(error instanceof Error) || !('metadata' in error)) throw error;
  const metadata = error.metadata as { get(key: string): (string | Buffer)[] };
  const [trailer] = metadata.get('grpc-status-details-bin');
  const details = trailer instanceof Buffer ? decodeErrorDetails(trailer) : undefined;
  return details !== undefined && details.reason !== 'SHUTTING_DOWN';
}
