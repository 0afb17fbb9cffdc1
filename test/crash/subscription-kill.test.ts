import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { DeliveryMode } from 'playhead-proto';
import { describe, expect, it } from 'vitest';
import { TestBroker } from '../support/broker.ts';
import { CliProcess } from '../support/cli.ts';
import { numbered } from '../support/collect.ts';
import type { CrashWork } from '../support/crash-workers.ts';
import { consumeUntilGone, publishUntilGone, pullUntilGone } from '../support/crash-workers.ts';
import { DeliveryLedger } from '../support/delivery-ledger.ts';
import { kill, startBroker } from '../support/killed-broker.ts';
import { Random } from '../support/random.ts';
import { headersOf, SubscriptionCaller, valuesIn } from '../support/subscription-caller.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const ROUNDS = Number(process.env['PLAYHEAD_KILLS'] ?? 25);
const MAX_ATTEMPTS = 4;
const TOPIC = 'work';
const MODES = { shared: DeliveryMode.SHARED, ordered: DeliveryMode.KEY_ORDERED } as const;
const WORKER = fileURLToPath(new URL('../support/poison-worker.ts', import.meta.url));

type Ledgers = ReadonlyMap<string, DeliveryLedger>;

async function createAll(caller: SubscriptionCaller): Promise<void> {
  for (const [name, deliveryMode] of Object.entries(MODES)) {
    const settings = { deliveryMode, maxAttempts: MAX_ATTEMPTS, leaseMs: 150n };
    await caller.create(TOPIC, name, settings);
  }
}

function workOf(
  caller: SubscriptionCaller,
  ledgers: Ledgers,
  random: Random,
  isFickle: boolean,
): CrashWork[] {
  return [...ledgers].map(([subscription, ledger]) => ({
    caller,
    topic: TOPIC,
    subscription,
    ledger,
    random,
    isFickle,
  }));
}

/** Lets workers finish everything, and compares with what they have seen. */
async function finish(caller: SubscriptionCaller, ledgers: Ledgers, random: Random): Promise<void> {
  const work = workOf(caller, ledgers, random, false);
  const working = work.map((each) => consumeUntilGone(each));
  const stored = valuesIn(await caller.read(TOPIC));
  for (const [name, ledger] of ledgers) {
    await expect
      .poll(
        async () => {
          const { pendingCount, acknowledgedCount, deadLetteredCount } = await caller.get(
            TOPIC,
            name,
          );
          return { pendingCount, settledCount: acknowledgedCount + deadLetteredCount };
        },
        { timeout: 60_000, interval: 50 },
      )
      .toEqual({ pendingCount: 0n, settledCount: BigInt(stored.length) });
    const letters = await caller.read(`dead-letter/${TOPIC}/${name}`);
    const dead = letters.map((letter) => {
      const headers = headersOf(letter);
      return {
        id: Buffer.from(letter.value).toString(),
        attempts: Number(headers['playhead-dead-letter-attempts']),
        reason: headers['playhead-dead-letter-reason'] ?? '',
      };
    });
    expect(ledger.check(stored, dead).slice(0, 20), `seed ${random.seed}`).toEqual([]);
    expect((await caller.get(TOPIC, name)).deadLetteredCount).toBe(BigInt(dead.length));
    expect(dead.length).toBeGreaterThan(0);
    console.log(
      `${name}: ${stored.length} messages, ${dead.length} dead letters, ${ledger.settledCount} answers`,
    );
  }
  caller[Symbol.dispose]();
  await Promise.all(working);
}

describe('a broker that is killed while workers run', () => {
  it(`keeps every answered ack and every count, over ${ROUNDS} kills`, async () => {
    const random = Random.fromEnvironment('PLAYHEAD_SEED', 20_261_122);
    await using directory = await temporaryDirectory();
    const ledgers = new Map(
      Object.keys(MODES).map((name) => [name, new DeliveryLedger(MAX_ATTEMPTS)]),
    );
    let lastId = 0;
    const nextId = () => `m${++lastId}`;
    for (let round = 0; round <= ROUNDS; round++) {
      if (round > 0 && random.below(4) === 0) {
        // Kills it while it recovers, too.
        const args = ['serve', '--grpc-address', '127.0.0.1:0', '--data-dir', directory.path];
        const recovering = new CliProcess(args);
        await sleep(100 + random.below(600));
        await kill(recovering);
      }
      const { broker, address } = await startBroker(directory.path);
      const caller = SubscriptionCaller.connect(address);
      for (const ledger of ledgers.values()) ledger.life = round;
      await createAll(caller);
      if (round === ROUNDS) {
        await finish(caller, ledgers, random);
        await kill(broker);
        break;
      }
      const working = [
        ...workOf(caller, ledgers, random, true).flatMap((work) => [
          consumeUntilGone(work),
          consumeUntilGone(work),
          pullUntilGone(work),
        ]),
        publishUntilGone({ caller, topic: TOPIC, random }, [...ledgers.values()], nextId),
      ];
      await sleep(20 + random.below(500));
      await kill(broker);
      await Promise.all(working);
      caller[Symbol.dispose]();
      for (const [name, { problems }] of ledgers) {
        expect(problems.slice(0, 20), `${name}, seed ${random.seed}, round ${round}`).toEqual([]);
      }
    }
  });
});

/** Worker processes, each replaced when it dies. */
class WorkerProcesses implements AsyncDisposable {
  deathCount = 0;
  readonly #running = new Set<ChildProcess>();
  readonly #args: readonly string[];
  #isOver = false;

  constructor(count: number, ...args: readonly string[]) {
    this.#args = args;
    for (let i = 0; i < count; i++) this.#start();
  }

  #start(): void {
    const child = spawn(process.execPath, ['--import', 'tsx', WORKER, ...this.#args], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    this.#running.add(child);
    child.on('exit', (_, signal) => {
      this.#running.delete(child);
      if (this.#isOver || signal === null) return;
      this.deathCount++;
      this.#start();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    const ended = [...this.#running].map((child) => once(child, 'exit'));
    for (const child of this.#running) child.kill('SIGKILL');
    await Promise.all(ended);
  }
}

describe('a message that kills its workers', () => {
  it.each([2, 5])(
    'is a dead letter after exactly %d deliveries, and the others are finished',
    async (maxAttempts) => {
      await using broker = await TestBroker.start();
      using caller = SubscriptionCaller.connect(broker.address);
      const values = numbered(10_000);
      values[1234] = 'poison';
      await caller.publish('jobs', ...values);
      await caller.create('jobs', 'workers', { maxAttempts: maxAttempts });
      await using workers = new WorkerProcesses(2, broker.address, 'jobs', 'workers');
      await expect
        .poll(async () => (await caller.get('jobs', 'workers')).pendingCount, {
          timeout: 120_000,
          interval: 100,
        })
        .toBe(0n);
      await expect
        .poll(async () => (await caller.get('jobs', 'workers')).deadLetteredCount)
        .toBe(1n);
      const letters = await caller.read('dead-letter/jobs/workers');
      expect(valuesIn(letters)).toEqual(['poison']);
      expect(letters.map((letter) => headersOf(letter)['playhead-dead-letter-attempts'])).toEqual([
        `${maxAttempts}`,
      ]);
      expect(workers.deathCount).toBe(maxAttempts);
      expect(await caller.get('jobs', 'workers')).toMatchObject({
        acknowledgedCount: 9999n,
        inFlightCount: 0n,
        waitingCount: 0n,
      });
    },
  );
});
