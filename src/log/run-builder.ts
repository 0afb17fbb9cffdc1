import type { MessageRun } from './message-run.ts';
import { RUN_TAG, STAMP_BYTES, varintBytes, writeBlankStamp, writeVarint } from './message-run.ts';

/** A message as a program has it. A text stands for its bytes in UTF-8. */
export interface MessageParts {
  readonly key: string | Uint8Array;
  readonly value: string | Uint8Array;
  readonly headers: readonly { readonly name: string; readonly value: string | Uint8Array }[];
}

const TAG = { key: 0x12, value: 0x1a, header: 0x22, headerName: 0x0a, headerValue: 0x12 } as const;

/** Encodes messages straight into a run, as `Message.encode` would, without a timestamp. */
export class RunBuilder {
  #bytes: Buffer;
  #at = 0;
  #messageCount = 0;
  #largestBytes = 0;

  /** `expectedBytes` that are right save copies. */
  constructor(expectedBytes = 1024) {
    this.#bytes = Buffer.allocUnsafe(expectedBytes);
  }

  get messageCount(): number {
    return this.#messageCount;
  }

  /** Size of the largest message, without its timestamp. */
  get largestBytes(): number {
    return this.#largestBytes;
  }

  add(message: MessageParts): void {
    const { key, value, headers } = message;
    const keyBytes = bytesOf(key);
    const valueBytes = bytesOf(value);
    let size = fieldBytes(keyBytes) + fieldBytes(valueBytes);
    for (const header of headers) size += fieldBytes(headerBytes(header), true);
    this.#largestBytes = Math.max(this.#largestBytes, size);
    this.#reserve(1 + varintBytes(STAMP_BYTES + size) + STAMP_BYTES + size);
    this.#bytes[this.#at++] = RUN_TAG;
    this.#at = writeVarint(this.#bytes, this.#at, STAMP_BYTES + size);
    this.#at = writeBlankStamp(this.#bytes, this.#at);
    this.#write(TAG.key, key, keyBytes);
    this.#write(TAG.value, value, valueBytes);
    for (const { name, value: text } of headers) {
      this.#bytes[this.#at++] = TAG.header;
      this.#at = writeVarint(this.#bytes, this.#at, headerBytes({ name, value: text }));
      this.#write(TAG.headerName, name, bytesOf(name));
      this.#write(TAG.headerValue, text, bytesOf(text));
    }
    this.#messageCount++;
  }

  /** What was added. The builder is not used any more. */
  build(): MessageRun {
    return { bytes: this.#bytes.subarray(0, this.#at), messageCount: this.#messageCount };
  }

  /** A field that is empty is not written. */
  #write(tag: number, content: string | Uint8Array, length: number): void {
    if (length === 0) return;
    this.#bytes[this.#at++] = tag;
    this.#at = writeVarint(this.#bytes, this.#at, length);
    if (typeof content === 'string') this.#bytes.write(content, this.#at);
    else this.#bytes.set(content, this.#at);
    this.#at += length;
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#at + bytes));
    this.#bytes.copy(grown, 0, 0, this.#at);
    this.#bytes = grown;
  }
}

function bytesOf(content: string | Uint8Array): number {
  return typeof content === 'string' ? Buffer.byteLength(content) : content.length;
}

function headerBytes({ name, value }: MessageParts['headers'][number]): number {
  return fieldBytes(bytesOf(name)) + fieldBytes(bytesOf(value));
}

/** Of a field with so much in it: nothing if it is empty, unless it is one of a list. */
function fieldBytes(length: number, isListed = false): number {
  return length === 0 && !isListed ? 0 : 1 + varintBytes(length) + length;
}
