import type { ServerDuplexStream, ServerWritableStream, ServiceError } from '@grpc/grpc-js';
import * as grpc from '@grpc/grpc-js';
import type { Method as AnyMethod } from 'playhead-proto';
import {
  BrokerServiceService,
  ConsumeResponse,
  EndReason,
  ERROR_DETAILS_TRAILER,
  isRetryableReason,
  PublishStreamRequest,
  PublishStreamResponse,
  ScheduleServiceService,
  SubscribeResponse,
  SubscriptionServiceService,
  TopicServiceService,
} from 'playhead-proto';
import { z } from 'zod';
import { BrokerError } from '../../../src/errors.ts';
import { toCallError, toWireError } from '../../../src/service/status.ts';

const SERVICES = [
  BrokerServiceService,
  TopicServiceService,
  SubscriptionServiceService,
  ScheduleServiceService,
];

const METHODS = new Map(
  SERVICES.flatMap((service) => Object.values(service)).map((method) => [nameOf(method), method]),
);

export const faultForm = z.strictObject({
  call: z.string().refine((name) => METHODS.has(name), 'is no method of the broker'),
  reason: z.literal(Object.keys(isRetryableReason) as (keyof typeof isRetryableReason)[]),
  message: z.string().default('a fault of the case'),
  metadata: z.record(z.string(), z.string()).default({}),
});

/** What the next call of a method is told instead of what the broker would have said. */
export type Fault = z.output<typeof faultForm>;

type Method = Pick<AnyMethod<unknown, unknown>, 'path' | 'requestStream' | 'responseStream'>;
type Duplex = ServerDuplexStream<Buffer, Buffer>;

const asIs = (bytes: Buffer) => bytes;

/**
 * A gRPC server in front of a broker. It passes everything on but what a case wants to fail: that is told as a broker
 * tells it. A unary call fails with a status; the next request of a `PublishStream` is refused in its result; a
 * `Subscribe` or `Consume` ends behind the next response.
 */
export class FaultyEnd implements AsyncDisposable {
  readonly address: string;
  readonly #server: grpc.Server;
  readonly #broker: grpc.Client;
  readonly #faults: Fault[] = [];

  private constructor(server: grpc.Server, port: number, target: string) {
    this.#server = server;
    this.address = `127.0.0.1:${port}`;
    this.#broker = new grpc.Client(target, grpc.credentials.createInsecure(), {
      'grpc.max_receive_message_length': -1,
      'grpc.use_local_subchannel_pool': 1,
    });
    for (const method of METHODS.values()) this.#register(method);
  }

  static async start(target: string): Promise<FaultyEnd> {
    const server = new grpc.Server({ 'grpc.max_receive_message_length': -1 });
    const port = await new Promise<number>((resolve, reject) => {
      const credentials = grpc.ServerCredentials.createInsecure();
      server.bindAsync('127.0.0.1:0', credentials, (error, bound) => {
        if (error === null) resolve(bound);
        else reject(error);
      });
    });
    return new FaultyEnd(server, port, target);
  }

  /** The next call of this method fails, once. */
  fail(fault: Fault): void {
    this.#faults.push(fault);
  }

  /** Calls that were to fail and that nobody has made. */
  get leftFaults(): readonly string[] {
    return this.#faults.map(({ call, reason }) => `${reason} of ${call}`);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#server.forceShutdown();
    this.#broker.close();
    return Promise.resolve();
  }

  #register(method: Method): void {
    const { path, requestStream, responseStream } = method;
    const name = nameOf(method);
    if (!responseStream) {
      const handle: grpc.handleUnaryCall<Buffer, Buffer> = (call, answer) => {
        this.#unary(name, path, call, answer);
      };
      this.#server.register(path, handle, asIs, asIs, 'unary');
    } else if (!requestStream) {
      const handle = (call: ServerWritableStream<Buffer, Buffer>) => {
        const { request, metadata } = call;
        this.#answer(
          call,
          this.#broker.makeServerStreamRequest(path, asIs, asIs, request, metadata),
          name,
        );
      };
      this.#server.register(path, handle, asIs, asIs, 'serverStream');
    } else {
      const handle = (call: Duplex) => this.#duplex(name, path, call);
      this.#server.register(path, handle, asIs, asIs, 'bidi');
    }
  }

  #take(name: string): BrokerError | undefined {
    const at = this.#faults.findIndex(({ call }) => call === name);
    const [fault] = at === -1 ? [] : this.#faults.splice(at, 1);
    if (fault === undefined) return undefined;
    return new BrokerError(fault.reason, fault.message, fault.metadata);
  }

  #unary(
    name: string,
    path: string,
    call: grpc.ServerUnaryCall<Buffer, Buffer>,
    answer: grpc.sendUnaryData<Buffer>,
  ): void {
    const fault = this.#take(name);
    if (fault !== undefined) {
      answer(statusOf(fault));
      return;
    }
    const { request, metadata } = call;
    const options = { deadline: call.getDeadline() };
    const passed = this.#broker.makeUnaryRequest(
      path,
      asIs,
      asIs,
      request,
      metadata,
      options,
      (error, response) => {
        if (error === null) answer(null, response);
        else answer(passedOn(error));
      },
    );
    call.on('cancelled', () => passed.cancel());
  }

  #duplex(name: string, path: string, call: Duplex): void {
    const passed = this.#broker.makeBidiStreamRequest(path, asIs, asIs, call.metadata);
    call.on('end', () => passed.end());
    if (name !== 'PublishStream') {
      call.on('data', (request: Buffer) => passed.write(request));
      this.#answer(call, passed, name);
      return;
    }
    // Results come in the order of the requests: a refusal waits for those before it.
    let unanswered = 0;
    let refusal: Buffer | undefined;
    const refuseInTurn = () => {
      if (refusal === undefined || unanswered > 0) return;
      call.write(refusal);
      refusal = undefined;
      call.resume();
    };
    const complete = completer();
    call.on('data', (request: Buffer) => {
      const fault = this.#take(name);
      const whole = complete(request);
      if (fault === undefined) {
        unanswered += 1;
        passed.write(whole);
        return;
      }
      refusal = refusalOf(fault);
      call.pause();
      refuseInTurn();
    });
    passed.on('data', (response: Buffer) => {
      unanswered -= PublishStreamResponse.decode(response).results.length;
      refuseInTurn();
    });
    this.#answer(call, passed, name);
  }

  /** Passes on what the broker says, up to a fault. */
  #answer(
    call: ServerWritableStream<Buffer, Buffer> | Duplex,
    passed: grpc.ClientReadableStream<Buffer>,
    name: string,
  ): void {
    // Of a PublishStream it is requests that fail.
    const mayEnd = name !== 'PublishStream';
    let isOver = false;
    passed.on('data', (response: Buffer) => {
      if (isOver) return;
      call.write(response);
      const fault = mayEnd ? this.#take(name) : undefined;
      if (fault === undefined) return;
      isOver = true;
      passed.cancel();
      call.write(endOf(name, fault));
      call.end();
    });
    passed.on('metadata', () => call.sendMetadata(new grpc.Metadata()));
    passed.on('end', () => call.end());
    passed.on('error', (error: ServiceError) => {
      if (!isOver) call.emit('error', passedOn(error));
    });
    call.on('cancelled', () => passed.cancel());
  }
}

function nameOf({ path }: { readonly path: string }): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function statusOf(fault: BrokerError): Partial<grpc.StatusObject> {
  const { code, message, trailer } = toCallError(fault);
  const metadata = new grpc.Metadata();
  metadata.set(ERROR_DETAILS_TRAILER, trailer);
  return { code, details: message, metadata };
}

/** The status of a broker, with nothing of what HTTP/2 has put beside it. */
function passedOn({ code, details, metadata }: ServiceError): Partial<grpc.StatusObject> {
  const trailers = new grpc.Metadata();
  for (const value of metadata.get(ERROR_DETAILS_TRAILER))
    trailers.add(ERROR_DETAILS_TRAILER, value);
  return { code, details, metadata: trailers };
}

/**
 * Requests of one `PublishStream` with what they leave out because the one before has said it: the broker may not have
 * seen that one.
 */
function completer(): (request: Buffer) => Buffer {
  let [topic, producer] = ['', ''];
  return (bytes) => {
    const request = PublishStreamRequest.decode(bytes);
    topic = request.topic || topic;
    producer = request.producer || (request.sequence === 0n ? '' : producer);
    return Buffer.from(PublishStreamRequest.encode({ ...request, topic, producer }).finish());
  };
}

function refusalOf(fault: BrokerError): Buffer {
  const results = [{ outcome: { $case: 'error', value: toWireError(fault) } as const }];
  return Buffer.from(PublishStreamResponse.encode({ results }).finish());
}

/** The last response of a stream that fails. */
function endOf(name: string, fault: BrokerError): Buffer {
  const value = { reason: EndReason.ERROR, error: toWireError(fault) };
  const event = { $case: 'end', value } as const;
  const writer =
    name === 'Consume'
      ? ConsumeResponse.encode({ messages: [], leases: [], results: [], event })
      : SubscribeResponse.encode({ messages: [], runs: [], event });
  return Buffer.from(writer.finish());
}
