import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Wanted } from '../../../src/log/frame-slice.ts';
import { sliceFrame } from '../../../src/log/frame-slice.ts';
import { stampRun } from '../../../src/log/message-run.ts';
import type { Frame } from '../../../src/storage/frame.ts';
import { decodeRun, runOf } from '../../support/message.ts';

const FIRST_NS = 1_790_000_000_000_000_000n;

function frameOf(...values: (string | Uint8Array)[]): Frame {
  const { bytes: body, messageCount } = runOf(...values);
  stampRun(body, FIRST_NS);
  const zero = { kind: 'data', lane: 0, topicId: 1, tapeSequence: 0n, topicSequence: 0n } as const;
  return { ...zero, timestampNs: FIRST_NS, messageCount, topicBytes: 0n, producers: [], body };
}

const everything: Wanted = {
  fromNs: 0n,
  untilNs: 1n << 63n,
  messages: Number.POSITIVE_INFINITY,
  bytes: Number.POSITIVE_INFINITY,
};

describe('sliceFrame', () => {
  it('cuts out exactly the messages that are wanted', () => {
    const offset = fc.integer({ min: -3, max: 14 }).map((n) => FIRST_NS + BigInt(n));
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 30 }), { minLength: 1, maxLength: 10 }),
        offset,
        offset,
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 300 }),
        (values, fromNs, untilNs, messages, bytes) => {
          const frame = frameOf(...values);
          fc.pre(fromNs < FIRST_NS + BigInt(values.length));
          const slice = sliceFrame(frame, { fromNs, untilNs, messages, bytes });

          const inRange = decodeRun(frame.body).filter(
            ({ timestampNs }) => timestampNs >= fromNs && timestampNs < untilNs,
          );
          const expected = inRange.slice(0, messages);
          const taken = decodeRun(slice.bytes);
          expect(taken).toEqual(expected.slice(0, slice.messageCount));
          expect(taken).toHaveLength(slice.messageCount);
          if (expected.length > 0) expect(slice.messageCount).toBeGreaterThan(0);
          if (slice.messageCount > 1) expect(slice.bytes.length).toBeLessThanOrEqual(bytes);
          if (slice.messageCount < expected.length) {
            const one = sliceFrame(frame, { ...everything, fromNs: slice.nextNs, messages: 1 });
            expect(slice.bytes.length + one.bytes.length).toBeGreaterThan(bytes);
          }
          if (slice.messageCount > 0) {
            expect(slice.nextNs).toBe((taken.at(-1)?.timestampNs ?? 0n) + 1n);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('is the body itself when all of it is wanted', () => {
    const frame = frameOf('a', 'b');
    expect(sliceFrame(frame, everything).bytes).toBe(frame.body);
    expect(sliceFrame(frame, { ...everything, bytes: frame.body.length }).bytes).toBe(frame.body);
  });

  it('takes one message whatever its size', () => {
    const frame = frameOf('x'.repeat(1000), 'y');
    expect(sliceFrame(frame, { ...everything, bytes: 1 }).messageCount).toBe(1);
  });
});
