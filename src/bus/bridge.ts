import type {
  Client,
  EndPosition,
  Message,
  Publisher,
  StartPosition,
  Subscription,
} from 'playhead-client';
import { PlayheadError } from 'playhead-client';
import { type Codec, jsonCodec, OwnOrigin, toEvent, toMessage } from './bridge-message.ts';
import type { EmittedEvent } from './event.ts';
import type { ErrorListener } from './failures.ts';
import { compileTopicGlob } from './matcher.ts';

export interface BridgeOptions {
  /** A glob: events that are emitted to its topics are put on the tape, each in the topic of its name. */
  readonly publish?: string | undefined;
  /** A glob: messages of its topics become events, in the order of the tape. */
  readonly subscribe?: string | undefined;
  /** Where to begin to take messages; `'latest'` by default. From a time in the past, the events since are replayed. */
  readonly from?: StartPosition | undefined;
  /** Where to end; by default it follows. */
  readonly until?: EndPosition | undefined;
  /** Only these handlers get what is taken; all that match by default. */
  readonly handlerKeys?: readonly string[] | undefined;
  /** How data become bytes and back; JSON by default. */
  readonly codec?: Codec | undefined;
}

/** What a bridge needs of its bus. */
export interface BridgePort {
  readonly busId: string;
  /** Of the first event that it may be given. */
  readonly firstSequence: number;
  readonly deliver: (event: EmittedEvent, keys: ReadonlySet<string> | undefined) => Promise<void>;
  readonly onError: ErrorListener;
  readonly onClosed: (bridge: Bridge) => void;
}

/**
 * Between a bus and a tape. What was taken from a tape is handled and not put on one again, and what this bus itself has
 * put there while the bridge stood is not taken: its handlers have had it. So there are no loops.
 */
export class Bridge implements AsyncDisposable {
  /** Whether events of this topic are put on the tape. */
  readonly publishes: (topic: string) => boolean;
  readonly #client: Client;
  readonly #port: BridgePort;
  readonly #codec: Codec;
  readonly #keys: ReadonlySet<string> | undefined;
  readonly #own: OwnOrigin;
  readonly #publishers = new Map<string, Publisher>();
  readonly #subscription: Subscription | undefined;
  readonly #isGlob: boolean;
  readonly #taking: Promise<void>;
  #caughtUp: () => void = () => {};
  readonly #whenCaughtUp: Promise<void>;
  #closing: Promise<void> | undefined;

  constructor(client: Client, options: BridgeOptions, port: BridgePort) {
    const { publish, subscribe, from = 'latest', until, codec = jsonCodec, handlerKeys } = options;
    this.publishes = publish === undefined ? () => false : compileTopicGlob(publish);
    if (subscribe !== undefined) compileTopicGlob(subscribe);
    this.#isGlob = subscribe?.includes('*') === true;
    this.#client = client;
    this.#port = port;
    this.#codec = codec;
    this.#keys = handlerKeys && new Set(handlerKeys);
    this.#own = new OwnOrigin(port.busId, port.firstSequence);
    this.#whenCaughtUp = new Promise((resolve) => {
      this.#caughtUp = resolve;
    });
    this.#subscription =
      subscribe === undefined ? undefined : client.subscribe(subscribe, { from, until });
    this.#taking = this.#takeAll();
    // Whoever awaits `ended` is told; so is onError.
    this.#taking.catch((error: unknown) => port.onError(error, undefined, 'bridge'));
  }

  /** Resolves when the broker has taken the subscription. */
  async started(): Promise<void> {
    await this.#subscription?.started();
  }

  /** Resolves when the handlers have had what was on the tape: from then on events come as they are published. Also at the end. */
  caughtUp(): Promise<void> {
    return this.#whenCaughtUp;
  }

  /** Resolves when nothing more will be taken; rejects with a PlayheadError if that is for a failure. */
  ended(): Promise<void> {
    return this.#taking;
  }

  /** Resolves when the event is on the tape. `sequence` numbers the events that the bus has put on any. */
  async put(event: EmittedEvent, sequence: number): Promise<void> {
    const message = toMessage(event, this.#codec, `${this.#port.busId}/${sequence}`);
    await this.#publisher(event.topic).publish(message);
  }

  /**
   * Waits for what was put, and for the event that is being handled, takes nothing more, and leaves the client open.
   * Idempotent. A handler of an event of this bridge that awaits it waits for itself.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.#port.onClosed(this);
    await this.#subscription?.close();
    await this.#taking.catch(() => {});
    await Promise.all([...this.#publishers.values()].map((publisher) => publisher.close()));
  }

  #publisher(topic: string): Publisher {
    let publisher = this.#publishers.get(topic);
    if (publisher === undefined) {
      publisher = this.#client.publisher(topic);
      this.#publishers.set(topic, publisher);
    }
    return publisher;
  }

  async #takeAll(): Promise<void> {
    try {
      if (this.#subscription === undefined) return;
      for await (const event of this.#subscription.events()) {
        if (event.type === 'message') await this.#take(event.message);
        else if (event.type === 'caught_up') this.#caughtUp();
        else if (event.type === 'deleted' && !this.#isGlob) throw topicDeleted(event.topic);
      }
    } finally {
      this.#caughtUp();
    }
  }

  /** One after the other: what is slow to handle holds the tape back, and nothing piles up here. */
  async #take(message: Message): Promise<void> {
    if (this.#own.has(message)) return;
    let event: EmittedEvent;
    try {
      event = toEvent(message, this.#codec);
    } catch (error) {
      this.#port.onError(error, toEvent(message, undecoded), 'bridge');
      return;
    }
    try {
      await this.#port.deliver(event, this.#keys);
    } catch (error) {
      this.#port.onError(error, event, 'bridge');
    }
  }
}

function topicDeleted(topic: string): PlayheadError {
  return new PlayheadError('TOPIC_DELETED', `topic ${topic} was deleted`, { metadata: { topic } });
}

/** For who is told that a message could not be decoded. */
const undecoded: Codec = {
  encode: () => '',
  decode: (bytes) => bytes,
};
