import type { BusEvent } from './event.ts';

/** Errors that are kept for `flush`; of those beyond, only the number. */
const KEPT = 100;

/** Told of what async handlers throw. */
export type ErrorListener = (error: unknown, event: BusEvent, handlerKey: string) => void;

/** What went wrong behind the emitters' backs, until somebody is told. */
export class Failures {
  readonly #listener: ErrorListener | undefined;
  #errors: unknown[] = [];
  #count = 0;

  constructor(listener: ErrorListener | undefined) {
    this.#listener = listener;
  }

  /** Tells the listener, or keeps it for the next {@link take} and warns. */
  readonly add: ErrorListener = (error, event, handlerKey) => {
    if (this.#listener !== undefined) {
      this.#listener(error, event, handlerKey);
      return;
    }
    this.#count += 1;
    if (this.#errors.length < KEPT) this.#errors.push(error);
    if (this.#count > 1) return;
    const what = `handler ${handlerKey} failed at ${event.topic}: ${textOf(error)}`;
    process.emitWarning(
      `${what}; the next flush of the bus rejects with this, unless createBus is given onError`,
    );
  };

  /** What was kept, as one error. */
  take(): AggregateError | undefined {
    if (this.#count === 0) return undefined;
    const errors = this.#errors;
    const what = this.#count === 1 ? 'an event was' : `${this.#count} events were`;
    const text = `${what} not handled: ${textOf(errors[0])}`;
    this.#errors = [];
    this.#count = 0;
    return new AggregateError(errors, text);
  }
}

/** Of the handlers of one event. */
export function handlersFailed(topic: string, errors: readonly unknown[]): AggregateError {
  const count = errors.length === 1 ? 'a handler' : `${errors.length} handlers`;
  return new AggregateError(errors, `${count} of ${topic} failed: ${textOf(errors[0])}`);
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
