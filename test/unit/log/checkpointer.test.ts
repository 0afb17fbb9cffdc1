import { describe, expect, it } from 'vitest';
import {
  CHECKPOINT_BYTES,
  CHECKPOINT_INTERVAL_MS,
  CHECKPOINT_RECOVERED_MS,
} from '../../../src/limits.ts';
import { Checkpointer } from '../../../src/log/checkpointer.ts';
import type { CommitFrame } from '../../../src/log/commit.ts';
import { Producers } from '../../../src/log/producers.ts';
import type { Topic } from '../../../src/log/topic.ts';
import type { CheckpointRecords } from '../../../src/storage/meta.ts';
import { Gate } from '../../support/gate.ts';
import { TestLog } from '../../support/test-log.ts';
import { newTopic } from '../../support/topic.ts';

async function setUp() {
  const test = await TestLog.open();
  const { committer, topics } = test.log.readContext;
  const taken: CheckpointRecords[] = [];
  const gate = new Gate();
  const errors: unknown[] = [];
  const putCheckpoint = async (records: CheckpointRecords) => {
    await gate.pass();
    taken.push(records);
  };
  const parts = { topics, producers: new Producers(), committer };
  const checkpointer = new Checkpointer({ putCheckpoint }, test.clock, parts, (error) =>
    errors.push(error),
  );
  return { test, taken, gate, errors, checkpointer };
}

function frameOf(topic: Topic, bytes = 1): CommitFrame {
  const zero = { lane: 0, tapeSequence: 0n, topicSequence: 0n, topicBytes: 0n, producers: [] };
  const body = Buffer.alloc(0);
  const frame = {
    ...zero,
    kind: 'data',
    timestampNs: 5n,
    topicId: topic.id,
    messageCount: 1,
    body,
  } as const;
  return { topic, timestampNs: 5n, value: Buffer.alloc(bytes), frame };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('Checkpointer', () => {
  it('notes what has changed, a while after it has', async () => {
    const { test, taken, checkpointer } = await setUp();
    await using _ = test;
    checkpointer.committed([frameOf(newTopic('a', 1))]);
    checkpointer.committed([frameOf(newTopic('b', 2))]);
    test.clock.advance(CHECKPOINT_INTERVAL_MS - 1);
    await turn();
    expect(taken).toEqual([]);
    test.clock.advance(1);
    await turn();
    expect(taken.map(({ tails }) => tails.map(({ topicId }) => topicId))).toEqual([[1, 2]]);
    const { committer, topics } = test.log.readContext;
    expect(taken[0]?.checkpoint).toEqual({
      tapeSequence: committer.tapeSequence,
      endNs: committer.endNs,
      lastTopicId: topics.lastId,
    });
  });

  it('notes it at once when much was written', async () => {
    const { test, taken, checkpointer } = await setUp();
    await using _ = test;
    const topic = newTopic('a');
    checkpointer.committed([frameOf(topic, CHECKPOINT_BYTES - 1)]);
    await turn();
    expect(taken).toEqual([]);
    checkpointer.committed([frameOf(topic, 1)]);
    await turn();
    expect(taken).toHaveLength(1);
  });

  it('takes one soon after a start that has found what is not noted, though nothing has changed', async () => {
    const { test, taken, checkpointer } = await setUp();
    await using _ = test;
    checkpointer.recovered();
    checkpointer.committed([frameOf(newTopic('a', 1))]);
    test.clock.advance(CHECKPOINT_RECOVERED_MS - 1);
    await turn();
    expect(taken).toEqual([]);
    test.clock.advance(1);
    await turn();
    expect(taken).toHaveLength(1);
    checkpointer.recovered();
    await checkpointer.run();
    await checkpointer.run();
    expect(taken.map(({ tails }) => tails.length)).toEqual([1, 0]);
  });

  it('notes nothing when nothing has changed, and nothing of deleted topics', async () => {
    const { test, taken, checkpointer } = await setUp();
    await using _ = test;
    await checkpointer.run();
    expect(taken).toEqual([]);
    const topic = newTopic('a');
    checkpointer.committed([frameOf(topic)]);
    topic.isDeleted = true;
    await checkpointer.run();
    expect(taken.map(({ tails }) => tails)).toEqual([[]]);
  });

  it('takes one checkpoint after the other, and what came during one with the next', async () => {
    const { test, taken, gate, checkpointer } = await setUp();
    await using _ = test;
    checkpointer.committed([frameOf(newTopic('a', 1))]);
    const arrived = gate.close();
    const first = checkpointer.run();
    await arrived;
    checkpointer.committed([frameOf(newTopic('b', 2))]);
    const second = checkpointer.run();
    gate.open();
    await Promise.all([first, second]);
    expect(taken.map(({ tails }) => tails.map(({ topicId }) => topicId))).toEqual([[1], [2]]);
  });
});
