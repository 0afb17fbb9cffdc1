import type { BusEvent, EmitContext } from './event.ts';
import { HandlerQueue } from './handler-queue.ts';
import { compileMatcher, type Matcher } from './matcher.ts';

/** A function that handles events. */
export type Handle = (event: BusEvent, context: EmitContext) => unknown;

export interface HandlerOptions<Data = unknown> {
  readonly matcher: Matcher;
  /** Handles an event. If it answers with a promise, that is waited for. */
  handle(event: BusEvent<Data>, context: EmitContext): unknown;
  /** True: nobody who emits waits for it; `flush` does. False by default. */
  readonly async?: boolean | undefined;
  /** Of an async handler: how many events it handles at a time; 1 by default, which keeps their order. */
  readonly concurrency?: number | undefined;
  /** Of an async handler: most events that wait for it; 10 000 by default. Beyond it, emits are refused. */
  readonly maxPending?: number | undefined;
}

const DEFAULT_PENDING = 10_000;

/** A handler that is registered. */
export class Handler {
  readonly key: string;
  readonly matches: (topic: string) => boolean;
  /** Gives it an event: answers as the function does, or, if that is async, with nothing. */
  readonly take: Handle;
  /** Of an async handler. */
  readonly queue: HandlerQueue | undefined;

  constructor(
    key: string,
    options: HandlerOptions,
    onError: (error: unknown, event: BusEvent, key: string) => void,
  ) {
    checkOptions(key, options);
    const { matcher, async = false, concurrency = 1, maxPending = DEFAULT_PENDING } = options;
    const handle: Handle = options.handle.bind(options);
    this.key = key;
    this.matches = compileMatcher(matcher);
    if (!async) {
      this.take = handle;
      return;
    }
    const limits = { concurrency, maxPending };
    const queue = new HandlerQueue(key, handle, limits, (error, event) =>
      onError(error, event, key),
    );
    this.queue = queue;
    this.take = (event, context) => queue.push(event, context);
  }
}

function checkOptions(key: string, options: HandlerOptions): void {
  if (typeof options !== 'object' || options === null || typeof options.handle !== 'function') {
    throw new TypeError(`handler ${key} has no function handle`);
  }
  const { async = false, concurrency, maxPending } = options;
  if (typeof async !== 'boolean')
    throw new TypeError(`async is true or false, not ${String(async)}`);
  if (!async && (concurrency ?? maxPending) !== undefined) {
    throw new TypeError(`handler ${key}: concurrency and maxPending go with async: true`);
  }
  if (concurrency !== undefined) checkPositive('concurrency', concurrency);
  if (maxPending !== undefined) checkPositive('maxPending', maxPending);
}

function checkPositive(name: string, value: number): void {
  if (Number.isSafeInteger(value) && value > 0) return;
  throw new TypeError(`${name} must be a positive integer, not ${value}`);
}
