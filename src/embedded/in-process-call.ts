import { EventEmitter } from 'node:events';
import type { CallFailure, DuplexCall as ClientCall } from 'playhead-client/transport';
import { StatusCode } from 'playhead-proto';
import type { DuplexCall, ReadCall } from '../service/call.ts';
import { Pipe } from './pipe.ts';

const CANCELLED: CallFailure = { code: StatusCode.CANCELLED, details: 'Cancelled on client' };

/**
 * A call within the process, with an end for the client and an end for the service. It behaves as a call of grpc-js
 * does: both ends hear of what happens in a later turn, and of its end once.
 */
export class InProcessCall {
  readonly client: ClientEnd;
  readonly service: ServiceEnd;
  readonly #requests: Pipe;
  readonly #responses: Pipe;
  readonly #onOver: () => void;
  #isOver = false;

  constructor(path: string, onOver: () => void) {
    this.#onOver = onOver;
    const toService = {
      onData: (request: Buffer) => this.service.emit('data', request),
      onEnd: () => this.service.emit('end'),
      onDrain: () => {},
    };
    const toClient = {
      onData: (response: Buffer) => this.client.emit('data', response),
      onEnd: () => this.#finish(),
      onDrain: () => this.service.emit('drain'),
    };
    this.#requests = new Pipe(toService, { isGiven: true });
    // What is read is the broker's own memory.
    this.#responses = new Pipe(toClient, { isGiven: false });
    this.client = new ClientEnd(this.#requests, this.#responses, () => this.cancel());
    this.service = new ServiceEnd(path, this.#requests, this.#responses);
  }

  /** The service has refused the call. */
  refuse(failure: CallFailure): void {
    if (this.#isOver) return;
    this.#end();
    this.client.emit('error', failure);
  }

  /** The client wants nothing more of it. */
  cancel(): void {
    if (this.#isOver) return;
    this.#end();
    this.service.cancelled = true;
    setImmediate(() => {
      this.service.emit('cancelled');
      this.service.emit('close');
      this.client.emit('error', CANCELLED);
    });
  }

  #finish(): void {
    this.#end();
    this.service.emit('finish');
    this.service.emit('close');
    this.client.emit('end');
  }

  #end(): void {
    this.#isOver = true;
    this.#requests.cut();
    this.#responses.cut();
    this.#onOver();
  }
}

interface ClientEvents {
  data: [response: Buffer];
  end: [];
  error: [failure: CallFailure];
}

/** What the client has of a call. */
class ClientEnd extends EventEmitter<ClientEvents> implements ClientCall {
  readonly #requests: Pipe;
  readonly #responses: Pipe;
  readonly #cancel: () => void;

  constructor(requests: Pipe, responses: Pipe, cancel: () => void) {
    super();
    this.#requests = requests;
    this.#responses = responses;
    this.#cancel = cancel;
    // A call that nobody listens to any more may still fail.
    this.on('error', () => {});
  }

  write(request: Buffer): boolean {
    return this.#requests.write(request);
  }

  end(): void {
    this.#requests.end();
  }

  pause(): void {
    this.#responses.pause();
  }

  resume(): void {
    this.#responses.resume();
  }

  cancel(): void {
    this.#cancel();
  }
}

interface ServiceEvents {
  data: [request: Buffer];
  end: [];
  drain: [];
  cancelled: [];
  close: [];
  finish: [];
  error: [];
}

/** What the service has of a call. */
class ServiceEnd extends EventEmitter<ServiceEvents> implements DuplexCall, ReadCall {
  cancelled = false;
  readonly metadata = CALLER_METADATA;
  readonly #path: string;
  readonly #requests: Pipe;
  readonly #responses: Pipe;

  constructor(path: string, requests: Pipe, responses: Pipe) {
    super();
    this.#path = path;
    this.#requests = requests;
    this.#responses = responses;
  }

  get writableNeedDrain(): boolean {
    return this.#responses.isFull;
  }

  getPath(): string {
    return this.#path;
  }

  getPeer(): string {
    return IN_PROCESS;
  }

  pause(): void {
    this.#requests.pause();
  }

  resume(): void {
    this.#requests.resume();
  }

  write(response: Buffer, onSent?: () => void): boolean {
    return this.#responses.write(response, onSent);
  }

  end(): void {
    this.#responses.end();
  }
}

/** The address of a broker in the same process, and of its clients. */
export const IN_PROCESS = 'in-process';

/** What a call within the process says of its maker. */
export const CALLER_METADATA = { get: () => [] };
