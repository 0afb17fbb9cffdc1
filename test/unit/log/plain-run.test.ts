import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Batch } from '../../../clients/node/src/batch.ts';
import { checkMessage, makeRun } from '../../../src/log/message-run.ts';
import { giveBackPlainRun, takePlainRun } from '../../../src/log/plain-run.ts';

const text = fc.string({ maxLength: 300 });
const plain = fc.oneof(text, fc.record({ key: text, value: text }));

/** The messages of a request, as the client writes them. */
function encode(messages: readonly (string | { key: string; value: string })[]): Buffer {
  const batch = new Batch(Buffer.alloc(0));
  for (const message of messages) batch.add(message);
  return Buffer.from(batch.messages);
}

/** What the way for all kinds of messages makes of them. */
function oneByOne(request: Buffer) {
  const places = [];
  let largestBytes = 0;
  for (let at = 0; at < request.length; ) {
    let start = at + 1;
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = request[start++] ?? 0;
      length |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    const end = start + length;
    const droppedBytes = checkMessage(request, start, end);
    places.push({ tagAt: at, start, end, droppedBytes });
    largestBytes = Math.max(largestBytes, end - start - droppedBytes);
    at = end;
  }
  return { run: makeRun(request, places), largestBytes };
}

describe('plain messages', () => {
  it('become the run that they become one by one', () => {
    fc.assert(
      fc.property(fc.array(plain, { minLength: 1, maxLength: 50 }), (messages) => {
        const request = encode(messages);
        const taken = takePlainRun(request, 0);
        const other = oneByOne(encode(messages));
        expect(taken).toEqual({
          start: 0,
          end: request.length,
          messageCount: messages.length,
          largestBytes: other.largestBytes,
        });
        expect(request.equals(other.run.bytes)).toBe(true);
      }),
    );
  });

  it('are what they were in their request when they are given back', () => {
    const before = encode(['a', { key: 'k', value: 'v'.repeat(1000) }]);
    const request = Buffer.from(before);
    const taken = takePlainRun(request, 0);
    expect(taken?.messageCount).toBe(2);
    if (taken !== undefined) giveBackPlainRun(request, taken);
    expect(request.equals(before)).toBe(true);
  });

  it.each([
    ['without room for the stamp', [0x12, 3, 0x1a, 1, 0x61]],
    ['with a header', [0x12, 16, 8, ...Array<number>(8).fill(0x80), 1, 0x22, 4, 0x0a, 0, 0x12, 0]],
    ['with an unknown field', [0x12, 12, 8, ...Array<number>(8).fill(0x80), 1, 0x30, 1]],
    [
      'with a value that is too long',
      [0x12, 13, 8, ...Array<number>(8).fill(0x80), 1, 0x1a, 9, 0x61],
    ],
    ['that is cut off', [0x12, 99, 8, ...Array<number>(8).fill(0x80), 1]],
    ['whose length has no end', [0x12, 0xff, 0xff, 0xff, 0xff]],
    ['that is no message', [0x0a, 1, 0x61]],
  ])('do not begin with one %s', (_, bytes) => {
    const request = Buffer.from(bytes);
    expect(takePlainRun(request, 0)).toBeUndefined();
    expect([...request]).toEqual(bytes);
  });

  it('end before one that is not plain', () => {
    const first = encode(['a']);
    const request = Buffer.concat([first, Buffer.from([0x12, 3, 0x1a, 1, 0x61])]);
    expect(takePlainRun(request, 0)).toMatchObject({ end: first.length, messageCount: 1 });
  });
});
