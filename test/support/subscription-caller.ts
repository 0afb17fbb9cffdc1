import type { ServiceError } from '@grpc/grpc-js';
import { Client, credentials } from '@grpc/grpc-js';
import type {
  AcknowledgeResponse,
  ConsumeResponse,
  GetTopicResponse,
  Message,
  Position,
  PublishResponse,
  PullResponse,
  RedriveDeadLettersResponse,
  Settlement,
  SettlementResult,
  SnapshotSubscriptionResponse,
  Subscription,
  TopicConfig,
} from 'playhead-proto';
import {
  CreateSubscriptionRequest,
  Edge,
  PublishRequest,
  PullRequest,
  SubscribeRequest,
  type SubscribeResponse,
  SubscriptionConfig,
  SubscriptionServiceService,
  UpdateTopicRequest,
} from 'playhead-proto';
import type { Delivered } from './consumer.ts';
import { Consumer } from './consumer.ts';
import {
  BrokerServiceClient,
  SubscriptionServiceClient,
  TopicServiceClient,
} from './grpc-services.ts';

export const EARLIEST: Position = { at: { $case: 'edge', value: Edge.EARLIEST } };

/** What a test publishes: a value, or a key and a value. */
export type Content = string | { readonly key: string; readonly value: string };

/** The generated clients of a broker, with what tests of subscriptions ask for in one line. */
export class SubscriptionCaller implements Disposable {
  readonly subscriptions: SubscriptionServiceClient;
  readonly broker: BrokerServiceClient;
  readonly topics: TopicServiceClient;
  readonly #client: Client;

  private constructor(address: string) {
    const options = {
      'grpc.use_local_subchannel_pool': 1,
      'grpc.max_receive_message_length': -1,
      'grpc.max_send_message_length': -1,
    };
    this.subscriptions = new SubscriptionServiceClient(
      address,
      credentials.createInsecure(),
      options,
    );
    this.broker = new BrokerServiceClient(address, credentials.createInsecure(), options);
    this.topics = new TopicServiceClient(address, credentials.createInsecure(), options);
    this.#client = new Client(address, credentials.createInsecure(), options);
  }

  static connect(address: string): SubscriptionCaller {
    return new SubscriptionCaller(address);
  }

  async publish(topic: string, ...contents: readonly Content[]): Promise<bigint[]> {
    const messages = contents.map((content) => {
      const { key = '', value } = typeof content === 'string' ? { value: content } : content;
      return { key: Buffer.from(key), value: Buffer.from(value) };
    });
    const request = PublishRequest.fromPartial({ topic, messages });
    const { ack } = await answer<PublishResponse>((done) => this.broker.publish(request, done));
    return contents.map((_, i) => (ack?.firstTimestampNs ?? 0n) + BigInt(i));
  }

  async closeTopic(topic: string, reason: string): Promise<void> {
    const close = { reason, checksum: Buffer.alloc(0) };
    await answer((done) => this.topics.closeTopic({ topic, close }, done));
  }

  async deleteTopic(topic: string): Promise<void> {
    await answer((done) => this.topics.deleteTopic({ topic }, done));
  }

  async updateTopic(topic: string, config: Partial<TopicConfig>): Promise<void> {
    const request = UpdateTopicRequest.fromPartial({ topic, config });
    await answer((done) => this.topics.updateTopic(request, done));
  }

  async retained(topic: string): Promise<bigint> {
    const answered = await answer<GetTopicResponse>((done) =>
      this.topics.getTopic({ topic }, done),
    );
    return answered.topic?.messageCount ?? 0n;
  }

  /** Everything that a topic holds now. */
  async read(topic: string): Promise<Message[]> {
    const request = SubscribeRequest.fromPartial({ topic, from: EARLIEST, untilNow: true });
    const all: Message[] = [];
    for await (const response of this.broker.subscribe(
      request,
    ) as AsyncIterable<SubscribeResponse>) {
      all.push(...response.messages);
    }
    return all;
  }

  /** Creates a subscription, from the earliest message on unless told otherwise; its topic too. */
  async create(
    topic: string,
    subscription: string,
    config: Partial<SubscriptionConfig> = {},
    from: Position = EARLIEST,
  ): Promise<Subscription> {
    const request = CreateSubscriptionRequest.fromPartial({ topic, subscription, from });
    return described(
      await answer((done) =>
        this.subscriptions.createSubscription(
          { ...request, config: configOf(config), createTopic: true },
          done,
        ),
      ),
    );
  }

  async get(topic: string, subscription: string): Promise<Subscription> {
    return described(
      await answer((done) => this.subscriptions.getSubscription({ topic, subscription }, done)),
    );
  }

  async update(
    topic: string,
    subscription: string,
    changes: Partial<SubscriptionConfig>,
  ): Promise<Subscription> {
    const request = { topic, subscription, config: configOf(changes) };
    return described(await answer((done) => this.subscriptions.updateSubscription(request, done)));
  }

  async delete(topic: string, subscription: string): Promise<void> {
    await answer((done) => this.subscriptions.deleteSubscription({ topic, subscription }, done));
  }

  async list(glob = '', pageSize = 0, pageToken = '') {
    return answer<{ subscriptions: Subscription[]; nextPageToken: string }>((done) =>
      this.subscriptions.listSubscriptions({ glob, pageSize, pageToken }, done),
    );
  }

  async seek(topic: string, subscription: string, to: Position | Uint8Array) {
    const place =
      to instanceof Uint8Array
        ? ({ $case: 'snapshot', value: Buffer.from(to) } as const)
        : ({ $case: 'position', value: to } as const);
    return described(
      await answer((done) =>
        this.subscriptions.seekSubscription({ topic, subscription, to: place }, done),
      ),
    );
  }

  async snapshot(topic: string, subscription: string): Promise<Uint8Array> {
    const { snapshot } = await answer<SnapshotSubscriptionResponse>((done) =>
      this.subscriptions.snapshotSubscription({ topic, subscription }, done),
    );
    return snapshot;
  }

  pull(
    topic: string,
    subscription: string,
    options: Partial<PullRequest> = {},
  ): Promise<PullResponse> {
    const request = PullRequest.fromPartial({ topic, subscription, maxMessages: 100, ...options });
    return answer((done) => this.subscriptions.pull(request, done));
  }

  async acknowledge(
    topic: string,
    subscription: string,
    ...settlements: readonly Settlement[]
  ): Promise<SettlementResult[]> {
    const request = { topic, subscription, settlements: [...settlements] };
    const { results } = await answer<AcknowledgeResponse>((done) =>
      this.subscriptions.acknowledge(request, done),
    );
    return results;
  }

  redrive(
    topic: string,
    subscription: string,
    options: { targetTopic?: string; maxMessages?: bigint } = {},
  ): Promise<RedriveDeadLettersResponse> {
    const request = { topic, subscription, targetTopic: '', maxMessages: 0n, ...options };
    return answer((done) => this.subscriptions.redriveDeadLetters(request, done));
  }

  /** A Consume stream; nothing is sent yet. */
  consume(): Consumer {
    const { path, responseDeserialize } = SubscriptionServiceService.consume;
    return new Consumer(
      this.#client.makeBidiStreamRequest(
        path,
        (bytes: Buffer) => bytes,
        (bytes: Buffer): ConsumeResponse => responseDeserialize(bytes),
      ),
    );
  }

  /** Starts a worker and waits until it is told so. */
  async worker(
    topic: string,
    subscription: string,
    credit: { creditMessages?: number; creditBytes?: number } = {},
  ): Promise<Consumer> {
    const consumer = this.consume();
    consumer.start(topic, subscription, credit);
    await consumer.untilEvent('started');
    return consumer;
  }

  /** Calls a unary method of SubscriptionService with the bytes of a request. */
  callRaw(method: keyof typeof SubscriptionServiceService, request: Buffer): Promise<Buffer> {
    const { path } = SubscriptionServiceService[method];
    return answer((done) =>
      this.#client.makeUnaryRequest(
        path,
        (bytes: Buffer) => bytes,
        (bytes: Buffer) => bytes,
        request,
        (error: ServiceError | null, response?: Buffer) => done(error, response ?? Buffer.alloc(0)),
      ),
    );
  }

  [Symbol.dispose](): void {
    for (const client of [this.subscriptions, this.broker, this.topics, this.#client]) {
      client.close();
    }
  }
}

/** What was pulled, message by message. */
export function pulledFrom({ messages, leases }: PullResponse): Delivered[] {
  const rest = [...messages];
  return leases.flatMap(({ receipt, messageCount, attempt, deadlineTimestampNs }) =>
    rest.splice(0, messageCount).map((message) => ({
      value: Buffer.from(message.value).toString(),
      message,
      timestampNs: message.timestampNs,
      receipt,
      attempt,
      deadlineNs: deadlineTimestampNs,
    })),
  );
}

export function valuesIn(messages: readonly (Message | Delivered)[]): string[] {
  return messages.map(({ value }) =>
    typeof value === 'string' ? value : Buffer.from(value).toString(),
  );
}

/** The headers of a message, as texts. */
export function headersOf({ headers }: Message): Record<string, string> {
  return Object.fromEntries(
    headers.map(({ name, value }) => [name, Buffer.from(value).toString()]),
  );
}

function configOf(config: Partial<SubscriptionConfig>): SubscriptionConfig {
  return { ...SubscriptionConfig.fromPartial({}), ...config };
}

function described({ subscription }: { subscription?: Subscription | undefined }): Subscription {
  if (subscription === undefined) throw new TypeError('the answer has no subscription');
  return subscription;
}

/** What a call of a generated client answers; rejects with its status. */
export function answer<Response>(
  call: (done: (error: ServiceError | null, response: Response) => void) => unknown,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    call((error, response) => (error === null ? resolve(response) : reject(error)));
  });
}
