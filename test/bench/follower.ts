import { connect } from 'playhead-client';
import { report } from './role.ts';
import { Payloads, Sequence } from './verify.ts';

/** First an empty one, once the broker has taken the subscription; then this. */
export interface FollowerReport {
  readonly error?: string;
  /** When the last message came. */
  readonly lastMs: number;
  /** Between the timestamp of a message and its arrival. */
  readonly longestLagMs: number;
}

/** For a message that never comes. */
const PATIENCE_MS = 300_000;

// A role of follow.ts: reads a topic from its end on and checks what comes.
const [address = '', topic = '', countText = '', bytesText = ''] = process.argv.slice(2);
const count = Number(countText);
await using client = connect(address);
const signal = AbortSignal.timeout(PATIENCE_MS);
const subscription = client.subscribe(topic, { limit: count, signal });
await subscription.started();
report({});
const sequence = new Sequence(new Payloads(Number(bytesText)), topic);
let longestLagMs = 0;
try {
  for await (const batch of subscription.batches()) {
    sequence.take(batch);
    const { timestampNs = 0n } = batch[0] ?? {};
    longestLagMs = Math.max(longestLagMs, Date.now() - Number(timestampNs / 1_000_000n));
  }
  sequence.finish(count);
  report({ lastMs: Date.now(), longestLagMs } satisfies FollowerReport);
} catch (error) {
  report({
    error: error instanceof Error ? error.message : String(error),
    lastMs: 0,
    longestLagMs: 0,
  } satisfies FollowerReport);
}
