import { Client, type ClientOptions, PlayheadError } from 'playhead-client/transport';
import type { Broker } from '../broker.ts';
import { toPlayheadError } from '../client-error.ts';
import type { Listening } from '../listen.ts';
import { services } from '../service/services.ts';
import { Streams } from '../service/streams.ts';
import { clientClockOf } from './client-clock.ts';
import { type InProcessService, InProcessTransport } from './in-process-transport.ts';
import type { LateObserver } from './late-observer.ts';
import { checkClientOptions, checkListenOptions } from './options.ts';

const DEFAULT_GRPC_ADDRESS = '127.0.0.1:17777';
const DEFAULT_HTTP_ADDRESS = '127.0.0.1:17778';

export interface ListenOptions {
  /** `host:port`; port 0 takes a free one. `127.0.0.1:17777` by default. */
  readonly grpcAddress?: string | undefined;
  /** Likewise for HTTP and the console, or `'off'`. `127.0.0.1:17778` by default. */
  readonly httpAddress?: string | undefined;
  /** Names under which HTTP is served, besides localhost and IP addresses. */
  readonly httpHosts?: readonly string[] | undefined;
}

/**
 * A broker in this process, and the client of it: all that `connect(address)` gives, and {@link listen}. Closing it
 * flushes its publishers, ends its subscriptions and servers, and closes the storage.
 */
export class EmbeddedBroker extends Client {
  readonly #backstage: Backstage;

  constructor(broker: Broker, observer: LateObserver, options: ClientOptions) {
    const backstage = new Backstage(broker, observer);
    super(backstage.transport, options);
    this.#backstage = backstage;
  }

  /** Another client of this broker, to be closed by itself; it is closed with the broker, too. */
  client(options: ClientOptions = {}): Client {
    return this.#backstage.client(options);
  }

  /**
   * Serves this broker to other programs, with gRPC and HTTP, until what this resolves with is closed, or the broker is.
   * Rejects with a PlayheadError that says why it cannot; a TypeError says what is wrong with the options. Nothing
   * listens then.
   */
  listen(options: ListenOptions = {}): Promise<Listening> {
    return this.#backstage.listen(options);
  }
}

/** The broker behind the client. */
class Backstage {
  readonly transport: InProcessTransport;
  readonly #broker: Broker;
  readonly #observer: LateObserver;
  readonly #streams = new Streams();
  readonly #listening = new Set<Promise<Listening>>();
  readonly #clients = new Set<Client>();
  readonly #service: Omit<InProcessService, 'close'>;
  #closing: Promise<void> | undefined;

  constructor(broker: Broker, observer: LateObserver) {
    this.#broker = broker;
    this.#observer = observer;
    const options = { ...broker.service, protocol: 'embedded' as const };
    this.#service = {
      methods: services(broker, this.#streams, options),
      clock: clientClockOf(broker.log.clock),
    };
    this.transport = new InProcessTransport({ ...this.#service, close: () => this.#close() });
  }

  client(options: ClientOptions): Client {
    checkClientOptions(options);
    this.#checkOpen();
    const close = async () => {
      this.#clients.delete(client);
    };
    const client = new Client(new InProcessTransport({ ...this.#service, close }), options);
    this.#clients.add(client);
    return client;
  }

  async listen(options: ListenOptions): Promise<Listening> {
    checkListenOptions(options);
    this.#checkOpen();
    const listening = this.#listen(options);
    this.#listening.add(listening);
    const forget = () => this.#listening.delete(listening);
    try {
      const served = await listening;
      const close = () => served.close().finally(forget);
      return { ...served, close, [Symbol.asyncDispose]: close };
    } catch (error) {
      forget();
      throw toPlayheadError(error);
    }
  }

  async #listen(options: ListenOptions): Promise<Listening> {
    const { grpcAddress = DEFAULT_GRPC_ADDRESS, httpAddress = DEFAULT_HTTP_ADDRESS } = options;
    const { listen, metricsOf } = await import('../listen.ts');
    const metrics = metricsOf(this.#broker);
    this.#observer.attach(metrics);
    return listen(this.#broker, metrics, {
      grpcAddress,
      httpAddress: httpAddress === 'off' ? undefined : httpAddress,
      httpHosts: options.httpHosts,
    });
  }

  #checkOpen(): void {
    if (this.#closing === undefined) return;
    throw new PlayheadError('CLIENT_CLOSED', 'the broker is closed');
  }

  #close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  async #closeAll(): Promise<void> {
    // What a client could not flush it has told who published it.
    await Promise.allSettled([...this.#clients].map((client) => client.close()));
    this.#broker.log.drain();
    for (const listening of await Promise.allSettled(this.#listening)) {
      if (listening.status === 'fulfilled') await listening.value.close();
    }
    await this.#streams.shutDown();
    await this.#broker.close();
  }
}
