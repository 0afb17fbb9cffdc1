import { describe, expect, it } from 'vitest';
import type { SubOptions } from '../../../src/cli/sub.ts';
import { wholeRange } from '../../../src/cli/sub.ts';

const range = (topic: string, options: Partial<SubOptions> = {}) =>
  wholeRange(topic, { follow: true, ...options });

describe('wholeRange', () => {
  it('begins at the end of a topic and at the beginning of a channel', () => {
    expect(range('orders')).toEqual({ from: 'latest', skip: 0 });
    expect(range('chan/orders')).toEqual({ from: 'earliest', skip: 0 });
  });

  it('begins at the beginning when what has been is asked for', () => {
    expect(range('orders', { until: 'now' })).toMatchObject({ from: 'earliest', until: 'now' });
    expect(range('orders', { until: '-5m' }).from).toBe('earliest');
    expect(range('orders', { follow: false })).toMatchObject({ from: 'earliest', until: 'now' });
  });

  it('refuses an end before the start, with both as they were understood', () => {
    expect(() => range('orders', { from: '2026-11-21', until: '2026-11-20' })).toThrow(
      'the end, 2026-11-20T00:00:00.000000000Z, is before the start, 2026-11-21T00:00:00.000000000Z',
    );
  });

  it('begins at the end when an end counts from there', () => {
    expect(range('orders', { until: '+5m' }).from).toBe('latest');
  });

  it('does as it is told', () => {
    expect(range('chan/orders', { from: 'latest' }).from).toBe('latest');
    expect(range('orders', { last: '3' }).from).toEqual({ last: 3 });
    expect(range('orders', { range: '+2:end' })).toEqual({
      from: 'earliest',
      until: 'now',
      skip: 2,
    });
    expect(range('orders', { range: '-2', follow: false })).toEqual({
      from: { last: 2 },
      until: 'now',
      skip: 0,
    });
  });

  it('refuses two ends', () => {
    expect(() => range('orders', { follow: false, until: '+5m' })).toThrow('--no-follow');
  });
});
