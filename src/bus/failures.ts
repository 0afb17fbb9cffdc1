import type { BusEvent } from './event.ts';

/** Errors that are kept for `flush`; of those beyond, only the number. */
const KEPT = 100;
/** Of the text of an error in that of another. */
const TEXT_CHARACTERS = 500;

/**
 * Told of what async handlers throw, and under the key `bridge` of what bridges cannot deliver; without an event if it is
 * the bridge itself that has failed, and takes nothing more.
 */
export type ErrorListener = (
  error: unknown,
  event: BusEvent | undefined,
  handlerKey: string,
) => unknown;

/** What was kept between two takes. Linked, so that a flush has what another one took while it waited. */
export interface FailureBatch {
  readonly errors: unknown[];
  count: number;
  next: FailureBatch | undefined;
}

/** What went wrong behind the emitters' backs, until somebody is told. */
export class Failures {
  readonly #listener: ErrorListener | undefined;
  #batch: FailureBatch = { errors: [], count: 0, next: undefined };

  constructor(listener: ErrorListener | undefined) {
    this.#listener = listener;
  }

  /** Tells the listener, or keeps it for the next {@link take} and warns. Never throws. */
  readonly add: ErrorListener = (error, event, handlerKey) => {
    if (this.#listener === undefined) {
      this.#keep(error, event, handlerKey);
      return;
    }
    // A listener that fails itself must not take a handler or a bridge along.
    const keep = (thrown: unknown) => this.#keep(thrown, event, 'onError');
    try {
      Promise.resolve(this.#listener(error, event, handlerKey)).catch(keep);
    } catch (thrown) {
      keep(thrown);
    }
  };

  #keep(error: unknown, event: BusEvent | undefined, handlerKey: string): void {
    const batch = this.#batch;
    batch.count += 1;
    if (batch.errors.length < KEPT) batch.errors.push(error);
    if (batch.count > 1) return;
    const where = event === undefined ? '' : ` at ${event.topic}`;
    const what = `handler ${handlerKey} failed${where}: ${textOf(error)}`;
    process.emitWarning(
      `${what}; the next flush of the bus rejects with this, unless createBus is given onError`,
    );
  }

  /** Where a flush begins: {@link take} gives it everything from here on, and what nobody had taken before. */
  begin(): FailureBatch {
    return this.#batch;
  }

  /** What was kept since `begin`, as one error; who begins after this is not told of it again. */
  take(begin: FailureBatch): AggregateError | undefined {
    if (this.#batch.count > 0) {
      const next: FailureBatch = { errors: [], count: 0, next: undefined };
      this.#batch.next = next;
      this.#batch = next;
    }
    let count = 0;
    const errors: unknown[] = [];
    for (let batch: FailureBatch | undefined = begin; batch !== undefined; batch = batch.next) {
      count += batch.count;
      errors.push(...batch.errors.slice(0, KEPT - errors.length));
    }
    if (count === 0) return undefined;
    const what = count === 1 ? 'an event was' : `${count} events were`;
    return new AggregateError(errors, `${what} not handled: ${textOf(errors[0])}`);
  }
}

/** Of the handlers of one event. */
export function handlersFailed(topic: string, errors: readonly unknown[]): AggregateError {
  const count = errors.length === 1 ? 'a handler' : `${errors.length} handlers`;
  return new AggregateError(errors, `${count} of ${topic} failed: ${textOf(errors[0])}`);
}

/** Of an event that is not on a tape where it should be; `errors` are those of its handlers, too. */
export function bridgesFailed(
  topic: string,
  errors: readonly unknown[],
  first: unknown,
): AggregateError {
  return new AggregateError(errors, `an event of ${topic} was not published: ${textOf(first)}`);
}

function textOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.length > TEXT_CHARACTERS ? `${text.slice(0, TEXT_CHARACTERS)}…` : text;
}
