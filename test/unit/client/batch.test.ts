import fc from 'fast-check';
import { type Message, PublishStreamRequest } from 'playhead-proto';
import { describe, expect, it } from 'vitest';
import { Batch } from '../../../clients/node/src/batch.ts';
import type { PublishableMessage } from '../../../clients/node/src/publishable.ts';
import { stampRun } from '../../../src/log/message-run.ts';
import { decodePublish } from '../../../src/service/publish-codec.ts';

const text = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.constantFrom('', 'é'.repeat(63), 'é'.repeat(64), 'x'.repeat(127), 'x'.repeat(128)),
  fc.constantFrom('x'.repeat(5000), '漢'.repeat(5000)),
);
const bytes = fc.oneof(text, fc.uint8Array({ maxLength: 300 }));
const message: fc.Arbitrary<PublishableMessage> = fc.record({
  key: fc.option(bytes, { nil: undefined }),
  value: bytes,
  headers: fc.option(fc.array(fc.tuple(text, bytes), { maxLength: 4 }), { nil: undefined }),
});
const publishable = fc.oneof(bytes, message);

const toBytes = (value: string | Uint8Array = '') => new Uint8Array(Buffer.from(value));

function toWire(published: string | Uint8Array | PublishableMessage): Message {
  const full =
    typeof published === 'string' || published instanceof Uint8Array
      ? { value: published }
      : published;
  const headers = Array.isArray(full.headers) ? full.headers : Object.entries(full.headers ?? {});
  return {
    // The room that the broker stamps.
    timestampNs: 1n << 56n,
    key: toBytes(full.key),
    value: toBytes(full.value),
    headers: headers.map(([name, value]) => ({
      name: Buffer.from(name).toString(),
      value: toBytes(value),
    })),
    isClose: false,
  };
}

const prefix = Batch.encodePrefix('orders', 'producer-1');
const request = (fields: Partial<PublishStreamRequest>) =>
  PublishStreamRequest.encode({ ...PublishStreamRequest.fromPartial({}), ...fields }).finish();

/** A copy, since a Buffer decodes into Buffers, which equal no Uint8Array. */
const decode = (bytes: Uint8Array) => PublishStreamRequest.decode(new Uint8Array(bytes));

describe('Batch', () => {
  it("encodes messages as ts-proto's codec does, to the byte", () => {
    fc.assert(
      fc.property(fc.array(publishable, { maxLength: 8 }), (published) => {
        const batch = new Batch(prefix, 16);
        for (const each of published) batch.add(each);
        const expected = request({ messages: published.map(toWire) });
        expect(batch.messages.equals(expected)).toBe(true);
        expect(batch.count).toBe(published.length);
        expect(batch.byteLength).toBe(expected.length);
      }),
    );
  });

  it('is a request with topic and producer at the start of a stream, and without them later', () => {
    const int64 = fc.bigInt({ min: 1n, max: 2n ** 63n - 1n });
    fc.assert(
      fc.property(
        fc.array(publishable, { minLength: 1, maxLength: 4 }),
        int64,
        (published, sequence) => {
          const batch = new Batch(prefix);
          for (const each of published) batch.add(each);
          const messages = published.map(toWire);
          // Our fields are in another order; decoded and encoded again they are in ts-proto's.
          const reordered = (bytes: Uint8Array) => Buffer.from(request(decode(bytes)));
          const later = request({ messages, sequence });
          expect(reordered(batch.encode(sequence, false)).equals(later)).toBe(true);
          const first = request({ messages, sequence, topic: 'orders', producer: 'producer-1' });
          expect(reordered(batch.encode(sequence, true)).equals(first)).toBe(true);
        },
      ),
    );
  });

  it('carries an expectation and a close behind its messages', () => {
    const batch = new Batch(prefix);
    batch.add('last');
    const close = { reason: 'done', checksum: new Uint8Array(16).fill(7) };
    batch.addTerms({ expectedLastTimestampNs: 0n, close });
    expect(decode(batch.encode(3n, false))).toMatchObject({
      messages: [{ value: toBytes('last') }],
      sequence: 3n,
      expectedLastTimestampNs: 0n,
      close: { reason: 'done' },
    });
    expect(batch.messages.equals(request({ messages: [toWire('last')] }))).toBe(true);
  });

  it('leaves out the sequence if there is none', () => {
    const batch = new Batch(prefix);
    batch.add('x');
    expect(decode(batch.encode(0n, false)).sequence).toBe(0n);
  });

  it('copies what it is given', () => {
    const value = Buffer.from('before');
    const batch = new Batch(prefix);
    batch.add(value);
    value.fill('x');
    expect(batch.messages.toString()).toContain('before');
  });

  it('reads the values back in order', () => {
    const batch = new Batch(prefix);
    batch.add('a');
    batch.add({ key: 'k', value: 'b', headers: { h: 'v' } });
    batch.add('');
    batch.addTerms({ close: { reason: '', checksum: new Uint8Array() } });
    const values: string[] = [];
    batch.eachValue((value) => values.push(Buffer.from(value).toString()));
    expect(values).toEqual(['a', 'b', '']);
  });

  it.each([
    [undefined, 'a message is'],
    [null, 'a message is'],
    [7, 'a message is'],
    [{ value: 7 }, 'the value of a message is a string or Uint8Array, not a number'],
    [{}, 'the value of a message is a string or Uint8Array, not undefined'],
    [{ value: '', key: null }, 'the key of a message is a string or Uint8Array, not null'],
    [{ value: '', headers: { a: 1 } }, 'header a is a string or Uint8Array'],
    [{ value: '', headers: [[1, 'a']] }, 'the name of a header is a string'],
  ])('refuses %j and stays as it was', (wrong, why) => {
    const batch = new Batch(prefix);
    batch.add('x');
    // @ts-expect-error What plain JavaScript may pass.
    expect(() => batch.add(wrong)).toThrow(new TypeError(why).message);
    batch.add('y');
    expect(batch.count).toBe(2);
    expect(batch.messages.equals(request({ messages: [toWire('x'), toWire('y')] }))).toBe(true);
  });

  it('is the same when it is sent again after it was given away, whatever the broker has made of it', () => {
    const batch = new Batch(Batch.encodePrefix('topic', 'producer'));
    for (const message of ['a', { key: 'k', value: 'v'.repeat(1000) }]) batch.add(message);
    const given = batch.encode(7n, true, true);
    const before = Buffer.from(given);
    const run = decodePublish(given).run;
    if (run !== undefined) stampRun(run.bytes, 1_790_000_000_000_000_000n);
    expect(given.equals(before)).toBe(false);
    expect(batch.encode(7n, true, true).equals(before)).toBe(true);
  });
});
