import { AwayError, RefusedError } from '../broker/errors.ts';
import { followTopic } from '../broker/follow-topic.ts';
import { isEvent } from '../broker/line-parser.ts';
import type { Closed } from '../broker/types.ts';
import type { Message } from '../message/message.ts';
import { messageOf } from '../message/message.ts';

/**
 * Follows a topic until it is closed. Throws an AwayError when the stream ends for another reason: it is to be opened
 * again from where it was.
 */
export async function follow(
  topic: string,
  fromNs: bigint,
  signal: AbortSignal,
  take: (messages: readonly Message[]) => void,
): Promise<Closed | null> {
  for await (const lines of followTopic(topic, fromNs, signal)) {
    const messages: Message[] = [];
    for (const line of lines) {
      if (!isEvent(line)) {
        messages.push(messageOf(line));
        continue;
      }
      if (line.event === 'closed') {
        take(messages);
        return line as unknown as Closed;
      }
      if (line.event === 'deleted') {
        throw new RefusedError({
          status: 410,
          title: 'Topic deleted',
          detail: `topic ${topic} was deleted`,
          reason: 'TOPIC_DELETED',
        });
      }
      if (line.event === 'error') throw new AwayError(line.detail);
    }
    if (messages.length > 0) take(messages);
  }
  throw new AwayError('the stream has ended');
}
