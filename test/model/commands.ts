import { crc32 } from 'node:zlib';
import type { AsyncCommand } from 'fast-check';
import fc from 'fast-check';
import { expect } from 'vitest';
import { BrokerError } from '../../src/errors.ts';
import type { PublishAck } from '../../src/log/append.ts';
import type { SubscribeOptions } from '../../src/log/subscribe.ts';
import { runOf } from '../support/message.ts';
import type { TestLog } from '../support/test-log.ts';
import { shortOf } from '../support/test-log.ts';
import { Follower } from './follower.ts';
import type { Outcome, PublishOptions, Range } from './topic-model.ts';
import { Model } from './topic-model.ts';

export const NAMES = ['a', 'b/x', 'b/y', 'c/z.w'];
const GLOBS = new Map([
  ['**', /^/],
  ['b/*', /^b\/[^/.]+$/],
  ['*', /^[^/.]+$/],
  ['c/**', /^c(?:[/.].*)?$/],
]);

/** The broker under test, and those who read it all the time. */
export interface Real {
  readonly test: TestLog;
  readonly followers: Follower[];
}

export type Command = AsyncCommand<Model, Real>;

/** A timestamp near something that was stored, or near now. */
interface Near {
  readonly of: 'message' | 'now' | 'end';
  readonly index: number;
  readonly offset: bigint;
}

function timestampOf({ of, index, offset }: Near, model: Model): bigint {
  const stamps = model.stamps;
  const near =
    of === 'now'
      ? model.nowNs
      : of === 'end'
        ? model.endNs
        : (stamps[index % stamps.length] ?? model.nowNs);
  const timestampNs = near + offset;
  return timestampNs < 0n ? 0n : timestampNs;
}

/** Retention is applied in the background every second: lets it be, on both sides. */
async function sweep(model: Model, { test }: Real, ms = 1000): Promise<void> {
  test.clock.advance(ms);
  await test.log.swept();
  model.nowNs += BigInt(ms) * 1_000_000n;
  model.applyRetention();
}

function outcomeOf(ack: PublishAck): Outcome {
  const { firstTimestampNs, lastTimestampNs, isDuplicate, closed } = ack;
  return {
    firstNs: firstTimestampNs,
    lastNs: lastTimestampNs,
    isDuplicate,
    closedNs: closed?.timestampNs,
  };
}

function refusalOf(error: unknown): Outcome {
  if (error instanceof BrokerError) return { refused: error.reason };
  throw error;
}

function textOf(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? `${each}` : each));
}

class Publish implements Command {
  readonly name: string;
  readonly values: readonly string[];
  readonly producer:
    | { name: string; kind: 'next' | 'again' | 'other' | 'gap'; index: number }
    | undefined;
  readonly expected: 'right' | 'wrong' | undefined;
  readonly closeReason: string | undefined;

  constructor(fields: Omit<Publish, 'check' | 'run' | 'toString'>) {
    this.name = fields.name;
    this.values = fields.values;
    this.producer = fields.producer;
    this.expected = fields.expected;
    this.closeReason = fields.closeReason;
  }

  check(): boolean {
    return this.values.length > 0 || this.closeReason !== undefined;
  }

  async run(model: Model, { test }: Real): Promise<void> {
    const { values, options } = this.#resolve(model);
    const { producer, expectedNs, closeReason } = options;
    const topic = await test.log.topicForWriting(this.name);
    const run = values.length === 0 ? undefined : runOf(...values);
    const claim = producer && {
      name: producer.name,
      sequence: BigInt(producer.sequence),
      crc: run === undefined ? 0 : crc32(run.bytes),
    };
    const actual = await test.log
      .appendAndWait({
        topic,
        run,
        producer: claim,
        expectedLastTimestampNs: expectedNs,
        close:
          closeReason === undefined
            ? undefined
            : { reason: closeReason, checksum: Buffer.alloc(0) },
      })
      .then(outcomeOf, refusalOf);
    expect(actual).toEqual(model.publish(this.name, values, options));
  }

  /** What this means in the state in which it is run. */
  #resolve(model: Model): { values: readonly string[]; options: PublishOptions } {
    const topic = model.topics.get(this.name);
    const expectedNs = (topic?.lastNs ?? 0n) + (this.expected === 'wrong' ? 1n : 0n);
    const options = {
      ...(this.expected !== undefined && { expectedNs }),
      ...(this.closeReason !== undefined && { closeReason: this.closeReason }),
    };
    if (this.producer === undefined) return { values: this.values, options };
    const { name, kind, index } = this.producer;
    const requests = topic?.producers.get(name) ?? [];
    const last = requests.at(-1);
    const next = last === undefined ? 1 : last.sequence + last.values.length;
    const before = requests[index % requests.length];
    if (kind === 'next' || kind === 'gap' || before === undefined) {
      const producer = { name, sequence: kind === 'gap' ? next + 3 : next };
      return { values: this.values, options: { ...options, producer } };
    }
    const producer = { name, sequence: before.sequence };
    const values = kind === 'again' ? before.values : this.values;
    return { values, options: { ...options, producer } };
  }

  toString(): string {
    const { name, values, producer, expected, closeReason } = this;
    return `publish(${textOf({ name, values, producer, expected, closeReason })})`;
  }
}

/** A command in a few words. */
function command(text: string, run: (model: Model, real: Real) => Promise<void>): Command {
  return { check: () => true, run, toString: () => text };
}

/** A command on a topic, which is refused if there is none. */
function onTopic(
  text: string,
  name: string,
  run: (model: Model, real: Real) => Promise<void>,
): Command {
  return command(`${text} ${name}`, async (model, real) => {
    if (model.topics.has(name)) return run(model, real);
    const unknown = expect.objectContaining({ reason: 'TOPIC_NOT_FOUND' });
    await expect(run(new Model(0n), real)).rejects.toEqual(unknown);
  });
}

const close = (name: string, reason: string) =>
  command(`close ${name}`, async (model, { test }) => {
    const marker = await test.close(name, reason);
    model.publish(name, [], { closeReason: reason });
    const topic = model.topic(name);
    expect(marker).toMatchObject({
      timestampNs: topic.marker?.timestampNs,
      messageCount: BigInt(topic.messages.length),
      reason: topic.reason,
    });
  });

const trim = (name: string, near: Near) =>
  onTopic(`trim ${near.of} ${near.index} ${near.offset}`, name, async (model, real) => {
    const beforeNs = timestampOf(near, model);
    await real.test.log.trimTopic(name, beforeNs);
    model.trim(model.topic(name), beforeNs);
    await sweep(model, real);
  });

const remove = (name: string) =>
  onTopic('delete', name, async (model, real) => {
    await real.test.log.deleteTopic(name);
    model.delete(name);
    await sweep(model, real);
  });

const retain = (name: string, maxMessages: number) =>
  onTopic(`retain ${maxMessages} of`, name, async (model, real) => {
    await real.test.log.updateTopic(name, { maxMessages: BigInt(maxMessages) });
    model.topic(name).maxMessages = maxMessages;
    await sweep(model, real);
  });

const create = (name: string, maxMessages: number) =>
  command(`create ${name} ${maxMessages}`, async (model, { test }) => {
    const existing = model.topics.get(name);
    const creating = test.log.createTopic(name, { maxMessages: BigInt(maxMessages) });
    if (existing !== undefined && existing.maxMessages !== maxMessages) {
      await expect(creating).rejects.toEqual(expect.objectContaining({ reason: 'TOPIC_EXISTS' }));
      return;
    }
    await creating;
    model.topic(name).maxMessages = maxMessages;
  });

const advance = (ms: number) => command(`advance ${ms}`, (model, real) => sweep(model, real, ms));

const jump = (ms: number) =>
  command(`jump ${ms}`, async (model, { test }) => {
    test.clock.jump(ms);
    model.nowNs += BigInt(ms) * 1_000_000n;
  });

const restart = (kind: 'reopen' | 'crash') =>
  command(kind, async (model, real) => {
    for (const follower of real.followers) await follower.disconnect();
    await real.test.log.swept();
    await real.test[kind]();
    await sweep(model, real);
    for (const follower of real.followers) await follower.resume(real.test, model);
  });

const look = command('look', async (model, { test }) => {
  expect([...test.log.topics.all()].map(({ name }) => name)).toEqual([...model.topics.keys()]);
  for (const [name, topic] of model.topics) {
    expect(test.log.topic(name)).toMatchObject({
      firstTimestampNs: topic.firstNs,
      lastTimestampNs: topic.lastNs,
      retainedMessages: BigInt(topic.retained.length),
      isClosed: topic.marker !== undefined,
      trimmedUntilNs: topic.trimmedUntilNs,
    });
    for (const [producer, requests] of topic.producers) {
      const last = requests.at(-1);
      const sequence = last && BigInt(last.sequence + last.values.length - 1);
      expect(test.log.producer(name, producer)?.sequence).toBe(sequence);
    }
  }
});

/** What is in memory for those who follow has to make room: they read from the disk again. */
const evict = command('evict', async (_, { test }) => {
  const { recent, committer } = test.log.readContext;
  recent.restart(committer.endNs);
});

type From = 'earliest' | 'latest' | Near | number;

class Read implements Command {
  readonly target: string;
  readonly from: From;
  readonly until: Near | 'now' | undefined;
  readonly limit: number | undefined;
  readonly chunkBytes: number;

  constructor(fields: Omit<Read, 'check' | 'run' | 'toString'>) {
    this.target = fields.target;
    this.from = fields.from;
    this.until = fields.until;
    this.limit = fields.limit;
    this.chunkBytes = fields.chunkBytes;
  }

  check(): boolean {
    return true;
  }

  async run(model: Model, { test }: Real): Promise<void> {
    const { limit } = this;
    const until = typeof this.until === 'object' ? timestampOf(this.until, model) : this.until;
    const range: Range = { from: fromOf(this.from, model), until, limit };
    const glob = GLOBS.get(this.target);
    const expected =
      glob === undefined ? model.readTopic(this.target, range) : model.readGlob(glob, range);
    const actual = await readAll(test, this.target, {
      position: range.from,
      untilNs: until === 'now' ? undefined : until,
      untilNow: until === 'now',
      maxMessages: limit,
      chunkBytes: this.chunkBytes,
    });
    expect(actual).toEqual(expected);
  }

  toString(): string {
    const { target, from, until, limit } = this;
    return `read(${textOf({ target, from, until, limit })})`;
  }
}

function fromOf(from: From, model: Model): Range['from'] {
  if (from === 'earliest' || from === 'latest') return { at: from };
  if (typeof from === 'number') return { at: 'last', messageCount: BigInt(from) };
  return { at: 'timestamp', timestampNs: timestampOf(from, model) };
}

/** Everything that a reader is told until it ends or has caught up. */
async function readAll(
  test: TestLog,
  target: string,
  options: Partial<SubscribeOptions>,
): Promise<unknown> {
  const all: unknown[] = [];
  try {
    await using reader = await test.read(target, options);
    for (;;) {
      const event = await reader.next();
      if (event === undefined) return all;
      all.push(...shortOf(event));
      if (event.type === 'caught_up') return all;
    }
  } catch (error) {
    return refusalOf(error);
  }
}

const follow = (target: string, from: From) =>
  command(`follow ${target} from ${textOf(from)}`, async (model, real) => {
    if (real.followers.length >= 3) return;
    const position = fromOf(from, model);
    const follower = new Follower(target, GLOBS.get(target), position, model);
    real.followers.push(follower);
    await follower.open(real.test);
    await follower.drain(model);
  });

const drain = command('drain followers', async (model, { followers }) => {
  for (const follower of followers) await follower.drain(model);
});

/** All commands, those that fill topics more often. */
export function commands(restarts: readonly ('reopen' | 'crash')[]): fc.Arbitrary<Command>[] {
  const name = fc.constantFrom(...NAMES);
  const target = fc.constantFrom(...NAMES, ...GLOBS.keys());
  let count = 0;
  const value = fc.constant(undefined).map(() => `v${count++}`);
  const values = fc.array(value, { maxLength: 5 });
  const near = fc.record<Near>({
    of: fc.constantFrom('message', 'message', 'message', 'now', 'end'),
    index: fc.nat(200),
    offset: fc.oneof(
      fc.bigInt({ min: -2n, max: 2n }),
      fc.bigInt({ min: -5_000_000_000n, max: 5_000_000_000n }),
    ),
  });
  const from: fc.Arbitrary<From> = fc.oneof(
    fc.constantFrom('earliest' as const, 'latest' as const),
    near,
    fc.integer({ min: 1, max: 8 }),
  );
  const optional = <T>(arbitrary: fc.Arbitrary<T>, freq: number) =>
    fc.option(arbitrary, { nil: undefined, freq });
  const producer = fc.record({
    name: fc.constantFrom('p', 'q'),
    kind: fc.constantFrom(
      'next' as const,
      'next' as const,
      'again' as const,
      'other' as const,
      'gap' as const,
    ),
    index: fc.nat(20),
  });
  const publish = fc
    .record({
      name,
      values,
      producer: optional(producer, 1),
      expected: optional(fc.constantFrom('right' as const, 'wrong' as const), 1),
      closeReason: fc.constant(undefined),
    })
    .map((fields) => new Publish(fields));
  const publishAndClose = fc
    .record({
      name,
      values,
      producer: optional(producer, 2),
      expected: optional(fc.constantFrom('right' as const, 'wrong' as const), 1),
      closeReason: fc.constantFrom('done', 'enough'),
    })
    .map((fields) => new Publish(fields));
  const read = fc
    .record({
      target,
      from,
      until: fc.oneof(fc.constant('now' as const), fc.constant(undefined), near),
      limit: optional(fc.integer({ min: 1, max: 6 }), 1),
      chunkBytes: fc.constantFrom(1, 40, 262_144),
    })
    .map((fields) => new Read(fields));
  return [
    ...Array.from({ length: 5 }, () => publish),
    publishAndClose,
    fc.tuple(name, fc.constantFrom('done', 'over')).map((args) => close(...args)),
    fc.tuple(name, near).map((args) => trim(...args)),
    fc.tuple(name, near).map((args) => trim(...args)),
    name.map(remove),
    fc.tuple(name, fc.constantFrom(0, 1, 3)).map((args) => retain(...args)),
    fc.tuple(name, fc.constantFrom(0, 3)).map((args) => create(...args)),
    fc.integer({ min: 1000, max: 3000 }).map(advance),
    fc.integer({ min: -20_000, max: 20_000 }).map(jump),
    fc.constantFrom(...restarts).map(restart),
    fc.tuple(target, from).map((args) => follow(...args)),
    fc.constant(drain),
    fc.constant(drain),
    fc.constant(evict),
    fc.constant(evict),
    ...Array.from({ length: 4 }, () => read),
    fc.constant(look),
  ];
}
