import type { Run } from 'playhead-proto';
import { Message } from './message.ts';
import { endOfVarint, malformed, readVarint, skipField } from './wire-reader.ts';

const TAG_MESSAGES = 0x0a;

/**
 * A response that carries messages: SubscribeResponse, ReadResponse, ConsumeResponse or PullResponse, all of which have
 * them as field 1. They are found here and decoded when somebody takes them.
 */
export interface Response {
  readonly bytes: Buffer;
  readonly messageCount: number;
  /** Bytes of the messages, with their tags and lengths. */
  readonly messageBytes: number;
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
  let messageBytes = 0;
  let rest: Buffer = EMPTY;
  // Fields that follow each other are one view, whatever their number.
  let restStart = 0;
  let restEnd = 0;
  for (let at = 0; at < bytes.length; ) {
    if (bytes[at] === TAG_MESSAGES) {
      const length = readVarint(bytes, at + 1);
      lastStart = endOfVarint();
      messageBytes += lastStart + length - at;
      at = lastEnd = lastStart + length;
      messageCount += 1;
      continue;
    }
    const tag = readVarint(bytes, at);
    const end = skipField(bytes, tag, endOfVarint());
    if (at !== restEnd) {
      rest = join(rest, bytes.subarray(restStart, restEnd));
      restStart = at;
    }
    restEnd = end;
    at = end;
  }
  rest = join(rest, bytes.subarray(restStart, restEnd));
  if (lastEnd > bytes.length) throw malformed();
  const last = messageCount === 0 ? undefined : new Message('', bytes, lastStart, lastEnd);
  return { bytes, messageCount, messageBytes, rest, last };
}

function join(a: Buffer, b: Buffer): Buffer {
  if (a.length === 0) return b;
  return b.length === 0 ? a : Buffer.concat([a, b]);
}

/** Takes the messages out of a response, in order. With `runs`, which are for globs, each is of its run's topic. */
export class MessageReader {
  readonly #bytes: Buffer;
  readonly #topic: string;
  readonly #runs: readonly Run[];
  #at = 0;
  #left: number;
  #run = 0;
  /** Messages that are left of the run. */
  #runLeft: number;

  constructor({ bytes, messageCount }: Response, topic: string, runs: readonly Run[]) {
    this.#bytes = bytes;
    this.#topic = topic;
    this.#runs = runs;
    this.#left = messageCount;
    this.#runLeft = runs[0]?.messageCount ?? Number.POSITIVE_INFINITY;
  }

  /** The next messages, at most so many; none at the end. */
  next(limit: number): readonly Message[] {
    const bytes = this.#bytes;
    const count = Math.min(limit, this.#left);
    const messages: Message[] = [];
    let at = this.#at;
    while (messages.length < count) {
      if (bytes[at] !== TAG_MESSAGES) {
        const tag = readVarint(bytes, at);
        at = skipField(bytes, tag, endOfVarint());
        continue;
      }
      const length = readVarint(bytes, at + 1);
      const start = endOfVarint();
      at = start + length;
      messages.push(new Message(this.#nextTopic(), bytes, start, at));
    }
    this.#at = at;
    this.#left -= count;
    return messages;
  }

  #nextTopic(): string {
    while (this.#runLeft <= 0) {
      this.#run += 1;
      this.#runLeft = this.#runs[this.#run]?.messageCount ?? Number.POSITIVE_INFINITY;
    }
    this.#runLeft -= 1;
    return this.#runs[this.#run]?.topic ?? this.#topic;
  }
}
