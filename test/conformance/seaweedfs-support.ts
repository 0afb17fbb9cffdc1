import type { Hash } from 'node:crypto';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { ClientDuplexStream, ServiceError } from '@grpc/grpc-js';
import { Client, credentials, status } from '@grpc/grpc-js';
import type { MethodDefinition } from '@grpc/proto-loader';
import { loadSync } from '@grpc/proto-loader';
import { keepEveryDigit } from './int64.ts';

keepEveryDigit();

const definition = loadSync('seaweedfs/messaging.proto', {
  keepCase: true,
  longs: String,
  enums: String,
  defaults: true,
  includeDirs: [fileURLToPath(new URL('../../proto', import.meta.url))],
});

export interface SeaweedMessage {
  readonly event_time_ns?: string;
  readonly key?: Buffer;
  readonly value?: Buffer;
  readonly headers?: Readonly<Record<string, Buffer>>;
  readonly is_close?: boolean;
}

interface Methods {
  FindBroker: [object, { readonly broker: string }];
  DeleteTopic: [object, object];
  ConfigureTopic: [object, object];
  GetTopicConfiguration: [object, { readonly configuration: Readonly<Record<string, unknown>> }];
  Publish: [
    object,
    { readonly is_closed: boolean; readonly redirect: null; readonly config: null },
  ];
  Subscribe: [object, { readonly data: Required<SeaweedMessage> | null }];
}

function methodOf(name: keyof Methods): MethodDefinition<object, object> {
  const service = definition['messaging_pb.SeaweedMessaging'];
  const method = service === undefined || 'format' in service ? undefined : service[name];
  if (method === undefined) throw new TypeError(`messaging.proto has no method ${name}`);
  return method;
}

/** A status that is not OK. */
export class SeaweedError extends Error {
  override readonly name = 'SeaweedError';
  readonly code: string;

  constructor({ code, details }: ServiceError) {
    super(details);
    this.code = status[code] ?? `${code}`;
  }
}

/** A call of raw messages on a connection of its own, as the Go client makes each. */
export class SeaweedCall<M extends 'Publish' | 'Subscribe'> implements Disposable {
  readonly #client: Client;
  readonly #method: MethodDefinition<object, object>;
  readonly #call: ClientDuplexStream<Buffer, object>;
  readonly #responses: AsyncIterator<object>;

  constructor(address: string, name: M) {
    this.#client = connect(address);
    this.#method = methodOf(name);
    const { path, responseDeserialize } = this.#method;
    this.#call = this.#client.makeBidiStreamRequest(path, (bytes) => bytes, responseDeserialize);
    this.#call.on('error', () => {});
    this.#responses = this.#call[Symbol.asyncIterator]();
  }

  send(request: Methods[M][0]): void {
    this.sendRaw(this.#method.requestSerialize(request));
  }

  sendRaw(request: Buffer): void {
    this.#call.write(request);
  }

  /** As {@link send}; resolves when it has left this process. */
  sent(request: Methods[M][0]): Promise<void> {
    return new Promise((resolve) => {
      this.#call.write(this.#method.requestSerialize(request), () => resolve());
    });
  }

  end(): void {
    this.#call.end();
  }

  /** The next response; undefined when the stream has ended OK. Rejects with a {@link SeaweedError}. */
  async receive(): Promise<Methods[M][1] | undefined> {
    try {
      const { value, done } = await this.#responses.next();
      return done === true ? undefined : (value as Methods[M][1]);
    } catch (error) {
      throw error instanceof Error && 'details' in error
        ? new SeaweedError(error as ServiceError)
        : error;
    }
  }

  /** What the stream ends with, if nothing else comes before. */
  async failure(): Promise<SeaweedError> {
    const response = await this.receive().catch((error: unknown) => error);
    if (response instanceof SeaweedError) return response;
    throw new Error(`no failure came, but ${JSON.stringify(response)}`);
  }

  /** What a publisher is refused with that was told to begin: one empty response comes before it. */
  async refusal(): Promise<SeaweedError> {
    const response = await this.receive();
    if (response === undefined || 'data' in response || response.is_closed) {
      throw new Error(`no empty response came, but ${JSON.stringify(response)}`);
    }
    return this.failure();
  }

  cancel(): void {
    this.#call.cancel();
  }

  /** What the end of the client's process does. */
  disconnect(): void {
    this.#client.close();
    this.#call.cancel();
  }

  [Symbol.dispose](): void {
    this.disconnect();
  }
}

function connect(address: string): Client {
  return new Client(address, credentials.createInsecure(), {
    'grpc.max_receive_message_length': -1,
    'grpc.use_local_subchannel_pool': 1,
  });
}

/** Calls in the order in which the Go client makes them, with what it sends and what it waits for. */
export class SeaweedClient {
  readonly address: string;

  constructor(address: string) {
    this.address = address;
  }

  call<M extends Exclude<keyof Methods, 'Publish' | 'Subscribe'>>(
    name: M,
    request: Methods[M][0],
  ): Promise<Methods[M][1]> {
    return this.callRaw(name, methodOf(name).requestSerialize(request));
  }

  callRaw<M extends Exclude<keyof Methods, 'Publish' | 'Subscribe'>>(
    name: M,
    request: Buffer,
  ): Promise<Methods[M][1]> {
    const client = connect(this.address);
    const { path, responseDeserialize } = methodOf(name);
    const same = (bytes: Buffer) => bytes;
    return new Promise<Methods[M][1]>((resolve, reject) => {
      client.makeUnaryRequest(path, same, responseDeserialize, request, (error, response) => {
        if (error !== null) reject(new SeaweedError(error));
        else resolve(response as Methods[M][1]);
      });
    }).finally(() => client.close());
  }

  /** Asks for the broker of a partition, and opens a call there. */
  async open<M extends 'Publish' | 'Subscribe'>(
    name: M,
    place: { namespace: string; topic: string; partition: number },
  ): Promise<SeaweedCall<M>> {
    const { namespace, topic, partition } = place;
    const { broker } = await this.call('FindBroker', { namespace, topic, parition: partition });
    return new SeaweedCall(broker, name);
  }

  /** Opens a stream and waits for the one answer that it gets. */
  async publishing(
    namespace: string,
    topic: string,
    partition = 0,
  ): Promise<SeaweedCall<'Publish'>> {
    const place = { namespace, topic, partition };
    const call = await this.open('Publish', place);
    call.send({ init: place });
    await call.receive();
    return call;
  }

  async subscribing(
    namespace: string,
    topic: string,
    partition: number,
    start: object,
  ): Promise<SeaweedCall<'Subscribe'>> {
    const place = { namespace, topic, partition };
    const call = await this.open('Subscribe', place);
    call.send({ init: { ...place, startPosition: 'TIMESTAMP', subscriber_id: 's', ...start } });
    return call;
  }

  async newPubChannel(name: string): Promise<PubChannel> {
    return new PubChannel(await this.publishing('chan', name));
  }

  async newSubChannel(name: string): Promise<SubChannel> {
    return new SubChannel(await this.subscribing('chan', name, 0, {}));
  }

  async newPublisher(namespace: string, topic: string): Promise<Publisher> {
    const calls = await Promise.all(
      [0, 1, 2, 3].map((partition) => this.publishing(namespace, topic, partition)),
    );
    return new Publisher(calls);
  }

  /** One stream for each partition, or that of one. */
  async newSubscriber(
    namespace: string,
    topic: string,
    startNs: bigint,
    partitions: readonly number[] = [0, 1, 2, 3],
  ): Promise<Subscriber> {
    const calls = await Promise.all(
      partitions.map((partition) =>
        this.subscribing(namespace, topic, partition, { timestampNs: `${startNs}` }),
      ),
    );
    return new Subscriber(calls);
  }

  deleteChannel(name: string): Promise<object> {
    return this.call('DeleteTopic', { namespace: 'chan', topic: name });
  }
}

export class PubChannel {
  readonly call: SeaweedCall<'Publish'>;
  readonly #md5: Hash = createHash('md5');

  constructor(call: SeaweedCall<'Publish'>) {
    this.call = call;
  }

  publish(value: string | Buffer): void {
    const bytes = Buffer.from(value);
    this.call.send({ data: { value: bytes } });
    this.#md5.update(bytes);
  }

  /** Takes whatever response comes next, and leaves at once. Answers with it. */
  async close(): Promise<Methods['Publish'][1] | undefined> {
    this.call.send({ data: { is_close: true } });
    const response = await this.call.receive();
    this.call.disconnect();
    return response;
  }

  get md5(): string {
    return this.#md5.copy().digest('hex');
  }
}

export class SubChannel {
  readonly call: SeaweedCall<'Subscribe'>;
  readonly #md5: Hash = createHash('md5');

  constructor(call: SeaweedCall<'Subscribe'>) {
    this.call = call;
  }

  /** The next value; undefined at the close marker. Throws where the Go client would wait for ever. */
  async next(): Promise<Buffer | undefined> {
    for (;;) {
      const response = await this.call.receive();
      if (response === undefined) throw new Error('the stream ended without a close marker');
      const { data } = response;
      if (data === null) continue;
      if (data.is_close) {
        this.call.send({ is_close: true });
        this.call.cancel();
        return undefined;
      }
      this.#md5.update(data.value);
      return data.value;
    }
  }

  async values(count = Number.POSITIVE_INFINITY): Promise<string[]> {
    const values: string[] = [];
    while (values.length < count) {
      const value = await this.next();
      if (value === undefined) break;
      values.push(value.toString());
    }
    return values;
  }

  get md5(): string {
    return this.#md5.copy().digest('hex');
  }
}

/** Where the Go client (3.18, 2.85 and 1.78) has put messages of these keys. */
export const PARTITION_OF_KEY: Readonly<Record<string, number>> = {
  key1: 1,
  key3: 2,
  key5: 1,
  key7: 0,
  key9: 1,
  key11: 3,
  key13: 2,
  key15: 2,
  key17: 3,
  key19: 1,
};

export class Publisher implements Disposable {
  readonly calls: readonly SeaweedCall<'Publish'>[];
  #count = 0;

  constructor(calls: readonly SeaweedCall<'Publish'>[]) {
    this.calls = calls;
  }

  /** Without a key they are dealt out in turn. */
  publish(message: SeaweedMessage): Promise<void> {
    const turn = this.#count++;
    const { key } = message;
    const partition = key === undefined ? turn % 4 : PARTITION_OF_KEY[key.toString()];
    const call = this.calls[partition ?? -1];
    if (call === undefined) throw new TypeError(`nobody knows the partition of ${key}`);
    return call.sent({ data: message });
  }

  [Symbol.dispose](): void {
    for (const call of this.calls) call.disconnect();
  }
}

export class Subscriber implements Disposable {
  readonly calls: readonly SeaweedCall<'Subscribe'>[];

  constructor(calls: readonly SeaweedCall<'Subscribe'>[]) {
    this.calls = calls;
  }

  /** So many messages of all streams, each with the place of its stream; and whatever else comes soon. */
  async take(count: number): Promise<(Required<SeaweedMessage> & { readonly stream: number })[]> {
    const taken: (Required<SeaweedMessage> & { readonly stream: number })[] = [];
    await new Promise<void>((resolve, reject) => {
      const takeFrom = async (call: SeaweedCall<'Subscribe'>, stream: number) => {
        for (;;) {
          const response = await call.receive();
          if (response === undefined) return;
          if (response.data === null) continue;
          taken.push({ ...response.data, stream });
          if (taken.length === count) resolve();
        }
      };
      this.calls.forEach((call, stream) => void takeFrom(call, stream).catch(reject));
      if (count === 0) resolve();
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    return taken;
  }

  [Symbol.dispose](): void {
    for (const call of this.calls) call.disconnect();
  }
}
