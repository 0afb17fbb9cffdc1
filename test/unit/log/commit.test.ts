import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../../src/errors.ts';
import { FRAME_BYTES, FRAME_MESSAGES } from '../../../src/limits.ts';
import type { Append, PublishAck } from '../../../src/log/append.ts';
import type { CommitFrame } from '../../../src/log/commit.ts';
import { Commit } from '../../../src/log/commit.ts';
import { Producers } from '../../../src/log/producers.ts';
import type { Topic } from '../../../src/log/topic.ts';
import { decodeFrame, encodeTapeKey } from '../../../src/storage/frame.ts';
import { decodeRun, runOf, valuesOf } from '../../support/message.ts';
import { newTopic } from '../../support/topic.ts';

const FIRST_NS = 1_790_000_000_000_000_000n;
const CLOSE = { reason: 'done', checksum: Buffer.alloc(16, 7) };

/** What a publish asks, and what became of it. */
interface Asked {
  readonly append: Append;
  outcome: PublishAck | BrokerError | undefined;
}

interface AskOptions {
  readonly producer?: { name: string; sequence: bigint };
  readonly expected?: bigint;
  readonly close?: Append['close'];
}

function ask(topic: Topic, values: readonly string[], options: AskOptions = {}): Asked {
  const run = values.length === 0 ? undefined : runOf(...values);
  const crc = run === undefined ? 0 : crc32(run.bytes);
  const asked: Asked = {
    append: {
      topic,
      run,
      producer: options.producer && { ...options.producer, crc },
      expectedLastTimestampNs: options.expected,
      close: options.close,
      settle: (outcome) => {
        expect(asked.outcome).toBeUndefined();
        asked.outcome = outcome;
      },
    },
    outcome: undefined,
  };
  return asked;
}

/** Commits what is asked as the log does, and answers with the frames. */
class Tape {
  readonly producers = new Producers();
  nextNs = FIRST_NS;
  sequence = 0n;

  commit(...all: readonly Asked[]): CommitFrame[] {
    const commit = new Commit(this.producers);
    for (const { append } of all) commit.add(append);
    const frames = commit.seal(this.nextNs, this.sequence);
    for (const { topic, frame } of frames) {
      topic.apply(frame);
      this.nextNs = frame.timestampNs + BigInt(Math.max(frame.messageCount, 1));
      this.sequence++;
      for (const { name, sequence, messageCount, crc, index } of frame.producers) {
        const timestampNs = frame.timestampNs + BigInt(index);
        this.producers.record(topic.id, name, { sequence, messageCount, crc, timestampNs });
      }
    }
    commit.settle();
    return frames;
  }
}

function ackOf({ outcome }: Asked): PublishAck {
  if (outcome === undefined || outcome instanceof BrokerError) throw outcome ?? new Error('open');
  return outcome;
}

function refusalOf({ outcome }: Asked): BrokerError {
  if (outcome instanceof BrokerError) return outcome;
  throw new Error(outcome === undefined ? 'open' : 'stored');
}

describe('Commit', () => {
  it('makes one frame of what arrives for one topic, in the order of arrival', () => {
    const tape = new Tape();
    const [a, b] = [newTopic('a', 1), newTopic('b', 2)];
    const asked = [ask(a, ['a1', 'a2']), ask(b, ['b1']), ask(a, ['a3'])];
    const frames = tape.commit(...asked);
    expect(frames.map(({ topic, frame }) => [topic.name, valuesOf(frame.body)])).toEqual([
      ['a', ['a1', 'a2', 'a3']],
      ['b', ['b1']],
    ]);
    expect(asked.map(ackOf).map((ack) => [ack.firstTimestampNs, ack.lastTimestampNs])).toEqual([
      [FIRST_NS, FIRST_NS + 1n],
      [FIRST_NS + 3n, FIRST_NS + 3n],
      [FIRST_NS + 2n, FIRST_NS + 2n],
    ]);
  });

  it('stamps messages as it acknowledges them, and lays out frames that verify', () => {
    const tape = new Tape();
    const topic = newTopic('a');
    tape.commit(ask(topic, ['before']));
    const [frame] = tape.commit(ask(topic, ['x', 'y']), ask(topic, ['z']));
    if (frame === undefined) throw new Error('no frame');
    expect(decodeRun(frame.frame.body).map(({ timestampNs }) => timestampNs)).toEqual([
      FIRST_NS + 1n,
      FIRST_NS + 2n,
      FIRST_NS + 3n,
    ]);
    const decoded = decodeFrame(encodeTapeKey(frame.timestampNs), frame.value);
    expect(decoded).toEqual({ ...frame.frame, producers: [] });
    expect(decoded).toMatchObject({ tapeSequence: 1n, topicSequence: 1n, messageCount: 3 });
  });

  it('begins a new frame where one is full', () => {
    const topic = newTopic('a');
    const large = 'x'.repeat(FRAME_BYTES / 2);
    const frames = new Tape().commit(ask(topic, [large]), ask(topic, [large]), ask(topic, ['z']));
    expect(frames.map(({ frame }) => frame.messageCount)).toEqual([1, 2]);

    const empty = Array.from({ length: FRAME_MESSAGES }, () => '');
    for (const { frame } of new Tape().commit(ask(newTopic('b'), empty), ask(topic, empty))) {
      expect(frame.messageCount).toBeLessThanOrEqual(FRAME_MESSAGES);
      expect(frame.body.length).toBeLessThanOrEqual(FRAME_BYTES);
    }
  });

  it('spreads one large request over frames with timestamps that stay consecutive', () => {
    const tape = new Tape();
    const topic = newTopic('a');
    const values = Array.from({ length: 5 }, (_, i) => `${i}`.repeat(FRAME_BYTES / 3));
    const asked = ask(topic, values);
    const frames = tape.commit(ask(topic, ['first']), asked);
    expect(frames.length).toBeGreaterThan(1);
    expect(ackOf(asked)).toMatchObject({
      firstTimestampNs: FIRST_NS + 1n,
      lastTimestampNs: FIRST_NS + 5n,
    });
    const bodies = Buffer.concat(frames.map(({ frame }) => frame.body));
    expect(valuesOf(bodies)).toEqual(['first', ...values]);
    expect(decodeRun(bodies).map(({ timestampNs }) => timestampNs - FIRST_NS)).toEqual([
      0n,
      1n,
      2n,
      3n,
      4n,
      5n,
    ]);
    expect(frames.map(({ frame }) => frame.topicBytes)).toEqual(
      frames.map((_, i) =>
        frames.slice(0, i).reduce((sum, each) => sum + BigInt(each.frame.body.length), 0n),
      ),
    );
  });

  it('answers everything with the failure when the write has failed', () => {
    const topic = newTopic('a');
    const [one, two] = [ask(topic, ['1']), ask(topic, ['2'], { expected: 5n })];
    const commit = new Commit(new Producers());
    commit.add(one.append);
    commit.add(two.append);
    commit.seal(FIRST_NS, 0n);
    const failure = new BrokerError('STORAGE_FAILED', 'no disk');
    commit.fail(failure);
    expect([one.outcome, two.outcome]).toEqual([failure, failure]);
  });

  it('refuses what is for a deleted topic', () => {
    const topic = newTopic('a');
    topic.isDeleted = true;
    const asked = ask(topic, ['1'], { close: CLOSE });
    expect(new Tape().commit(asked)).toEqual([]);
    expect(refusalOf(asked)).toMatchObject({ reason: 'TOPIC_DELETED', metadata: { topic: 'a' } });
  });
});

describe('a close in a commit', () => {
  it('stands behind the messages before it and refuses those behind it', () => {
    const tape = new Tape();
    const topic = newTopic('a');
    const before = ask(topic, ['1']);
    const close = ask(topic, ['2'], { close: CLOSE });
    const behind = ask(topic, ['3']);
    const frames = tape.commit(before, close, behind);
    expect(frames.map(({ frame }) => [frame.kind, frame.messageCount])).toEqual([
      ['data', 2],
      ['close', 0],
    ]);
    expect(ackOf(close)).toMatchObject({
      firstTimestampNs: FIRST_NS + 1n,
      lastTimestampNs: FIRST_NS + 1n,
      closed: { timestampNs: FIRST_NS + 2n, messageCount: 2n, ...CLOSE },
    });
    expect(refusalOf(behind)).toMatchObject({
      reason: 'CHANNEL_CLOSED',
      metadata: { topic: 'a', closed_timestamp_ns: `${FIRST_NS + 2n}` },
    });
  });

  it('answers every close as the first one, in the same commit and in a later one', () => {
    const tape = new Tape();
    const topic = newTopic('a');
    const first = ask(topic, [], { close: CLOSE });
    const other = { reason: 'another', checksum: Buffer.alloc(0) };
    const same = ask(topic, [], { close: other });
    const later = ask(topic, [], { close: other });
    expect(tape.commit(first, same)).toHaveLength(1);
    expect(tape.commit(later)).toEqual([]);
    expect(ackOf(first).closed).toMatchObject(CLOSE);
    expect(ackOf(first)).toMatchObject({ firstTimestampNs: 0n, lastTimestampNs: 0n });
    expect(ackOf(same)).toEqual(ackOf(first));
    expect(ackOf(later)).toEqual(ackOf(first));
  });

  it('refuses messages with a second close', () => {
    const tape = new Tape();
    const topic = newTopic('a');
    tape.commit(ask(topic, ['1'], { close: CLOSE }));
    const second = ask(topic, ['2'], { close: CLOSE });
    tape.commit(second);
    expect(refusalOf(second).reason).toBe('CHANNEL_CLOSED');
    expect(topic.sequence).toBe(1n);
  });

  it('leaves other topics of the commit alone', () => {
    const tape = new Tape();
    const [a, b] = [newTopic('a', 1), newTopic('b', 2)];
    const other = ask(b, ['1']);
    tape.commit(ask(a, [], { close: CLOSE }), other);
    expect(ackOf(other).closed).toBeUndefined();
  });
});

describe('a conditional append', () => {
  it('is stored if the last timestamp is the expected one, 0 standing for none', () => {
    const tape = new Tape();
    const topic = newTopic('a');
    const first = ask(topic, ['1', '2'], { expected: 0n });
    tape.commit(first);
    const second = ask(topic, ['3'], { expected: ackOf(first).lastTimestampNs });
    tape.commit(second);
    expect(ackOf(second).isDuplicate).toBe(false);
    expect(topic.sequence).toBe(3n);
  });

  it('is refused with the actual timestamp otherwise', () => {
    const tape = new Tape();
    const topic = newTopic('a');
    tape.commit(ask(topic, ['1']));
    const late = ask(topic, ['2'], { expected: 0n });
    expect(tape.commit(late)).toEqual([]);
    expect(refusalOf(late)).toMatchObject({
      reason: 'CONFLICT',
      metadata: { topic: 'a', last_timestamp_ns: `${FIRST_NS}` },
    });
  });

  it('lets one of two in the same commit win, and tells the other what has won', () => {
    const tape = new Tape();
    const topic = newTopic('a');
    const [wins, loses] = [
      ask(topic, ['1'], { expected: 0n }),
      ask(topic, ['2'], { expected: 0n }),
    ];
    tape.commit(wins, loses);
    expect(ackOf(wins).firstTimestampNs).toBe(FIRST_NS);
    expect(refusalOf(loses).metadata['last_timestamp_ns']).toBe(`${FIRST_NS}`);
  });

  it('is told the message that it was compared with, not what came behind it in the same commit', () => {
    const tape = new Tape();
    const topic = newTopic('a');
    const [first, early, ...good] = [
      ask(topic, ['1', '2']),
      ask(topic, ['no'], { expected: 7n }),
      ask(topic, ['3']),
      ask(topic, ['4']),
    ];
    tape.commit(first, early, ...good);
    expect(refusalOf(early).metadata['last_timestamp_ns']).toBe(`${ackOf(first).lastTimestampNs}`);

    const last = topic.lastTimestampNs;
    const foremost = ask(topic, ['no'], { expected: 7n });
    tape.commit(foremost, ask(topic, ['5']));
    expect(refusalOf(foremost).metadata['last_timestamp_ns']).toBe(`${last}`);
  });

  it('is told that also where the messages before fill more than a frame', () => {
    const tape = new Tape();
    const topic = newTopic('a');
    const before = ask(
      topic,
      Array.from({ length: FRAME_MESSAGES + 3 }, () => 'x'),
    );
    const refused = ask(topic, ['no'], { expected: 7n });
    tape.commit(before, refused, ask(topic, ['behind']));
    expect(refusalOf(refused).metadata['last_timestamp_ns']).toBe(
      `${ackOf(before).lastTimestampNs}`,
    );
  });

  it('holds for a close too', () => {
    const tape = new Tape();
    const topic = newTopic('a');
    tape.commit(ask(topic, ['1']));
    const close = ask(topic, [], { expected: 0n, close: CLOSE });
    tape.commit(close);
    expect(refusalOf(close).reason).toBe('CONFLICT');
    expect(topic.isClosed).toBe(false);
  });

  it('does not count the close marker as a message', () => {
    const tape = new Tape();
    const topic = newTopic('a');
    const first = ask(topic, ['1']);
    tape.commit(first);
    const close = ask(topic, [], { expected: ackOf(first).lastTimestampNs, close: CLOSE });
    tape.commit(close);
    expect(ackOf(close).closed?.messageCount).toBe(1n);
  });
});

describe('a producer', () => {
  const as = (sequence: bigint, name = 'p') => ({ producer: { name, sequence } });

  it('gets the first answer for a request sent again in the same commit', () => {
    const tape = new Tape();
    const topic = newTopic('a');
    const [first, again] = [ask(topic, ['1', '2'], as(1n)), ask(topic, ['1', '2'], as(1n))];
    const frames = tape.commit(first, again);
    expect(frames.map(({ frame }) => frame.messageCount)).toEqual([2]);
    expect(ackOf(again)).toEqual({ ...ackOf(first), isDuplicate: true });
  });

  it('gets the first answer for a request sent again in a later commit', () => {
    const tape = new Tape();
    const topic = newTopic('a');
    const first = ask(topic, ['1', '2'], as(1n));
    tape.commit(ask(topic, ['other']), first, ask(topic, ['3'], as(3n)));
    const again = ask(topic, ['1', '2'], as(1n));
    expect(tape.commit(again)).toEqual([]);
    expect(ackOf(again)).toEqual({ ...ackOf(first), isDuplicate: true });
  });

  it('is told that a repeated request is stored even if the topic is closed since', () => {
    const tape = new Tape();
    const topic = newTopic('a');
    const first = ask(topic, ['1'], { ...as(1n), close: CLOSE });
    tape.commit(first);
    const again = ask(topic, ['1'], { ...as(1n), close: CLOSE });
    tape.commit(again);
    expect(ackOf(again)).toEqual({ ...ackOf(first), isDuplicate: true });
    const fresh = ask(topic, ['2'], as(2n));
    tape.commit(fresh);
    expect(refusalOf(fresh).reason).toBe('CHANNEL_CLOSED');
  });

  it('is told that a repeated conditional request is stored, though the condition fails now', () => {
    const tape = new Tape();
    const topic = newTopic('a');
    const first = ask(topic, ['1'], { ...as(1n), expected: 0n });
    const again = ask(topic, ['1'], { ...as(1n), expected: 0n });
    tape.commit(first, again);
    expect(ackOf(again)).toEqual({ ...ackOf(first), isDuplicate: true });
  });

  it.each([
    ['other bytes', ['x', 'y'], 1n],
    ['fewer messages', ['1'], 1n],
    ['a place in the middle', ['2'], 2n],
  ])(
    'is refused %s at a sequence that was used, in the same commit and later',
    (_, values, sequence) => {
      const tape = new Tape();
      const topic = newTopic('a');
      const same = ask(topic, values, as(sequence));
      tape.commit(ask(topic, ['1', '2'], as(1n)), same);
      const later = ask(topic, values, as(sequence));
      tape.commit(later);
      for (const refused of [same, later]) {
        expect(refusalOf(refused)).toMatchObject({
          reason: 'PRODUCER_CONFLICT',
          metadata: { topic: 'a', producer: 'p', last_sequence: '2' },
        });
      }
      expect(topic.sequence).toBe(2n);
    },
  );

  it('gets the first answer for a request of an earlier commit that is sent again behind a new one', () => {
    const tape = new Tape();
    const topic = newTopic('a');
    const first = ask(topic, ['1'], as(1n));
    tape.commit(first);
    const again = ask(topic, ['1'], as(1n));
    const frames = tape.commit(ask(topic, ['5'], as(5n)), again);
    expect(frames.map(({ frame }) => frame.messageCount)).toEqual([1]);
    expect(ackOf(again)).toEqual({ ...ackOf(first), isDuplicate: true });
  });

  it('gets the answer of the request that it repeats, and not that of another one of the commit', () => {
    const tape = new Tape();
    const topic = newTopic('a');
    const asked = [1n, 2n, 3n].map((sequence) => ask(topic, [`${sequence}`], as(sequence)));
    const again = [1n, 2n, 3n].map((sequence) => ask(topic, [`${sequence}`], as(sequence)));
    tape.commit(...asked, ...again);
    expect(again.map(ackOf)).toEqual(
      asked.map(ackOf).map((ack) => ({ ...ack, isDuplicate: true })),
    );
    expect(topic.sequence).toBe(3n);
  });

  it('is refused a number that it has left out before, in the same commit', () => {
    const tape = new Tape();
    const topic = newTopic('a');
    const between = ask(topic, ['late'], as(5n));
    tape.commit(ask(topic, ['1'], as(1n)), ask(topic, ['10'], as(10n)), between);
    expect(refusalOf(between)).toMatchObject({
      reason: 'PRODUCER_CONFLICT',
      metadata: { last_sequence: '10' },
    });
    expect(topic.sequence).toBe(2n);
  });

  it('may leave numbers out', () => {
    const tape = new Tape();
    const topic = newTopic('a');
    const asked = [
      ask(topic, ['1'], as(1n)),
      ask(topic, ['2'], as(10n)),
      ask(topic, ['3'], as(11n)),
    ];
    tape.commit(...asked);
    expect(asked.map(ackOf).map(({ isDuplicate }) => isDuplicate)).toEqual([false, false, false]);
    const between = ask(topic, ['late'], as(5n));
    tape.commit(between);
    expect(refusalOf(between).reason).toBe('PRODUCER_CONFLICT');
  });

  it('has its own numbers on every topic, and so has every name', () => {
    const tape = new Tape();
    const [a, b] = [newTopic('a', 1), newTopic('b', 2)];
    const asked = [ask(a, ['1'], as(1n)), ask(b, ['2'], as(1n)), ask(a, ['3'], as(1n, 'q'))];
    tape.commit(...asked);
    expect(asked.map(ackOf).map(({ isDuplicate }) => isDuplicate)).toEqual([false, false, false]);
  });

  it('is not noted for a request that was refused', () => {
    const tape = new Tape();
    const topic = newTopic('a');
    const refused = ask(topic, ['1'], { ...as(1n), expected: 7n });
    const asked = ask(topic, ['2'], as(1n));
    tape.commit(refused, asked);
    expect(refusalOf(refused).reason).toBe('CONFLICT');
    expect(ackOf(asked).isDuplicate).toBe(false);
  });

  it('is written into the frame in which its request begins', () => {
    const tape = new Tape();
    const topic = newTopic('a');
    const large = Array.from({ length: 3 }, () => 'x'.repeat(FRAME_BYTES / 2));
    const frames = tape.commit(ask(topic, ['first']), ask(topic, large, as(4n)));
    expect(
      frames.map(({ frame }) =>
        frame.producers.map(({ index, messageCount }) => [index, messageCount]),
      ),
    ).toEqual(frames.map((_, i) => (i === 0 ? [[1, 3]] : [])));
  });
});
