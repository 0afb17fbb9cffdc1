import { isStampRoom, REQUEST_TAG, RUN_TAG, STAMP_BYTES } from './message-run.ts';

const KEY_TAG = 0x12;
const VALUE_TAG = 0x1a;
/** Of a varint that is looked at here: a longer one is left to whoever reads everything. */
const LENGTH_BYTES = 4;

/** Messages that became a run where they are. */
export interface PlainRun {
  readonly start: number;
  readonly end: number;
  readonly messageCount: number;
  /** Of the largest message, without its timestamp. */
  readonly largestBytes: number;
}

/**
 * Takes the messages of a request that follow from this offset on, as far as each is what most are: room for the stamp,
 * a key if it has one, a value if it has one, and nothing else. They are checked and become a run in one go, without an
 * object for each; that is a sixth of what a broker does for a small message. Undefined if there is none.
 */
export function takePlainRun(request: Buffer, start: number): PlainRun | undefined {
  let at = start;
  let messageCount = 0;
  let largestBytes = 0;
  while (request[at] === REQUEST_TAG) {
    const end = endOfDelimited(request, at + 1, request.length);
    const body = bodyOffset;
    if (end < 0 || !isPlain(request, body, end)) break;
    request[at] = RUN_TAG;
    messageCount += 1;
    largestBytes = Math.max(largestBytes, end - body - STAMP_BYTES);
    at = end;
  }
  return messageCount === 0 ? undefined : { start, end: at, messageCount, largestBytes };
}

/** Makes of a run what it was in its request. */
export function giveBackPlainRun(request: Buffer, { start, end }: PlainRun): void {
  for (let at = start; at < end; ) {
    request[at] = REQUEST_TAG;
    at = endOfDelimited(request, at + 1, end);
  }
}

function isPlain(request: Buffer, body: number, end: number): boolean {
  if (end - body < STAMP_BYTES || !isStampRoom(request, body)) return false;
  let at = body + STAMP_BYTES;
  if (at < end && request[at] === KEY_TAG) at = endOfDelimited(request, at + 1, end);
  if (at >= 0 && at < end && request[at] === VALUE_TAG) at = endOfDelimited(request, at + 1, end);
  return at === end;
}

/** Behind the length that was read last. */
let bodyOffset = 0;

/** Where a field ends whose length stands at this offset; negative if it is not within `limit`, or the length is odd. */
function endOfDelimited(bytes: Buffer, lengthAt: number, limit: number): number {
  let length = 0;
  for (let i = 0; i < LENGTH_BYTES; i++) {
    const byte = bytes[lengthAt + i] ?? 0x80;
    length |= (byte & 0x7f) << (7 * i);
    if (byte < 0x80) {
      bodyOffset = lengthAt + i + 1;
      const end = bodyOffset + length;
      return end > limit ? -1 : end;
    }
  }
  return -1;
}
