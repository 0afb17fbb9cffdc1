import type { Registry } from 'prom-client';
import { Gauge } from 'prom-client';
import type { DiskUsage } from '../log/disk-usage.ts';
import { diskUsage } from '../log/disk-usage.ts';
import type { Log } from '../log/log.ts';
import type { Schedules } from '../subscription/schedules.ts';
import type { Subscriptions } from '../subscription/subscriptions.ts';

/** What figures are of. */
export interface FiguresSource {
  readonly version: string;
  readonly log: Log;
  readonly subscriptions: Subscriptions;
  readonly schedules: Schedules;
}

/** Adds what there is of a broker as a whole. */
export function addBrokerFigures(registry: Registry, source: FiguresSource): void {
  const { log, subscriptions, schedules, version } = source;
  const gauge = (name: string, help: string, valueOf: () => number) => {
    const options = { name: `playhead_${name}`, help, registers: [registry] };
    return new Gauge({
      ...options,
      collect() {
        this.set(valueOf());
      },
    });
  };
  new Gauge({
    name: 'playhead_build_info',
    help: 'What runs here',
    labelNames: ['version', 'node'],
    registers: [registry],
  }).set({ version, node: process.version }, 1);
  gauge('topics', "Topics, without the broker's own", () => ownedCount(log));
  gauge('subscriptions', 'Durable subscriptions', () => subscriptions.size);
  gauge('schedules', 'Pending schedules', () => schedules.size);
  gauge('writable', '1 while writes are taken', () => (log.writeRefusal() === undefined ? 1 : 0));
  gauge('pending_bytes', 'Bytes that wait to be written', () => log.pendingBytes);
  addDiskFigures(registry, log);
}

function ownedCount({ topics }: Log): number {
  let count = 0;
  for (const { isSystem } of topics.all()) if (!isSystem) count++;
  return count;
}

/** What the disk has; nothing in memory, and nothing while the storage is not open. */
function addDiskFigures(registry: Registry, log: Log): void {
  const figures: readonly [string, string, keyof DiskUsage][] = [
    [
      'tape_bytes',
      "What the tape takes of the disk, with what is removed and not compacted yet, and with LevelDB's logs",
      'tapeBytes',
    ],
    ['disk_free_bytes', 'What the file system of the data directory has left', 'freeBytes'],
    ['disk_total_bytes', 'How large that file system is', 'totalBytes'],
  ];
  for (const [name, help, key] of figures) {
    registry.registerMetric(
      new Gauge({
        name: `playhead_${name}`,
        help,
        registers: [],
        async collect() {
          const value = (await diskUsage(log))[key];
          if (value === undefined) this.reset();
          else this.set(value);
        },
      }),
    );
  }
}
