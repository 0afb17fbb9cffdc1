import { invalidArgument } from '../errors.ts';
import type { Log } from '../log/log.ts';
import type { Position } from '../log/position.ts';
import { checkTimestamp, resolveOnTopic } from '../log/position.ts';
import type { Topic } from '../log/topic.ts';
import { formatTimestamp } from '../timestamp.ts';
import type { Cursor } from './subscription-state.ts';

/** The first message of the topic at or behind a position, by its sequence. Throws INVALID_ARGUMENT. */
export async function cursorAt(log: Log, topic: Topic, position: Position): Promise<Cursor> {
  if (position.at === 'timestamp') checkTimestamp('from', position.timestampNs);
  if (position.at === 'last' && position.messageCount < 1n) {
    throw invalidArgument('from', `the last ${position.messageCount} messages are none`);
  }
  const nowNs = log.clock.nowNs();
  if (
    position.at === 'timestamp' &&
    position.timestampNs > nowNs &&
    position.timestampNs > topic.endNs
  ) {
    throw invalidArgument(
      'from',
      `${formatTimestamp(position.timestampNs)} is in the future; a subscription begins with what there is, or at the latest`,
    );
  }
  const { gate, committer } = log.readContext;
  return gate.read(async (store) => {
    const endNs = committer.endNs;
    const { fromNs } = await resolveOnTopic(position, topic, endNs, log.clock, store);
    const atEnd = { sequence: topic.sequence, timestampNs: topic.endNs };
    if (fromNs >= topic.endNs) return atEnd;
    const place = await store.findFirst(
      topic.span,
      fromNs,
      (each) => each.messageCount > 0 && each.timestampNs + BigInt(each.messageCount) > fromNs,
    );
    if (place === undefined) return atEnd;
    const skipped = fromNs > place.timestampNs ? fromNs - place.timestampNs : 0n;
    return {
      sequence: place.topicSequence + skipped,
      timestampNs: place.timestampNs + skipped,
    };
  });
}
