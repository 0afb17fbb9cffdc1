import { describe, expect, it } from 'vitest';
import { settlementsOf } from '../../../src/compat/gophermq-fetch.ts';

const action = { type: 'ack', isCumulative: false };

describe('the token of a fetch', () => {
  it('names what is acknowledged by receipt, timestamp and number', () => {
    expect(settlementsOf('7-100-1.8-200-3')).toEqual([
      { receipt: 7n, firstNs: 100n, lastNs: 100n, action },
      { receipt: 8n, firstNs: 200n, lastNs: 202n, action },
    ]);
  });

  it('is empty if there was nothing', () => {
    expect(settlementsOf('')).toEqual([]);
  });

  it.each(['7', '7-100', '7-100-0', '7-100--1', '7-100-1.', '.', 'a-b-c', '7-100-1-1', '7-100-01'])(
    'is not %s',
    (token) => {
      expect(() => settlementsOf(token)).toThrow(/^token: /);
    },
  );

  it('has bounds', () => {
    const token = (count: number) => Array.from({ length: count }, () => '7-100-1').join('.');
    expect(settlementsOf(token(10_000))).toHaveLength(10_000);
    expect(() => settlementsOf(token(10_001))).toThrow(/^token: /);
    expect(() => settlementsOf(`7-${'9'.repeat(20)}-1`)).toThrow(/^token: /);
  });
});
