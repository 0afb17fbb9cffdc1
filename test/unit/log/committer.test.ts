import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../../src/errors.ts';
import { COMMIT_BYTES, PENDING_BYTES } from '../../../src/limits.ts';
import type { PublishAck } from '../../../src/log/append.ts';
import type { CommitFrame } from '../../../src/log/commit.ts';
import type { CommitTarget } from '../../../src/log/committer.ts';
import { Committer } from '../../../src/log/committer.ts';
import { TIMESTAMP_MIN_NS } from '../../../src/log/message-run.ts';
import { Producers } from '../../../src/log/producers.ts';
import type { Topic } from '../../../src/log/topic.ts';
import { Wakeup } from '../../../src/log/wakeup.ts';
import { ManualClock } from '../../../src/manual-clock.ts';
import { runOf, valuesOf } from '../../support/message.ts';
import { newTopic } from '../../support/topic.ts';

const FAILURE = new BrokerError('STORAGE_FAILED', 'no disk');

/** A write that the test lets end. */
interface Write {
  readonly frames: readonly CommitFrame[];
  succeed(): void;
  fail(): void;
}

/** A tape whose writes end when the test says so. */
class HeldTarget implements CommitTarget {
  readonly applied: (readonly CommitFrame[])[] = [];
  readonly #writes: Write[] = [];
  #awaited: ((write: Write) => void) | undefined;

  write(frames: readonly CommitFrame[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const write = { frames, succeed: resolve, fail: () => reject(new Error('no disk')) };
      if (this.#awaited === undefined) this.#writes.push(write);
      else this.#awaited(write);
      this.#awaited = undefined;
    });
  }

  apply(frames: readonly CommitFrame[]): void {
    for (const { topic, frame } of frames) topic.apply(frame);
    this.applied.push(frames);
  }

  fail(): BrokerError {
    return FAILURE;
  }

  /** The next write, as soon as there is one. */
  nextWrite(): Promise<Write> {
    const write = this.#writes.shift();
    if (write !== undefined) return Promise.resolve(write);
    return new Promise((resolve) => {
      this.#awaited = resolve;
    });
  }
}

function setUp() {
  const target = new HeldTarget();
  const clock = new ManualClock();
  const committer = new Committer(target, clock, new Producers());
  const publish = (topic: Topic, ...values: (string | Buffer)[]) =>
    new Promise<PublishAck | BrokerError>((settle) => {
      committer.enqueue({
        topic,
        run: runOf(...values),
        producer: undefined,
        expectedLastTimestampNs: undefined,
        close: undefined,
        settle,
      });
    });
  return { target, clock, committer, publish, topic: newTopic('a') };
}

function firstNs(outcome: PublishAck | BrokerError): bigint {
  if (outcome instanceof BrokerError) throw outcome;
  return outcome.firstTimestampNs;
}

function valuesIn({ frames }: Write): string[] {
  return frames.flatMap(({ frame }) => valuesOf(frame.body));
}

describe('Committer', () => {
  it('takes everything of one turn into one commit, and what comes meanwhile into the next', async () => {
    const { target, publish, topic } = setUp();
    const early = [publish(topic, '1'), publish(topic, '2')];
    const first = await target.nextWrite();
    const late = [publish(topic, '3'), publish(topic, '4')];
    expect(valuesIn(first)).toEqual(['1', '2']);
    first.succeed();
    const second = await target.nextWrite();
    expect(valuesIn(second)).toEqual(['3', '4']);
    second.succeed();
    const stamps = (await Promise.all([...early, ...late])).map(firstNs);
    expect(stamps).toEqual(stamps.map((_, i) => (stamps[0] ?? 0n) + BigInt(i)));
  });

  it('shows and acknowledges nothing before the write has ended', async () => {
    const { target, publish, topic, committer } = setUp();
    const acks: unknown[] = [];
    const ack = publish(topic, '1').then((outcome) => acks.push(outcome));
    const write = await target.nextWrite();
    const endNs = committer.endNs;
    await new Promise((resolve) => setImmediate(resolve));
    expect([acks, target.applied, topic.sequence]).toEqual([[], [], 0n]);
    write.succeed();
    await ack;
    expect(topic.sequence).toBe(1n);
    expect(committer.endNs).toBeGreaterThan(endNs);
  });

  it('stamps with the clock, but never twice and never back, however the clock jumps', async () => {
    const { target, clock, publish, topic } = setUp();
    const stamps: bigint[] = [];
    for (const jumpMs of [0, 0, -3_600_000, 0, 7_200_000, -1]) {
      clock.jump(jumpMs);
      const ack = publish(topic, 'x', 'y');
      (await target.nextWrite()).succeed();
      stamps.push(firstNs(await ack));
    }
    const sorted = [...stamps].sort((a, b) => (a < b ? -1 : 1));
    expect(stamps).toEqual(sorted);
    expect(stamps[1]).toBe((stamps[0] ?? 0n) + 2n);
    expect(stamps[4]).toBe(clock.nowNs() + 1_000_000n);
    expect(stamps[5]).toBe((stamps[4] ?? 0n) + 2n);
  });

  it('gives out no timestamp that a clock before 1972 would give', async () => {
    const target = new HeldTarget();
    const committer = new Committer(target, new ManualClock(5n), new Producers());
    const topic = newTopic('a');
    committer.enqueue({
      topic,
      run: runOf('1'),
      producer: undefined,
      expectedLastTimestampNs: undefined,
      close: undefined,
      settle: () => {},
    });
    const { frames } = await target.nextWrite();
    expect(frames[0]?.timestampNs).toBe(TIMESTAMP_MIN_NS);
  });

  it('goes on behind what the storage holds', async () => {
    const { target, clock, committer, publish, topic } = setUp();
    committer.restore(clock.nowNs() + 77n, 5n);
    void publish(topic, '1');
    const { frames } = await target.nextWrite();
    expect(frames[0]?.frame).toMatchObject({
      timestampNs: clock.nowNs() + 77n,
      tapeSequence: 5n,
    });
  });

  it('answers a commit that fails, and goes on with the next one', async () => {
    const { target, publish, topic, committer } = setUp();
    const failing = publish(topic, '1');
    (await target.nextWrite()).fail();
    expect(await failing).toBe(FAILURE);
    expect(topic.sequence).toBe(0n);
    expect(committer.pendingBytes).toBe(0);
    const ack = publish(topic, '2');
    (await target.nextWrite()).succeed();
    expect(await ack).toMatchObject({ isDuplicate: false });
  });

  it('writes nothing for a commit in which everything is refused', async () => {
    const { target, publish, topic, committer } = setUp();
    topic.isDeleted = true;
    expect(await publish(topic, '1')).toMatchObject({ reason: 'TOPIC_DELETED' });
    await committer.idle();
    expect(target.applied).toEqual([]);
  });

  it('bounds a commit in bytes, but takes at least one append', async () => {
    const { target, publish, topic } = setUp();
    const large = Buffer.alloc(COMMIT_BYTES);
    const acks = [publish(topic, large), publish(topic, large), publish(topic, 'small')];
    const counts: number[] = [];
    for (let i = 0; i < 2; i++) {
      const write = await target.nextWrite();
      counts.push(write.frames.length);
      write.succeed();
    }
    const last = await target.nextWrite();
    expect(valuesIn(last)).toEqual(['small']);
    last.succeed();
    await Promise.all(acks);
    expect(counts).toEqual([1, 1]);
  });

  it('has no room while too much waits, and wakes who waits for room', async () => {
    const { target, publish, topic, committer } = setUp();
    const wakeup = new Wakeup();
    committer.roomFollowers.add(wakeup);
    const large = Buffer.alloc(PENDING_BYTES);
    const ack = publish(topic, large);
    expect(committer.hasRoom).toBe(false);
    expect(committer.pendingBytes).toBeGreaterThanOrEqual(PENDING_BYTES);
    (await target.nextWrite()).succeed();
    await Promise.all([ack, wakeup.wait()]);
    expect(committer.hasRoom).toBe(true);
    expect(committer.pendingBytes).toBe(0);
  });

  it('refuses what waits, and not what is being written', async () => {
    const { target, publish, topic, committer } = setUp();
    const written = publish(topic, '1');
    const write = await target.nextWrite();
    const waiting = publish(topic, '2');
    committer.refuseWaiting(FAILURE);
    expect(await waiting).toBe(FAILURE);
    write.succeed();
    expect(await written).toMatchObject({ isDuplicate: false });
    expect(committer.pendingBytes).toBe(0);
  });

  it('is idle when everything is settled, and passes a barrier when the commit under way is applied', async () => {
    const { target, publish, topic, committer } = setUp();
    await committer.idle();
    await committer.barrier();
    const events: string[] = [];
    void publish(topic, '1').then(() => events.push('first'));
    const first = await target.nextWrite();
    void publish(topic, '2').then(() => events.push('second'));
    const barrier = committer.barrier().then(() => events.push('barrier'));
    const idle = committer.idle().then(() => events.push('idle'));
    first.succeed();
    const second = await target.nextWrite();
    await barrier;
    expect(events).not.toContain('second');
    second.succeed();
    await idle;
    expect(events).toEqual(['first', 'barrier', 'second', 'idle']);
  });
});
