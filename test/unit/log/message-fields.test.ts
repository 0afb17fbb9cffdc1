import fc from 'fast-check';
import { Message } from 'playhead-proto';
import { describe, expect, it } from 'vitest';
import {
  checkMessage,
  fieldsOfMessageAt,
  headerField,
  keyOfMessageAt,
  makeRun,
  runOfFields,
  runOfValues,
  sizeOfMessageAt,
  stampRun,
  TIMESTAMP_MIN_NS,
  valuesOfRun,
  withoutHeaders,
} from '../../../src/log/message-run.ts';
import { freeMessages, sentMessages } from '../../support/arbitrary-message.ts';
import { contentOf, decodeRun } from '../../support/message.ts';
import { bytesField } from '../../support/wire.ts';

/** The run that the broker makes of these encoded messages. */
function runOfEncoded(messages: readonly Uint8Array[]) {
  let at = 0;
  const pieces: Buffer[] = [];
  const places = messages.map((each) => {
    const field = bytesField(2, each);
    pieces.push(field);
    const [tagAt, end] = [at, at + field.length];
    at = end;
    return { tagAt, start: end - each.length, end };
  });
  const request = Buffer.concat(pieces);
  return makeRun(
    request,
    places.map((place) => ({
      ...place,
      droppedBytes: checkMessage(request, place.start, place.end),
    })),
  );
}

const encoded = fc.oneof(
  freeMessages,
  sentMessages.map((list) => list.map((each) => Buffer.from(Message.encode(each).finish()))),
);

/** Where the messages of a run begin. */
function offsetsOf(run: Buffer): number[] {
  const offsets: number[] = [];
  for (let at = 0; at < run.length; at += sizeOfMessageAt(run, at)) offsets.push(at);
  return offsets;
}

describe('the fields of a stored message', () => {
  it('are found however protobuf was written, and make the same message again', () => {
    fc.assert(
      fc.property(encoded, (messages) => {
        const { bytes } = runOfEncoded(messages);
        stampRun(bytes, TIMESTAMP_MIN_NS);
        const decoded = decodeRun(bytes);
        const offsets = offsetsOf(bytes);
        expect(offsets.map((at) => [...keyOfMessageAt(bytes, at)])).toEqual(
          decoded.map(({ key }) => [...key]),
        );
        expect([...valuesOfRun(bytes)].map((value) => [...value])).toEqual(
          decoded.map(({ value }) => [...value]),
        );
        const again = runOfFields(offsets.map((at) => [fieldsOfMessageAt(bytes, at)]));
        expect(again.messageCount).toBe(messages.length);
        stampRun(again.bytes, TIMESTAMP_MIN_NS);
        expect(decodeRun(again.bytes)).toEqual(decoded);
      }),
    );
  });

  it('take further headers, and can do without some', () => {
    const name = fc.constantFrom('own-x', 'own-', 'own', 'x');
    fc.assert(
      fc.property(encoded, fc.array(fc.tuple(name, fc.string())), (messages, headers) => {
        const { bytes } = runOfEncoded(messages);
        const added = headers.map((header) => headerField(...header));
        const fields = offsetsOf(bytes).map((at) => [fieldsOfMessageAt(bytes, at), ...added]);
        const run = runOfFields(fields);
        const wanted = decodeRun(bytes).map((message) => ({
          ...message,
          headers: [
            ...message.headers,
            ...headers.map(([key, value]) => ({ name: key, value: Buffer.from(value) })),
          ],
        }));
        expect(decodeRun(run.bytes).map(contentOf)).toEqual(wanted.map(contentOf));
        const without = runOfFields(
          fields.map((each) => [withoutHeaders(Buffer.concat(each), 'own-')]),
        );
        const rest = wanted.map((message) => ({
          ...message,
          headers: message.headers.filter((header) => !header.name.startsWith('own-')),
        }));
        expect(decodeRun(without.bytes).map(contentOf)).toEqual(rest.map(contentOf));
      }),
    );
  });
});

describe('a run of values', () => {
  it('gives them back', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), (values) => {
        const run = runOfValues(values);
        expect(run.messageCount).toBe(values.length);
        expect([...valuesOfRun(run.bytes)].map((value) => [...value])).toEqual(
          values.map((value) => [...value]),
        );
        stampRun(run.bytes, TIMESTAMP_MIN_NS);
        expect(decodeRun(run.bytes).map(({ timestampNs }) => timestampNs)).toEqual(
          values.map((_, i) => TIMESTAMP_MIN_NS + BigInt(i)),
        );
      }),
    );
  });

  it('finds the value behind other fields, and the key of a message without one is empty', () => {
    const [value] = valuesOfRun(runOfFields([[bytesField(2, 'k'), bytesField(3, 'v')]]).bytes);
    expect(value?.toString()).toBe('v');
    expect(keyOfMessageAt(runOfValues([Buffer.from('v')]).bytes, 0)).toHaveLength(0);
  });
});
