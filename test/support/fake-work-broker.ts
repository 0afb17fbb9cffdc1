import type { ServerDuplexStream, ServerUnaryCall, sendUnaryData } from '@grpc/grpc-js';
import { Metadata, Server, ServerCredentials } from '@grpc/grpc-js';
import type { ConsumeRequest, ConsumeResponse, PublishStreamRequest } from 'playhead-proto';
import {
  AcknowledgeResponse,
  BrokerServiceService,
  CancelScheduleResponse,
  CreateScheduleResponse,
  CreateSubscriptionResponse,
  CreateTopicResponse,
  DeleteSubscriptionResponse,
  ERROR_DETAILS_TRAILER,
  encodeErrorDetails,
  GetScheduleResponse,
  GetSubscriptionResponse,
  ListSchedulesResponse,
  ListSubscriptionsResponse,
  PublishStreamResponse,
  PullResponse,
  RedriveDeadLettersResponse,
  RunScheduleResponse,
  Schedule,
  ScheduleServiceService,
  SeekSubscriptionResponse,
  SnapshotSubscriptionResponse,
  Subscription,
  SubscriptionServiceService,
  TopicServiceService,
  UpdateSubscriptionResponse,
} from 'playhead-proto';
import { Refusal } from './fake-broker.ts';
import { FakeSubscription } from './fake-subscription.ts';

/** A unary request as it came, with the name of its method. */
export interface UnaryRequest {
  readonly method: string;
  readonly request: object;
}

type ConsumeCall = ServerDuplexStream<ConsumeRequest, ConsumeResponse>;
type PublishCall = ServerDuplexStream<PublishStreamRequest, PublishStreamResponse>;

/** What a test puts in place of an answer. May throw a Refusal. */
type Reaction = (request: object) => object;

/**
 * A gRPC server with one subscription, whatever its name, and the schedules and topics that it takes to use it. Answers
 * of unary methods can be replaced in `reactions`.
 */
export class FakeWorkBroker {
  readonly subscription = new FakeSubscription();
  readonly unary: UnaryRequest[] = [];
  readonly reactions = new Map<string, Reaction>();
  #server = new Server();
  #port = 0;

  static async start(): Promise<FakeWorkBroker> {
    const broker = new FakeWorkBroker();
    await broker.#listen();
    return broker;
  }

  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  /** The requests of one method, in order. */
  requests(method: string): object[] {
    return this.unary.filter((each) => each.method === method).map(({ request }) => request);
  }

  /** Cuts all connections; the leases of streams are given back. */
  stop(): void {
    this.#server.forceShutdown();
  }

  /** Cuts all connections and comes back at the same address. */
  async restart(): Promise<void> {
    this.#server.forceShutdown();
    this.#server = new Server();
    await this.#listen();
  }

  async #listen(): Promise<void> {
    const { subscription } = this;
    const described = (fields: object) => ({
      subscription: Subscription.fromPartial({ topic: 't', subscription: 's', ...fields }),
    });
    const scheduled = (fields: object) => ({ schedule: Schedule.fromPartial(fields) });
    this.#server.addService(SubscriptionServiceService, {
      consume: (call: ConsumeCall) => subscription.consume(call),
      createSubscription: this.#answer('createSubscription', described, CreateSubscriptionResponse),
      getSubscription: this.#answer('getSubscription', described, GetSubscriptionResponse),
      listSubscriptions: this.#answer('listSubscriptions', none, ListSubscriptionsResponse),
      updateSubscription: this.#answer('updateSubscription', described, UpdateSubscriptionResponse),
      deleteSubscription: this.#answer('deleteSubscription', none, DeleteSubscriptionResponse),
      seekSubscription: this.#answer('seekSubscription', described, SeekSubscriptionResponse),
      snapshotSubscription: this.#answer(
        'snapshotSubscription',
        none,
        SnapshotSubscriptionResponse,
      ),
      redriveDeadLetters: this.#answer('redriveDeadLetters', none, RedriveDeadLettersResponse),
      pull: this.#answer('pull', (request) => subscription.pull(request), PullResponse),
      acknowledge: this.#answer(
        'acknowledge',
        (request) => subscription.acknowledge(request),
        AcknowledgeResponse,
      ),
    });
    this.#server.addService(ScheduleServiceService, {
      createSchedule: this.#answer('createSchedule', scheduled, CreateScheduleResponse),
      getSchedule: this.#answer('getSchedule', scheduled, GetScheduleResponse),
      listSchedules: this.#answer('listSchedules', none, ListSchedulesResponse),
      runSchedule: this.#answer('runSchedule', none, RunScheduleResponse),
      cancelSchedule: this.#answer('cancelSchedule', none, CancelScheduleResponse),
    });
    this.#server.addService(TopicServiceService, {
      createTopic: this.#answer('createTopic', (topic) => ({ topic }), CreateTopicResponse),
    });
    this.#server.addService(BrokerServiceService, {
      publishStream: (call: PublishCall) => {
        call.on('error', () => {});
        call.on('end', () => call.end());
        call.on('data', (request: PublishStreamRequest) => {
          const timestamps = subscription.publish(
            ...request.messages.map(({ value }) => Buffer.from(value).toString()),
          );
          const value = {
            firstTimestampNs: timestamps[0] ?? 0n,
            lastTimestampNs: timestamps.at(-1) ?? 0n,
          };
          call.write(
            PublishStreamResponse.fromPartial({ results: [{ outcome: { $case: 'ack', value } }] }),
          );
        });
      },
    });
    this.#port = await new Promise<number>((resolve, reject) => {
      const address = `127.0.0.1:${this.#port}`;
      this.#server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) =>
        error === null ? resolve(port) : reject(error),
      );
    });
  }

  #answer<Request extends object, Response>(
    method: string,
    react: (request: Request) => object,
    codec: { fromPartial(fields: object): Response },
  ) {
    return (call: ServerUnaryCall<Request, Response>, callback: sendUnaryData<Response>): void => {
      const { request } = call;
      this.unary.push({ method, request });
      try {
        const fields = this.reactions.get(method)?.(request) ?? react(request);
        callback(null, codec.fromPartial(fields));
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        const { code, message, reason } = error;
        const metadata = new Metadata();
        const details = encodeErrorDetails(code, message, { reason, metadata: error.metadata });
        metadata.set(ERROR_DETAILS_TRAILER, details);
        callback({ code, details: message, metadata });
      }
    };
  }
}

const none = (): object => ({});
