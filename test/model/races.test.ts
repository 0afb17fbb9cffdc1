import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../src/errors.ts';
import type { PublishAck } from '../../src/log/append.ts';
import type { Topic } from '../../src/log/topic.ts';
import { decodeRun, runOf } from '../support/message.ts';
import type { EventStream } from '../support/test-log.ts';
import { TestLog } from '../support/test-log.ts';
import { seedOf, totalRuns } from './runs.ts';

const SENTINEL = 'sentinel';

/** What is asked of the broker, all at the same time. */
type Request =
  | {
      readonly kind: 'publish';
      readonly topic: string;
      readonly count: number;
      readonly closes: boolean;
    }
  | { readonly kind: 'retry'; readonly topic: string; readonly sequence: number }
  | { readonly kind: 'first'; readonly topic: string }
  | { readonly kind: 'close'; readonly topic: string }
  | { readonly kind: 'delete'; readonly topic: string }
  | { readonly kind: 'trim'; readonly topic: string; readonly offset: bigint }
  | { readonly kind: 'retain'; readonly topic: string }
  | { readonly kind: 'evict'; readonly topic: string }
  | { readonly kind: 'follow'; readonly topic: string };

const FILL: Request = { kind: 'publish', topic: '', count: 0, closes: false };

/** A publish with what became of it. */
interface Publish {
  readonly topic: Topic;
  readonly values: readonly string[];
  readonly kind: Request['kind'];
  readonly startedAt: number;
  readonly endedAt: number;
  readonly outcome: PublishAck | BrokerError;
}

/** What one reader was told. */
interface Told {
  readonly messages: { readonly timestampNs: bigint; readonly value: string }[];
  readonly events: string[];
  createdTimestampNs: bigint | undefined;
}

/** Lets the store end what it was asked for in any order, and notes what comes of it all. */
class Race {
  readonly #test: TestLog;
  readonly #release: () => Promise<void>;
  readonly publishes: Publish[] = [];
  readonly followers: { readonly topic: string; readonly told: Promise<Told> }[] = [];
  /** What is before this timestamp may be gone. */
  readonly trimmedUntilNs = new Map<Topic, bigint>();
  /** What is before this timestamp was there when a trim came, and must be gone. */
  readonly goneUntilNs = new Map<Topic, bigint>();
  #step = 0;

  constructor(test: TestLog, scheduler: fc.Scheduler) {
    this.#test = test;
    const { store } = test;
    const hold =
      <Args extends unknown[], Result>(label: string, run: (...args: Args) => Promise<Result>) =>
      (...args: Args): Promise<Result> =>
        scheduler.schedule(Promise.resolve(), label).then(() => run(...args));
    const { append, putTopics, findFirst, readTopic, readTape, removeStep, putCheckpoint } = store;
    store.append = hold('append', append);
    store.putTopics = hold('putTopics', putTopics);
    store.findFirst = hold('findFirst', findFirst);
    store.readTopic = hold('readTopic', readTopic);
    store.readTape = hold('readTape', readTape);
    store.removeStep = hold('removeStep', removeStep);
    store.putCheckpoint = hold('putCheckpoint', putCheckpoint);
    this.#release = async () => {
      const given = {
        append,
        putTopics,
        findFirst,
        readTopic,
        readTape,
        removeStep,
        putCheckpoint,
      };
      Object.assign(store, given);
      await scheduler.waitIdle();
    };
  }

  /** Lets the store do at once what it is asked for, so that everything can be closed. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#release();
  }

  async run(request: Request, index: number): Promise<void> {
    const { log } = this.#test;
    const { topic: name } = request;
    switch (request.kind) {
      case 'publish': {
        const values = Array.from({ length: request.count }, (_, i) => `${index}.${i}`);
        return this.publish(name, values, request);
      }
      case 'retry':
        return this.publish(name, [`retry ${request.sequence}`], request);
      case 'first':
        return this.publish(name, [`first ${index}`], request);
      case 'close':
        return this.publish(name, [], request);
      case 'delete':
        return ignore(log.deleteTopic(name), 'TOPIC_NOT_FOUND');
      case 'retain':
        return ignore(log.updateTopic(name, { maxBytes: 1n << 40n }), 'TOPIC_NOT_FOUND');
      case 'trim': {
        const topic = log.topics.get(name);
        if (topic === undefined) return;
        const beforeNs = topic.endNs === 0n ? 0n : topic.endNs + request.offset;
        raise(this.trimmedUntilNs, topic, beforeNs);
        raise(this.goneUntilNs, topic, beforeNs < topic.endNs ? beforeNs : topic.endNs);
        return ignore(log.trimTopic(name, beforeNs), 'TOPIC_NOT_FOUND');
      }
      case 'evict': {
        const { recent, committer } = log.readContext;
        return recent.restart(committer.endNs);
      }
      case 'follow':
        this.followers.push({ topic: name, told: this.follow(name) });
    }
  }

  async publish(name: string, values: readonly string[], request: Request = FILL): Promise<void> {
    const startedAt = this.#step++;
    const topic = await this.#test.log.topicForWriting(name);
    const run = values.length === 0 ? undefined : runOf(...values);
    const sequence = request.kind === 'retry' ? BigInt(request.sequence) : 0n;
    const crc = run === undefined ? 0 : crc32(run.bytes);
    const producer = sequence === 0n ? undefined : { name: `p${sequence}`, sequence, crc };
    const closes = request.kind === 'close' || (request.kind === 'publish' && request.closes);
    const close = { reason: 'done', checksum: Buffer.alloc(0) };
    const outcome = await this.#test.log
      .appendAndWait({
        topic,
        run,
        producer,
        expectedLastTimestampNs: request.kind === 'first' ? 0n : undefined,
        close: closes ? close : undefined,
      })
      .catch((error: unknown) => {
        if (error instanceof BrokerError) return error;
        throw error;
      });
    const endedAt = this.#step++;
    this.publishes.push({ topic, values, kind: request.kind, startedAt, endedAt, outcome });
  }

  async follow(name: string): Promise<Told> {
    const createdTimestampNs = this.#test.log.topics.get(name)?.createdTimestampNs;
    await using reader = await this.#test.read(name);
    return await collect(reader, createdTimestampNs);
  }
}

function raise(stamps: Map<Topic, bigint>, topic: Topic, timestampNs: bigint): void {
  const before = stamps.get(topic) ?? 0n;
  stamps.set(topic, before > timestampNs ? before : timestampNs);
}

async function ignore(promise: Promise<unknown>, reason: string): Promise<void> {
  await promise.catch((error: unknown) => {
    if (!(error instanceof BrokerError) || error.reason !== reason) throw error;
  });
}

/** Everything that a reader is told, to its end or to the sentinel. */
async function collect(reader: EventStream, createdTimestampNs?: bigint): Promise<Told> {
  const told: Told = { messages: [], events: [], createdTimestampNs };
  for (;;) {
    const event = await reader.next();
    if (event === undefined) return told;
    if (event.type === 'created') told.createdTimestampNs = event.createdTimestampNs;
    if (event.type !== 'messages') {
      told.events.push(event.type === 'end' ? `end ${event.reason}` : event.type);
      continue;
    }
    for (const { timestampNs, value } of decodeRun(Buffer.concat(event.chunks))) {
      told.messages.push({ timestampNs, value: Buffer.from(value).toString() });
    }
    if (told.messages.at(-1)?.value === SENTINEL) return told;
  }
}

interface Stored {
  readonly timestampNs: bigint;
  readonly value: string;
}

/** What must be in each topic, by what was acknowledged: nothing else, and nothing twice. */
function storedIn(publishes: readonly Publish[]): Map<Topic, Stored[]> {
  const topics = new Map<Topic, Stored[]>();
  for (const { topic, values, outcome } of publishes) {
    const list = topics.get(topic) ?? [];
    topics.set(topic, list);
    if (outcome instanceof BrokerError || outcome.isDuplicate) continue;
    list.push(
      ...values.map((value, i) => ({ value, timestampNs: outcome.firstTimestampNs + BigInt(i) })),
    );
  }
  for (const list of topics.values()) list.sort(byTime);
  return topics;
}

function byTime(a: Stored, b: Stored): number {
  return a.timestampNs < b.timestampNs ? -1 : 1;
}

function checkPublishes(race: Race): void {
  const stored = storedIn(race.publishes);
  const stamps = [...stored.values()].flat().map(({ timestampNs }) => timestampNs);
  expect(new Set(stamps).size).toBe(stamps.length);
  for (const [topic, list] of stored) {
    const own = race.publishes.filter((each) => each.topic === topic);
    const marker = topic.closeMarker();
    if (marker instanceof BrokerError) throw marker;
    if (marker !== undefined) {
      expect(marker.messageCount).toBe(BigInt(list.length));
      for (const { timestampNs } of list) expect(timestampNs).toBeLessThan(marker.timestampNs);
    }
    for (const { outcome, kind } of own) {
      if (!(outcome instanceof BrokerError)) continue;
      if (outcome.reason === 'CHANNEL_CLOSED') expect(marker).toBeDefined();
      else if (outcome.reason === 'TOPIC_DELETED') expect(topic.isDeleted).toBe(true);
      else expect([kind, outcome.reason]).toEqual(['first', 'CONFLICT']);
    }
    checkRetries(own);
    checkFirsts(own, list);
    checkAfterClose(own);
  }
}

/** One of the requests that are the same was stored, and all have its answer. */
function checkRetries(own: readonly Publish[]): void {
  const bySequence = new Map<string, Publish[]>();
  for (const each of own) {
    const key = each.values.join();
    if (each.kind === 'retry') bySequence.set(key, [...(bySequence.get(key) ?? []), each]);
  }
  for (const same of bySequence.values()) {
    const acks = same.flatMap(({ outcome }) => (outcome instanceof BrokerError ? [] : [outcome]));
    expect(new Set(acks.map(({ firstTimestampNs }) => firstTimestampNs)).size).toBeLessThanOrEqual(
      1,
    );
    expect(acks.filter(({ isDuplicate }) => !isDuplicate)).toHaveLength(acks.length > 0 ? 1 : 0);
  }
}

/** Who wanted to be the first was, or was told that somebody else is. */
function checkFirsts(own: readonly Publish[], list: readonly Stored[]): void {
  for (const { kind, values, outcome } of own) {
    if (kind !== 'first' || outcome instanceof BrokerError) continue;
    expect(list[0]?.value).toBe(values[0]);
  }
}

/** Whoever began after a close was acknowledged is refused. */
function checkAfterClose(own: readonly Publish[]): void {
  const closedAt = own
    .filter(
      ({ outcome }) =>
        !(outcome instanceof BrokerError) && outcome.closed !== undefined && !outcome.isDuplicate,
    )
    .map(({ endedAt }) => endedAt);
  for (const { startedAt, values, outcome } of own) {
    const isLate = closedAt.some((endedAt) => startedAt > endedAt);
    if (isLate && values.length > 0 && !(outcome instanceof BrokerError)) {
      expect(outcome.isDuplicate).toBe(true);
    }
  }
}

async function checkFollowers(race: Race): Promise<void> {
  const stored = storedIn(race.publishes);
  for (const { told: promise } of race.followers) {
    const told = await promise;
    const topic = [...stored.keys()].find(
      (each) => each.createdTimestampNs === told.createdTimestampNs,
    );
    const list = topic === undefined ? [] : (stored.get(topic) ?? []);
    const isWhole = told.events.at(-1) === 'end closed';
    expect(['end closed', 'end deleted']).toContain(told.events.at(-1));
    checkTold(told.messages, list, topic && race.trimmedUntilNs.get(topic), isWhole);
  }
}

/** Each message once and in order, and none left out but what was trimmed, or what came behind a deletion. */
function checkTold(
  told: readonly Stored[],
  list: readonly Stored[],
  trimmedUntilNs = 0n,
  isWhole: boolean,
): void {
  expect([...told].sort(byTime)).toEqual(told);
  expect(new Set(told.map(({ timestampNs }) => timestampNs)).size).toBe(told.length);
  for (const each of told) expect(list).toContainEqual(each);
  const lastNs = told.at(-1)?.timestampNs ?? 0n;
  for (const each of list) {
    const isWanted = each.timestampNs >= trimmedUntilNs && (isWhole || each.timestampNs <= lastNs);
    if (isWanted) expect(told).toContainEqual(each);
  }
}

/** All that is there is what was acknowledged, except for what was trimmed. */
async function checkTopics(test: TestLog, race: Race): Promise<void> {
  const stored = storedIn(race.publishes);
  for (const [topic, list] of stored) {
    const current = test.log.topics.get(topic.name);
    const isCurrent = current?.createdTimestampNs === topic.createdTimestampNs;
    expect(isCurrent).toBe(!topic.isDeleted);
    if (topic.isDeleted) continue;
    await using reader = await test.read(topic.name, { untilNow: true });
    const { messages } = await collect(reader);
    const trimmedUntilNs = race.trimmedUntilNs.get(topic) ?? 0n;
    checkTold(messages, list, trimmedUntilNs, true);
    const goneUntilNs = race.goneUntilNs.get(topic) ?? 0n;
    for (const { timestampNs } of messages) expect(timestampNs).toBeGreaterThanOrEqual(goneUntilNs);
  }
}

describe('requests at the same time', () => {
  it('leave what was acknowledged, once and in order, for everyone, whatever comes first', async () => {
    const seed = seedOf('races');
    const topic = fc.constantFrom('a', 'b');
    const request: fc.Arbitrary<Request> = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({
          kind: fc.constant('publish' as const),
          topic,
          count: fc.integer({ min: 1, max: 3 }),
          closes: fc.constant(false),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({
          kind: fc.constant('publish' as const),
          topic,
          count: fc.integer({ min: 1, max: 3 }),
          closes: fc.constant(true),
        }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          kind: fc.constant('retry' as const),
          topic,
          sequence: fc.integer({ min: 1, max: 2 }),
        }),
      },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('first' as const), topic }) },
      {
        weight: 1,
        arbitrary: fc.record({
          kind: fc.constantFrom('close' as const, 'delete' as const, 'retain' as const),
          topic,
        }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          kind: fc.constant('trim' as const),
          topic,
          offset: fc.bigInt({ min: -5n, max: 2n }),
        }),
      },
      {
        weight: 2,
        arbitrary: fc.record({ kind: fc.constantFrom('follow' as const, 'evict' as const), topic }),
      },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(request, { minLength: 3, maxLength: 25, size: 'max' }),
        fc.scheduler(),
        async (requests, scheduler) => {
          await using test = await TestLog.open();
          await using race = new Race(test, scheduler);
          await using globReader = await test.read('**');
          const globTold = collect(globReader);
          const filled = ['a', 'b'].map((name) =>
            race.publish(
              name,
              [1, 2, 3, 4].map((i) => `${name}${i}`),
            ),
          );
          await scheduler.waitFor(Promise.all(filled));
          const running = requests.map((each, i) =>
            scheduler
              .schedule(Promise.resolve(), `${each.kind} ${i}`)
              .then(() => race.run(each, i)),
          );
          await scheduler.waitFor(Promise.all(running));
          // Closes what is open, so that all followers come to an end.
          await scheduler.waitFor(Promise.all(['a', 'b'].map((name) => test.close(name))));
          await scheduler.waitFor(test.publish('c', SENTINEL));
          await scheduler.waitFor(Promise.all(race.followers.map(({ told }) => told)));
          const { messages } = await scheduler.waitFor(globTold);
          await scheduler.waitFor(test.log.swept());

          checkPublishes(race);
          await checkFollowers(race);
          const all = storedIn(race.publishes);
          const acknowledged = [...all.values()].flat().sort(byTime);
          const alive = [...all].flatMap(([each, list]) => {
            const trimmedUntilNs = race.trimmedUntilNs.get(each) ?? 0n;
            return each.isDeleted
              ? []
              : list.filter(({ timestampNs }) => timestampNs >= trimmedUntilNs);
          });
          const toldByGlob = messages.filter(({ value }) => value !== SENTINEL);
          checkTold(toldByGlob, acknowledged, 1n << 62n, true);
          for (const each of alive) expect(toldByGlob).toContainEqual(each);
          await scheduler.waitFor(checkTopics(test, race));
          await scheduler.waitFor(test.reopen());
          await checkTopics(test, race);
        },
      ),
      { seed, numRuns: totalRuns(600) },
    );
  });
});
