import type { ClientDuplexStream, ClientReadableStream, ServiceError } from '@grpc/grpc-js';
import { Client, credentials, status } from '@grpc/grpc-js';
import { expect } from 'vitest';
import type {
  Methods,
  PublishRequest,
  PublishResult,
  StoredMessage,
  SubscribeRequest,
  SubscribeResponse,
  UnaryMethod,
} from './contract.ts';
import { decode, methodOf } from './contract.ts';

/** A gRPC status that is not OK, with what its details say. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: string;
  /** Undefined if the status has no ErrorInfo. */
  readonly info: ErrorInfo | undefined;

  constructor(error: ServiceError) {
    super(error.details);
    this.code = status[error.code] ?? `${error.code}`;
    this.info = errorInfo(error);
  }
}

interface ErrorInfo {
  readonly reason: string;
  readonly domain: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** A generic client: what it knows of the methods it reads from the .proto files. */
export class Caller {
  readonly #client: Client;

  private constructor(client: Client) {
    this.#client = client;
  }

  static connect(address: string): Caller {
    const options = {
      'grpc.max_receive_message_length': -1,
      // Each caller has a connection of its own.
      'grpc.use_local_subchannel_pool': 1,
    };
    return new Caller(new Client(address, credentials.createInsecure(), options));
  }

  /** Calls a unary method. Rejects with a {@link Refusal}. */
  call<M extends UnaryMethod>(method: M, request: Methods[M][0]): Promise<Methods[M][1]> {
    return this.callRaw(method, methodOf(method).requestSerialize(request));
  }

  /** Calls a unary method with the bytes of a request. */
  callRaw<M extends UnaryMethod>(method: M, request: Buffer): Promise<Methods[M][1]> {
    const { path, responseDeserialize } = methodOf(method);
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        path,
        sameBytes,
        responseDeserialize,
        request,
        (error, response) => {
          if (error !== null) reject(new Refusal(error));
          else resolve(response as Methods[M][1]);
        },
      );
    });
  }

  subscribe(request: SubscribeRequest): Subscription {
    return this.subscribeRaw(methodOf('Subscribe').requestSerialize(request));
  }

  subscribeRaw(request: Buffer): Subscription {
    return new Subscription(this.#serverStream('Subscribe', request));
  }

  publishStream(): PublishStream {
    const { path, responseDeserialize } = methodOf('PublishStream');
    return new PublishStream(
      this.#client.makeBidiStreamRequest(path, sameBytes, (bytes) =>
        responseDeserialize(bytes),
      ) as ClientDuplexStream<Buffer, Methods['PublishStream'][1]>,
    );
  }

  /** Health of a service, as it changes. */
  watchHealth(service: string): ClientReadableStream<Methods['Watch'][1]> {
    return this.#serverStream('Watch', methodOf('Watch').requestSerialize({ service }));
  }

  /** Asks the reflection service one thing. */
  async reflect(
    request: Methods['ServerReflectionInfo'][0],
  ): Promise<Methods['ServerReflectionInfo'][1]> {
    const { path, requestSerialize, responseDeserialize } = methodOf('ServerReflectionInfo');
    const stream = this.#client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
    stream.end(request);
    const responses: object[] = [];
    for await (const response of stream) responses.push(response);
    expect(responses).toHaveLength(1);
    return responses[0] as Methods['ServerReflectionInfo'][1];
  }

  close(): void {
    this.#client.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #serverStream<M extends 'Subscribe' | 'Watch'>(
    method: M,
    request: Buffer,
  ): ClientReadableStream<Methods[M][1]> {
    const { path, responseDeserialize } = methodOf(method);
    const stream = this.#client.makeServerStreamRequest(
      path,
      sameBytes,
      responseDeserialize,
      request,
    );
    return stream as ClientReadableStream<Methods[M][1]>;
  }
}

/** A subscription, response by response. Reads no more than it is asked for. */
export class Subscription {
  readonly #stream: ClientReadableStream<SubscribeResponse>;
  readonly #responses: AsyncIterator<SubscribeResponse>;

  constructor(stream: ClientReadableStream<SubscribeResponse>) {
    this.#stream = stream;
    // Where nobody waits for the next response, a cancelled stream has nobody to tell.
    stream.on('error', () => {});
    this.#responses = stream[Symbol.asyncIterator]();
  }

  /** The next response; undefined when the stream has ended OK. Rejects with a {@link Refusal}. */
  async next(): Promise<SubscribeResponse | undefined> {
    try {
      const { value, done } = await this.#responses.next();
      return done === true ? undefined : value;
    } catch (error) {
      throw isServiceError(error) ? new Refusal(error) : error;
    }
  }

  /** The responses up to the first with this event, included. Fails if the stream ends before. */
  async until(event: NonNullable<SubscribeResponse['event']>): Promise<SubscribeResponse[]> {
    const responses: SubscribeResponse[] = [];
    for (;;) {
      const response = await this.next();
      if (response === undefined) throw new Error(`the stream ended before ${event}`);
      responses.push(response);
      if (response.event === event) return responses;
    }
  }

  /** At least so many messages, with what came between. */
  async take(messageCount: number): Promise<SubscribeResponse[]> {
    const responses: SubscribeResponse[] = [];
    for (let count = 0; count < messageCount; ) {
      const response = await this.next();
      if (response === undefined) throw new Error(`the stream ended after ${count} messages`);
      responses.push(response);
      count += response.messages.length;
    }
    return responses;
  }

  /** All responses up to the end of the stream. */
  async rest(): Promise<SubscribeResponse[]> {
    const responses: SubscribeResponse[] = [];
    for (;;) {
      const response = await this.next();
      if (response === undefined) return responses;
      responses.push(response);
    }
  }

  cancel(): void {
    this.#stream.cancel();
  }

  [Symbol.dispose](): void {
    this.cancel();
  }
}

/** A publish stream, result by result. */
export class PublishStream {
  readonly #stream: ClientDuplexStream<Buffer, Methods['PublishStream'][1]>;
  readonly #responses: AsyncIterator<Methods['PublishStream'][1]>;
  readonly #results: PublishResult[] = [];

  constructor(stream: ClientDuplexStream<Buffer, Methods['PublishStream'][1]>) {
    this.#stream = stream;
    stream.on('error', () => {});
    this.#responses = stream[Symbol.asyncIterator]();
  }

  /** Sends a request; false if the client has to wait for the broker to read on. */
  send(request: PublishRequest): boolean {
    return this.sendRaw(methodOf('PublishStream').requestSerialize(request));
  }

  sendRaw(request: Buffer): boolean {
    return this.#stream.write(request);
  }

  /** Says that nothing more comes. */
  end(): void {
    this.#stream.end();
  }

  /** The next result; undefined when the stream has ended OK. */
  async result(): Promise<PublishResult | undefined> {
    while (this.#results.length === 0) {
      const response = await this.response();
      if (response === undefined) return undefined;
      this.#results.push(...response.results);
    }
    return this.#results.shift();
  }

  async response(): Promise<Methods['PublishStream'][1] | undefined> {
    try {
      const { value, done } = await this.#responses.next();
      return done === true ? undefined : value;
    } catch (error) {
      throw isServiceError(error) ? new Refusal(error) : error;
    }
  }

  /** Sends a request and waits for its result. */
  async publish(request: PublishRequest): Promise<PublishResult> {
    this.send(request);
    const result = await this.result();
    if (result === undefined) throw new Error('the stream ended without a result');
    return result;
  }

  /** All results up to the end of the stream. */
  async rest(): Promise<PublishResult[]> {
    const results: PublishResult[] = [];
    for (;;) {
      const result = await this.result();
      if (result === undefined) return results;
      results.push(result);
    }
  }

  cancel(): void {
    this.#stream.cancel();
  }

  [Symbol.dispose](): void {
    this.cancel();
  }
}

/** The messages of some responses. */
export function messagesIn(responses: readonly SubscribeResponse[]): StoredMessage[] {
  return responses.flatMap(({ messages }) => messages);
}

/** The events of some responses, without those that only carry messages. */
export function eventsIn(responses: readonly SubscribeResponse[]): string[] {
  return responses.flatMap(({ event }) => event ?? []);
}

/** The refusal that a call gets. Fails if it is answered, or refused without a reason of playhead. */
export async function refusalOf(call: Promise<unknown>): Promise<{
  readonly code: string;
  readonly reason: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly message: string;
}> {
  const outcome = await call.then(
    () => 'answered',
    (error: unknown) => error,
  );
  if (!(outcome instanceof Refusal)) throw new Error(`not refused: ${String(outcome)}`);
  const { code, info, message } = outcome;
  if (info === undefined) throw new Error(`refused without ErrorInfo: ${code}: ${message}`);
  expect(info.domain).toBe('playhead');
  return { code, reason: info.reason, metadata: info.metadata, message };
}

const sameBytes = (bytes: Buffer): Buffer => bytes;

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && 'details' in error && 'metadata' in error;
}

interface RpcStatus {
  readonly code: number;
  readonly message: string;
  readonly details: readonly { readonly type_url: string; readonly value: Buffer }[];
}

function errorInfo(error: ServiceError): ErrorInfo | undefined {
  const [bytes] = error.metadata.get('grpc-status-details-bin');
  if (!Buffer.isBuffer(bytes)) return undefined;
  const details = decode('google.rpc.Status', bytes) as RpcStatus;
  expect({ code: details.code, message: details.message }).toEqual({
    code: error.code,
    message: error.details,
  });
  expect(details.details.map(({ type_url }) => type_url)).toEqual([
    'type.googleapis.com/google.rpc.ErrorInfo',
  ]);
  const [detail] = details.details;
  return detail && (decode('google.rpc.ErrorInfo', detail.value) as ErrorInfo);
}
