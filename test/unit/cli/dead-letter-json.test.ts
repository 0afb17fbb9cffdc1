import { describe, expect, it } from 'vitest';
import {
  deadLetterColumns,
  deadLetterToJson,
  readDeadLetter,
} from '../../../src/cli/dead-letter-json.ts';
import { tabSeparated } from '../../../src/cli/table.ts';

const messageOf = (headers: Readonly<Record<string, string>>) => ({
  topic: 'dead-letter/orders/billing',
  timestampNs: 1_763_719_201_000_000_002n,
  key: Buffer.from('k'),
  value: Buffer.from('poison\n'),
  headers: Object.entries(headers).map(([name, value]) => ({ name, value: Buffer.from(value) })),
});

const headers = {
  by: 'web',
  'playhead-dead-letter-reason': 'max_attempts',
  'playhead-dead-letter-attempts': '5',
  'playhead-dead-letter-topic': 'orders',
  'playhead-dead-letter-subscription': 'billing',
  'playhead-dead-letter-timestamp-ns': '1763719200000000001',
  'playhead-dead-letter-time': '2025-11-21T10:00:01.000000000Z',
};

describe('a dead letter', () => {
  it('is told apart from the message that it was', () => {
    expect(deadLetterToJson(readDeadLetter(messageOf(headers)))).toEqual({
      topic: 'dead-letter/orders/billing',
      timestamp_ns: '1763719201000000002',
      time: '2025-11-21T10:00:01.000000002Z',
      key: 'k',
      value: 'poison\n',
      headers: [{ name: 'by', value: 'web' }],
      dead_letter: {
        reason: 'max_attempts',
        attempts: 5,
        time: '2025-11-21T10:00:01.000000000Z',
        topic: 'orders',
        subscription: 'billing',
        timestamp_ns: '1763719200000000001',
      },
    });
  });

  it('is a row of a list, whatever is in it', () => {
    const terminated = {
      ...headers,
      'playhead-dead-letter-reason': 'terminated: no\tsuch\ncustomer',
    };
    expect(
      tabSeparated(deadLetterColumns, readDeadLetter(messageOf(terminated))).split('\t'),
    ).toEqual([
      '2025-11-21T10:00:01.000000000Z',
      'terminated: no\\tsuch\\ncustomer',
      '5',
      'orders',
      '2025-11-21T10:00:00.000000001Z',
      'poison\\n',
    ]);
  });

  it('may be a message that somebody else has put there', () => {
    const other = {
      'playhead-dead-letter-attempts': 'many',
      'playhead-dead-letter-timestamp-ns': '',
    };
    const letter = readDeadLetter(messageOf(other));
    expect(letter).toMatchObject({
      reason: undefined,
      attempts: undefined,
      timestampNs: undefined,
    });
    expect(tabSeparated(deadLetterColumns, letter)).toBe('-\t-\t-\t-\t-\tpoison\\n');
    expect(deadLetterToJson(letter)).toMatchObject({
      dead_letter: { reason: null, attempts: null },
    });
  });

  it('has the headers that were added last, if it was one before', () => {
    const twice = messageOf(headers);
    twice.headers.unshift({ name: 'playhead-dead-letter-topic', value: Buffer.from('elsewhere') });
    expect(readDeadLetter(twice)).toMatchObject({ topic: 'orders' });
  });
});
