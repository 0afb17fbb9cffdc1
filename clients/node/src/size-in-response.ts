import type { Message } from './message.ts';

/** Bytes of a message in a response, its tag and its length included: what it uses up of a worker's credit. */
export function sizeInResponse({ byteLength }: Message): number {
  let size = 1 + byteLength;
  for (let rest = byteLength; ; rest >>>= 7) {
    size++;
    if (rest < 0x80) return size;
  }
}
