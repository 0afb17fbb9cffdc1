import { describe, expect, it } from 'vitest';
import { changeRecord } from '../../../src/log/topic.ts';
import type { Floor } from '../../../src/storage/meta.ts';
import { TestLog } from '../../support/test-log.ts';
import { newTopic, topicRecord } from '../../support/topic.ts';

const floorAt = (sequence: bigint): Floor => ({ timestampNs: sequence, sequence, bytes: 0n });

describe('changeRecord', () => {
  const record = topicRecord('t');

  it('changes what is set', () => {
    expect(changeRecord(record, {})).toEqual(record);
    expect(changeRecord(record, { config: { maxBytes: 5n } }).config).toEqual({
      ...record.config,
      maxBytes: 5n,
    });
    expect(changeRecord(record, { floor: floorAt(5n) }).floor).toEqual(floorAt(5n));
    expect(changeRecord(record, { isDeleted: true }).isDeleted).toBe(true);
  });

  it('takes neither a floor nor a deletion back', () => {
    const changed = changeRecord(record, { floor: floorAt(5n), isDeleted: true });
    expect(changeRecord(changed, { floor: floorAt(4n) })).toEqual(changed);
  });
});

describe('Topic', () => {
  it('has nothing when it is new', () => {
    expect(newTopic('t')).toMatchObject({
      isClosed: false,
      retainedMessages: 0n,
      retainedBytes: 0n,
      firstTimestampNs: 0n,
      lastTimestampNs: 0n,
      trimmedUntilNs: 0n,
    });
    expect(newTopic('t').closeMarker()).toBeUndefined();
  });

  it('is what it was after a restart', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1', '2');
    await test.publish('t', '3');
    await test.log.trimTopic('t', test.log.topic('t').firstTimestampNs + 1n);
    await test.close('t', 'done');
    const before = test.log.topic('t');
    await test.reopen();
    const after = test.log.topic('t');
    expect(after).not.toBe(before);
    expect([after.record(), after.tail()]).toEqual([before.record(), before.tail()]);
    expect(after.closeMarker()).toEqual(before.closeMarker());
    expect(after).toMatchObject({
      retainedMessages: 2n,
      firstTimestampNs: before.firstTimestampNs,
    });
  });

  it('tells the first message that is left, also of one that came while everything was trimmed', async () => {
    await using test = await TestLog.open();
    const { lastTimestampNs } = await test.publish('t', '1');
    const arrived = test.store.records.close();
    const trimming = test.log.trimTopic('t', lastTimestampNs + 1n);
    await arrived;
    test.clock.advance(5);
    const { firstTimestampNs } = await test.publish('t', '2');
    test.store.records.open();
    const topic = await trimming;
    expect(topic).toMatchObject({ retainedMessages: 1n, firstTimestampNs });
    await test.reopen();
    expect(test.log.topic('t').firstTimestampNs).toBe(firstTimestampNs);
  });

  it('tells the first message that comes when nothing was left', async () => {
    await using test = await TestLog.open();
    const { lastTimestampNs } = await test.publish('t', '1');
    await test.log.trimTopic('t', lastTimestampNs + 1n);
    expect(test.log.topic('t').firstTimestampNs).toBe(0n);
    test.clock.advance(5);
    const { firstTimestampNs } = await test.publish('t', '2', '3');
    expect(test.log.topic('t')).toMatchObject({
      firstTimestampNs,
      trimmedUntilNs: lastTimestampNs + 1n,
    });
  });

  it('says that its close marker is lost if all that is left of it is that there was one', () => {
    const topic = newTopic('t');
    topic.restore({ ...topic.tail(), sequence: 3n, endNs: 100n, closed: '' });
    expect(topic.isClosed).toBe(true);
    expect(topic.closeMarker()).toMatchObject({
      reason: 'DATA_LOSS',
      metadata: { topic: 't', first_timestamp_ns: '99', last_timestamp_ns: '99' },
    });
  });
});
