import { setImmediate } from 'node:timers/promises';
import { Message } from 'playhead-proto';
import { SCHEDULE_LOOK_MS } from '../../src/limits.ts';
import { silentLogger } from '../../src/logger.ts';
import type { Schedule, When } from '../../src/subscription/schedule.ts';
import { Schedules } from '../../src/subscription/schedules.ts';
import { content } from './message.ts';
import { TestLog, type TestLogOptions } from './test-log.ts';

/** What a test says of a schedule; the rest is left out. */
export interface Asked {
  readonly id?: string;
  readonly topic?: string;
  readonly value?: string;
  readonly when: When;
  readonly timeZone?: string;
}

/** Schedules on a log in memory, with a clock by hand. */
export class TestSchedules implements AsyncDisposable {
  readonly test: TestLog;
  #schedules: Schedules;

  private constructor(test: TestLog, schedules: Schedules) {
    this.test = test;
    this.#schedules = schedules;
  }

  static async open(options: TestLogOptions = {}): Promise<TestSchedules> {
    const test = await TestLog.open(options);
    return new TestSchedules(test, Schedules.open(test.log, silentLogger));
  }

  get schedules(): Schedules {
    return this.#schedules;
  }

  /** A time so many milliseconds from now. */
  inMs(ms: number): bigint {
    return this.test.clock.nowNs() + BigInt(ms) * 1_000_000n;
  }

  create({ id = '', topic = 't', value = id, when, timeZone = '' }: Asked): Promise<Schedule> {
    return this.#schedules.create({ id, topic, message: encoded(value), when, timeZone });
  }

  /** Lets time pass, and waits until what is due by then has been tried. */
  async pass(ms: number): Promise<void> {
    this.test.clock.advance(ms);
    await this.settle();
  }

  /** Waits until nothing is due any more. */
  async settle(): Promise<void> {
    for (let i = 0; i < 3; i++) {
      await this.#schedules.idle();
      this.test.clock.advance(0);
    }
    await this.#schedules.idle();
    await this.test.log.readContext.committer.idle();
  }

  /** Waits until a storage that has failed is open again, and nothing is due. */
  async healed(): Promise<void> {
    while (this.test.log.writeRefusal() !== undefined) {
      this.test.clock.advance(1);
      await setImmediate();
    }
    await this.pass(SCHEDULE_LOOK_MS);
  }

  /** Goes on with what a crash has left. */
  async crash(): Promise<void> {
    await this.test.crash();
    this.#schedules = Schedules.open(this.test.log, silentLogger);
  }

  /** Closes all and opens it again. */
  async reopen(): Promise<void> {
    await this.#schedules.close();
    await this.test.reopen();
    this.#schedules = Schedules.open(this.test.log, silentLogger);
  }

  /** The values of a topic's messages. */
  async published(topic = 't'): Promise<unknown[]> {
    if (this.test.log.topics.get(topic) === undefined) return [];
    await using reader = await this.test.read(topic, { untilNow: true });
    return (await reader.until('end')).filter((each) => typeof each === 'string');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#schedules.close();
    await this.test[Symbol.asyncDispose]();
  }
}

/** A message with this value, as a request carries it. */
export function encoded(value: string): Buffer {
  const message = { ...content(value), timestampNs: 0n, isClose: false };
  return Buffer.from(Message.encode(message).finish());
}
