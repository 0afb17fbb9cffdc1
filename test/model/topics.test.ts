import fc from 'fast-check';
import { describe, it } from 'vitest';
import { TestLog } from '../support/test-log.ts';
import type { Real } from './commands.ts';
import { commands } from './commands.ts';
import { seedOf, totalRuns } from './runs.ts';
import { Model } from './topic-model.ts';

describe('topics', () => {
  it('do what a small model of them does', async () => {
    const seed = seedOf('topics');
    await fc.assert(
      fc.asyncProperty(fc.commands(commands(), { maxCommands: 60, size: 'max' }), async (list) => {
        await using test = await TestLog.open();
        const real: Real = { test, followers: [] };
        const model = new Model(test.clock.nowNs());
        await fc.asyncModelRun(() => ({ model, real }), list);
        for (const follower of real.followers) await follower.disconnect();
      }),
      { seed, numRuns: totalRuns(200) },
    );
  });
});
