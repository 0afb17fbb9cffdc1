import type { ClientOptions } from 'playhead-client';
import { Broker } from '../broker.ts';
import { toPlayheadError } from '../client-error.ts';
import type { Clock } from '../clock.ts';
import type { Logger } from '../logger.ts';
import { EmbeddedBroker } from './embedded-broker.ts';
import { LateObserver } from './late-observer.ts';
import { checkOpenOptions } from './options.ts';

/** How to open a broker in this process: with a directory, or in memory. */
export interface OpenOptions extends ClientOptions {
  /** Directory of the data; one broker at a time can have it open. */
  readonly dataDir?: string | undefined;
  /** True: everything is gone when the broker is closed. */
  readonly memory?: boolean | undefined;
  /**
   * When a publish is acknowledged: `'fsync'`, once it is on disk, or `'os'`, once the operating system has it.
   * `'fsync'` by default.
   */
  readonly durability?: 'fsync' | 'os' | undefined;
  /** Largest message; 1 MiB by default, and 64 MiB at most. */
  readonly maxMessageBytes?: number | undefined;
  /** Whether a publish makes a topic that does not exist; true by default. */
  readonly autoCreateTopics?: boolean | undefined;
  /** A queue that is empty and unused for so long is dropped; 0, the default, means never. */
  readonly queueIdleExpiryMs?: number | undefined;
  /** The machine's by default. With a `ManualClock` time passes when the program says so, for everything. */
  readonly clock?: Clock | undefined;
  /** Told of what happens, as pino would be; nobody by default. */
  readonly logger?: Logger | undefined;
}

/**
 * Opens a broker in this process. What it resolves with is used as what `connect(address)` gives, and closed as that is.
 * Rejects with a PlayheadError that says why the directory cannot be used; a TypeError says what is wrong with the
 * options.
 */
export async function open(options: OpenOptions): Promise<EmbeddedBroker> {
  checkOpenOptions(options);
  const { requestTimeoutMs, retry, onRetry, signal, tracing, memory: _, ...rest } = options;
  const observer = new LateObserver();
  const broker = await Broker.open({ ...definedOf(rest), observer }).catch((error: unknown) => {
    throw toPlayheadError(error);
  });
  try {
    const clientOptions = { requestTimeoutMs, retry, onRetry, signal, tracing };
    return new EmbeddedBroker(broker, observer, clientOptions);
  } catch (error) {
    await broker.close();
    throw error;
  }
}

type Defined<T> = { [Name in keyof T]?: Exclude<T[Name], undefined> };

/** Only what is set. */
function definedOf<T extends object>(options: T): Defined<T> {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Defined<T>;
}
