import type { Client } from 'playhead-client';
import { VerificationError } from './workload.ts';

const INDEX_DIGITS = 8;
const FILLING = 'one tape, many playheads; ';

/** Messages of a run that are texts: their index at both ends, the second time scrambled, with a fixed text between. */
export class TextPayloads {
  readonly #filling: string;

  constructor(bytes: number) {
    this.#filling = FILLING.repeat(bytes).slice(0, bytes - 2 * INDEX_DIGITS);
  }

  at(index: number): string {
    const scrambled = Math.imul(index ^ 0x5bd1e995, 0x9e3779b1) >>> 0;
    return `${digits(index, 10)}${this.#filling}${digits(scrambled, 16)}`;
  }

  /** The index of a message. Throws unless it is one of these, to the byte. */
  indexOf(text: string): number {
    const index = Number(text.slice(0, INDEX_DIGITS));
    if (this.at(index) === text) return index;
    throw new VerificationError(`a message is not one that was published: ${text.slice(0, 200)}`);
  }
}

function digits(number: number, radix: number): string {
  return number.toString(radix).padStart(INDEX_DIGITS, '0');
}

/**
 * Reads a topic that several have published to: each has so many messages in a row, which are there once and in their
 * order.
 */
export async function verifyShares(
  client: Client,
  topic: string,
  payloads: TextPayloads,
  { shares, each }: { readonly shares: number; readonly each: number },
): Promise<void> {
  const next = Array.from({ length: shares }, (_, share) => share * each);
  let count = 0;
  for await (const message of client.subscribe(topic, { from: 'earliest', follow: false })) {
    const index = payloads.indexOf(message.text);
    const share = Math.floor(index / each);
    if (next[share] !== index) {
      throw new VerificationError(`${topic}: message ${index} came instead of ${next[share]}`);
    }
    next[share] += 1;
    count++;
  }
  if (count === shares * each) return;
  throw new VerificationError(`${topic}: ${count} messages instead of ${shares * each}`);
}
