import { describe, expect, it } from 'vitest';
import {
  closeMessage,
  decodeSeaweedPublish,
  notesOf,
  withEventTime,
} from '../../../src/compat/seaweedfs-codec.ts';
import { bytesField, varintField } from '../../conformance/wire-bytes.ts';

const content = Buffer.concat([
  bytesField(2, 'key'),
  bytesField(3, 'value'),
  bytesField(4, bytesField(1, 'name'), bytesField(2, 'x')),
]);

/** What would be stored of a message. */
function storedOf(message: Buffer, partition?: number) {
  const { message: taken } = decodeSeaweedPublish(bytesField(2, message), partition);
  if (taken === undefined) throw new Error('there is no message');
  return { ...taken, fields: Buffer.concat([...taken.pieces]) };
}

describe('a message from a client of SeaweedFS', () => {
  it('is stored as it came, with its partition behind', () => {
    expect(storedOf(content).fields).toEqual(content);
    const { fields, bytes } = storedOf(content, 3);
    expect(fields).toEqual(Buffer.concat([content, varintField(6, 3)]));
    expect(bytes).toBe(content.length);
    expect(notesOf(fields)).toEqual({ partition: 3, eventTimeNs: 0n, key: Buffer.from('key') });
  });

  it.each([1n, -1n, 2n ** 63n - 1n])('keeps the time %i that its publisher gave it', (ns) => {
    const { fields } = storedOf(Buffer.concat([varintField(1, ns), content]), 1);
    expect(notesOf(fields)).toMatchObject({ partition: 1, eventTimeNs: ns });
    expect(withEventTime(content, ns)).toEqual(bytesField(1, varintField(1, ns), content));
  });

  it('that was delivered before is stored without what was noted then', () => {
    const notes = Buffer.concat([varintField(7, 5), varintField(6, 3)]);
    expect(storedOf(Buffer.concat([content, notes]))).toMatchObject({
      fields: content,
      bytes: content.length,
    });
    const { fields } = storedOf(Buffer.concat([varintField(1, 9), notes, content]), 1);
    expect(notesOf(fields)).toMatchObject({ partition: 1, eventTimeNs: 9n });
    const nothing = Buffer.concat([notes, varintField(5, 1)]);
    expect(storedOf(nothing, 0)).toMatchObject({ isClose: true, pieces: [] });
  });

  it.each([4n, 9n, -1n, 2n ** 32n])('has no partition if %i is noted', (partition) => {
    expect(notesOf(varintField(6, partition)).partition).toBeUndefined();
  });

  it('is nothing if it only closes, and is stored along with the close if it has more', () => {
    expect(storedOf(varintField(5, 1), 0)).toMatchObject({ isClose: true, pieces: [] });
    const both = storedOf(Buffer.concat([content, varintField(5, 1)]));
    expect(both).toMatchObject({ isClose: true, fields: content });
    expect(storedOf(varintField(5, 0))).toMatchObject({ isClose: false });
  });

  it('may be empty', () => {
    expect(storedOf(Buffer.alloc(0))).toMatchObject({ isClose: false, fields: Buffer.alloc(0) });
  });
});

describe('a request of a publisher of SeaweedFS', () => {
  it('has an init, a message, both, or nothing', () => {
    const init = bytesField(1, bytesField(1, 'ns'), bytesField(2, 't'), varintField(3, 2));
    const place = { namespace: 'ns', topic: 't', partition: 2 };
    expect(decodeSeaweedPublish(init, undefined)).toEqual({ init: place, message: undefined });
    const both = Buffer.concat([init, bytesField(2, content), varintField(9, 1)]);
    expect(decodeSeaweedPublish(both, undefined)).toMatchObject({ init: place, message: {} });
    expect(decodeSeaweedPublish(Buffer.alloc(0), undefined)).toEqual({
      init: undefined,
      message: undefined,
    });
  });

  it('cannot have two messages, since there is no order between what is asked of them', () => {
    const request = Buffer.concat([bytesField(2, content), bytesField(2, content)]);
    expect(() => decodeSeaweedPublish(request, undefined)).toThrow(/two messages/);
  });
});

describe('the close marker', () => {
  it('is a message with the timestamp of the close', () => {
    expect(closeMessage(5n)).toEqual(bytesField(1, varintField(1, 5), varintField(5, 1)));
  });
});
