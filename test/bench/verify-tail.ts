import type { Client } from 'playhead-client';
import type { Payloads } from './verify.ts';
import { Sequence } from './verify.ts';
import { VerificationError } from './workload.ts';

/** What is left must be the end of what was published, without a gap. */
export async function verifyTail(
  client: Client,
  topic: string,
  payloads: Payloads,
  count: number,
): Promise<void> {
  const { messageCount } = await client.topics.get(topic);
  const sequence = new Sequence(payloads, topic, count - messageCount);
  const stored = client.subscribe(topic, { from: 'earliest', limit: messageCount });
  for await (const batch of stored.batches()) sequence.takeExactly(batch);
  sequence.finish(count);
  if (messageCount === 0) throw new VerificationError(`${topic}: nothing is left`);
}
