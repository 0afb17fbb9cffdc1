import type { Broker } from './broker.ts';
import {
  adoptSubscribers,
  GOPHERMQ_DEFAULTS,
  type GophermqSettings,
} from './compat/gophermq-settings.ts';
import { seaweedfs } from './compat/seaweedfs.ts';
import { GrpcServer } from './grpc/server.ts';
import { HttpServer } from './http/http-server.ts';
import type { LevelControl } from './logger.ts';
import { Metrics } from './metrics/metrics.ts';

/** Where a broker listens. */
export interface ListenAddresses {
  /** `host:port`; port 0 takes a free one. */
  readonly grpcAddress: string;
  /** Likewise, for HTTP. Without one there is no HTTP. */
  readonly httpAddress?: string | undefined;
  /** What is logged, if it can be changed while the broker runs. */
  readonly logLevel?: LevelControl | undefined;
  /** Names under which HTTP is served, besides localhost and IP addresses. */
  readonly httpHosts?: readonly string[] | undefined;
  /** What clients of SeaweedFS are told to dial, `host:port`; without it, what they have dialled. */
  readonly advertiseAddress?: string | undefined;
  /** What clients of gophermq are held to. */
  readonly gophermq?: GophermqSettings | undefined;
}

/** The servers of a broker. */
export interface Listening extends AsyncDisposable {
  /** `host:port`, with the port in use. */
  readonly grpcAddress: string;
  /** Undefined if there is no HTTP. */
  readonly httpAddress: string | undefined;
  /** Refuses new work, finishes what was accepted, ends streams in-band. Idempotent. The broker stays open. */
  close(): Promise<void>;
}

const metricsOfBrokers = new WeakMap<Broker, Metrics>();

/** The figures of a broker, the same at each call. Whoever wants them to count has the broker's observer tell them. */
export function metricsOf(broker: Broker, metrics = new Metrics()): Metrics {
  const known = metricsOfBrokers.get(broker);
  if (known !== undefined) return known;
  const { log, subscriptions, schedules, service } = broker;
  metrics.watch({ log, subscriptions, schedules, version: service.version });
  metricsOfBrokers.set(broker, metrics);
  return metrics;
}

/** Serves a broker. Throws a BrokerError that says why it cannot; nothing listens then. */
export async function listen(
  broker: Broker,
  metrics: Metrics,
  addresses: ListenAddresses,
): Promise<Listening> {
  const { log, subscriptions, schedules, service } = broker;
  const { advertiseAddress } = addresses;
  let listenAddress = addresses.grpcAddress;
  const place = () => ({ advertiseAddress, listenAddress });
  const grpc = new GrpcServer(broker, service, seaweedfs(log, { ...service, place }));
  const { logLevel, httpHosts = [], gophermq = GOPHERMQ_DEFAULTS } = addresses;
  const options = { ...service, logLevel, hosts: httpHosts };
  const loadOthers = async () => (await import('./compat/compat-routes.ts')).compatRoutes(gophermq);
  const http = new HttpServer({ log, subscriptions, schedules, metrics, loadOthers, options });
  const close = async () => {
    // HTTP goes last: whoever asks whether the broker is ready is told that it is not.
    await grpc.close();
    await http.close();
  };
  try {
    if (addresses.httpAddress !== undefined) {
      await adoptSubscribers(subscriptions, gophermq, service.logger);
    }
    const grpcAddress = await grpc.listen(addresses.grpcAddress);
    listenAddress = grpcAddress;
    const httpAddress =
      addresses.httpAddress === undefined ? undefined : await http.listen(addresses.httpAddress);
    return { grpcAddress, httpAddress, close, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}
