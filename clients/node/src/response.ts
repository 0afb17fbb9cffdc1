import type { Run } from 'playhead-proto';
import { Message } from './message.ts';
import { endOfVarint, malformed, readVarint, skipField } from './wire-reader.ts';

const TAG_MESSAGES = 0x0a;

/**
 * A response that carries messages: SubscribeResponse or ReadResponse, both of which have them as field 1. They are found
 * here and decoded when somebody takes them.
 */
export interface Response {
  readonly bytes: Buffer;
  readonly messageCount: number;
  /** All other fields, as a message of their own. */
  readonly rest: Buffer;
  /** Undefined without messages. */
  readonly last: Message | undefined;
}

const EMPTY: Buffer = Buffer.alloc(0);

/** Finds the messages of a response. */
export function scanResponse(bytes: Buffer): Response {
  let messageCount = 0;
  let lastStart = 0;
  let lastEnd = 0;
  let rest: Buffer = EMPTY;
  for (let at = 0; at < bytes.length; ) {
    if (bytes[at] === TAG_MESSAGES) {
      const length = readVarint(bytes, at + 1);
      lastStart = endOfVarint();
      at = lastEnd = lastStart + length;
      messageCount += 1;
      continue;
    }
    const tag = readVarint(bytes, at);
    const end = skipField(bytes, tag, endOfVarint());
    const field = bytes.subarray(at, end);
    rest = rest.length === 0 ? field : Buffer.concat([rest, field]);
    at = end;
  }
  if (lastEnd > bytes.length) throw malformed();
  const last = messageCount === 0 ? undefined : new Message('', bytes, lastStart, lastEnd);
  return { bytes, messageCount, rest, last };
}

/** The messages of a response. With `runs`, which are for globs, each is of its run's topic. */
export function decodeMessages(
  response: Response,
  topic: string,
  runs: readonly Run[],
): readonly Message[] {
  const { bytes } = response;
  const messages: Message[] = [];
  let messageTopic = topic;
  let run = 0;
  let runEnd = Number.POSITIVE_INFINITY;
  if (runs.length > 0) {
    messageTopic = runs[0]?.topic ?? topic;
    runEnd = runs[0]?.messageCount ?? 0;
  }
  for (let at = 0; at < bytes.length; ) {
    if (bytes[at] !== TAG_MESSAGES) {
      const tag = readVarint(bytes, at);
      at = skipField(bytes, tag, endOfVarint());
      continue;
    }
    const length = readVarint(bytes, at + 1);
    const start = endOfVarint();
    at = start + length;
    while (messages.length >= runEnd) {
      run += 1;
      messageTopic = runs[run]?.topic ?? topic;
      runEnd += runs[run]?.messageCount ?? Number.POSITIVE_INFINITY;
    }
    messages.push(new Message(messageTopic, bytes, start, at));
  }
  return messages;
}
