import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import type { ServedBroker, ServeOptions } from '../../src/serve.ts';
import { serve } from '../../src/serve.ts';
import { Caller } from './caller.ts';
import type { Message, StoredMessage } from './contract.ts';

/** Address of a broker that runs already; without one each file starts its own. */
const EXTERNAL_ADDRESS = process.env['PLAYHEAD_ADDRESS'];

/** True if the broker is not ours to start, stop or configure. */
export const isExternal = EXTERNAL_ADDRESS !== undefined && EXTERNAL_ADDRESS !== '';

/** One broker for all tests of a file. Answers with the way to get its caller, which a test calls. */
export function useBroker(): () => Caller {
  let broker: OwnBroker | undefined;
  let caller: Caller | undefined;
  beforeAll(async () => {
    if (!isExternal) broker = await OwnBroker.start();
    caller = Caller.connect(broker?.address ?? EXTERNAL_ADDRESS ?? '');
  });
  afterAll(async () => {
    caller?.close();
    await broker?.[Symbol.asyncDispose]();
  });
  return () => {
    if (caller === undefined) throw new TypeError('the broker is there once a test runs');
    return caller;
  };
}

type OwnOptions = Omit<Partial<ServeOptions>, 'dataDir'>;

/** A broker that a test starts, stops and configures, with a data directory of its own. */
export class OwnBroker implements AsyncDisposable {
  readonly #directory: string;
  readonly #options: OwnOptions;
  #served: ServedBroker;

  private constructor(directory: string, options: OwnOptions, served: ServedBroker) {
    this.#directory = directory;
    this.#options = options;
    this.#served = served;
  }

  static async start(options: OwnOptions = {}): Promise<OwnBroker> {
    const directory = await mkdtemp(join(tmpdir(), 'playhead-conformance-'));
    return new OwnBroker(directory, options, await serveFrom(directory, options));
  }

  get address(): string {
    return this.#served.grpcAddress;
  }

  /** Throws unless it serves HTTP. */
  get httpAddress(): string {
    const { httpAddress } = this.#served;
    if (httpAddress === undefined) throw new TypeError('this broker serves no HTTP');
    return httpAddress;
  }

  stop(): Promise<void> {
    return this.#served.close();
  }

  /** Starts again with the data of before, at another port. */
  async restart(): Promise<void> {
    await this.stop();
    this.#served = await serveFrom(this.#directory, this.#options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await rm(this.#directory, { recursive: true, force: true });
  }
}

function serveFrom(directory: string, options: OwnOptions): Promise<ServedBroker> {
  return serve({ grpcAddress: '127.0.0.1:0', ...options, dataDir: join(directory, 'data') });
}

/** A topic name that no other test uses. */
export function newTopic(): string {
  return `conformance/${randomUUID()}`;
}

/** Messages with these values. */
export function messagesOf(...values: string[]): Message[] {
  return values.map((value) => ({ value: Buffer.from(value) }));
}

/** So many messages with the values `prefix0`, `prefix1` and so on. */
export function manyMessages(count: number, prefix = 'm'): Message[] {
  return messagesOf(...numbered(count, prefix));
}

export function numbered(count: number, prefix = 'm'): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}${i}`);
}

export function valuesOf(messages: readonly StoredMessage[]): string[] {
  return messages.map(({ value }) => value.toString());
}

/** Adds to a timestamp. */
export function plus(timestampNs: string, ns: number | bigint): string {
  return `${BigInt(timestampNs) + BigInt(ns)}`;
}

/** Publishes values to a topic in one request; answers with the timestamp of each. */
export async function publishValues(
  caller: Caller,
  topic: string,
  ...values: string[]
): Promise<string[]> {
  const { ack } = await caller.call('Publish', { topic, messages: messagesOf(...values) });
  return values.map((_, i) => plus(ack.first_timestamp_ns, i));
}

/** Everything that a topic retains. */
export async function readWhole(caller: Caller, topic: string): Promise<StoredMessage[]> {
  const all: StoredMessage[] = [];
  let from = '0';
  for (;;) {
    const page = await caller.call('Read', { topic, from: { timestamp_ns: from } });
    all.push(...page.messages);
    if (page.is_caught_up) return all;
    from = page.next_timestamp_ns;
  }
}
