import type { Client } from 'playhead-client';
import { PlayheadError } from 'playhead-client';
import {
  type DeadLetter,
  deadLetterColumns,
  deadLetterToJson,
  readDeadLetter,
} from './dead-letter-json.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { writeList } from './list.ts';
import { countOf } from './progress.ts';
import { parseCount } from './range.ts';
import type { Session } from './session.ts';
import type { SubscriptionNames } from './subscriptions.ts';

/** The options of `playhead dead-letter redrive`, as they were written. */
export interface RedriveOptions {
  readonly to?: string;
  readonly limit?: string;
}

/** Lists the dead letters of a subscription, the oldest first. */
export async function listDeadLetters(
  session: Session,
  names: SubscriptionNames,
): Promise<ExitCode> {
  const letters = readDeadLetters(session.connect(), names, session.out.readerGone);
  await writeList(session, letters, { columns: deadLetterColumns, toJson: deadLetterToJson });
  return EXIT.ok;
}

/** Publishes dead letters to where they came from, or elsewhere, and removes them. */
export async function redriveDeadLetters(
  session: Session,
  { topic, name }: SubscriptionNames,
  { to, limit }: RedriveOptions,
): Promise<ExitCode> {
  const count = await session
    .connect()
    .subscription(topic, name)
    .redrive({ to, limit: limit === undefined ? undefined : parseCount('--limit', limit) });
  const target = to ?? topic;
  session.result(
    { topic, subscription: name, target_topic: target, message_count: count },
    `${countOf(count, 'message')} redriven to ${target}`,
  );
  return EXIT.ok;
}

/**
 * What is in the dead-letter topic. A subscription without dead letters has none yet; one that was deleted may have
 * left some in the topic that is the default.
 */
async function* readDeadLetters(
  client: Client,
  { topic, name }: SubscriptionNames,
  signal: AbortSignal,
): AsyncGenerator<DeadLetter, void, undefined> {
  const found = await client
    .subscription(topic, name)
    .info()
    .catch((error: unknown) => {
      if (isReason(error, 'SUBSCRIPTION_NOT_FOUND', 'TOPIC_NOT_FOUND')) return error;
      throw error;
    });
  const deadLetterTopic =
    found instanceof PlayheadError ? `dead-letter/${topic}/${name}` : found.config.deadLetterTopic;
  await using reader = client.subscribe(deadLetterTopic, {
    from: 'earliest',
    until: 'now',
    signal,
  });
  try {
    for await (const message of reader) yield readDeadLetter(message);
  } catch (error) {
    if (signal.aborted) return;
    if (!isReason(error, 'TOPIC_NOT_FOUND')) throw error;
    if (found instanceof PlayheadError) throw found;
  }
}

function isReason(
  error: unknown,
  ...reasons: readonly PlayheadError['reason'][]
): error is PlayheadError {
  return error instanceof PlayheadError && reasons.includes(error.reason);
}
