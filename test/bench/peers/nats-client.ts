import type { JetStreamManager, RetentionPolicy } from '@nats-io/jetstream';
import type { Msg, MsgHdrs, NatsConnection } from '@nats-io/transport-node';
import type { BenchClient } from '../contestants/contestant.ts';
import { Payloads, Sequence } from '../verify.ts';

/** The package that it is made with. */
export const NATS_LIBRARY = '@nats-io/jetstream';
/** How many messages that are published each by itself may be without an acknowledgement, unless they are large. */
export const MAX_UNDER_WAY = 8_000;
/** What the server takes in one atomic batch. */
export const MAX_BATCH_MESSAGES = 1_000;
export const BATCHES_UNDER_WAY = 4;
const MAX_UNDER_WAY_BYTES = 32 * 1024 * 1024;
const MAX_BATCH_BYTES = 4 * 1024 * 1024;
const IDLE_HEARTBEAT_NS = 5_000_000_000;
const INACTIVE_THRESHOLD_NS = 60_000_000_000;
/** The shortest that the server takes. Without message ids there is nothing to find twice. */
const DUPLICATE_WINDOW_NS = 100_000_000;

/** How many messages are published at once, and how many may be without an acknowledgement. */
export interface Pace {
  readonly batch: number;
  readonly window: number;
}

/** The pace for messages of this size: in atomic batches, or each by itself. */
export function paceOf(messageBytes: number, inBatches: boolean): Pace {
  if (!inBatches) {
    return { batch: 1, window: clamp(MAX_UNDER_WAY_BYTES / messageBytes, MAX_UNDER_WAY) };
  }
  const batch = clamp(MAX_BATCH_BYTES / messageBytes, MAX_BATCH_MESSAGES);
  return { batch, window: batch * BATCHES_UNDER_WAY };
}

/** What the server replies to a message, or to the last one of a batch. */
interface Acknowledgement {
  readonly seq?: number;
  /** Messages of the batch. */
  readonly count?: number;
  readonly error?: { readonly description: string };
}

type Reject = (error: Error) => void;

/** A subscription and what it is for: resolves, rejects and ends it, whichever comes first. */
interface Exchange {
  readonly resolve: () => void;
  readonly reject: Reject;
}

/** A message by itself, and whom to tell. */
interface Send extends Exchange {
  readonly value: Buffer;
}

/** The official client for Node. */
export class NatsClient implements BenchClient, AsyncDisposable {
  readonly name = NATS_LIBRARY;
  /** Whether {@link publish} commits many messages at once. */
  readonly inBatches: boolean;
  readonly #connection: NatsConnection;
  readonly #manager: JetStreamManager;
  readonly #newHeaders: () => MsgHdrs;
  readonly #retention: RetentionPolicy;
  readonly #inbox: string;
  readonly #streams = new Map<string, Promise<string>>();
  /** Not written yet, by stream, and without an answer yet, by its subject. */
  readonly #waiting = new Map<string, Send[]>();
  readonly #sends = new Map<string, readonly Send[]>();
  readonly #exchanges = new Set<Reject>();
  #lastId = 0;

  private constructor(
    connection: NatsConnection,
    manager: JetStreamManager,
    newHeaders: () => MsgHdrs,
    inBatches: boolean,
    inbox: string,
    retention: RetentionPolicy,
  ) {
    this.#connection = connection;
    this.#manager = manager;
    this.#newHeaders = newHeaders;
    this.inBatches = inBatches;
    this.#inbox = inbox;
    this.#retention = retention;
    connection.subscribe(`${inbox}.send.*`, {
      callback: (error, message) => this.#takeReply(error, message),
    });
    void connection.closed().then((cause) => this.#failAll(cause));
  }

  /**
   * `inBatches`: whether {@link publish} commits many messages at once. `retention`: of the streams that it makes;
   * `limits` by default.
   */
  static async connect(
    port: number,
    inBatches: boolean,
    retention: RetentionPolicy = 'limits',
  ): Promise<NatsClient> {
    const { connect, createInbox, headers } = await import('@nats-io/transport-node');
    const { jetstreamManager } = await import('@nats-io/jetstream');
    const connection = await connect({ port, reconnect: false });
    try {
      const manager = await jetstreamManager(connection);
      return new NatsClient(connection, manager, headers, inBatches, createInbox(), retention);
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  get serverVersion(): string {
    return this.#connection.info?.version ?? 'of an unknown version';
  }

  async publish(topic: string, messageBytes: number, count: number): Promise<void> {
    const stream = await this.streamOf(topic);
    const payloads = new Payloads(messageBytes);
    const { batch, window } = paceOf(messageBytes, this.inBatches);
    let sent = 0;
    let acknowledged = 0;
    const fill = (reply: string) => {
      while (sent < count && sent - acknowledged < window) {
        const values: Buffer[] = [];
        const end = Math.min(count, sent + batch);
        for (; sent < end; sent++) values.push(Buffer.from(payloads.at(sent)));
        this.#publishAll(stream, values, reply);
      }
    };
    if (count === 0) return;
    const reply = this.#newSubject('publish');
    await this.#exchange(
      reply,
      (message, { resolve }) => {
        acknowledged += acknowledgedBy(message);
        if (acknowledged === count) resolve();
        // Half of the window at once, so that many messages share a write to the socket.
        else if (sent - acknowledged <= window / 2) fill(reply);
      },
      () => fill(reply),
    );
  }

  async read(topic: string, messageBytes: number, count: number): Promise<void> {
    const stream = await this.streamOf(topic);
    const sequence = new Sequence(new Payloads(messageBytes), topic);
    let taken = 0;
    if (count === 0) return;
    const subject = this.#newSubject('read');
    let consumer: string | undefined;
    await this.#exchange(
      subject,
      (message, { resolve }) => {
        if (this.#isControl(message)) return;
        sequence.takeValue(valueOf(message));
        taken += 1;
        if (taken === count) resolve();
      },
      async () => {
        consumer = await this.#deliver(stream, subject, 'all');
      },
    );
    sequence.finish(count);
    if (consumer !== undefined) await this.#manager.consumers.delete(stream, consumer);
  }

  async send(topic: string, value: Buffer): Promise<void> {
    // The caller has the buffer back before the stream is there.
    const copy = Buffer.from(value);
    const stream = await this.streamOf(topic);
    await new Promise<void>((resolve, reject) => {
      const waiting = this.#waiting.get(stream);
      if (waiting !== undefined) {
        waiting.push({ value: copy, resolve, reject });
        return;
      }
      this.#waiting.set(stream, [{ value: copy, resolve, reject }]);
      queueMicrotask(() => this.#flush(stream));
    });
  }

  async follow(topic: string, onValue: (value: Buffer) => void): Promise<AsyncDisposable> {
    const stream = await this.streamOf(topic);
    const subject = this.#newSubject('follow');
    const subscription = this.#connection.subscribe(subject, {
      callback: (error, message) => {
        if (error !== null) throw error;
        if (!this.#isControl(message)) onValue(valueOf(message));
      },
    });
    const consumer = await this.#deliver(stream, subject, 'new');
    return {
      [Symbol.asyncDispose]: async () => {
        if (subscription.isClosed()) return;
        subscription.unsubscribe();
        if (!this.#connection.isClosed()) await this.#manager.consumers.delete(stream, consumer);
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection.close();
  }

  /** The name of the stream of a topic, which is its subject, too. Makes it at first. */
  streamOf(topic: string): Promise<string> {
    const known = this.#streams.get(topic);
    if (known !== undefined) return known;
    const made = this.#makeStream(encodeTopic(topic));
    this.#streams.set(topic, made);
    return made;
  }

  async #makeStream(name: string): Promise<string> {
    await this.#manager.streams.add({
      name,
      subjects: [name],
      num_replicas: 1,
      retention: this.#retention,
      duplicate_window: DUPLICATE_WINDOW_NS,
      allow_atomic: this.inBatches,
    });
    return name;
  }

  /**
   * Publishes one message, or more as a batch: they are kept aside until the last one commits them, and only that one
   * is acknowledged. The connection keeps the values until it writes.
   */
  #publishAll(stream: string, values: readonly Buffer[], reply: string): void {
    if (values.length === 1) {
      this.#connection.publish(stream, values[0], { reply });
      return;
    }
    const id = this.#newId();
    for (const [index, value] of values.entries()) {
      const headers = this.#newHeaders();
      headers.set('Nats-Batch-Id', id);
      headers.set('Nats-Batch-Sequence', String(index + 1));
      const isLast = index === values.length - 1;
      if (isLast) headers.set('Nats-Batch-Commit', '1');
      this.#connection.publish(stream, value, isLast ? { headers, reply } : { headers });
    }
  }

  /** Has the server push messages to this subject. Resolves with the name of the consumer. */
  async #deliver(stream: string, subject: string, from: 'all' | 'new'): Promise<string> {
    const { AckPolicy, DeliverPolicy, ReplayPolicy } = await import('@nats-io/jetstream');
    const { name } = await this.#manager.consumers.add(stream, {
      deliver_subject: subject,
      deliver_policy: from === 'all' ? DeliverPolicy.All : DeliverPolicy.New,
      ack_policy: AckPolicy.None,
      replay_policy: ReplayPolicy.Instant,
      flow_control: true,
      idle_heartbeat: IDLE_HEARTBEAT_NS,
      inactive_threshold: INACTIVE_THRESHOLD_NS,
      mem_storage: true,
      num_replicas: 1,
    });
    return name;
  }

  /** Whether it is a heartbeat or the server's question whether it may go on, which is answered. */
  #isControl(message: Msg): boolean {
    const { headers } = message;
    if (headers === undefined || headers.code !== 100) return false;
    const stalled = headers.get('Nats-Consumer-Stalled');
    if (stalled !== '') this.#connection.publish(stalled);
    message.respond();
    return true;
  }

  /** Subscribes, begins, and resolves when `onMessage` says so. Rejects with what that throws, and when the connection ends. */
  async #exchange(
    subject: string,
    onMessage: (message: Msg, exchange: Exchange) => void,
    begin: () => void | Promise<void>,
  ): Promise<void> {
    const { promise, resolve, reject } = withResolvers();
    const subscription = this.#connection.subscribe(subject, {
      callback: (error, message) => {
        try {
          if (error !== null) throw error;
          onMessage(message, { resolve, reject });
        } catch (thrown) {
          subscription.unsubscribe();
          reject(asError(thrown));
        }
      },
    });
    this.#exchanges.add(reject);
    try {
      await Promise.all([promise, begin()]);
    } finally {
      this.#exchanges.delete(reject);
      if (!subscription.isClosed()) subscription.unsubscribe();
    }
  }

  /** Sends what was given in this turn of the event loop: in batches if messages are published so, or each by itself. */
  #flush(stream: string): void {
    const waiting = this.#waiting.get(stream) ?? [];
    this.#waiting.delete(stream);
    const { batch: size } = paceOf(waiting[0]?.value.length ?? 1, this.inBatches);
    for (let first = 0; first < waiting.length; first += size) {
      const sends = waiting.slice(first, first + size);
      const reply = this.#newSubject('send');
      this.#sends.set(reply, sends);
      try {
        this.#publishAll(
          stream,
          sends.map(({ value }) => value),
          reply,
        );
      } catch (error) {
        // The connection has ended meanwhile.
        this.#sends.delete(reply);
        for (const { reject } of sends) reject(asError(error));
      }
    }
  }

  #takeReply(error: Error | null, message: Msg): void {
    const sends = this.#sends.get(message.subject) ?? [];
    this.#sends.delete(message.subject);
    try {
      if (error !== null) throw error;
      acknowledgedBy(message);
      for (const { resolve } of sends) resolve();
    } catch (thrown) {
      for (const { reject } of sends) reject(asError(thrown));
    }
  }

  #failAll(cause: Error | void): void {
    const error = cause instanceof Error ? cause : new Error('the connection to NATS has ended');
    for (const { reject } of [...this.#sends.values()].flat()) reject(error);
    for (const reject of this.#exchanges) reject(error);
    this.#sends.clear();
  }

  #newSubject(purpose: string): string {
    return `${this.#inbox}.${purpose}.${this.#newId()}`;
  }

  #newId(): string {
    this.#lastId += 1;
    return this.#lastId.toString(36);
  }
}

/** How many messages it acknowledges. Throws if it is a refusal. */
function acknowledgedBy(message: Msg): number {
  if (message.headers?.code === 503) throw new Error('NATS: no stream takes the message');
  const { seq, count = 1, error }: Acknowledgement = message.json();
  if (error !== undefined) throw new Error(`NATS: ${error.description}`);
  if (seq === undefined) throw new Error(`NATS: not an acknowledgement: ${message.string()}`);
  return count;
}

function valueOf({ data }: Msg): Buffer {
  return Buffer.from(data.buffer, data.byteOffset, data.length);
}

/** A name of a stream has no dots, blanks, wildcards and slashes. */
function encodeTopic(topic: string): string {
  return topic.replaceAll(
    /[^A-Za-z0-9-]/gu,
    (character) => `_${(character.codePointAt(0) ?? 0).toString(16)}_`,
  );
}

function clamp(value: number, maximum: number): number {
  return Math.max(1, Math.min(maximum, Math.floor(value)));
}

function withResolvers(): Exchange & { readonly promise: Promise<void> } {
  const exchange: { resolve: () => void; reject: Reject } = { resolve() {}, reject() {} };
  const promise = new Promise<void>((resolve, reject) => {
    exchange.resolve = resolve;
    exchange.reject = reject;
  });
  return { ...exchange, promise };
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
