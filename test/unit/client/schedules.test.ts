import { status } from '@grpc/grpc-js';
import { Schedule } from 'playhead-proto';
import { afterEach, describe, expect, it } from 'vitest';
import { type Client, connect } from '../../../clients/node/src/index.ts';
import { Refusal } from '../../support/fake-broker.ts';
import { FakeWorkBroker } from '../../support/fake-work-broker.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function start(): Promise<{ broker: FakeWorkBroker; client: Client }> {
  const broker = await FakeWorkBroker.start();
  const client = connect(broker.address, { retry: { initialBackoffMs: 5, maxBackoffMs: 20 } });
  closers.push(
    () => broker.stop(),
    () => client.close(),
  );
  return { broker, client };
}

describe('Schedules', () => {
  it('creates a schedule of a message with key and headers', async () => {
    const { broker, client } = await start();
    const message = { key: 'k', value: 'v', headers: { h: Buffer.from('x') } };
    await client.schedules.create('t', message, { id: 'nightly', cron: '0 3 * * *' });
    expect(broker.requests('createSchedule')).toEqual([
      {
        id: 'nightly',
        topic: 't',
        message: {
          timestampNs: 0n,
          key: Buffer.from('k'),
          value: Buffer.from('v'),
          headers: [{ name: 'h', value: Buffer.from('x') }],
          isClose: false,
        },
        when: { $case: 'cron', value: '0 3 * * *' },
        timeZone: '',
      },
    ]);
  });

  it('reads a time as nanoseconds, a Date and a text', async () => {
    const { broker, client } = await start();
    for (const at of [7n, new Date(5), '2s']) await client.schedules.create('t', 'v', { at });
    expect(broker.requests('createSchedule')).toMatchObject([
      { when: { $case: 'deliverAtTimestampNs', value: 7n } },
      { when: { $case: 'deliverAtTimestampNs', value: 5_000_000n } },
      { when: { $case: 'deliverAtTimestampNs', value: 2_000_000_000n } },
    ]);
  });

  it('repeats a request with the id of its first try', async () => {
    const { broker, client } = await start();
    broker.reactions.set('createSchedule', () => {
      broker.reactions.clear();
      throw new Refusal('STORAGE_FAILED', status.UNAVAILABLE);
    });
    await client.schedules.create('t', 'v', { delay: 5 });
    await client.schedules.create('t', 'v', { delay: 5 });
    const ids = broker.requests('createSchedule').map((request) => Object(request).id);
    expect(ids[0]).toMatch(/^[\w-]{16}$/);
    expect(ids[1]).toBe(ids[0]);
    expect(ids[2]).not.toBe(ids[0]);
  });

  it.each([
    [{}, 'not 0 of them'],
    [{ at: '5s', delay: 5 }, 'not 2 of them'],
    [{ delay: 5, timeZone: 'UTC' }, 'timeZone'],
    [{ at: new Date(Number.NaN) }, 'Date'],
    [{ delay: '5' }, 'duration'],
  ])('refuses %j with a TypeError', async (options, text) => {
    const { client } = await start();
    await expect(client.schedules.create('t', 'v', options)).rejects.toThrow(text);
  });

  it('describes, lists, runs and cancels', async () => {
    const { broker, client } = await start();
    const schedule = Schedule.fromPartial({
      id: 'a/b',
      topic: 't',
      dueTimestampNs: 5n,
      timeZone: 'UTC',
      runCount: 2n,
      byteCount: 3,
    });
    broker.reactions.set('getSchedule', () => ({ schedule }));
    broker.reactions.set('listSchedules', () => ({ schedules: [schedule], nextPageToken: '' }));
    broker.reactions.set('runSchedule', () => ({ timestampNs: 9n }));
    const info = {
      id: 'a/b',
      topic: 't',
      dueTimestampNs: 5n,
      cron: undefined,
      timeZone: 'UTC',
      runCount: 2,
      lastRunTimestampNs: undefined,
      lastError: undefined,
      byteCount: 3,
    };
    expect(await client.schedules.get('a/b')).toEqual(info);
    const listed: unknown[] = [];
    for await (const each of client.schedules.list({ glob: 't' })) listed.push(each);
    expect(listed).toEqual([info]);
    expect(await client.schedules.run('a/b')).toBe(9n);
    await client.schedules.cancel('a/b');
    expect(broker.requests('cancelSchedule')).toEqual([{ id: 'a/b' }]);
  });

  it('takes a schedule that is gone for cancelled only if an earlier try may have done it', async () => {
    const { broker, client } = await start();
    let count = 0;
    broker.reactions.set('cancelSchedule', () => {
      count += 1;
      if (count === 1) throw new Refusal('STORAGE_FAILED', status.UNAVAILABLE);
      throw new Refusal('SCHEDULE_NOT_FOUND', status.NOT_FOUND);
    });
    await client.schedules.cancel('x');
    await expect(client.schedules.cancel('x')).rejects.toMatchObject({
      reason: 'SCHEDULE_NOT_FOUND',
    });
  });
});
