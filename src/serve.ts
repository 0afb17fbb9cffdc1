import type { BrokerOptions } from './broker.ts';
import { Broker } from './broker.ts';
import type { GophermqSettings } from './compat/gophermq-subscribers.ts';
import { HttpServer } from './http/http-server.ts';
import type { LevelControl } from './logger.ts';
import { Metrics } from './metrics/metrics.ts';
import { GrpcServer } from './service/server.ts';

/** How to serve a broker. */
export interface ServeOptions extends BrokerOptions {
  /** `host:port`; port 0 takes a free one. */
  readonly grpcAddress: string;
  /** Likewise, for HTTP. Without one there is no HTTP. */
  readonly httpAddress?: string | undefined;
  /** What is logged, if it can be changed while the broker runs. */
  readonly logLevel?: LevelControl;
  /** Names under which HTTP is served, besides localhost and IP addresses. */
  readonly httpHosts?: readonly string[];
  /** What clients of gophermq are held to. */
  readonly gophermq?: GophermqSettings;
}

/** A broker that listens. */
export interface ServedBroker {
  /** `host:port`, with the port in use. */
  readonly grpcAddress: string;
  /** Undefined if there is no HTTP. */
  readonly httpAddress: string | undefined;
  readonly broker: Broker;
  /** Refuses new work, finishes what was accepted, ends streams in-band, closes the databases. Idempotent. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Opens a broker and listens. Throws a BrokerError that says why it cannot; nothing is left open then. A program that
 * serves much starts Node with `--initial-old-space-size=256`, for the reason that cli/heap.ts gives.
 */
export async function serve(options: ServeOptions): Promise<ServedBroker> {
  const metrics = new Metrics();
  const broker = await Broker.open({ observer: metrics, ...options });
  const { log, subscriptions, schedules, service } = broker;
  metrics.watch({ log, subscriptions, schedules, version: service.version });
  const grpc = new GrpcServer(broker, service);
  const { logLevel } = options;
  const http = new HttpServer({
    log,
    subscriptions,
    schedules,
    metrics,
    loadOthers: async () =>
      (await import('./compat/compat-routes.ts')).compatRoutes(options.gophermq),
    options: { ...service, logLevel, hosts: options.httpHosts ?? [] },
  });
  const close = async () => {
    // HTTP goes last: whoever asks whether the broker is ready is told that it is not.
    await grpc.close();
    await http.close();
    await broker.close();
  };
  try {
    const grpcAddress = await grpc.listen(options.grpcAddress);
    const httpAddress =
      options.httpAddress === undefined ? undefined : await http.listen(options.httpAddress);
    return { grpcAddress, httpAddress, broker, close, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}
