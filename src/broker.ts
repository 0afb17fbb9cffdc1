import { createRequire } from 'node:module';
import type { Clock } from './clock.ts';
import { SystemClock } from './clock.ts';
import { BrokerError } from './errors.ts';
import { MESSAGE_BYTES_DEFAULT, REQUEST_BYTES_DEFAULT, REQUEST_OVERHEAD_BYTES } from './limits.ts';
import { Activity } from './log/activity.ts';
import { Log } from './log/log.ts';
import type { Logger } from './logger.ts';
import { silentLogger } from './logger.ts';
import type { Observer } from './observer.ts';
import { silentObserver } from './observer.ts';
import type { ServiceOptions } from './service/broker-service.ts';
import { DataDirectory } from './storage/data-directory.ts';
import type { Databases } from './storage/databases.ts';
import { DiskDatabases, MemoryDatabases } from './storage/databases.ts';
import { LevelStore } from './storage/level-store.ts';
import { Schedules } from './subscription/schedules.ts';
import { Subscriptions } from './subscription/subscriptions.ts';

/** How a broker is set up. */
export interface BrokerOptions {
  /** Directory of the data. Without one the broker keeps everything in memory. */
  readonly dataDir?: string;
  /** When a publish is acknowledged; see the guarantees in the README. */
  readonly durability?: 'fsync' | 'os';
  readonly maxMessageBytes?: number;
  /** Whether a publish makes a topic that does not exist. */
  readonly autoCreateTopics?: boolean;
  /** A queue that is empty and unused for so long is dropped; 0, the default, means never. */
  readonly queueIdleExpiryMs?: number;
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** Is told what happens, for figures. */
  readonly observer?: Observer;
  /** For tests: databases that fail when they are told to. */
  readonly wrapDatabases?: (databases: Databases) => Databases;
}

/** A broker without a server: the log, what is kept on it, and what a service tells of it. */
export class Broker {
  readonly log: Log;
  readonly subscriptions: Subscriptions;
  readonly schedules: Schedules;
  readonly activity: Activity;
  readonly service: ServiceOptions;

  /** Lets other brokers of this process have the data directory. */
  readonly #release: () => void;

  private constructor(kept: Kept, service: Omit<ServiceOptions, 'activity'>, release: () => void) {
    this.#release = release;
    this.log = kept.log;
    this.subscriptions = kept.subscriptions;
    this.schedules = kept.schedules;
    this.activity = new Activity(kept.log, service.logger);
    this.service = { ...service, activity: this.activity };
  }

  /** Opens the data directory and finds everything as it was. Throws a BrokerError that says why it cannot. */
  static async open(options: BrokerOptions = {}): Promise<Broker> {
    const { dataDir, durability = 'fsync', maxMessageBytes = MESSAGE_BYTES_DEFAULT } = options;
    const {
      clock = new SystemClock(),
      logger = silentLogger,
      observer = silentObserver,
      wrapDatabases = (same) => same,
    } = options;
    const directory = dataDir === undefined ? undefined : await DataDirectory.open(dataDir);
    const release = (await directory?.hold()) ?? (() => {});
    const databases =
      directory === undefined ? new MemoryDatabases() : new DiskDatabases(directory.path);
    try {
      const log = await Log.open({
        store: new LevelStore(wrapDatabases(databases), directory),
        clock,
        logger,
        sync: durability === 'fsync',
        autoCreateTopics: options.autoCreateTopics ?? true,
        maxMessageBytes,
        observer,
      });
      const service = {
        version: packageVersion(),
        durability: directory === undefined ? ('memory' as const) : durability,
        maxMessageBytes,
        maxRequestBytes: Math.max(REQUEST_BYTES_DEFAULT, maxMessageBytes + REQUEST_OVERHEAD_BYTES),
        logger,
        observer,
      };
      return new Broker(await openKept(log, logger, options.queueIdleExpiryMs), service, release);
    } catch (error) {
      release();
      throw error;
    }
  }

  /** Finishes what was accepted and closes the storage. Idempotent. */
  async close(): Promise<void> {
    this.subscriptions.close(new BrokerError('SHUTTING_DOWN', 'the broker is shutting down'));
    await this.schedules.close();
    await this.activity.idle();
    await this.log.close().finally(this.#release);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** The log, and what is kept on it. */
interface Kept {
  readonly log: Log;
  readonly subscriptions: Subscriptions;
  readonly schedules: Schedules;
}

async function openKept(
  log: Log,
  logger: Logger,
  queueIdleExpiryMs: number | undefined,
): Promise<Kept> {
  try {
    const subscriptions = await Subscriptions.open(log, { logger, queueIdleExpiryMs });
    return { log, subscriptions, schedules: Schedules.open(log, logger) };
  } catch (error) {
    await log.close();
    throw error;
  }
}

function packageVersion(): string {
  const manifest: { version: string } = createRequire(import.meta.url)('../package.json');
  return manifest.version;
}
