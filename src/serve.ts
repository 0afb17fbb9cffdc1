import type { BrokerOptions } from './broker.ts';
import { Broker } from './broker.ts';
import type { ListenAddresses, Listening } from './listen.ts';
import { listen, metricsOf } from './listen.ts';
import { Metrics } from './metrics/metrics.ts';

/** How to serve a broker. */
export interface ServeOptions extends BrokerOptions, ListenAddresses {}

/** A broker that listens. */
export interface ServedBroker extends Listening {
  readonly broker: Broker;
  /** Refuses new work, finishes what was accepted, ends streams in-band, closes the databases. Idempotent. */
  close(): Promise<void>;
}

/**
 * Opens a broker and listens. Throws a BrokerError that says why it cannot; nothing is left open then. A program that
 * serves much starts Node with `--initial-old-space-size=256`, for the reason that cli/heap.ts gives.
 */
export async function serve(options: ServeOptions): Promise<ServedBroker> {
  const metrics = new Metrics();
  const broker = await Broker.open({ observer: metrics, ...options });
  try {
    const listening = await listen(broker, metricsOf(broker, metrics), options);
    const close = async () => {
      broker.log.drain();
      await listening.close();
      await broker.close();
    };
    return { ...listening, broker, close, [Symbol.asyncDispose]: close };
  } catch (error) {
    await broker.close();
    throw error;
  }
}
