import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SCHEDULE_LOOK_MS } from '../../src/limits.ts';
import { MemoryDatabases } from '../../src/storage/databases.ts';
import { FaultyDatabases } from '../support/faulty-databases.ts';
import { TestSchedules } from '../support/test-schedules.ts';
import { seedOf, totalRuns } from './runs.ts';

const STEP_NAMES = [
  'once',
  'often',
  'cancel',
  'run',
  'pass',
  'jump',
  'crash',
  'cut',
  'reopen',
  'fail',
];

interface Step {
  readonly name: string;
  /** A delay, a time to pass, or which schedule. */
  readonly amount: number;
  readonly hasEffect: boolean;
}

const step: fc.Arbitrary<Step> = fc.record({
  name: fc.constantFrom(...STEP_NAMES),
  amount: fc.nat(20_000),
  hasEffect: fc.boolean(),
});

/** What the schedules should do. What recurs tells itself how often; what runs once does so when it is due. */
class Model {
  readonly pending = new Map<string, { readonly dueNs: bigint; readonly isOften: boolean }>();
  /** Messages of schedules that are gone. */
  readonly published = new Map<string, bigint>();
  #count = 0;

  nextId(): string {
    return `s${++this.#count}`;
  }

  run(id: string): void {
    if (this.pending.get(id)?.isOften === true) return;
    this.pending.delete(id);
    this.published.set(id, 1n);
  }

  passTo(nowNs: bigint): void {
    for (const [id, { dueNs }] of this.pending) if (dueNs <= nowNs) this.run(id);
  }
}

async function take(test: TestSchedules, databases: FaultyDatabases, model: Model, step: Step) {
  const { name, amount, hasEffect } = step;
  const { clock, store } = test.test;
  const id = [...model.pending.keys()][amount % Math.max(model.pending.size, 1)];
  switch (name) {
    case 'once':
    case 'often': {
      const isOften = name === 'often';
      const everyMs = 1000 + amount;
      const when = isOften
        ? ({ at: 'cron', cron: `@every ${everyMs}ms` } as const)
        : ({ at: 'delay', delayMs: amount } as const);
      const { fields } = await test.create({ id: model.nextId(), when });
      model.pending.set(fields.id, { dueNs: fields.dueNs, isOften });
      break;
    }
    case 'cancel':
      if (id === undefined) break;
      model.published.set(id, (await test.schedules.get(id)).fields.runCount);
      await test.schedules.cancel(id);
      model.pending.delete(id);
      break;
    case 'run':
      if (id === undefined) break;
      await test.schedules.run(id);
      model.run(id);
      break;
    case 'pass':
      await test.pass(amount);
      break;
    case 'jump':
      clock.jump(amount);
      await test.pass(SCHEDULE_LOOK_MS);
      break;
    case 'crash':
      await test.crash();
      break;
    case 'cut':
      // What is due is on its way when the broker dies, and never written.
      void store.appends.close();
      clock.advance(amount);
      await test.crash();
      break;
    case 'reopen':
      await test.reopen();
      break;
    case 'fail':
      databases.fail('tape.batch', { hasEffect });
      await test.pass(amount);
      databases.heal();
      await test.healed();
      break;
  }
  await test.settle();
  model.passTo(test.test.clock.nowNs());
}

it('runs every schedule that is due exactly once, whatever comes between', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40, size: 'max' }), async (steps) => {
      const databases = new FaultyDatabases(new MemoryDatabases());
      await using test = await TestSchedules.open({ databases });
      const model = new Model();
      for (const each of steps) await take(test, databases, model, each);
      expect(test.schedules.size).toBe(model.pending.size);
      const expected = new Map(model.published);
      for (const id of model.pending.keys()) {
        const { fields } = await test.schedules.get(id);
        expect(fields.dueNs).toBeGreaterThan(test.test.clock.nowNs());
        expected.set(id, fields.runCount);
      }
      const published = new Map([...expected.keys()].map((id) => [id, 0n]));
      for (const value of await test.published()) {
        published.set(`${value}`, (published.get(`${value}`) ?? 0n) + 1n);
      }
      expect(published).toEqual(expected);
    }),
    { seed: seedOf('schedules'), numRuns: totalRuns(500) },
  );
});
