import { describe, expect, it } from 'vitest';
import {
  checkClosable,
  checkPartition,
  isChannel,
  topicNameOf,
  writableTopicNameOf,
} from '../../../src/compat/seaweedfs-topic.ts';

describe('a topic of SeaweedFS', () => {
  it.each([
    ['chan', 'c', 'chan/c'],
    ['ns', 't', 'ns/t'],
    ['a/b', 'c', 'a/b/c'],
    ['a', 'b/c', 'a/b/c'],
    ['', 'orders', 'orders'],
  ])('of namespace %j and name %j is %j', (namespace, topic, name) => {
    expect(topicNameOf({ namespace, topic })).toBe(name);
  });

  it.each([
    ['ns', ''],
    ['', ''],
    ['ns', '..'],
    ['..', 't'],
    ['ns/', 't'],
    ['ns', 'a b'],
    ['ns', 'ü'],
  ])('has no name for namespace %j and name %j', (namespace, topic) => {
    expect(() => topicNameOf({ namespace, topic })).toThrow(/topic/);
  });

  it("may be one of the broker's own to be read, and not to be written", () => {
    const own = { namespace: '', topic: '_activity' };
    expect(topicNameOf(own)).toBe('_activity');
    expect(() => writableTopicNameOf(own)).toThrow(/only be read/);
  });

  it('has four partitions', () => {
    for (const partition of [0, 1, 2, 3]) checkPartition(partition);
    for (const partition of [-1, 4]) expect(() => checkPartition(partition)).toThrow(/0 to 3/);
  });

  it('can be closed if it is a channel, whose list is partition 0', () => {
    expect([isChannel('chan/c'), isChannel('channel/c'), isChannel('chan')]).toEqual([
      true,
      false,
      false,
    ]);
    checkClosable('chan/c', 0);
    expect(() => checkClosable('chan/c', 1)).toThrow(/partition 0/);
    expect(() => checkClosable('ns/t', 0)).toThrow(/only partition 0 of a channel/);
  });
});
