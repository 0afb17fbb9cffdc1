import type {
  ServerDuplexStream,
  ServerUnaryCall,
  ServerWritableStream,
  sendUnaryData,
} from '@grpc/grpc-js';
import { Metadata, Server, ServerCredentials, status } from '@grpc/grpc-js';
import type { ErrorReason, PublishResult } from 'playhead-proto';
import {
  BrokerServiceService,
  type CloseTopicRequest,
  CloseTopicResponse,
  type CreateTopicRequest,
  CreateTopicResponse,
  type DeleteTopicRequest,
  DeleteTopicResponse,
  ERROR_DETAILS_TRAILER,
  encodeErrorDetails,
  encodeErrorReason,
  type GetProducerRequest,
  GetProducerResponse,
  type GetServerInfoRequest,
  GetServerInfoResponse,
  type GetTopicRequest,
  GetTopicResponse,
  type ListTopicsRequest,
  ListTopicsResponse,
  type PublishStreamRequest,
  PublishStreamResponse,
  type ReadRequest,
  ReadResponse,
  type SubscribeRequest,
  type SubscribeResponse,
  type Topic,
  TopicServiceService,
  type TrimTopicRequest,
  TrimTopicResponse,
  type UpdateTopicRequest,
  UpdateTopicResponse,
} from 'playhead-proto';
import { type BrokerServiceServer, type TopicServiceServer } from './grpc-services.ts';

/** What a scripted broker does with a request of a publish stream: answer, stay silent, or cut the stream. */
export type PublishReaction = PublishResult | 'silence' | 'cut';

export type SubscribeStream = ServerWritableStream<SubscribeRequest, SubscribeResponse>;

/** A refusal that a unary handler throws. */
export class Refusal extends Error {
  readonly reason: ErrorReason;
  readonly code: status;
  readonly metadata: Record<string, string>;

  constructor(reason: ErrorReason, code: status, metadata: Record<string, string> = {}) {
    super(`refused: ${reason}`);
    this.reason = reason;
    this.code = code;
    this.metadata = metadata;
  }
}

export function resultOfError(
  reason: ErrorReason,
  metadata: Record<string, string> = {},
): PublishResult {
  const value = { reason: encodeErrorReason(reason), message: `refused: ${reason}`, metadata };
  return { outcome: { $case: 'error', value } };
}

/**
 * A gRPC server with the broker's services whose every reaction a test can replace. Unless replaced, publishes are
 * acknowledged with timestamps 1000, 1001, …, a repeated sequence with its first answer.
 */
export class FakeBroker {
  /** Requests of publish streams, in the order in which they came, with the number of their stream. */
  readonly published: { readonly stream: number; readonly request: PublishStreamRequest }[] = [];
  readonly subscribed: SubscribeRequest[] = [];
  publishStreamCount = 0;
  nextTimestampNs = 1000n;
  onPublish: (request: PublishStreamRequest, stream: number) => PublishReaction = (request) =>
    this.store(request);
  onSubscribe: (stream: SubscribeStream, index: number) => void = () => {};
  onGetProducer: (request: GetProducerRequest) => Partial<GetProducerResponse> = () => ({});
  onGetServerInfo: () => Partial<GetServerInfoResponse> = () => ({});
  onRead: (request: ReadRequest) => Partial<ReadResponse> = () => ({});
  onCreateTopic: (request: CreateTopicRequest) => Partial<Topic> = ({ topic }) => ({ topic });
  onGetTopic: (request: GetTopicRequest) => Partial<Topic> = ({ topic }) => ({ topic });
  onUpdateTopic: (request: UpdateTopicRequest) => Partial<Topic> = ({ topic }) => ({ topic });
  onTrimTopic: (request: TrimTopicRequest) => Partial<Topic> = ({ topic }) => ({ topic });
  onListTopics: (request: ListTopicsRequest) => ListTopicsResponse = () => ({
    topics: [],
    nextPageToken: '',
  });
  onCloseTopic: (request: CloseTopicRequest) => Partial<CloseTopicResponse> = () => ({});
  onDeleteTopic: (request: DeleteTopicRequest) => void = () => {};
  /** Of the requests that are stored: only the first of a stream names its topic. */
  #topic = '';
  #messageCount = 0;
  readonly #stored = new Map<string, PublishResult>();
  // With channelz, since without it grpc-js does not know the connections that forceShutdown() is to cut.
  #server = new Server();
  #port = 0;

  static async start(port = 0): Promise<FakeBroker> {
    const broker = new FakeBroker();
    broker.#port = port;
    await broker.#listen();
    return broker;
  }

  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  /** Stores nothing, but answers as if. */
  store(request: PublishStreamRequest): PublishResult {
    const key = `${request.sequence}`;
    const known = request.sequence === 0n ? undefined : this.#stored.get(key);
    if (known?.outcome?.$case === 'ack') {
      return { outcome: { $case: 'ack', value: { ...known.outcome.value, duplicate: true } } };
    }
    if (request.topic !== '') this.#topic = request.topic;
    this.#messageCount += request.messages.length;
    const firstTimestampNs = this.nextTimestampNs;
    this.nextTimestampNs += BigInt(request.messages.length);
    const closed =
      request.close === undefined
        ? undefined
        : {
            ...request.close,
            topic: this.#topic,
            timestampNs: this.nextTimestampNs,
            messageCount: BigInt(this.#messageCount),
          };
    const lastTimestampNs = this.nextTimestampNs - 1n;
    const result: PublishResult = {
      outcome: {
        $case: 'ack',
        value: { firstTimestampNs, lastTimestampNs, duplicate: false, closed },
      },
    };
    this.#stored.set(key, result);
    return result;
  }

  /** Cuts all connections and comes back at the same address. */
  async restart(): Promise<void> {
    this.#server.forceShutdown();
    this.#server = new Server();
    await this.#listen();
  }

  /** Cuts all connections. */
  stop(): void {
    this.#server.forceShutdown();
  }

  async #listen(): Promise<void> {
    const broker: BrokerServiceServer = {
      publish: () => {
        throw new Error('not used by the client');
      },
      publishStream: (call) => this.#publishStream(call),
      subscribe: (call) => {
        this.subscribed.push(call.request);
        this.onSubscribe(call, this.subscribed.length - 1);
      },
      read: unary((request) => ReadResponse.fromPartial(this.onRead(request))),
      getProducer: unary((request) => GetProducerResponse.fromPartial(this.onGetProducer(request))),
      getServerInfo: unary((_request: GetServerInfoRequest) =>
        GetServerInfoResponse.fromPartial(this.onGetServerInfo()),
      ),
    };
    const topics: TopicServiceServer = {
      createTopic: unary((r) => CreateTopicResponse.fromPartial({ topic: this.onCreateTopic(r) })),
      getTopic: unary((r) => GetTopicResponse.fromPartial({ topic: this.onGetTopic(r) })),
      updateTopic: unary((r) => UpdateTopicResponse.fromPartial({ topic: this.onUpdateTopic(r) })),
      trimTopic: unary((r) => TrimTopicResponse.fromPartial({ topic: this.onTrimTopic(r) })),
      listTopics: unary((r) => ListTopicsResponse.fromPartial(this.onListTopics(r))),
      closeTopic: unary((r) => CloseTopicResponse.fromPartial(this.onCloseTopic(r))),
      deleteTopic: unary((r) => {
        this.onDeleteTopic(r);
        return DeleteTopicResponse.fromPartial({});
      }),
    };
    this.#server.addService(BrokerServiceService, broker);
    this.#server.addService(TopicServiceService, topics);
    this.#port = await new Promise<number>((resolve, reject) => {
      const address = `127.0.0.1:${this.#port}`;
      this.#server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) =>
        error === null ? resolve(port) : reject(error),
      );
    });
  }

  #publishStream(call: ServerDuplexStream<PublishStreamRequest, PublishStreamResponse>): void {
    const stream = this.publishStreamCount;
    this.publishStreamCount += 1;
    let isCut = false;
    call.on('error', () => {});
    call.on('data', (request: PublishStreamRequest) => {
      if (isCut) return;
      this.published.push({ stream, request });
      const reaction = this.onPublish(request, stream);
      if (reaction === 'cut') {
        isCut = true;
        call.emit('error', { code: status.UNAVAILABLE, details: 'cut by the test' });
      } else if (reaction !== 'silence') {
        call.write(PublishStreamResponse.fromPartial({ results: [reaction] }));
      }
    });
    call.on('end', () => {
      if (!isCut) call.end();
    });
  }
}

function unary<Request, Response>(answer: (request: Request) => Response) {
  return (call: ServerUnaryCall<Request, Response>, callback: sendUnaryData<Response>): void => {
    let response: Response;
    try {
      response = answer(call.request);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const metadata = new Metadata();
      const { code, message, reason } = error;
      metadata.set(
        ERROR_DETAILS_TRAILER,
        encodeErrorDetails(code, message, { reason, metadata: error.metadata }),
      );
      callback({ code, details: message, metadata });
      return;
    }
    callback(null, response);
  };
}
