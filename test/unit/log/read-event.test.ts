import { describe, expect, it } from 'vitest';
import { MessagesBuilder } from '../../../src/log/read-event.ts';

describe('MessagesBuilder', () => {
  it('collects chunks with their counts, and begins anew', () => {
    const builder = new MessagesBuilder();
    const [one, two] = [Buffer.from('one'), Buffer.from('two!')];
    builder.add(one, 1);
    builder.add(two, 2);
    expect([builder.bytes, builder.messageCount]).toEqual([7, 3]);
    expect(builder.take(9n)).toEqual({
      type: 'messages',
      chunks: [one, two],
      bytes: 7,
      messageCount: 3,
      runs: [],
      nextNs: 9n,
    });
    expect([builder.bytes, builder.messageCount]).toEqual([0, 0]);
    expect(builder.take(10n)).toMatchObject({ chunks: [], runs: [], messageCount: 0 });
  });

  it('makes one run of chunks of one topic that follow each other', () => {
    const builder = new MessagesBuilder();
    for (const topic of ['a', 'a', 'b', 'a']) builder.add(Buffer.alloc(1), 2, topic);
    expect(builder.take(1n).runs).toEqual([
      { topic: 'a', messageCount: 4 },
      { topic: 'b', messageCount: 2 },
      { topic: 'a', messageCount: 2 },
    ]);
  });
});
