import fc from 'fast-check';
import { describe, it, vi } from 'vitest';
import { TestLog } from '../support/test-log.ts';
import { seedOf, totalRuns } from './runs.ts';
import { begin, commands, settleAll } from './subscription-commands.ts';
import { Harness } from './subscription-harness.ts';
import { Model } from './subscription-model.ts';

// So small that the limits are reached in a few commands.
vi.mock('../../src/limits.ts', async (original) => ({
  ...(await original<object>()),
  JOURNAL_TRIM_BYTES: 600,
  JOURNAL_TRIM_FACTOR: 1,
  BURIAL_MESSAGES: 2,
  KEY_PARKED_MAX: 3,
  PAGE_BYTES: 150,
}));

describe('subscriptions', () => {
  it('lose nothing, deliver nothing too often, and keep what was acknowledged', async () => {
    await fc.assert(
      fc.asyncProperty(fc.commands(commands(), { maxCommands: 100, size: 'max' }), async (list) => {
        await using test = await TestLog.open();
        const model = new Model();
        const harness = await Harness.open(test, model);
        try {
          await begin(model, harness);
          await fc.asyncModelRun(() => ({ model, real: harness }), list);
          await settleAll(model, harness);
        } finally {
          harness.epoch++;
          test.store.appends.open();
        }
      }),
      { seed: seedOf('subscriptions'), numRuns: totalRuns(100) },
    );
  });
});
