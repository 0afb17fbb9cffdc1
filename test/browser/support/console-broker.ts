import type { Client } from 'playhead-client';
import { connect } from 'playhead-client';
import type { ServedBroker } from '../../../src/serve.ts';
import { serve } from '../../../src/serve.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { ShiftedClock } from './shifted-clock.ts';

/** A message as a test publishes it over HTTP. */
export interface Published {
  readonly key?: string;
  readonly value?: string;
  readonly value_base64?: string;
  readonly headers?: readonly { readonly name: string; readonly value: string }[];
}

/** A broker with HTTP on a port that it keeps when it comes back. */
export class ConsoleBroker implements AsyncDisposable {
  readonly clock = new ShiftedClock();
  readonly #directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  #served: ServedBroker | undefined;
  #httpAddress = '127.0.0.1:0';

  private constructor(directory: Awaited<ReturnType<typeof temporaryDirectory>>) {
    this.#directory = directory;
  }

  static async start(): Promise<ConsoleBroker> {
    const broker = new ConsoleBroker(await temporaryDirectory());
    await broker.start();
    return broker;
  }

  get url(): string {
    return `http://${this.#httpAddress}`;
  }

  /** Comes back with its data, at the same address. */
  async start(): Promise<void> {
    this.#served = await serve({
      dataDir: this.#directory.path,
      durability: 'os',
      clock: this.clock,
      grpcAddress: '127.0.0.1:0',
      httpAddress: this.#httpAddress,
    });
    this.#httpAddress = this.#served.httpAddress ?? '';
  }

  async stop(): Promise<void> {
    await this.#served?.close();
    this.#served = undefined;
  }

  /** A client for what takes many messages. */
  connect(): Client {
    return connect(this.#served?.grpcAddress ?? '');
  }

  /** Asks over HTTP; an object is sent as JSON. */
  async send<T = unknown>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      ...(body !== undefined && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  /** Publishes, and answers with the timestamp of the first. */
  async publish(topic: string, ...messages: readonly (string | Published)[]): Promise<bigint> {
    const body = messages.map((each) => (typeof each === 'string' ? { value: each } : each));
    const path = `/v1/topics/${encodeURIComponent(topic)}/messages`;
    const ack = await this.send<{ first_timestamp_ns: string }>('POST', path, body);
    return BigInt(ack.first_timestamp_ns);
  }

  /** Publishes `message 0`, `message 1` and so on. */
  async publishMany(topic: string, count: number): Promise<void> {
    await using client = this.connect();
    function* values() {
      for (let i = 0; i < count; i++) yield `message ${i}`;
    }
    await client.publisher(topic).publishAll(values());
  }

  async createTopics(names: readonly string[]): Promise<void> {
    const log = this.#served?.broker.log;
    if (log === undefined) throw new Error('the broker is away');
    for (let i = 0; i < names.length; i += 500) {
      await Promise.all(names.slice(i, i + 500).map((name) => log.createTopic(name, {})));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.#directory[Symbol.asyncDispose]();
  }
}
