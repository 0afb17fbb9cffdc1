import { describe, expect, it } from 'vitest';
import { MemoryDatabases } from '../../../src/storage/databases.ts';
import { Meta } from '../../../src/storage/meta.ts';
import { START_NS, topicRecord } from '../../support/frames.ts';

const tail = {
  topicId: 1,
  lastTimestampNs: START_NS,
  endNs: START_NS + 1n,
  sequence: 1n,
  bytes: 10n,
  floorTimestampNs: START_NS,
};
const producer = {
  topicId: 1,
  name: 'né',
  requests: [{ sequence: 1n, messageCount: 1, crc: 5, timestampNs: START_NS }],
};
const checkpoint = { tapeSequence: 1n, endNs: START_NS + 1n, lastTopicId: 1 };

describe('Meta', () => {
  it('loads what was put', async () => {
    const meta = new Meta(await new MemoryDatabases().open('meta'));
    await meta.putTopics([topicRecord(1)]);
    await meta.putCheckpoint({
      checkpoint,
      tails: [tail],
      producers: [producer],
      forgottenProducers: [],
    });
    expect(await meta.load()).toEqual({
      topics: [topicRecord(1)],
      tails: [tail],
      producers: [producer],
      checkpoint,
    });
  });

  it('forgets topics that were removed and producers that were forgotten', async () => {
    const meta = new Meta(await new MemoryDatabases().open('meta'));
    await meta.putTopics([topicRecord(1)]);
    await meta.putCheckpoint({
      checkpoint,
      tails: [tail],
      producers: [producer],
      forgottenProducers: [],
    });
    await meta.putCheckpoint({
      checkpoint,
      tails: [],
      producers: [],
      forgottenProducers: [producer],
    });
    await meta.removeTopics([1]);
    expect(await meta.load()).toEqual({ topics: [], tails: [], producers: [], checkpoint });
  });

  it('refuses to load when a record is damaged', async () => {
    const database = await new MemoryDatabases().open('meta');
    const meta = new Meta(database);
    await meta.putTopics([topicRecord(1)]);
    const iterator = database.iterator({});
    const [[key, value] = []] = await iterator.nextv(1);
    await iterator.close();
    if (key === undefined || value === undefined) throw new TypeError('no record');
    const damaged = Buffer.from(value);
    damaged[10] = (damaged[10] ?? 0) ^ 1;
    await database.batch([{ type: 'put', key, value: damaged }], { sync: false });
    await expect(meta.load()).rejects.toMatchObject({ reason: 'DATA_LOSS' });
  });
});
