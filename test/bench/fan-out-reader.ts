import type { Subscription } from 'playhead-client';
import { connect } from 'playhead-client';
import { report } from './role.ts';
import { Payloads, Sequence } from './verify.ts';

/** First an empty one, once the broker has taken all subscriptions; then this. */
export interface FanOutReport {
  readonly error?: string;
  /** When the last subscriber had the last message. */
  readonly lastMs: number;
  /** For each message, when the first subscriber of this process had it; empty unless asked for. */
  readonly firstArrivalsMs: readonly number[];
  /** And when the last one had it. */
  readonly lastArrivalsMs: readonly number[];
}

const SUBSCRIPTIONS_PER_CONNECTION = 100;
/** For a message that never comes. */
const PATIENCE_MS = 300_000;

/** When the messages arrived at the subscribers of this process. */
class Arrivals {
  readonly firstMs: number[] = [];
  readonly lastMs: number[] = [];

  note(index: number, timeMs: number): void {
    this.firstMs[index] ??= timeMs;
    this.lastMs[index] = timeMs;
  }
}

/** Of the clock that all processes of a machine share. */
function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

async function read(
  subscription: Subscription,
  sequence: Sequence,
  arrivals: Arrivals | undefined,
): Promise<void> {
  let next = 0;
  for await (const batch of subscription.batches()) {
    sequence.take(batch);
    if (arrivals === undefined) continue;
    const timeMs = nowMs();
    for (const end = next + batch.length; next < end; next++) arrivals.note(next, timeMs);
  }
  sequence.finish(count);
}

// A role of fan-out.ts: many subscribers that read a topic from its end on and check what comes.
const [address = '', topic = '', subscribersText, countText, bytesText, isTimed] =
  process.argv.slice(2);
const subscribers = Number(subscribersText);
const count = Number(countText);
const clients = Array.from({ length: Math.ceil(subscribers / SUBSCRIPTIONS_PER_CONNECTION) }, () =>
  connect(address),
);
const signal = AbortSignal.timeout(PATIENCE_MS);
const subscriptions = clients.flatMap((client, i) => {
  const length = Math.min(
    SUBSCRIPTIONS_PER_CONNECTION,
    subscribers - i * SUBSCRIPTIONS_PER_CONNECTION,
  );
  return Array.from({ length }, () => client.subscribe(topic, { limit: count, signal }));
});
await Promise.all(subscriptions.map((subscription) => subscription.started()));
report({});
const payloads = new Payloads(Number(bytesText));
const arrivals = isTimed === 'timed' ? new Arrivals() : undefined;
const noArrivals = { lastMs: 0, firstArrivalsMs: [], lastArrivalsMs: [] };
try {
  await Promise.all(
    subscriptions.map((each) => read(each, new Sequence(payloads, topic), arrivals)),
  );
  report({
    lastMs: nowMs(),
    firstArrivalsMs: arrivals?.firstMs ?? [],
    lastArrivalsMs: arrivals?.lastMs ?? [],
  } satisfies FanOutReport);
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  report({ ...noArrivals, error: message } satisfies FanOutReport);
}
await Promise.all(clients.map((client) => client.close()));
