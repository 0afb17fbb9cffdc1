import { randomBytes } from 'node:crypto';
import type { Client } from 'playhead-client';
import { PlayheadError } from 'playhead-client';
import type { Clock } from '../clock.ts';
import { BUS_EMITS_MAX } from '../limits.ts';
import { checkBridgeOptions, checkEmitOptions, checkId, checkName } from './arguments.ts';
import { Bridge, type BridgeOptions } from './bridge.ts';
import { type EmitContext, type EmitOptions, EmittedEvent, HandlerContext } from './event.ts';
import { EventClock } from './event-clock.ts';
import { EventIds } from './event-ids.ts';
import { bridgesFailed, type ErrorListener, Failures, handlersFailed } from './failures.ts';
import { Handler, type HandlerOptions } from './handler.ts';
import type { HandlerQueue } from './handler-queue.ts';

export interface BusOptions {
  /** Makes the ids of events; by default 16 characters that sort by time. */
  readonly nextId?: (() => string) | undefined;
  /** Where the times of events come from; the machine by default. */
  readonly clock?: Clock | undefined;
  /**
   * Told of what async handlers throw, and of what a bridge cannot deliver. Without it the first is a process warning, and
   * the next flush rejects with all.
   */
  readonly onError?: ErrorListener | undefined;
}

/** A topic: who gets its events. Replaced as a whole, so that an emit goes on with what it began with. */
interface Route {
  readonly handlers: readonly Handler[];
  readonly bridges: readonly Bridge[];
}

/** What an emit resolves to when all of it has happened already. */
const DONE = Promise.resolve();

/**
 * Events within a process: topics, handlers whose matchers fit them, and `emit`, which calls the handlers one after the
 * other in the order of their registration.
 */
export class Bus implements AsyncDisposable {
  /** Tells this bus from others that share a tape with it. */
  readonly id = randomBytes(9).toString('base64url');
  readonly #nextId: () => string;
  readonly #clock: EventClock;
  readonly #failures: Failures;
  readonly #routes = new Map<string, Route>();
  readonly #handlers = new Map<string, Handler>();
  /** Of handlers that are gone and have events to handle. */
  readonly #retired = new Set<HandlerQueue>();
  readonly #bridges = new Set<Bridge>();
  /** Emits that wait for a handler or for a tape. */
  readonly #running = new Set<Promise<void>>();
  #lastContext = new HandlerContext('', undefined);
  #bridgedCount = 0;
  #isClosed = false;
  #closing: Promise<void> | undefined;

  constructor({ nextId, clock, onError }: BusOptions = {}) {
    if (nextId !== undefined && typeof nextId !== 'function') {
      throw new TypeError('nextId is a function that makes ids');
    }
    const ids = new EventIds();
    this.#nextId = nextId ?? (() => ids.next());
    this.#clock = new EventClock(clock);
    this.#failures = new Failures(onError);
  }

  /** Topics that are registered already stay as they are. INVALID_ARGUMENT for what cannot be a topic's name. */
  registerTopics(...names: readonly string[]): void {
    for (const name of names) checkName(name);
    for (const name of names) {
      if (!this.#routes.has(name)) this.#routes.set(name, this.#routeOf(name));
    }
  }

  /** From now on emits to them are refused. Those that are not registered are no error. */
  deregisterTopics(...names: readonly string[]): void {
    for (const name of names) this.#routes.delete(name);
  }

  /** In the order of their registration. */
  topics(): string[] {
    return [...this.#routes.keys()];
  }

  /**
   * Binds a handler to all topics that match, registered before or after. A handler of the same key is replaced, and the
   * new one is the last in the order. INVALID_ARGUMENT for a matcher that cannot be one.
   */
  registerHandler<Data = unknown>(key: string, options: HandlerOptions<Data>): void {
    if (typeof key !== 'string' || key === '') throw new TypeError('a handler has a key');
    const handler = new Handler(key, options, this.#failures.add);
    this.#retire(this.#handlers.get(key));
    this.#handlers.delete(key);
    this.#handlers.set(key, handler);
    this.#bindAll();
  }

  /** What was emitted before is still handled. */
  deregisterHandler(key: string): void {
    this.#retire(this.#handlers.get(key));
    if (this.#handlers.delete(key)) this.#bindAll();
  }

  /** In the order in which handlers are called. */
  handlerKeys(): string[] {
    return [...this.#handlers.keys()];
  }

  /** Keys of the handlers of a topic, in the order in which they are called. Empty for an unknown topic. */
  topicHandlerKeys(topic: string): string[] {
    return this.#routes.get(topic)?.handlers.map(({ key }) => key) ?? [];
  }

  /** The registered topics that a handler is for. Empty for an unknown handler. */
  handlerTopicSubscriptions(key: string): string[] {
    const matches = this.#handlers.get(key)?.matches;
    return matches === undefined ? [] : this.topics().filter((topic) => matches(topic));
  }

  /**
   * Gives the event to the topic's handlers. Resolves when all of them are done that are not async, and bridges have it on
   * their tapes; rejects with an AggregateError, then too, of what they threw. Rejects with TOPIC_NOT_FOUND for a topic that
   * is not registered. In a handler, give its context as `options`.
   */
  emit(topic: string, data?: unknown, options?: EmitOptions): Promise<void> {
    try {
      return this.#emit(topic, data, options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #emit(topic: string, data: unknown, options: EmitOptions | undefined): Promise<void> {
    const route = this.#routes.get(topic);
    if (route === undefined || this.#isClosed) throw this.#refusalOf(topic);
    if (this.#running.size >= BUS_EMITS_MAX) throw tooMany();
    if (options !== undefined && !isContext(options)) checkEmitOptions(options);
    const id = options?.id ?? checkId(this.#nextId());
    const context =
      options === undefined ? new HandlerContext(id, undefined) : this.#contextOf(id, options);
    const occurredAt = options?.occurredAt ?? this.#clock.nowNs();
    const event = new EmittedEvent(id, topic, data, context, occurredAt);
    const { handlers, bridges } = route;
    if (bridges.length === 0) return this.#handle(event, context, handlers);
    // To the tapes first: what handlers emit comes behind it there, as here.
    this.#bridgedCount += 1;
    const puts = bridges.map((bridge) => bridge.put(event, this.#bridgedCount));
    return this.#track(joined(event, this.#handle(event, context, handlers), puts));
  }

  /**
   * Waits for everything that was emitted before: handlers, async ones included, and tapes. Rejects with an AggregateError
   * of what async handlers have thrown since the last time, unless there is an `onError`, which was told. Of two that
   * wait at the same time, both do. A handler that awaits it waits for itself.
   */
  async flush(): Promise<void> {
    const begin = this.#failures.begin();
    const running = [...this.#running];
    const drained = this.#drained();
    if (running.length > 0) {
      await Promise.allSettled(running);
      // Async handlers behind a plain one that waited have the event only now.
      await this.#drained();
    }
    await drained;
    const failure = this.#failures.take(begin);
    if (failure !== undefined) throw failure;
  }

  /**
   * Puts events on a tape and takes others from it. Resolves when the broker has taken the subscription, if there is one:
   * nothing that is published from then on is missed.
   */
  async bridge(client: Client, options: BridgeOptions): Promise<Bridge> {
    if (this.#closing !== undefined) throw new PlayheadError('CLIENT_CLOSED', 'the bus is closed');
    checkBridgeOptions(options);
    const bridge = new Bridge(client, options, {
      busId: this.id,
      firstSequence: this.#bridgedCount + 1,
      deliver: (parts, keys) => this.#deliver(parts, keys),
      onError: this.#failures.add,
      onClosed: (closed) => {
        this.#bridges.delete(closed);
        this.#bindAll();
      },
    });
    this.#bridges.add(bridge);
    this.#bindAll();
    try {
      await bridge.started();
    } catch (error) {
      await bridge.close();
      throw error;
    }
    return bridge;
  }

  /**
   * Waits until all is handled that was emitted, and what handlers have emitted meanwhile; closes the bridges, and refuses
   * what is emitted from then on. Rejects as {@link flush} does. Idempotent. A handler that awaits it waits for itself.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    // What was emitted before is handled to its end, with what its handlers emit, and is on the tapes before their
    // bridges go.
    while (this.#running.size > 0 || this.#pendingCount() > 0) {
      await Promise.allSettled(this.#running);
      await this.#drained();
    }
    this.#isClosed = true;
    await Promise.all([...this.#bridges].map((bridge) => bridge.close()));
    await this.flush();
  }

  /** Calls the handlers one after the other; leaves for later only from the first promise on. */
  #handle(event: EmittedEvent, context: EmitContext, handlers: readonly Handler[]): Promise<void> {
    let errors: unknown[] | undefined;
    for (let at = 0; at < handlers.length; at++) {
      try {
        const result = handlers[at]?.take(event, context);
        if (isPromise(result)) {
          const rest = handlers.slice(at + 1);
          return this.#track(handleRest(event, context, { first: result, rest, errors }));
        }
      } catch (error) {
        errors ??= [];
        errors.push(error);
      }
    }
    return errors === undefined ? DONE : Promise.reject(handlersFailed(event.topic, errors));
  }

  /**
   * An event of a tape. Topics that are not known yet are from now on: whoever bridges asks for them. An async handler
   * that has enough to do holds the tape back.
   */
  async #deliver(event: EmittedEvent, keys: ReadonlySet<string> | undefined): Promise<void> {
    if (!this.#routes.has(event.topic)) this.registerTopics(event.topic);
    const all = this.#routes.get(event.topic)?.handlers ?? [];
    const handlers = keys === undefined ? all : all.filter(({ key }) => keys.has(key));
    for (const { queue } of handlers) await queue?.room();
    await this.#handle(event, new HandlerContext(event.txId, event.source), handlers);
  }

  /** Events that async handlers have not handled to their end. */
  #pendingCount(): number {
    let count = 0;
    for (const { queue } of this.#handlers.values()) count += queue?.unhandledCount ?? 0;
    for (const queue of this.#retired) count += queue.unhandledCount;
    return count;
  }

  /** Resolves when async handlers have handled what they have now. */
  async #drained(): Promise<void> {
    const queues = [...this.#handlers.values()].flatMap(({ queue }) => queue ?? []);
    await Promise.all([...queues, ...this.#retired].map((queue) => queue.drained()));
  }

  #track(promise: Promise<void>): Promise<void> {
    this.#running.add(promise);
    const forget = () => this.#running.delete(promise);
    promise.then(forget, forget);
    return promise;
  }

  #contextOf(id: string, options: EmitOptions): EmitContext {
    if (options instanceof HandlerContext) return options;
    const { txId, source } = options;
    if (txId === undefined) return new HandlerContext(id, source);
    // Events of one transaction mostly come one after the other.
    const last = this.#lastContext;
    if (last.txId === txId && last.source === source) return last;
    this.#lastContext = new HandlerContext(txId, source);
    return this.#lastContext;
  }

  #refusalOf(topic: string): PlayheadError {
    if (this.#isClosed) return new PlayheadError('CLIENT_CLOSED', 'the bus is closed');
    const text = `topic(${topic}) not found`;
    return new PlayheadError('TOPIC_NOT_FOUND', text, { metadata: { topic } });
  }

  #routeOf(topic: string): Route {
    return {
      handlers: [...this.#handlers.values()].filter(({ matches }) => matches(topic)),
      bridges: [...this.#bridges].filter((bridge) => bridge.publishes(topic)),
    };
  }

  #bindAll(): void {
    for (const topic of this.#routes.keys()) this.#routes.set(topic, this.#routeOf(topic));
  }

  #retire(handler: Handler | undefined): void {
    const queue = handler?.queue;
    if (queue === undefined) return;
    this.#retired.add(queue);
    // What was emitted before may still come to it, behind a handler that is slow.
    void Promise.allSettled(this.#running)
      .then(() => queue.drained())
      .then(() => this.#retired.delete(queue));
  }
}

/** What is left of an event from the first handler on that is not done at once. */
interface Rest {
  readonly first: PromiseLike<unknown>;
  readonly rest: readonly Handler[];
  readonly errors: unknown[] | undefined;
}

async function handleRest(
  event: EmittedEvent,
  context: EmitContext,
  { first, rest, errors = [] }: Rest,
): Promise<void> {
  try {
    await first;
  } catch (error) {
    errors.push(error);
  }
  for (const handler of rest) {
    try {
      await handler.take(event, context);
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw handlersFailed(event.topic, errors);
}

/** The handlers of an event and the tapes it goes to, as one. */
async function joined(
  { topic }: EmittedEvent,
  handled: Promise<void>,
  puts: readonly Promise<void>[],
): Promise<void> {
  const [own, ...others] = await Promise.allSettled([handled, ...puts]);
  const failed = others.flatMap((put) => (put.status === 'rejected' ? [put.reason] : []));
  if (failed.length === 0) {
    if (own.status === 'rejected') throw own.reason;
    return;
  }
  const errors = own.status === 'rejected' && isAggregate(own.reason) ? own.reason.errors : [];
  throw bridgesFailed(topic, [...errors, ...failed], failed[0]);
}

function isAggregate(error: unknown): error is AggregateError {
  return error instanceof AggregateError;
}

/** Not a type guard: what is none has more than a context has. */
function isContext(options: EmitOptions): boolean {
  return options instanceof HandlerContext;
}

function tooMany(): PlayheadError {
  const text = `${BUS_EMITS_MAX} emits wait for their handlers, which is the limit: await some of them`;
  return new PlayheadError('OVERLOADED', text, { metadata: { limit: String(BUS_EMITS_MAX) } });
}

function isPromise(result: unknown): result is PromiseLike<unknown> {
  return typeof result === 'object' && result !== null && 'then' in result;
}

/** A bus with its handlers in this process. */
export function createBus(options: BusOptions = {}): Bus {
  return new Bus(options);
}
