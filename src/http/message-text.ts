import { isUtf8 } from 'node:buffer';
import { WireReader } from '../log/wire-reader.ts';
import { TimestampWriter } from './timestamp-text.ts';

/** Tags of fields of Message, and of Header. */
const TAG = { timestampNs: 0x08, key: 0x12, value: 0x1a, header: 0x22 } as const;
const HEADER_TAG = { name: 0x0a, value: 0x12 } as const;
const STAMP_BYTES = 9;
/** What stands for bytes that are no UTF-8. */
const REPLACEMENT = '\ufffd';

/** A message as text, and its timestamp. */
export interface MessageText {
  readonly json: string;
  readonly timestampNs: string;
}

/**
 * Writes messages as JSON, straight from their bytes: an object for each, and its text, would take five times as long.
 */
export class MessageWriter {
  readonly #timestamps = new TimestampWriter();
  #topic: string | undefined;
  #topicJson = '';

  /** `reader` stands at the beginning of a message as it is stored, and goes behind its end. */
  write(reader: WireReader, end: number, topic: string): MessageText {
    if (topic !== this.#topic) {
      this.#topic = topic;
      this.#topicJson = JSON.stringify(topic);
    }
    const { buffer } = reader;
    // The timestamp is the first field, and has nine bytes: a run says so.
    const { digits, time } = this.#timestamps.write(buffer, reader.at + 1);
    reader.at += 1 + STAMP_BYTES;
    let key = '';
    let value = '"value":""';
    let headers = '';
    while (reader.at < end) {
      const tag = reader.uint32();
      if (tag !== TAG.key && tag !== TAG.value && tag !== TAG.header) {
        reader.skip(tag & 7);
        continue;
      }
      const fieldEnd = reader.delimited();
      if (tag === TAG.value) value = named('value', buffer, reader.at, fieldEnd);
      else if (tag === TAG.key && fieldEnd === reader.at) key = '';
      else if (tag === TAG.key) key = `${named('key', buffer, reader.at, fieldEnd)},`;
      else headers += `${headers === '' ? '' : ','}${headerJson(buffer, reader.at, fieldEnd)}`;
      reader.at = fieldEnd;
    }
    const rest = headers === '' ? '}' : `,"headers":[${headers}]}`;
    const json = `{"topic":${this.#topicJson},"timestamp_ns":"${digits}","time":"${time}",${key}${value}${rest}`;
    return { json, timestampNs: digits };
  }
}

function headerJson(buffer: Buffer, start: number, end: number): string {
  const reader = new WireReader(buffer, start, end);
  let name = '';
  let value = '"value":""';
  while (reader.at < end) {
    const tag = reader.uint32();
    if (tag !== HEADER_TAG.name && tag !== HEADER_TAG.value) {
      reader.skip(tag & 7);
      continue;
    }
    const fieldEnd = reader.delimited();
    if (tag === HEADER_TAG.name) name = buffer.toString('utf8', reader.at, fieldEnd);
    else value = named('value', buffer, reader.at, fieldEnd);
    reader.at = fieldEnd;
  }
  return `{"name":${JSON.stringify(name)},${value}}`;
}

/** A name and bytes: as text, or as base64 under another name if they are no UTF-8. */
function named(name: string, buffer: Buffer, start: number, end: number): string {
  const text = buffer.toString('utf8', start, end);
  if (!text.includes(REPLACEMENT) || isUtf8(buffer.subarray(start, end))) {
    return `"${name}":${JSON.stringify(text)}`;
  }
  return `"${name}_base64":"${buffer.toString('base64', start, end)}"`;
}
