import { describe, expect, it } from 'vitest';
import type { SubscribeOptions } from '../../../src/log/subscribe.ts';
import { subscribe } from '../../../src/log/subscribe.ts';
import { EventStream, TestLog } from '../../support/test-log.ts';

const DEFAULTS: SubscribeOptions = {
  topic: 't',
  position: { at: 'earliest' },
  untilNs: undefined,
  untilNow: false,
  maxMessages: undefined,
  createdTimestampNs: undefined,
  chunkBytes: 1000,
};
const timestamp = (timestampNs: bigint) => ({
  position: { at: 'timestamp', timestampNs } as const,
});
const invalid = (field: string) =>
  expect.objectContaining({ reason: 'INVALID_ARGUMENT', metadata: { field } });

describe('subscribe', () => {
  it.each([
    ['a timestamp before 1970', timestamp(-1n), 'from'],
    ['a timestamp beyond 64 bits', timestamp(2n ** 63n), 'from'],
    ['a time ago that is in the future', { position: { at: 'ago', agoNs: -1n } as const }, 'from'],
    ['the last none', { position: { at: 'last', messageCount: 0n } as const }, 'from'],
    ['an until before 1970', { untilNs: -1n }, 'until_timestamp_ns'],
    ['an until before from', { ...timestamp(100n), untilNs: 99n }, 'until_timestamp_ns'],
    ['a bad name', { topic: 'a b' }, 'topic'],
    ['a bad glob', { topic: 'a*' }, 'topic'],
    [
      'an until before from, for a glob',
      { topic: '**', ...timestamp(100n), untilNs: 99n },
      'until_timestamp_ns',
    ],
  ])('refuses %s', async (_, options, field) => {
    await using test = await TestLog.open();
    await test.publish('t', '1');
    await expect(subscribe(test.log, { ...DEFAULTS, ...options })).rejects.toEqual(invalid(field));
  });

  it('takes a range of nothing, and what lies before until only because of the tape', async () => {
    await using test = await TestLog.open();
    const { firstTimestampNs } = await test.publish('t', '1');
    test.clock.advance(1);
    for (const options of [
      { ...timestamp(100n), untilNs: 100n },
      { position: { at: 'latest' } as const, untilNs: firstTimestampNs - 5n },
      { position: { at: 'last', messageCount: 1n } as const, untilNs: firstTimestampNs - 5n },
      { position: { at: 'latest' } as const, untilNow: true },
      { position: { at: 'ago', agoNs: 0n } as const, untilNow: true },
      { ...timestamp(test.clock.nowNs() + 10n ** 18n), untilNow: true },
    ]) {
      await using reader = await test.read('t', options);
      expect(await reader.until('end')).toEqual([{ end: 'until' }]);
    }
  });

  it('says how the request was understood', async () => {
    await using test = await TestLog.open();
    const { firstTimestampNs, lastTimestampNs } = await test.publish('t', '1', '2');
    const topic = test.log.topic('t');
    const { reader, ...understood } = await subscribe(test.log, { ...DEFAULTS, untilNow: true });
    expect(understood).toEqual({
      fromNs: firstTimestampNs,
      untilNs: lastTimestampNs + 1n,
      createdTimestampNs: topic.createdTimestampNs,
    });
    reader.close();
    const glob = await subscribe(test.log, { ...DEFAULTS, topic: '*', position: { at: 'latest' } });
    expect(glob).toMatchObject({
      fromNs: lastTimestampNs + 1n,
      untilNs: undefined,
      createdTimestampNs: undefined,
    });
    glob.reader.close();
  });

  it('says of a range of nothing that it ends where it begins', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1');
    for (const topic of ['t', '*']) {
      const fromNs = test.clock.nowNs() + 10n ** 18n;
      const options = { ...DEFAULTS, topic, ...timestamp(fromNs), untilNow: true };
      const { reader, ...understood } = await subscribe(test.log, options);
      expect(understood).toMatchObject({ fromNs, untilNs: fromNs });
      const stream = new EventStream(reader);
      expect(await stream.until('end')).toEqual([{ end: 'until' }]);
      reader.close();
    }
  });

  it('does not wait for an unknown topic when there is nothing to wait for', async () => {
    await using test = await TestLog.open();
    await test.publish('other', 'x');
    const unknown = expect.objectContaining({
      reason: 'TOPIC_NOT_FOUND',
      metadata: { topic: 't' },
    });
    for (const options of [{ untilNow: true }, { untilNs: test.clock.nowNs() }]) {
      await expect(subscribe(test.log, { ...DEFAULTS, ...options })).rejects.toEqual(unknown);
    }
    test.clock.jump(-3_600_000);
    await expect(subscribe(test.log, { ...DEFAULTS, untilNow: true })).rejects.toEqual(unknown);
    const { reader } = await subscribe(test.log, { ...DEFAULTS, untilNs: test.clock.nowNs() + 1n });
    reader.close();
  });
});
