import { describe, expect, it } from 'vitest';
import { REOPEN_DELAY_MS } from '../../../src/limits.ts';
import { MemoryDatabases } from '../../../src/storage/databases.ts';
import { FaultyDatabases } from '../../support/faulty-databases.ts';
import { Gate } from '../../support/gate.ts';
import { openSubscriptions, settled, subscribed, turned } from '../../support/subscribed.ts';
import { TestLog } from '../../support/test-log.ts';
import { TestWorker } from '../../support/test-worker.ts';

const deleted = expect.objectContaining({ reason: 'SUBSCRIPTION_DELETED' });

describe('a subscription that was deleted', () => {
  it('takes nothing any more, and does not come back', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1');
    const { all, subscription } = await subscribed(test);
    const worker = new TestWorker(subscription);
    const [first] = await worker.until(1);
    if (first === undefined) throw new Error('nothing came');
    await all.delete(subscription);
    await expect(worker.ack(first)).rejects.toEqual(deleted);
    await expect(all.update(subscription, { maxInFlight: 3 })).rejects.toEqual(deleted);
    await expect(all.seek(subscription, { at: 'earliest' })).rejects.toEqual(deleted);
    await test.reopen();
    const later = await openSubscriptions(test);
    expect([...later.list('**', '')]).toEqual([]);
  });

  it('ends who joins it', async () => {
    await using test = await TestLog.open();
    const { all, subscription } = await subscribed(test);
    await all.delete(subscription);
    const worker = new TestWorker(subscription);
    expect(await worker.untilEnd()).toEqual({ type: 'deleted', isTopicDeleted: false });
  });
});

describe('a storage that failed', () => {
  it('leaves nothing to those who had a subscription before', async () => {
    const databases = new FaultyDatabases(new MemoryDatabases());
    await using test = await TestLog.open({ databases });
    await test.publish('t', '1', '2');
    const { all, subscription } = await subscribed(test);
    const worker = new TestWorker(subscription, 1);
    await worker.until(1);
    databases.fail('tape.batch');
    await expect(test.publish('t', '3')).rejects.toMatchObject({ reason: 'STORAGE_FAILED' });
    expect(await worker.untilEnd()).toMatchObject({ type: 'error' });
    test.clock.advance(REOPEN_DELAY_MS);
    await settled(test);
    await expect(subscription.settle([])).rejects.toMatchObject({ reason: 'STORAGE_FAILED' });
    const found = all.get('t', 's');
    expect(found).not.toBe(subscription);
    expect(found.state.isIdle).toBe(false);
    // Also if there was nothing to note since.
    await found.settle([]);
    const next = new TestWorker(found, 1);
    expect(await next.until(1)).toMatchObject([{ value: '1', attempt: 2 }]);
  });
});

describe('a storage that fails again while subscriptions are read', () => {
  it('leaves none until it is open again', async () => {
    const databases = new FaultyDatabases(new MemoryDatabases());
    await using test = await TestLog.open({ databases });
    const { all } = await subscribed(test);
    await test.publish('t', '1');
    const failed = expect.objectContaining({ reason: 'STORAGE_FAILED' });
    databases.fail('tape.batch');
    await expect(test.publish('t', '2')).rejects.toEqual(failed);
    const { readTopic } = test.store;
    const gate = new Gate();
    const held = gate.close();
    test.store.readTopic = async (read) => {
      await gate.pass();
      return readTopic(read);
    };
    test.clock.advance(REOPEN_DELAY_MS);
    await held;
    databases.fail('tape.batch');
    await expect(test.publish('t', '2')).rejects.toEqual(failed);
    gate.open();
    await turned();
    expect(() => all.get('t', 's')).toThrow('the storage has failed');
    test.clock.advance(REOPEN_DELAY_MS);
    await settled(test);
    const worker = new TestWorker(all.get('t', 's'));
    expect(await worker.until(1)).toMatchObject([{ value: '1', attempt: 1 }]);
  });
});

describe('a topic that is deleted while a subscription is created', () => {
  it('leaves none behind', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1');
    const all = await openSubscriptions(test);
    const held = test.store.finds.close();
    const asked = { topic: 't', name: 's', position: { at: 'earliest' }, config: {} } as const;
    const creating = all.create({ ...asked, createTopic: false });
    const refused = expect(creating).rejects.toEqual(
      expect.objectContaining({ reason: 'TOPIC_DELETED' }),
    );
    await held;
    await test.log.deleteTopic('t');
    test.store.finds.open();
    await refused;
    expect([...all.list('**', '')]).toEqual([]);
  });
});

describe('the end of a closed topic', () => {
  it('is told when what has led to it is durable', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1');
    await test.close('t', 'done');
    const { subscription } = await subscribed(test);
    const worker = new TestWorker(subscription);
    const [first] = await worker.until(1);
    if (first === undefined) throw new Error('nothing came');
    const held = test.store.appends.close();
    const acked = worker.ack(first);
    await held;
    await turned();
    expect(worker.ended).toBeUndefined();
    test.store.appends.open();
    await acked;
    const end = await worker.untilEnd();
    expect(end).toEqual({ type: 'drained', reason: 'done' });
  });
});
