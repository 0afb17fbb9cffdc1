import { Edge } from 'playhead-proto';
import { describe, expect, it } from 'vitest';
import {
  parsePosition,
  parseUntil,
  toTime,
  toUntil,
  toWirePosition,
} from '../../../clients/node/src/position.ts';

describe('parsePosition', () => {
  it('reads edges, times that count back, and timestamps', () => {
    expect(parsePosition('earliest')).toBe('earliest');
    expect(parsePosition('latest')).toBe('latest');
    expect(parsePosition('-1h30m')).toEqual({ agoNs: 5_400_000_000_000n });
    expect(parsePosition('5s')).toBe(5_000_000_000n);
  });

  it('refuses now, which is an end', () => {
    expect(() => parsePosition('now')).toThrow(TypeError);
    expect(parseUntil('now')).toBe('now');
  });
});

describe('toWirePosition', () => {
  it.each([
    ['earliest', { $case: 'edge', value: Edge.EARLIEST }],
    ['latest', { $case: 'edge', value: Edge.LATEST }],
    ['-5m', { $case: 'agoNs', value: 300_000_000_000n }],
    [{ agoNs: 7n }, { $case: 'agoNs', value: 7n }],
    [12n, { $case: 'timestampNs', value: 12n }],
    [new Date(12), { $case: 'timestampNs', value: 12_000_000n }],
    [{ last: 3 }, { $case: 'lastMessages', value: 3n }],
  ] as const)('encodes %o', (position, at) => {
    expect(toWirePosition(position)).toEqual({ at });
  });

  it.each([{ last: 0 }, { last: 1.5 }, { last: -1 }])('refuses %j', (position) => {
    expect(() => toWirePosition(position)).toThrow('last must be a positive integer');
  });
});

describe('toTime', () => {
  it('refuses an invalid Date and what does not fit the wire', () => {
    expect(() => toTime(new Date('never'))).toThrow('the Date is invalid');
    expect(() => toTime(2n ** 63n)).toThrow('does not fit into 64 bits');
  });

  it('leaves a time before 1970 for the broker to refuse', () => {
    expect(toTime(-1n)).toBe(-1n);
  });
});

describe('toUntil', () => {
  it('takes now, times and texts', () => {
    expect(toUntil('now')).toBe('now');
    expect(toUntil(new Date(1))).toBe(1_000_000n);
    expect(toUntil('-1s')).toEqual({ agoNs: 1_000_000_000n });
  });
});
