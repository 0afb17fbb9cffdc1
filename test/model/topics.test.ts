import fc from 'fast-check';
import { describe, it } from 'vitest';
import { DiskDatabases } from '../../src/storage/databases.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { TestLog } from '../support/test-log.ts';
import type { Command, Real } from './commands.ts';
import { commands } from './commands.ts';
import { seedOf, totalRuns } from './runs.ts';
import { Model } from './topic-model.ts';

async function compare(test: TestLog, list: Iterable<Command>): Promise<void> {
  const real: Real = { test, followers: [] };
  const model = new Model(test.clock.nowNs());
  try {
    await fc.asyncModelRun(() => ({ model, real }), list);
  } finally {
    for (const follower of real.followers) await follower.disconnect();
  }
}

const bounds = { maxCommands: 60, size: 'max' } as const;

describe('topics', () => {
  it('do what a small model of them does, in memory', async () => {
    await fc.assert(
      fc.asyncProperty(fc.commands(commands(['reopen', 'crash']), bounds), async (list) => {
        await using test = await TestLog.open();
        await compare(test, list);
      }),
      { seed: seedOf('topics in memory'), numRuns: totalRuns(1000) },
    );
  });

  it('do what a small model of them does, on a disk', async () => {
    await fc.assert(
      fc.asyncProperty(fc.commands(commands(['reopen']), bounds), async (list) => {
        await using directory = await temporaryDirectory();
        await using test = await TestLog.open({ databases: new DiskDatabases(directory.path) });
        await compare(test, list);
      }),
      { seed: seedOf('topics on a disk'), numRuns: totalRuns(40) },
    );
  });
});
