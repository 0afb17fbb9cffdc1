import { createRequire } from 'node:module';
import type { Clock } from './clock.ts';
import { SystemClock } from './clock.ts';
import { BrokerError } from './errors.ts';
import { MESSAGE_BYTES_DEFAULT, REQUEST_BYTES_DEFAULT, REQUEST_OVERHEAD_BYTES } from './limits.ts';
import { Log } from './log/log.ts';
import type { Logger } from './logger.ts';
import { silentLogger } from './logger.ts';
import type { ServiceOptions } from './service/broker-service.ts';
import { DataDirectory } from './storage/data-directory.ts';
import type { Databases } from './storage/databases.ts';
import { DiskDatabases, MemoryDatabases } from './storage/databases.ts';
import { LevelStore } from './storage/level-store.ts';
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
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** For tests: databases that fail when they are told to. */
  readonly wrapDatabases?: (databases: Databases) => Databases;
}

/** A broker without a server: the log, and what a service tells of it. */
export class Broker {
  readonly log: Log;
  readonly subscriptions: Subscriptions;
  readonly service: ServiceOptions;

  private constructor(log: Log, subscriptions: Subscriptions, service: ServiceOptions) {
    this.log = log;
    this.subscriptions = subscriptions;
    this.service = service;
  }

  /** Opens the data directory and finds everything as it was. Throws a BrokerError that says why it cannot. */
  static async open(options: BrokerOptions = {}): Promise<Broker> {
    const { dataDir, durability = 'fsync', maxMessageBytes = MESSAGE_BYTES_DEFAULT } = options;
    const {
      clock = new SystemClock(),
      logger = silentLogger,
      wrapDatabases = (same) => same,
    } = options;
    const directory = dataDir === undefined ? undefined : await DataDirectory.open(dataDir);
    const databases =
      directory === undefined ? new MemoryDatabases() : new DiskDatabases(directory.path);
    const sync = durability === 'fsync';
    const log = await Log.open({
      store: new LevelStore(wrapDatabases(databases), directory),
      clock,
      logger,
      sync,
      autoCreateTopics: options.autoCreateTopics ?? true,
      maxMessageBytes,
    });
    const subscriptions = await openSubscriptions(log, logger);
    return new Broker(log, subscriptions, {
      version: packageVersion(),
      durability: directory === undefined ? 'memory' : durability,
      maxMessageBytes,
      maxRequestBytes: Math.max(REQUEST_BYTES_DEFAULT, maxMessageBytes + REQUEST_OVERHEAD_BYTES),
      logger,
    });
  }

  /** Finishes what was accepted and closes the storage. Idempotent. */
  close(): Promise<void> {
    this.subscriptions.close(new BrokerError('SHUTTING_DOWN', 'the broker is shutting down'));
    return this.log.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

async function openSubscriptions(log: Log, logger: Logger): Promise<Subscriptions> {
  try {
    return await Subscriptions.open(log, { logger });
  } catch (error) {
    await log.close();
    throw error;
  }
}

function packageVersion(): string {
  const manifest: { version: string } = createRequire(import.meta.url)('../package.json');
  return manifest.version;
}
