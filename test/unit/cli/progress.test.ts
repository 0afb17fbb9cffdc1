import fc from 'fast-check';
import { parseDuration } from 'playhead-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  countOf,
  describeTally,
  formatBytes,
  formatDuration,
  Progress,
} from '../../../src/cli/progress.ts';

const TALLY = { messages: 1_200_000, bytes: 120_000_000 };

function terminal(isTTY: boolean) {
  const written: string[] = [];
  const write = (text: string | Uint8Array) => written.push(String(text)) > 0;
  return { written, stream: { isTTY, write } };
}

describe('formatDuration', () => {
  it.each([
    [0, '0ms'],
    [1, '1ms'],
    [1500, '1s500ms'],
    [90_000, '1m30s'],
    [604_800_000, '7d'],
    [129_600_000, '1d12h'],
  ])('writes %d ms as %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  it('writes what options read', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 43 }), (ms) => {
        expect(parseDuration(formatDuration(ms))).toBe(BigInt(ms) * 1_000_000n);
      }),
    );
  });
});

describe('Progress', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('shows nothing in the first second, then count and rate, and removes its line', () => {
    const { written, stream } = terminal(true);
    const progress = new Progress(stream);
    progress.update(TALLY);
    vi.advanceTimersByTime(900);
    expect(written).toEqual([]);
    vi.advanceTimersByTime(1500);
    expect(written.at(-1)).toBe(
      '\r\u001B[K1,200,000 messages, 120 MB in 2.4 s: 500,000/s, 50.0 MB/s',
    );
    progress.close();
    expect(written.at(-1)).toBe('\r\u001B[K');
    const { length } = written;
    vi.advanceTimersByTime(5000);
    expect(written).toHaveLength(length);
  });

  it('shows nothing where there is no terminal', () => {
    const { written, stream } = terminal(false);
    const progress = new Progress(stream);
    progress.update(TALLY);
    vi.advanceTimersByTime(5000);
    progress.close();
    expect(written).toEqual([]);
  });
});

describe('describeTally', () => {
  it('does not divide by nothing', () => {
    expect(describeTally({ messages: 1, bytes: 5 }, 0)).toBe(
      '1 message, 5 B in 0.0 s: 1,000/s, 5.00 kB/s',
    );
  });
});

describe('formatBytes', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.00 kB'],
    [9994, '9.99 kB'],
    [9996, '10.0 kB'],
    [99_960, '100 kB'],
    [999_600, '1.00 MB'],
    [1_250_000, '1.25 MB'],
    [5e9, '5.00 GB'],
    [5e15, '5000 TB'],
  ])('writes %d as %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});

describe('countOf', () => {
  it('knows one from many', () => {
    expect([0, 1, 2, 1000].map((count) => countOf(count, 'message'))).toEqual([
      '0 messages',
      '1 message',
      '2 messages',
      '1,000 messages',
    ]);
  });
});
