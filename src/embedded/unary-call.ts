import { EventEmitter } from 'node:events';
import type { CallFailure, Cancellable } from 'playhead-client/transport';
import { StatusCode } from 'playhead-proto';
import type { UnaryCall as ServiceCall, UnaryHandler } from '../service/call.ts';
import { CALLER_METADATA, IN_PROCESS } from './in-process-call.ts';

type Done = (failure: CallFailure | null, response?: Buffer) => void;

/** A call with one request and one response, within the process. */
export class UnaryCall extends EventEmitter<{ cancelled: [] }> implements ServiceCall, Cancellable {
  readonly metadata = CALLER_METADATA;
  readonly #path: string;
  readonly #onOver: () => void;
  #isOver = false;

  constructor(path: string, onOver: () => void) {
    super();
    this.#path = path;
    this.#onOver = onOver;
  }

  getPath(): string {
    return this.#path;
  }

  getPeer(): string {
    return IN_PROCESS;
  }

  /** Calls the handler; `done` is called in a later turn, unless the call is cancelled before. */
  run(
    handle: UnaryHandler,
    request: Buffer,
    toFailure: (error: unknown) => CallFailure,
    done: Done,
  ): void {
    // In a turn of its own, so that a client which asks again and again keeps no timer and no socket waiting.
    const answer = (failure: CallFailure | null, response?: Buffer) => {
      setImmediate(() => this.#end(() => done(failure, response)));
    };
    handle(request, this).then(
      (response) => answer(null, response),
      (error: unknown) => answer(toFailure(error)),
    );
  }

  cancel(): void {
    this.#end(() => this.emit('cancelled'));
  }

  /** Its time is over. */
  expire(done: Done): void {
    this.#end(() => {
      this.emit('cancelled');
      done({ code: StatusCode.DEADLINE_EXCEEDED, details: 'Deadline exceeded' });
    });
  }

  #end(how: () => void): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#onOver();
    how();
  }
}
