import { inspect } from 'node:util';
import { Message as WireMessage } from 'playhead-proto';
import { describe, expect, it } from 'vitest';
import { Message } from '../../../clients/node/src/message.ts';

function decode(fields: Parameters<typeof WireMessage.fromPartial>[0]): Message {
  const bytes = Buffer.from(WireMessage.encode(WireMessage.fromPartial(fields)).finish());
  // Surrounded by other bytes, as in a response.
  const response = Buffer.concat([Buffer.from([0xff]), bytes, Buffer.from([0xff])]);
  return new Message('orders', response, 1, 1 + bytes.length);
}

describe('Message', () => {
  it('shows what is in it to people and to JSON', () => {
    const message = decode({
      timestampNs: 1n,
      key: Buffer.from('k'),
      value: Buffer.from('hello'),
      headers: [{ name: 'h', value: Buffer.from([0xff]) }],
    });
    const json = {
      topic: 'orders',
      timestamp_ns: '1',
      time: '1970-01-01T00:00:00.000000001Z',
      key: 'k',
      value: 'hello',
      headers: [{ name: 'h', value_base64: '/w==' }],
    };
    expect(JSON.parse(JSON.stringify(message))).toEqual(json);
    expect(inspect(message)).toBe(`Message ${inspect(json)}`);
  });

  it('has its parts', () => {
    const message = decode({
      timestampNs: 1_732_186_800_123_456_789n,
      key: Buffer.from('k'),
      value: Buffer.from('größe'),
      headers: [
        { name: 'a', value: Buffer.from('1') },
        { name: 'a', value: Buffer.from('2') },
      ],
    });
    expect(message.topic).toBe('orders');
    expect(message.timestampNs).toBe(1_732_186_800_123_456_789n);
    expect(message.time).toEqual(new Date(1_732_186_800_123));
    expect(message.key.toString()).toBe('k');
    expect(message.text).toBe('größe');
    expect(message.value.toString()).toBe('größe');
    expect(message.headers.map(({ name, value }) => `${name}=${value}`)).toEqual(['a=1', 'a=2']);
    expect(message.header('a')?.toString()).toBe('1');
    expect(message.header('b')).toBeUndefined();
  });

  it('is empty where nothing was sent', () => {
    const message = decode({});
    expect(message.timestampNs).toBe(0n);
    expect(message.key).toHaveLength(0);
    expect(message.value).toHaveLength(0);
    expect(message.text).toBe('');
    expect(message.headers).toEqual([]);
  });

  it.each([0n, 1n, 127n, 128n, 2n ** 28n - 1n, 2n ** 28n, 2n ** 53n + 1n, 2n ** 63n - 1n])(
    'reads timestamp %d exactly',
    (timestampNs) => {
      expect(decode({ timestampNs }).timestampNs).toBe(timestampNs);
    },
  );

  it('refuses a field that is longer than the message', () => {
    const bytes = Buffer.from([0x1a, 0x05, 0x61]);
    expect(() => new Message('t', bytes, 0, bytes.length).value).toThrow('not well-formed');
  });
});
