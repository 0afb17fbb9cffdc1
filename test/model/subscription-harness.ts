import { expect } from 'vitest';
import { BrokerError } from '../../src/errors.ts';
import { KEY_PARKED_MAX } from '../../src/limits.ts';
import type { Subscription } from '../../src/subscription/subscription.ts';
import type { Subscriptions } from '../../src/subscription/subscriptions.ts';
import type {
  Delivery,
  WorkerEnd,
  WorkerEvent,
  WorkerSink,
} from '../../src/subscription/worker.ts';
import { Worker } from '../../src/subscription/worker.ts';
import { decodeRun } from '../support/message.ts';
import { openSubscriptions } from '../support/subscribed.ts';
import type { TestLog } from '../support/test-log.ts';
import { compareStates } from './subscription-compare.ts';
import type { Letter, Model, ModelSubscription } from './subscription-model.ts';

export const TOPIC = 't';
const HEADER = 'playhead-dead-letter-';

/** A message that somebody was given, whatever became of it since. */
export interface Got {
  readonly subscription: string;
  readonly receipt: bigint;
  readonly ns: bigint;
}

/** The broker under test, who consumes, and what they were told. */
export class Harness {
  readonly test: TestLog;
  readonly model: Model;
  all: Subscriptions;
  workers: StreamWorker[] = [];
  got: Got[] = [];
  /** Counts restarts: what comes from a broker before the last one is of no concern. */
  epoch = 0;
  workerCount = 0;
  /** Moves the model when the broker moves the subscription. */
  onMoved: (() => void) | undefined;
  /** From when on the clock moved without a break. */
  settledNs = 0n;
  readonly #failures: unknown[] = [];
  readonly #lettersSeen = new Map<string, bigint>();
  #storeSteps = 0;

  private constructor(test: TestLog, model: Model, all: Subscriptions) {
    this.test = test;
    this.model = model;
    this.all = all;
  }

  static async open(test: TestLog, model: Model): Promise<Harness> {
    const harness = new Harness(test, model, await openSubscriptions(test));
    harness.#watchStore();
    return harness;
  }

  get nowNs(): bigint {
    return this.test.clock.nowNs();
  }

  subscription(name: string): Subscription {
    return this.all.get(TOPIC, name);
  }

  /** Calls `run`, and keeps what it throws until the end of the command. */
  guard(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#failures.push(error);
    }
  }

  /** Takes the result of what may wait for the storage, unless the broker is gone by then. */
  later<T>(
    promise: Promise<T>,
    onDone: (result: T) => void,
    onRefused?: (error: BrokerError) => void,
  ) {
    const { epoch } = this;
    promise.then(
      (result) => epoch === this.epoch && this.guard(() => onDone(result)),
      (error: unknown) => {
        if (epoch !== this.epoch) return;
        if (error instanceof BrokerError && onRefused !== undefined) {
          this.guard(() => onRefused(error));
        } else this.#failures.push(error);
      },
    );
  }

  /** Lets everything happen that waits neither for the clock nor for what is held up. */
  async quiet(): Promise<void> {
    let steps = -1;
    for (let still = 0; still < 4; still++) {
      if (steps !== this.#storeSteps) still = 0;
      steps = this.#storeSteps;
      await new Promise((resolve) => setImmediate(resolve));
    }
    const [failure] = this.#failures;
    if (failure !== undefined) throw failure;
  }

  async restart(kind: 'reopen' | 'crash'): Promise<void> {
    this.epoch++;
    if (kind === 'reopen') this.all.close(new BrokerError('SHUTTING_DOWN', 'the broker ends'));
    this.workers = [];
    await this.test[kind]();
    this.#watchStore();
    this.all = await openSubscriptions(this.test);
    for (const each of this.all.list('**', '')) this.observe(each);
    this.settledNs = this.nowNs;
  }

  /** Learns when the subscription is moved. */
  observe(subscription: Subscription): void {
    const change = subscription.change.bind(subscription);
    subscription.change = (changes) => {
      const durable = change(changes);
      if (changes.some(({ $case }) => $case === 'image')) this.guard(() => this.onMoved?.());
      return durable;
    };
  }

  #watchStore(): void {
    const { store } = this.test;
    const watch =
      <Args extends unknown[], Result>(run: (...args: Args) => Promise<Result>) =>
      async (...args: Args): Promise<Result> => {
        this.#storeSteps++;
        try {
          return await run(...args);
        } finally {
          this.#storeSteps++;
        }
      };
    store.append = watch(store.append);
    store.putTopics = watch(store.putTopics);
    store.findFirst = watch(store.findFirst);
    store.findLast = watch(store.findLast);
    store.readTopic = watch(store.readTopic);
    store.removeStep = watch(store.removeStep);
    store.putCheckpoint = watch(store.putCheckpoint);
  }

  /** Compares everything, and takes over what the model leaves open. */
  async compare(): Promise<void> {
    const { topic } = this.model;
    const names = [...this.all.list('**', '')].map(({ name }) => name);
    expect(names).toEqual([...(topic?.subscriptions.keys() ?? [])].sort());
    if (topic === undefined) return;
    const real = this.test.log.topic(TOPIC);
    expect(Number(real.sequence)).toBe(topic.messages.length);
    const floor = Number(real.floor.sequence);
    if (floor > topic.floor) {
      topic.trimTo(floor);
      for (const each of this.model.incarnations()) each.floor = floor;
    }
    for (const subscription of topic.subscriptions.values()) {
      compareStates(subscription, this.subscription(subscription.name), this);
      if (this.model.isHeld) continue;
      this.#checkProgress(subscription);
      await this.#checkLetters(subscription);
    }
    for (const worker of this.workers) worker.check();
  }

  /** Nobody waits for what could be delivered. */
  #checkProgress(model: ModelSubscription): void {
    const { workers, state } = this.subscription(model.name);
    if (state.leases.messageCount >= model.config.maxInFlight) return;
    const active =
      model.config.deliveryMode === 'exclusive' ? workers.all().slice(0, 1) : workers.all();
    const ready = this.#deliverable(model);
    const isIdle = active.some((worker) => worker.hasCredit && worker.inFlight === 0);
    const hasCredit = active.some((worker) => worker.hasCredit && !worker.isAlone);
    const suspects = ready.filter((each) => {
      const status = model.statuses.get(each);
      return status?.kind === 'waiting' && status.isSuspect;
    });
    if (suspects.length > 0) expect(isIdle, `${suspects} wait to be delivered alone`).toBe(false);
    else if (ready.length > 0) expect(hasCredit, `${ready} wait to be delivered`).toBe(false);
  }

  #deliverable(model: ModelSubscription): number[] {
    const { topic, config } = model;
    const isOrdered = config.deliveryMode === 'key_ordered';
    const parked = this.subscription(model.name).state.waiting.messageCount;
    // What was trimmed while somebody has it, or while it waits for its time, is still in the way of its key.
    const busy = new Set<string>();
    for (const [sequence, { kind }] of model.statuses) {
      const isInTheWay = sequence < topic.floor && (kind === 'leased' || kind === 'waiting');
      if (isInTheWay) busy.add(topic.messages[sequence]?.key ?? '');
    }
    busy.delete('');
    return model.unsettled().filter((sequence) => {
      const key = topic.messages[sequence]?.key ?? '';
      if (isOrdered && busy.has(key)) return false;
      if (key !== '') busy.add(key);
      const status = model.statuses.get(sequence);
      if (status === undefined) return !isOrdered || parked < KEY_PARKED_MAX;
      return status.kind === 'waiting' && status.notBeforeNs <= this.nowNs;
    });
  }

  async #checkLetters(model: ModelSubscription): Promise<void> {
    const name = `dead-letter/${TOPIC}/${model.name}`;
    const sequence = this.test.log.topics.get(name)?.sequence ?? 0n;
    const earlier = this.model.earlierLetters.get(model.name) ?? [];
    const expected = [...model.letters];
    const isSame = sequence === BigInt(expected.length + earlier.length);
    if (isSame && this.#lettersSeen.get(name) === sequence) return;
    this.#lettersSeen.set(name, sequence);
    if (sequence > 0n) {
      for (const letter of await lettersIn(this.test, name)) {
        const isIt = (each: Letter) =>
          each.value === letter.value &&
          each.reason === letter.reason &&
          each.attempts === letter.attempts;
        const list = [expected, earlier].find((each) => each.some(isIt));
        expect(
          list,
          `dead letter ${letter.value} ${letter.reason} ${letter.attempts}`,
        ).toBeDefined();
        if (list === expected) expected.splice(expected.findIndex(isIt), 1);
      }
    }
    expect(expected.filter((each) => each.sequence >= model.topic.floor)).toEqual([]);
  }
}

async function lettersIn(test: TestLog, name: string) {
  await using reader = await test.read(name, { untilNow: true });
  const letters: { value: string; reason: string; attempts: number }[] = [];
  for (;;) {
    const event = await reader.next();
    if (event === undefined) return letters;
    if (event.type !== 'messages') continue;
    for (const { value, headers } of decodeRun(Buffer.concat(event.chunks))) {
      const told = new Map(headers.map((each) => [each.name, Buffer.from(each.value).toString()]));
      expect(told.get(`${HEADER}topic`)).toBe(TOPIC);
      expect(name).toBe(`dead-letter/${TOPIC}/${told.get(`${HEADER}subscription`)}`);
      expect([...told.keys()].filter((each) => each.startsWith(HEADER))).toHaveLength(6);
      letters.push({
        value: Buffer.from(value).toString(),
        reason: told.get(`${HEADER}reason`) ?? '',
        attempts: Number(told.get(`${HEADER}attempts`)),
      });
    }
  }
}

/** A worker with a stream. */
export class StreamWorker implements WorkerSink {
  readonly number: number;
  readonly name: string;
  readonly subscription: Subscription;
  readonly worker = new Worker(this, { isStreamed: true });
  readonly #harness: Harness;
  readonly #epoch: number;
  readonly #acksAll: boolean;
  #credit = 0;
  #alone: Got | undefined;

  constructor(harness: Harness, name: string, options: { credit: number; acksAll?: boolean }) {
    this.#harness = harness;
    this.#epoch = harness.epoch;
    this.#acksAll = options.acksAll === true;
    this.number = ++harness.workerCount;
    this.name = name;
    this.subscription = harness.subscription(name);
    this.worker.creditBytes = 1 << 24;
    harness.workers.push(this);
    this.addCredit(options.credit);
    this.subscription.join(this.worker);
  }

  get #model(): ModelSubscription {
    const model = this.#harness.model.topic?.subscriptions.get(this.name);
    if (model === undefined) throw new Error(`${this.name} is no more`);
    return model;
  }

  addCredit(messages: number): void {
    this.#credit += messages;
    this.worker.creditMessages += messages;
    this.subscription.ready();
  }

  check(): void {
    if (!this.#harness.model.isHeld) expect(this.worker.creditMessages).toBe(this.#credit);
  }

  deliver(delivery: Delivery): void {
    if (this.#epoch !== this.#harness.epoch) return;
    this.#harness.guard(() => {
      expect(this.#harness.model.isHeld, 'is durable').toBe(false);
      expect(this.#isAlone(), 'has one message alone').toBe(false);
      const taken = take(this.#harness, this.#model, delivery, this.number);
      this.#credit -= taken.length;
      expect(this.#credit).toBeGreaterThanOrEqual(0);
      const suspect = taken.find(({ isSuspect }) => isSuspect);
      if (suspect === undefined) return;
      expect(taken).toHaveLength(1);
      expect(this.worker.inFlight).toBe(1);
      this.#alone = suspect.got;
    });
    if (this.#acksAll) queueMicrotask(() => this.#ackAll());
  }

  tell(event: WorkerEvent): void {
    if (event.type === 'sought') this.#alone = undefined;
  }

  end(end: WorkerEnd): void {
    this.subscription.leave(this.worker, { isSuspect: false });
    if (this.#epoch !== this.#harness.epoch) return;
    this.#harness.workers = this.#harness.workers.filter((each) => each !== this);
    this.#harness.guard(() => {
      if (end.type === 'error') throw end.error;
      if (end.type === 'drained') this.#model.checkDrained(this.#harness.nowNs);
    });
  }

  leave(isSuspect: boolean): void {
    const model = this.#model;
    for (const [sequence, { attempt }] of model.leased(({ worker }) => worker === this.number)) {
      model.giveBack(sequence, attempt, { notBeforeNs: this.#harness.nowNs, isSuspect });
    }
    this.#harness.workers = this.#harness.workers.filter((each) => each !== this);
    this.subscription.leave(this.worker, { isSuspect });
  }

  #isAlone(): boolean {
    const { messages, floor, trimmed } = this.#model.topic;
    const sequence = messages.findIndex(({ ns }) => ns === this.#alone?.ns);
    // With what is trimmed its lease may be dropped.
    if (sequence < Math.max(floor, trimmed)) return false;
    const status = this.#model.statuses.get(sequence);
    if (status?.kind !== 'leased' || status.receipt !== this.#alone?.receipt) return false;
    return status.deadlineNs > this.#harness.nowNs;
  }

  #ackAll(): void {
    const model = this.#model;
    for (const [sequence, { receipt }] of model.leased(({ worker }) => worker === this.number)) {
      const ns = model.topic.messages[sequence]?.ns ?? 0n;
      const action = { type: 'ack', isCumulative: false } as const;
      const settled = this.subscription.settle([{ receipt, firstNs: ns, lastNs: ns, action }]);
      model.ack(sequence);
      this.#credit++;
      this.worker.creditMessages++;
      this.#harness.later(settled, (outcomes) => expect(outcomes).toEqual([{ messageCount: 1 }]));
    }
    this.subscription.ready();
  }
}

/** Takes what was delivered over into the model. */
export function take(
  harness: Harness,
  model: ModelSubscription,
  { chunks, leases }: Delivery,
  worker: number | undefined,
): { got: Got; isSuspect: boolean }[] {
  const messages = decodeRun(Buffer.concat(chunks));
  const all: { got: Got; isSuspect: boolean }[] = [];
  for (const { receipt, attempt, deadlineNs, messageCount } of leases) {
    for (const { value: bytes, timestampNs: ns } of messages.splice(0, messageCount)) {
      const value = Buffer.from(bytes).toString();
      const sequence = model.topic.sequenceOf(value);
      expect(model.topic.messages[sequence]?.ns).toBe(ns);
      const before = model.statuses.get(sequence);
      const isSuspect =
        (before?.kind === 'waiting' && before.isSuspect) ||
        (before?.kind === 'leased' &&
          before.worker === undefined &&
          model.isSuspectAfter(before.attempt));
      model.deliver({ value, receipt, attempt, deadlineNs, worker }, harness.nowNs);
      const got = { subscription: model.name, receipt, ns };
      harness.got.push(got);
      all.push({ got, isSuspect });
    }
  }
  expect(messages).toEqual([]);
  return all;
}
