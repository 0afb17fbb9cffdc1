import { bucketsBetween, quantileOf, type Scrape } from './scrape.ts';

/** What is drawn, each at one moment; null where the broker does not tell, or nothing happened. */
export const SAMPLE_FIELDS = [
  'messagesIn',
  'messagesOut',
  'bytesIn',
  'bytesOut',
  'publishP50',
  'publishP99',
  'deliveryP50',
  'deliveryP99',
  'fsyncP50',
  'fsyncP99',
  'memory',
  'tape',
  'diskFree',
  'diskTotal',
  'loopDelay',
  'topics',
  'subscriptions',
  'streams',
  'storageErrors',
] as const;

export type SampleField = (typeof SAMPLE_FIELDS)[number];

export type Sample = { readonly timeMs: number } & Readonly<Record<SampleField, number | null>>;

/** What happened between two scrapes. */
export function sampleBetween(
  before: Scrape,
  after: Scrape,
  { timeMs, seconds }: { readonly timeMs: number; readonly seconds: number },
): Sample {
  const rate = (name: string) => {
    const from = before.total(name);
    const to = after.total(name);
    if (from === undefined || to === undefined || seconds <= 0) return null;
    // A counter that fell was begun anew.
    return (to < from ? to : to - from) / seconds;
  };
  const quantile = (name: string, part: number) =>
    quantileOf(bucketsBetween(before.buckets(name), after.buckets(name)), part);
  const gauge = (name: string) => after.total(name) ?? null;
  return {
    timeMs,
    messagesIn: rate('playhead_messages_in_total'),
    messagesOut: rate('playhead_messages_out_total'),
    bytesIn: rate('playhead_bytes_in_total'),
    bytesOut: rate('playhead_bytes_out_total'),
    publishP50: quantile('playhead_publish_duration_seconds', 0.5),
    publishP99: quantile('playhead_publish_duration_seconds', 0.99),
    deliveryP50: quantile('playhead_delivery_duration_seconds', 0.5),
    deliveryP99: quantile('playhead_delivery_duration_seconds', 0.99),
    fsyncP50: quantile('playhead_fsync_duration_seconds', 0.5),
    fsyncP99: quantile('playhead_fsync_duration_seconds', 0.99),
    memory: gauge('process_resident_memory_bytes'),
    tape: gauge('playhead_tape_bytes'),
    diskFree: gauge('playhead_disk_free_bytes'),
    diskTotal: gauge('playhead_disk_total_bytes'),
    loopDelay: gauge('nodejs_eventloop_lag_p99_seconds'),
    topics: gauge('playhead_topics'),
    subscriptions: gauge('playhead_subscriptions'),
    // Where no stream was opened yet, there is no line for any kind of them.
    streams: gauge('playhead_open_streams') ?? 0,
    storageErrors: gauge('playhead_storage_errors_total'),
  };
}
