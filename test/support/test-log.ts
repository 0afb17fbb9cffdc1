import type { PublishAck } from '../../src/log/append.ts';
import type { CloseMarker } from '../../src/log/close-marker.ts';
import { Log } from '../../src/log/log.ts';
import type { MessageRun } from '../../src/log/message-run.ts';
import type { ReadEvent, Reader } from '../../src/log/read-event.ts';
import type { SubscribeOptions } from '../../src/log/subscribe.ts';
import { subscribe } from '../../src/log/subscribe.ts';
import { silentLogger } from '../../src/logger.ts';
import { ManualClock } from '../../src/manual-clock.ts';
import type { Databases } from '../../src/storage/databases.ts';
import { MemoryDatabases } from '../../src/storage/databases.ts';
import { LevelStore } from '../../src/storage/level-store.ts';
import { HeldStore } from './held-store.ts';
import { runOf, valuesOf } from './message.ts';

export interface TestLogOptions {
  readonly clock?: ManualClock;
  readonly databases?: Databases;
  readonly autoCreateTopics?: boolean;
}

const NOTHING = {
  run: undefined,
  producer: undefined,
  expectedLastTimestampNs: undefined,
  close: undefined,
};

/** A log in memory with a clock by hand. */
export class TestLog implements AsyncDisposable {
  readonly databases: Databases;
  readonly #options: TestLogOptions;
  #store: HeldStore;
  #log: Log;
  #clock: ManualClock;

  private constructor(
    options: TestLogOptions,
    parts: { databases: Databases; store: HeldStore },
    log: Log,
  ) {
    this.#clock = options.clock ?? new ManualClock();
    this.databases = parts.databases;
    this.#store = parts.store;
    this.#options = options;
    this.#log = log;
  }

  static async open(given: TestLogOptions = {}): Promise<TestLog> {
    const options = { ...given, clock: given.clock ?? new ManualClock() };
    const databases = options.databases ?? new MemoryDatabases();
    const { store, log } = await openLog(options, databases);
    return new TestLog(options, { databases, store }, log);
  }

  get log(): Log {
    return this.#log;
  }

  get clock(): ManualClock {
    return this.#clock;
  }

  get store(): HeldStore {
    return this.#store;
  }

  /** Closes the log and opens it again on the same data. */
  async reopen(): Promise<void> {
    await this.#log.close();
    const { store, log } = await openLog({ ...this.#options, clock: this.clock }, this.databases);
    this.#store = store;
    this.#log = log;
  }

  /** Opens the log again as it is found after a crash; of the old one nothing more is heard. */
  async crash(): Promise<void> {
    this.#clock = new ManualClock(this.#clock.nowNs());
    const { store, log } = await openLog({ ...this.#options, clock: this.#clock }, this.databases);
    this.#store = store;
    this.#log = log;
  }

  publish(name: string, ...values: (string | Uint8Array)[]): Promise<PublishAck> {
    return this.publishRun(name, runOf(...values));
  }

  async publishRun(name: string, run: MessageRun): Promise<PublishAck> {
    const topic = await this.#log.topicForWriting(name);
    return this.#log.appendAndWait({ ...NOTHING, topic, run });
  }

  close(name: string, reason = ''): Promise<CloseMarker> {
    return this.#log.closeTopic(name, { reason, checksum: Buffer.alloc(0) });
  }

  /** Opens a reader, from the earliest message on unless told otherwise. */
  async read(topic: string, options: Partial<SubscribeOptions> = {}): Promise<EventStream> {
    const { reader } = await subscribe(this.#log, {
      topic,
      position: { at: 'earliest' },
      untilNs: undefined,
      untilNow: false,
      maxMessages: undefined,
      createdTimestampNs: undefined,
      chunkBytes: 256 * 1024,
      ...options,
    });
    return new EventStream(reader);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#log.close();
  }
}

async function openLog(options: TestLogOptions & { clock: ManualClock }, databases: Databases) {
  const { clock, autoCreateTopics = true } = options;
  const store = new HeldStore(new LevelStore(databases));
  const log = await Log.open({
    store,
    clock,
    logger: silentLogger,
    sync: true,
    autoCreateTopics,
    maxMessageBytes: 1024 * 1024,
  });
  return { store, log };
}

/** What a reader tells, one by one. */
export class EventStream implements AsyncDisposable {
  readonly reader: Reader;
  readonly #events: AsyncGenerator<ReadEvent, void>;

  constructor(reader: Reader) {
    this.reader = reader;
    this.#events = reader.events();
  }

  /** The next event; undefined behind the last one. */
  async next(): Promise<ReadEvent | undefined> {
    const { value, done } = await this.#events.next();
    return done === true ? undefined : (value ?? undefined);
  }

  /** Events in short up to the one of this type: messages as their values, behind each topic's name if it is told. */
  async until(type: ReadEvent['type']): Promise<unknown[]> {
    const all: unknown[] = [];
    for (;;) {
      const event = await this.next();
      if (event === undefined) throw new Error(`ended without ${type}: ${JSON.stringify(all)}`);
      all.push(...shortOf(event));
      if (event.type === type) return all;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.reader.close();
    await this.#events.return();
  }
}

/** An event in a form that is easily compared. */
export function shortOf(event: ReadEvent): unknown[] {
  switch (event.type) {
    case 'messages': {
      const values = valuesOf(Buffer.concat(event.chunks));
      if (event.runs.length === 0) return values;
      return event.runs.flatMap(({ topic, messageCount }) =>
        values.splice(0, messageCount).map((value) => `${topic}:${value}`),
      );
    }
    case 'created':
      return ['created'];
    case 'caught_up':
      return ['caught up'];
    case 'trimmed':
      return [{ trimmed: event.topic, firstNs: event.firstTimestampNs }];
    case 'closed':
      return [{ closed: event.topic, reason: event.marker.reason }];
    case 'deleted':
      return [{ deleted: event.topic }];
    case 'end':
      return [{ end: event.reason }];
  }
}
