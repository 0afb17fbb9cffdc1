import { describe, expect, it } from 'vitest';
import { PRODUCER_REQUESTS, PRODUCERS_MAX } from '../../../src/limits.ts';
import { Producers } from '../../../src/log/producers.ts';

const request = (sequence: bigint, messageCount = 1, crc = 7) => ({
  sequence,
  messageCount,
  crc,
  timestampNs: 1000n * sequence,
});
const claim = (sequence: bigint, crc = 7) => ({ name: 'p', sequence, crc });

describe('Producers', () => {
  it('knows a request by sequence, count and checksum', () => {
    const producers = new Producers();
    producers.record(1, 'p', request(1n, 3));
    expect(producers.check(1, claim(1n), 3)).toEqual({
      kind: 'duplicate',
      request: request(1n, 3),
    });
    expect(producers.check(1, claim(1n, 8), 3)).toEqual({ kind: 'conflict', lastSequence: 3n });
    expect(producers.check(1, claim(1n), 2)).toEqual({ kind: 'conflict', lastSequence: 3n });
    expect(producers.check(1, claim(3n), 1)).toEqual({ kind: 'conflict', lastSequence: 3n });
    expect(producers.check(1, claim(4n), 1)).toEqual({ kind: 'new' });
    expect(producers.check(2, claim(1n, 8), 3)).toEqual({ kind: 'new' });
  });

  it(`remembers the last ${PRODUCER_REQUESTS} requests of a producer`, () => {
    const producers = new Producers();
    const count = BigInt(PRODUCER_REQUESTS) + 1n;
    for (let i = 1n; i <= count; i++) producers.record(1, 'p', request(i));
    expect(producers.check(1, claim(1n), 1)).toEqual({ kind: 'conflict', lastSequence: count });
    expect(producers.check(1, claim(2n), 1).kind).toBe('duplicate');
  });

  it('tells the last message of a producer', () => {
    const producers = new Producers();
    expect(producers.last(1, 'p')).toBeUndefined();
    producers.record(1, 'p', request(5n, 4));
    expect(producers.last(1, 'p')).toEqual({ sequence: 8n, timestampNs: 5003n });
  });

  it(`forgets the least recently used one beyond ${PRODUCERS_MAX}`, () => {
    const producers = new Producers();
    for (let i = 0; i < PRODUCERS_MAX; i++) producers.record(1, `p${i}`, request(1n));
    producers.record(1, 'p0', request(2n));
    producers.takeChanges();
    producers.record(1, 'new', request(1n));
    expect(producers.last(1, 'p1')).toBeUndefined();
    expect(producers.last(1, 'p0')).toBeDefined();
    const { changed, forgotten } = producers.takeChanges();
    expect(changed.map(({ name }) => name)).toEqual(['new']);
    expect(forgotten.map(({ name }) => name)).toEqual(['p1']);
  });

  it('hands over every change once, for the checkpoint', () => {
    const producers = new Producers();
    producers.record(1, 'p', request(1n));
    producers.record(1, 'p', request(2n));
    expect(producers.takeChanges().changed).toEqual([
      { topicId: 1, name: 'p', requests: [request(1n), request(2n)] },
    ]);
    expect(producers.takeChanges()).toEqual({ changed: [], forgotten: [] });
  });

  it('forgets those of a topic, and knows one that comes back as not forgotten', () => {
    const producers = new Producers();
    producers.record(1, 'p', request(1n));
    producers.record(2, 'p', request(1n));
    producers.forgetTopic(1);
    expect(producers.last(1, 'p')).toBeUndefined();
    expect(producers.last(2, 'p')).toBeDefined();
    producers.record(1, 'p', request(9n));
    const { changed, forgotten } = producers.takeChanges();
    expect(changed.map(({ topicId }) => topicId).sort()).toEqual([1, 2]);
    expect(forgotten).toEqual([]);
  });

  it('has after a load what was loaded, and nothing else', () => {
    const producers = new Producers();
    producers.record(1, 'p', request(1n));
    producers.load([{ topicId: 1, name: 'q', requests: [request(4n)] }]);
    expect(producers.last(1, 'p')).toBeUndefined();
    expect(producers.last(1, 'q')).toEqual({ sequence: 4n, timestampNs: 4000n });
    expect(producers.takeChanges()).toEqual({ changed: [], forgotten: [] });
  });
});
