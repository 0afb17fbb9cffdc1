import { expect } from 'vitest';
import type { EventStream, TestLog } from '../support/test-log.ts';
import { shortOf } from '../support/test-log.ts';
import type { Item, Model, ModelTopic, Range } from './topic-model.ts';
import { shortOf as shortOfItem } from './topic-model.ts';

/** A reader that is never done: it follows, and resumes after a restart of the broker as a client does. */
export class Follower {
  readonly #target: string;
  readonly #glob: RegExp | undefined;
  readonly #position: Range['from'];
  #events: EventStream | undefined;
  /** Everything before has been told. */
  #nextNs: bigint;
  /** The topic that is read, once it exists. */
  #topic: ModelTopic | undefined;
  #createdTimestampNs: bigint | undefined;
  #hasBegun = false;
  #hasReadTopic = false;
  /** True if it is to be told what was trimmed before it began. */
  #isExact: boolean;
  #isOver = false;

  constructor(target: string, glob: RegExp | undefined, position: Range['from'], model: Model) {
    this.#target = target;
    this.#glob = glob;
    this.#position = position.at === 'last' ? { at: 'earliest' } : position;
    this.#isExact = position.at === 'timestamp';
    this.#nextNs =
      position.at === 'timestamp'
        ? position.timestampNs
        : position.at === 'latest'
          ? model.endNs
          : 0n;
    if (glob !== undefined) return;
    this.#topic = model.topics.get(target);
    // Of a topic that comes later it can only miss something.
    this.#isExact ||= this.#topic === undefined;
  }

  async open(test: TestLog): Promise<void> {
    this.#events = await test.read(this.#target, { position: this.#position });
    this.#noteCreation(test);
  }

  async disconnect(): Promise<void> {
    await this.#events?.[Symbol.asyncDispose]();
    this.#events = undefined;
  }

  /** Opens the reader again behind what it was told. */
  async resume(test: TestLog, model: Model): Promise<void> {
    if (this.#isOver) return;
    if (this.#glob === undefined && this.#topic === undefined) {
      this.#topic = model.topics.get(this.#target);
      this.#noteCreation(test);
    }
    const position = { at: 'timestamp', timestampNs: this.#nextNs } as const;
    this.#events = await test.read(this.#target, {
      position,
      createdTimestampNs: this.#createdTimestampNs,
    });
    this.#isExact = true;
    this.#hasBegun = false;
  }

  /** Takes exactly what has come since, and no more. */
  async drain(model: Model): Promise<void> {
    if (this.#isOver) return;
    if (this.#glob === undefined) await this.#drainTopic(model);
    else await this.#drainGlob(model, this.#glob);
  }

  #noteCreation(test: TestLog): void {
    if (this.#glob === undefined) {
      this.#createdTimestampNs = test.log.topics.get(this.#target)?.createdTimestampNs;
    }
  }

  async #drainTopic(model: Model): Promise<void> {
    const expected: unknown[] = [];
    if (this.#topic === undefined) {
      this.#topic = model.topics.get(this.#target);
      if (this.#topic === undefined) return this.#begin();
      expected.push('created');
    }
    const topic = this.#topic;
    if (topic.isDeleted) {
      this.#isOver = true;
      expected.push({ deleted: topic.name }, { end: 'deleted' });
      return this.#expect(expected);
    }
    const isTold = this.#isExact || this.#hasReadTopic;
    if (isTold && topic.trimmedUntilNs > this.#nextNs) {
      expected.push({ trimmed: topic.name, firstNs: topic.firstNs });
    }
    const items = topic.retained.filter(({ timestampNs }) => timestampNs >= this.#nextNs);
    expected.push(...items.map(({ value }) => value));
    this.#told(items);
    if (topic.trimmedUntilNs > this.#nextNs) this.#nextNs = topic.trimmedUntilNs;
    if (topic.marker !== undefined) {
      this.#isOver = true;
      expected.push({ closed: topic.name, reason: topic.reason }, { end: 'closed' });
    }
    await this.#expect(expected);
    this.#hasReadTopic = true;
  }

  async #drainGlob(model: Model, glob: RegExp): Promise<void> {
    const items = model
      .itemsOf(model.matching(glob))
      .filter(({ timestampNs }) => timestampNs >= this.#nextNs);
    this.#told(items);
    await this.#expect(items.map(shortOfItem));
  }

  #told(items: readonly Item[]): void {
    const last = items.at(-1);
    if (last !== undefined) this.#nextNs = last.timestampNs + 1n;
  }

  async #expect(expected: readonly unknown[]): Promise<void> {
    const told: unknown[] = [];
    if (expected.length === 0) await this.#begin();
    this.#hasBegun = true;
    while (told.length < expected.length) {
      const event = await this.#next(expected, told);
      if (event.type === 'created') this.#createdTimestampNs = event.createdTimestampNs;
      const isOfGlob = this.#glob !== undefined && ['trimmed', 'deleted'].includes(event.type);
      // When a reader of many topics is told of these depends on what it has read ahead.
      if (event.type !== 'caught_up' && !isOfGlob) told.push(...shortOf(event));
    }
    expect(told).toEqual(expected);
    if (this.#isOver) expect(await this.#events?.next()).toBeUndefined();
  }

  /** A reader begins when it is asked for its first event: if there is nothing, that is that it has caught up. */
  async #begin(): Promise<void> {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    while ((await this.#next(['caught up'], [])).type !== 'caught_up');
  }

  async #next(expected: readonly unknown[], told: readonly unknown[]) {
    let timer: NodeJS.Timeout | undefined;
    const stuck = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), 1000);
    });
    const event = await Promise.race([this.#events?.next(), stuck]);
    clearTimeout(timer);
    if (event !== undefined) return event;
    throw new Error(
      `${this.#target}: expected ${inspect(expected)}, and after ${inspect(told)} came nothing`,
    );
  }
}

function inspect(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? `${each}` : each));
}
