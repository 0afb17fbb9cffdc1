import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../../src/errors.ts';
import { STORE_READS } from '../../../src/limits.ts';
import { callAt, StoreGate } from '../../../src/log/read-context.ts';
import { Gate } from '../../support/gate.ts';
import { TestLog } from '../../support/test-log.ts';

describe('StoreGate', () => {
  const failure = new BrokerError('STORAGE_FAILED', 'no disk');

  it(`lets ${STORE_READS} reads in at once, and the others in the order in which they came`, async () => {
    await using test = await TestLog.open();
    const storeGate = new StoreGate(test.store, () => failure);
    const held = new Gate();
    void held.close();
    const begun: number[] = [];
    const reads = Array.from({ length: STORE_READS + 3 }, (_, i) =>
      storeGate.read(async () => {
        begun.push(i);
        await held.pass();
        return i;
      }),
    );
    await new Promise((resolve) => setImmediate(resolve));
    expect(begun).toEqual(Array.from({ length: STORE_READS }, (_, i) => i));
    held.open();
    expect(await Promise.all(reads)).toEqual(reads.map((_, i) => i));
    expect(begun).toEqual(reads.map((_, i) => i));
  });

  it('goes on after a read that fails, and tells of a failure of the storage', async () => {
    await using test = await TestLog.open();
    const causes: unknown[] = [];
    const storeGate = new StoreGate(test.store, (cause) => {
      causes.push(cause);
      return failure;
    });
    const broken = new Error('EIO');
    const refused = new BrokerError('DATA_LOSS', 'gone');
    for (let i = 0; i < STORE_READS + 1; i++) {
      await expect(storeGate.read(() => Promise.reject(broken))).rejects.toBe(failure);
      await expect(storeGate.read(() => Promise.reject(refused))).rejects.toBe(refused);
    }
    expect(new Set(causes)).toEqual(new Set([broken]));
    expect(await storeGate.read(() => Promise.resolve('fine'))).toBe('fine');
  });
});

describe('callAt', () => {
  it('calls when the time has come, and not before', async () => {
    await using test = await TestLog.open();
    const context = test.log.readContext;
    let calls = 0;
    callAt(test.clock.nowNs() + 5_000_001n, context, () => calls++);
    test.clock.advance(5);
    await context.committer.barrier();
    expect(calls).toBe(0);
    test.clock.advance(1);
    await context.committer.barrier();
    await Promise.resolve();
    expect(calls).toBe(1);
  });

  it('waits on when the clock was set back meanwhile', async () => {
    await using test = await TestLog.open();
    const context = test.log.readContext;
    const called = new Promise<bigint>((resolve) => {
      callAt(test.clock.nowNs() + 5_000_000n, context, () => resolve(test.clock.nowNs()));
    });
    const dueNs = test.clock.nowNs() + 5_000_000n;
    test.clock.jump(-3_600_000);
    test.clock.advance(6);
    test.clock.advance(3_600_000);
    expect(await called).toBeGreaterThanOrEqual(dueNs);
  });

  it('does not call when it is cancelled, also while it waits for a commit', async () => {
    await using test = await TestLog.open();
    const context = test.log.readContext;
    let calls = 0;
    const early = callAt(test.clock.nowNs() + 5_000_000n, context, () => calls++);
    const late = callAt(test.clock.nowNs() + 5_000_000n, context, () => calls++);
    early();
    test.clock.advance(6);
    late();
    await context.committer.barrier();
    await Promise.resolve();
    expect(calls).toBe(0);
  });
});
