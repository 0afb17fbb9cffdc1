import { EventEmitter } from 'node:events';
import type { CallFailure, Cancellable } from 'playhead-client/transport';
import { StatusCode } from 'playhead-proto';
import type { UnaryCall as ServiceCall, UnaryHandler } from '../service/call.ts';
import { toCallFailure } from './call-failure.ts';
import { CALLER_METADATA, IN_PROCESS } from './in-process-call.ts';

type Done = (failure: CallFailure | null, response?: Buffer) => void;

const CANCELLED = { code: StatusCode.CANCELLED, details: 'Cancelled on client' };
const EXPIRED = { code: StatusCode.DEADLINE_EXCEEDED, details: 'Deadline exceeded' };

/** A call with one request and one response, within the process. `done` is called once, in a later turn. */
export class UnaryCall extends EventEmitter<{ cancelled: [] }> implements ServiceCall, Cancellable {
  readonly metadata = CALLER_METADATA;
  readonly #path: string;
  readonly #done: Done;
  #isOver = false;

  constructor(path: string, done: Done) {
    super();
    this.#path = path;
    this.#done = done;
  }

  getPath(): string {
    return this.#path;
  }

  getPeer(): string {
    return IN_PROCESS;
  }

  getHost(): string {
    return '';
  }

  run(handle: UnaryHandler, request: Buffer): void {
    handle(request, this).then(
      (response) => this.#end(null, response),
      (error: unknown) => this.#end(toCallFailure(error)),
    );
  }

  cancel(): void {
    this.#abandon(CANCELLED);
  }

  /** Its time is over. */
  expire(): void {
    this.#abandon(EXPIRED);
  }

  #abandon(failure: CallFailure): void {
    if (this.#isOver) return;
    this.#end(failure);
    this.emit('cancelled');
  }

  /** In a turn of its own, so that a client which asks again and again keeps no timer and no socket waiting. */
  #end(failure: CallFailure | null, response?: Buffer): void {
    if (this.#isOver) return;
    this.#isOver = true;
    setImmediate(() => this.#done(failure, response));
  }
}
