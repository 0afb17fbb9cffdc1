import { describe, expect, it } from 'vitest';
import { DEFAULT_TOPIC_CONFIG, Topic } from '../../../src/log/topic.ts';
import { busiest } from '../../../src/metrics/busiest.ts';

function topicOf(name: string, sequence: number): Topic {
  const floor = { timestampNs: 0n, sequence: 0n, bytes: 0n };
  const record = { id: 1, name, createdTimestampNs: 1n, config: DEFAULT_TOPIC_CONFIG, floor };
  const topic = new Topic({ ...record, isDeleted: false });
  topic.sequence = BigInt(sequence);
  return topic;
}

const namesOf = (topics: readonly Topic[]) => topics.map(({ name }) => name).sort();

describe('busiest', () => {
  it('names those with the most messages, whatever their order', () => {
    const topics = [topicOf('a', 1), topicOf('b', 9), topicOf('c', 5), topicOf('d', 7)];
    for (const order of [topics, topics.toReversed()]) {
      const { named, others } = busiest(order, 2);
      expect([namesOf(named), namesOf(others)]).toEqual([
        ['b', 'd'],
        ['a', 'c'],
      ]);
    }
  });

  it('names all if there are no more than the limit', () => {
    const { named, others } = busiest([topicOf('a', 0), topicOf('b', 0)], 2);
    expect([namesOf(named), others]).toEqual([['a', 'b'], []]);
  });

  it("leaves the broker's own out", () => {
    const { named, others } = busiest([topicOf('_activity', 9), topicOf('a', 0)], 1);
    expect([namesOf(named), others]).toEqual([['a'], []]);
  });
});
