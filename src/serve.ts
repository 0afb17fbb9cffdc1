import type { BrokerOptions } from './broker.ts';
import { Broker } from './broker.ts';
import { GrpcServer } from './service/server.ts';

/** How to serve a broker. */
export interface ServeOptions extends BrokerOptions {
  /** `host:port`; port 0 takes a free one. */
  readonly grpcAddress: string;
}

/** A broker that listens. */
export interface ServedBroker {
  /** `host:port`, with the port in use. */
  readonly grpcAddress: string;
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
  const broker = await Broker.open(options);
  const server = new GrpcServer(broker, broker.service);
  let grpcAddress: string;
  try {
    grpcAddress = await server.listen(options.grpcAddress);
  } catch (error) {
    await broker.close();
    throw error;
  }
  const close = async () => {
    await server.close();
    await broker.close();
  };
  return { grpcAddress, broker, close, [Symbol.asyncDispose]: close };
}
