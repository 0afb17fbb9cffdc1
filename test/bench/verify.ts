import type { Client, Message } from 'playhead-client';
import { VerificationError } from './workload.ts';

const INDEX_BYTES = 4;

/**
 * The messages of a run. Each carries its index at both ends, once as it is and once scrambled, with a fixed text in
 * between:
 *
 * ```
 * | index (4, little-endian) | text … | scrambled index (4, little-endian) |
 * ```
 *
 * Both ends are checked while the clock runs; that costs a few nanoseconds. Every byte is compared afterwards.
 */
export class Payloads {
  readonly bytes: number;
  readonly #value: Buffer;

  constructor(bytes: number) {
    this.bytes = bytes;
    this.#value = Buffer.alloc(bytes, 'one tape, many playheads; ');
  }

  /** The value of this index, valid until the next one is asked for: the publisher copies it. */
  at(index: number): Buffer {
    this.#value.writeUInt32LE(index, 0);
    this.#value.writeUInt32LE(scramble(index), this.bytes - INDEX_BYTES);
    return this.#value;
  }

  /** So many values, each valid until the next. */
  *range(count: number, first = 0): Generator<Buffer, undefined> {
    for (let index = first; index < first + count; index++) yield this.at(index);
    return undefined;
  }

  /** Whether these bytes are the value of this index, as far as both ends tell. */
  isLike(value: Buffer, index: number): boolean {
    return (
      value.length === this.bytes &&
      value.readUInt32LE(0) === index &&
      value.readUInt32LE(this.bytes - INDEX_BYTES) === scramble(index)
    );
  }
}

/** Sees to it that messages come completely, once and in order. */
export class Sequence {
  readonly #payloads: Payloads;
  readonly #topic: string;
  #next: number;
  #lastTimestampNs = 0n;

  constructor(payloads: Payloads, topic: string, first = 0) {
    this.#payloads = payloads;
    this.#topic = topic;
    this.#next = first;
  }

  /** Takes the next messages. Throws if they are not. */
  take(batch: readonly Message[]): void {
    for (const { value } of batch) this.takeValue(value);
  }

  /** Takes the value of the next message. Throws if it is not. */
  takeValue(value: Buffer): void {
    if (!this.#payloads.isLike(value, this.#next)) throw this.#error(value);
    this.#next += 1;
  }

  /** As {@link take}, but compares every byte and the timestamps. */
  takeExactly(batch: readonly Message[]): void {
    for (const message of batch) {
      if (!this.#payloads.at(this.#next).equals(message.value)) throw this.#error(message.value);
      if (message.timestampNs <= this.#lastTimestampNs) throw this.#error(message.value);
      this.#lastTimestampNs = message.timestampNs;
      this.#next += 1;
    }
  }

  /** Throws unless the next one is this. */
  finish(next: number): void {
    if (this.#next === next) return;
    throw new VerificationError(`${this.#topic}: ended behind message ${this.#next}, not ${next}`);
  }

  #error(value: Buffer): VerificationError {
    const found = value.length >= INDEX_BYTES ? value.readUInt32LE(0) : 'none';
    return new VerificationError(
      `${this.#topic}: message ${this.#next} is not what was published ` +
        `(${value.length} bytes, index ${found})`,
    );
  }
}

/** Reads a topic from its beginning and compares every byte with what was published. */
export async function verifyTopic(
  client: Client,
  topic: string,
  payloads: Payloads,
  count: number,
): Promise<void> {
  const sequence = new Sequence(payloads, topic);
  const stored = client.subscribe(topic, { from: 'earliest', follow: false });
  for await (const batch of stored.batches()) sequence.takeExactly(batch);
  sequence.finish(count);
}

function scramble(index: number): number {
  return Math.imul(index ^ 0x5bd1e995, 0x9e3779b1) >>> 0;
}
