import { crc32 } from 'node:zlib';
import { REDRIVE_MESSAGES } from '../limits.ts';
import type { Log } from '../log/log.ts';
import {
  fieldsOfMessageAt,
  runOfFields,
  sizeOfMessageAt,
  withoutHeaders,
} from '../log/message-run.ts';
import type { Topic } from '../log/topic.ts';
import { TopicFrames } from '../log/topic-frames.ts';
import { DEAD_LETTER_HEADER } from './dead-letters.ts';

/**
 * Publishes dead letters to a topic again, the oldest first, and trims them. Each is published as the message of a
 * producer that is named after the dead-letter topic, with its place there as the sequence: what is interrupted and
 * repeated is published once, also if it is repeated in other portions. What is asked for of the same letters meanwhile
 * waits for its turn.
 *
 * @param maxMessages 0 stands for all that are there now.
 * @returns How many were published.
 */
export function redrive(
  log: Log,
  letters: Topic,
  target: Topic,
  maxMessages: bigint,
): Promise<bigint> {
  const before = turns.get(letters) ?? Promise.resolve();
  const redriven = before.then(() => redriveNow(log, letters, target, maxMessages));
  turns.set(
    letters,
    redriven.catch(() => {
      // Told to whoever asked for it.
    }),
  );
  return redriven;
}

/** The end of the last redrive of these letters. */
const turns = new WeakMap<Topic, Promise<unknown>>();

async function redriveNow(
  log: Log,
  letters: Topic,
  target: Topic,
  maxMessages: bigint,
): Promise<bigint> {
  const frames = new TopicFrames(log.readContext, letters);
  const producer = `_redrive/${letters.id}`;
  // What was published before it was interrupted has only to be trimmed.
  const published = log.producer(target.name, producer)?.sequence ?? 0n;
  if (published > letters.floor.sequence) await log.trimBehind(letters, { sequence: published });
  const { sequence: first } = letters.floor;
  const limit = maxMessages > 0n ? first + maxMessages : letters.sequence;
  const end = limit < letters.sequence ? limit : letters.sequence;
  let next = first;
  let nextNs = letters.floor.timestampNs;
  while (next < end && !letters.isDeleted) {
    const [frame] = await frames.read(next, nextNs);
    if (frame === undefined) break;
    const skipped = Number(next - frame.topicSequence);
    const wanted = Number(end - next);
    const messages: Buffer[][] = [];
    let index = 0;
    for (let at = 0; at < frame.body.length; index++) {
      if (index >= skipped && messages.length < Math.min(wanted, REDRIVE_MESSAGES)) {
        messages.push([withoutHeaders(fieldsOfMessageAt(frame.body, at), DEAD_LETTER_HEADER)]);
      }
      at += sizeOfMessageAt(frame.body, at);
    }
    const run = runOfFields(messages);
    await log.appendAndWait({
      topic: target,
      run,
      producer: { name: producer, sequence: next + 1n, crc: crc32(run.bytes) },
      expectedLastTimestampNs: undefined,
      close: undefined,
    });
    next += BigInt(messages.length);
    nextNs = frame.timestampNs + (next - frame.topicSequence);
    await log.trimBehind(letters, { sequence: next });
  }
  return next - first;
}
