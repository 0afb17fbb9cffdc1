import { TopicConfiguration } from 'playhead-proto/seaweedfs';
import { describe, expect, it } from 'vitest';
import { SeaweedConfigurations } from '../../../src/compat/seaweedfs-configuration.ts';
import { JOURNAL_TRIM_BYTES, REOPEN_DELAY_MS } from '../../../src/limits.ts';
import { MemoryDatabases } from '../../../src/storage/databases.ts';
import { FaultyDatabases } from '../../support/faulty-databases.ts';
import { TestLog } from '../../support/test-log.ts';

const NAME = '_seaweedfs';
const configuration = (collection: string, replication = '') =>
  TopicConfiguration.fromPartial({ collection, replication });
const told = async (test: TestLog, topic: string) =>
  (await SeaweedConfigurations.of(test.log).get(topic)).collection;

describe('configurations of SeaweedFS', () => {
  it('are one and the same for whoever serves a log', async () => {
    await using test = await TestLog.open();
    expect(SeaweedConfigurations.of(test.log)).toBe(SeaweedConfigurations.of(test.log));
  });

  it('that could not be stored are not told once the storage is open again', async () => {
    const databases = new FaultyDatabases(new MemoryDatabases());
    await using test = await TestLog.open({ databases });
    const configurations = SeaweedConfigurations.of(test.log);
    await configurations.set('t', configuration('stored'));
    await test.log.createTopic('other', {});
    databases.fail('tape.batch');
    const failed = { reason: 'STORAGE_FAILED' };
    const sets = ['t', 'other'].map((topic) => configurations.set(topic, configuration('lost')));
    for (const set of await Promise.allSettled(sets)) {
      expect(set).toMatchObject({ status: 'rejected', reason: failed });
    }
    test.clock.advance(REOPEN_DELAY_MS);
    await expect.poll(() => test.log.isRecovering).toBe(false);
    expect([await told(test, 't'), await told(test, 'other')]).toEqual(['stored', '']);
    await configurations.set('t', configuration('next'));
    await test.reopen();
    expect([await told(test, 't'), await told(test, 'other')]).toEqual(['next', '']);
  });

  it('take no more room however often they change, and those of deleted topics none', async () => {
    await using test = await TestLog.open();
    const configurations = SeaweedConfigurations.of(test.log);
    await configurations.set('kept', configuration('first'));
    await configurations.set('gone', configuration('gone'));
    await test.log.deleteTopic('gone');
    const long = 'x'.repeat(255);
    const batch = 1000;
    for (let bytes = 0; bytes <= JOURNAL_TRIM_BYTES; bytes += batch * 2 * long.length) {
      const sets = Array.from({ length: batch }, () =>
        configurations.set('often', configuration(long, long)),
      );
      await Promise.all(sets);
    }
    await expect.poll(() => test.log.topic(NAME).retainedBytes).toBeLessThan(2n << 20n);
    await test.reopen();
    expect([await told(test, 'kept'), await told(test, 'often')]).toEqual(['first', long]);
    expect(await told(test, 'gone')).toBe('');
  });
});
