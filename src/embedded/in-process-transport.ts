import type {
  CallFailure,
  Cancellable,
  ClientClock,
  DuplexCall,
  Link,
  ReadCall,
  Transport,
} from 'playhead-client/transport';
import type { ServiceMethod } from '../service/call.ts';
import { toCallFailure } from './call-failure.ts';
import { IN_PROCESS, InProcessCall } from './in-process-call.ts';
import { KeepAlive } from './keep-alive.ts';
import { UnaryCall } from './unary-call.ts';

/** What is behind the transport. */
export interface InProcessService {
  readonly methods: readonly ServiceMethod[];
  readonly clock: ClientClock;
  /** The client is closed, and nobody else comes this way. */
  readonly close: () => Promise<void>;
}

/** Carries the calls of a client to a broker in the same process, as bytes: both are what they are over gRPC. */
export class InProcessTransport implements Transport {
  readonly addresses = [IN_PROCESS];
  readonly clock: ClientClock;
  readonly #methods: ReadonlyMap<string, ServiceMethod>;
  readonly #close: () => Promise<void>;

  constructor({ methods, clock, close }: InProcessService) {
    this.clock = clock;
    this.#methods = new Map(methods.map((method) => [method.path, method]));
    this.#close = close;
  }

  open(): Link {
    return new InProcessLink(this.#methods, this.clock);
  }

  close(): Promise<void> {
    return this.#close();
  }
}

class InProcessLink implements Link {
  readonly isReady = true;
  readonly takesOver = true;
  readonly #methods: ReadonlyMap<string, ServiceMethod>;
  readonly #clock: ClientClock;
  readonly #calls = new Set<Cancellable>();
  readonly #keepAlive = new KeepAlive();

  constructor(methods: ReadonlyMap<string, ServiceMethod>, clock: ClientClock) {
    this.#methods = methods;
    this.#clock = clock;
  }

  request(
    path: string,
    request: Buffer,
    timeoutMs: number,
    done: (failure: CallFailure | null, response?: Buffer) => void,
  ): Cancellable {
    const method = this.#method(path, 'unary');
    const call: UnaryCall = new UnaryCall(path, (failure, response) => {
      cancelTimer();
      this.#remove(call);
      done(failure, response);
    });
    const cancelTimer = this.#clock.schedule(() => call.expire(), timeoutMs);
    this.#add(call);
    call.run(method.handle, request);
    return call;
  }

  openReadCall(path: string, request: Buffer): ReadCall {
    const method = this.#method(path, 'read');
    const call = this.#open(path);
    method
      .handle(request, call.service, () => {})
      .catch((error: unknown) => call.refuse(toCallFailure(error)));
    return call.client;
  }

  openDuplexCall(path: string): DuplexCall {
    const method = this.#method(path, 'duplex');
    const call = this.#open(path);
    method.handle(
      call.service,
      () => {},
      (error) => call.refuse(toCallFailure(error)),
    );
    return call.client;
  }

  close(): void {
    for (const call of this.#calls) call.cancel();
  }

  #open(path: string): InProcessCall {
    const call: InProcessCall = new InProcessCall(path, () => this.#remove(call));
    this.#add(call);
    return call;
  }

  #add(call: Cancellable): void {
    this.#calls.add(call);
    this.#keepAlive.add();
  }

  #remove(call: Cancellable): void {
    if (this.#calls.delete(call)) this.#keepAlive.remove();
  }

  #method<Kind extends ServiceMethod['kind']>(
    path: string,
    kind: Kind,
  ): Extract<ServiceMethod, { kind: Kind }> {
    const method = this.#methods.get(path);
    if (method === undefined || !isOfKind(method, kind)) {
      throw new TypeError(`there is no method ${path} of kind ${kind}`);
    }
    return method;
  }
}

function isOfKind<Kind extends ServiceMethod['kind']>(
  method: ServiceMethod,
  kind: Kind,
): method is Extract<ServiceMethod, { kind: Kind }> {
  return method.kind === kind;
}
