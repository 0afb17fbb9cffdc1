import fc from 'fast-check';
import { SubscribeResponse, Message as WireMessage } from 'playhead-proto';
import { describe, expect, it } from 'vitest';
import { MessageReader, scanResponse } from '../../../clients/node/src/response.ts';

const bytes = fc.uint8Array({ maxLength: 200 });
const wireMessage: fc.Arbitrary<WireMessage> = fc.record({
  timestampNs: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
  key: bytes,
  value: bytes,
  headers: fc.array(fc.record({ name: fc.string({ unit: 'grapheme' }), value: bytes }), {
    maxLength: 3,
  }),
  isClose: fc.boolean(),
});
const event: fc.Arbitrary<SubscribeResponse['event']> = fc.oneof(
  fc.constant(undefined),
  fc.record({
    $case: fc.constant('caughtUp' as const),
    value: fc.record({ nextTimestampNs: fc.bigInt({ min: 0n, max: 2n ** 62n }) }),
  }),
);

const encode = (response: Partial<SubscribeResponse>) =>
  Buffer.from(
    SubscribeResponse.encode({ messages: [], runs: [], event: undefined, ...response }).finish(),
  );

describe('scanResponse and MessageReader', () => {
  it("read what ts-proto's codec wrote", () => {
    fc.assert(
      fc.property(fc.array(wireMessage, { maxLength: 6 }), event, (messages, event) => {
        const response = scanResponse(encode({ messages, event }));
        expect(response.messageCount).toBe(messages.length);
        expect(response.last?.timestampNs).toBe(messages.at(-1)?.timestampNs);
        expect(SubscribeResponse.decode(response.rest)).toEqual({ messages: [], runs: [], event });
        const decoded = new MessageReader(response, 'orders', []).next(response.messageCount);
        const asWire = decoded.map(({ timestampNs, key, value, headers }) => ({
          timestampNs,
          key: new Uint8Array(key),
          value: new Uint8Array(value),
          headers: headers.map((header) => ({
            name: header.name,
            value: new Uint8Array(header.value),
          })),
        }));
        expect(asWire).toEqual(
          messages.map(({ timestampNs, key, value, headers }) => ({
            timestampNs,
            key,
            value,
            headers,
          })),
        );
        expect(decoded.every(({ topic }) => topic === 'orders')).toBe(true);
      }),
    );
  });

  it('finds messages and other fields in any order, and passes over unknown ones', () => {
    const message = (value: string) => WireMessage.fromPartial({ value: Buffer.from(value) });
    const unknown = Buffer.from([0x78, 0x81, 0x01, 0x7d, 1, 2, 3, 4, 0x79, 1, 2, 3, 4, 5, 6, 7, 8]);
    const caughtUp = { $case: 'caughtUp', value: { nextTimestampNs: 5n } } as const;
    const bytes = Buffer.concat([
      encode({ event: caughtUp }),
      encode({ messages: [message('a')] }),
      unknown,
      encode({ messages: [message('b')], runs: [{ topic: 't', messageCount: 2 }] }),
    ]);
    const response = scanResponse(bytes);
    const rest = SubscribeResponse.decode(response.rest);
    expect(rest.event).toEqual(caughtUp);
    const messages = new MessageReader(response, 'glob', rest.runs).next(response.messageCount);
    expect(messages.map(({ topic, text }) => [topic, text])).toEqual([
      ['t', 'a'],
      ['t', 'b'],
    ]);
  });

  it('gives each message of a glob the topic of its run', () => {
    const messages = ['a', 'b', 'c', 'd'].map((value) =>
      WireMessage.fromPartial({ value: Buffer.from(value) }),
    );
    const runs = [
      { topic: 'x', messageCount: 1 },
      { topic: 'empty', messageCount: 0 },
      { topic: 'y', messageCount: 3 },
    ];
    const decoded = new MessageReader(scanResponse(encode({ messages, runs })), '**', runs).next(
      messages.length,
    );
    expect(decoded.map(({ topic }) => topic)).toEqual(['x', 'y', 'y', 'y']);
  });

  it('never reads beyond a cut response, and never accepts one that is cut inside a field', () => {
    const whole = encode({
      messages: [WireMessage.fromPartial({ timestampNs: 7n, value: Buffer.from('value') })],
    });
    for (let length = 1; length < whole.length; length++) {
      expect(() => scanResponse(Buffer.from(whole.subarray(0, length)))).toThrow('not well-formed');
    }
  });

  it('finds other fields before, between and behind messages', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(wireMessage, fc.nat(1000)), { maxLength: 12 }), (parts) => {
        const bytes = Buffer.concat(
          parts.map((part) =>
            typeof part === 'number'
              ? encode({ runs: [{ topic: 't', messageCount: part }] })
              : encode({ messages: [part] }),
          ),
        );
        const response = scanResponse(bytes);
        const messages = parts.filter((part) => typeof part !== 'number');
        expect(response.messageCount).toBe(messages.length);
        const sizes = new MessageReader(response, 't', [])
          .next(response.messageCount)
          .map(({ byteLength }) => byteLength);
        expect(sizes).toEqual(messages.map((each) => WireMessage.encode(each).finish().length));
        expect(response.messageBytes).toBe(
          messages.reduce((sum, message) => sum + encode({ messages: [message] }).length, 0),
        );
        expect(SubscribeResponse.decode(response.rest).runs).toEqual(
          parts
            .filter((part) => typeof part === 'number')
            .map((messageCount) => ({ topic: 't', messageCount })),
        );
      }),
    );
  });
});
