import { timestampOf } from '../time/nanoseconds.ts';

/** Bytes as the JSON of the broker has them: text if they are UTF-8, else base64; neither if there are none. */
export interface JsonBytes {
  readonly value?: string;
  readonly value_base64?: string;
}

export interface JsonHeader extends JsonBytes {
  readonly name: string;
}

/** A message as the broker writes it. */
export interface JsonMessage extends JsonBytes {
  readonly topic: string;
  readonly timestamp_ns: string;
  readonly time: string;
  readonly key?: string;
  readonly key_base64?: string;
  readonly headers?: readonly JsonHeader[];
}

/** Bytes as they came: decoded when they are looked at, since most messages never are. */
export interface Payload {
  readonly text: string | undefined;
  readonly base64: string | undefined;
}

/** A message in the view. */
export interface Message {
  readonly topic: string;
  readonly timestampNs: bigint;
  readonly key: Payload;
  readonly value: Payload;
  readonly headers: readonly { readonly name: string; readonly value: Payload }[];
  /** Of the value, in bytes. */
  readonly sizeBytes: number;
}

export function messageOf(json: JsonMessage): Message {
  const value = payload(json.value, json.value_base64);
  return {
    topic: json.topic,
    timestampNs: timestampOf(json.timestamp_ns) ?? 0n,
    key: payload(json.key, json.key_base64),
    value,
    headers: (json.headers ?? []).map((each) => {
      return { name: each.name, value: payload(each.value, each.value_base64) };
    }),
    sizeBytes: sizeOf(value),
  };
}

export function isEmpty({ text, base64 }: Payload): boolean {
  return (text ?? base64 ?? '') === '';
}

export function bytesOf({ text, base64 }: Payload): Uint8Array {
  if (base64 === undefined) return new TextEncoder().encode(text ?? '');
  const binary = atob(base64);
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

/** One line for a list; of bytes that are no text their first as hexadecimal digits. */
export function previewOf(payload: Payload, length = 160): string {
  if (payload.base64 !== undefined) {
    // Four characters of base64 are three bytes.
    const head = bytesOf({ text: undefined, base64: payload.base64.slice(0, 64) });
    return [...head].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
  }
  const text = (payload.text ?? '').slice(0, length);
  // Line breaks would leave the row, and other control characters would not be seen.
  return text.replace(/\p{Cc}+/gu, ' ');
}

/** About what a message takes of the browser's memory. */
export function weightOf({ key, value, headers }: Message): number {
  let weight = 200 + lengthOf(key) + lengthOf(value);
  for (const header of headers) weight += 80 + header.name.length + lengthOf(header.value);
  return weight;
}

function payload(text: string | undefined, base64: string | undefined): Payload {
  return { text, base64 };
}

function lengthOf({ text, base64 }: Payload): number {
  return (text ?? base64 ?? '').length;
}

function sizeOf({ text, base64 }: Payload): number {
  if (base64 !== undefined) {
    const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0;
    return (base64.length / 4) * 3 - padding;
  }
  return utf8Length(text ?? '');
}

/** Counted, not encoded: of a hundred thousand messages the bytes themselves are of no use. */
function utf8Length(text: string): number {
  let length = text.length;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x80) continue;
    if (code < 0x800) length += 1;
    else if (code >= 0xd800 && code < 0xe000)
      length += 1; // half of a pair that is four bytes
    else length += 2;
  }
  return length;
}
