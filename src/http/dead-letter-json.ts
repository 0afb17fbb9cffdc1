import { z } from 'zod';
import { DEAD_LETTER_HEADER } from '../subscription/dead-letters.ts';
import { type MessageJson, messageJson } from './message-json.ts';

/** A dead letter: the message, and apart from it what made it one. */
export const deadLetterJson = z
  .object({
    message: messageJson.describe(
      'As it lies in the dead-letter topic, without the headers of a dead letter.',
    ),
    reason: z.string().describe('`max_attempts`, or `terminated: ` and why.'),
    attempts: z.int().describe('How often it was delivered.'),
    topic: z.string().describe('Where it came from.'),
    subscription: z.string(),
    original_timestamp_ns: z.string().describe('Of the message in that topic.'),
    dead_time: z.string().describe('When it became one, as RFC 3339 has it.'),
  })
  .meta({ id: 'DeadLetter' });

export type DeadLetterJson = z.output<typeof deadLetterJson>;

/** Takes what made it a dead letter out of a message; undefined if it is none. */
export function toDeadLetter(message: MessageJson): DeadLetterJson | undefined {
  const { headers = [], ...rest } = message;
  // The broker puts its headers behind those of the message, which may be a dead letter that was published again.
  const textOf = (name: string) =>
    headers.findLast((header) => header.name === `${DEAD_LETTER_HEADER}${name}`)?.value;
  const [reason, attempts, topic] = [textOf('reason'), textOf('attempts'), textOf('topic')];
  const [subscription, originalNs] = [textOf('subscription'), textOf('timestamp-ns')];
  const deadTime = textOf('time');
  if (reason === undefined || topic === undefined || subscription === undefined) return undefined;
  if (originalNs === undefined || deadTime === undefined) return undefined;
  if (attempts === undefined || !/^\d{1,9}$/.test(attempts)) return undefined;
  const own = headers.filter(({ name }) => !name.startsWith(DEAD_LETTER_HEADER));
  return {
    message: own.length === 0 ? rest : { ...rest, headers: own },
    reason,
    attempts: Number(attempts),
    topic,
    subscription,
    original_timestamp_ns: originalNs,
    dead_time: deadTime,
  };
}
