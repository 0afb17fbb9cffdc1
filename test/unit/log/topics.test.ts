import { describe, expect, it } from 'vitest';
import { Topics } from '../../../src/log/topics.ts';
import { Wakeup } from '../../../src/log/wakeup.ts';
import type { TopicRecord } from '../../../src/storage/meta.ts';
import { topicRecord } from '../../support/topic.ts';

const CONFIG = topicRecord('any').config;
const floorAt = (sequence: bigint) => ({
  timestampNs: 1000n + sequence,
  sequence,
  bytes: 10n * sequence,
});

/** Topics whose records are written when the test says so, as a disk does: one write after the other. */
class HeldRecords {
  /** What a restart would find. */
  readonly stored = new Map<number, TopicRecord>();
  readonly batches: string[][] = [];
  #held: (() => void)[] | undefined;
  #failure: Error | undefined;

  readonly topics = new Topics(async (records) => {
    if (this.#held !== undefined) await new Promise<void>((resolve) => this.#held?.push(resolve));
    if (this.#failure !== undefined) throw this.#failure;
    this.batches.push(records.map(({ name }) => name));
    for (const record of records) this.stored.set(record.id, record);
  });

  hold(): void {
    this.#held = [];
  }

  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const resolve of held) resolve();
  }

  fail(error: Error | undefined): void {
    this.#failure = error;
  }
}

describe('Topics.create', () => {
  it('registers a topic when its record is written, and not before', async () => {
    const records = new HeldRecords();
    records.hold();
    const creating = records.topics.create('a', CONFIG, 5n);
    expect(records.topics.get('a')).toBeUndefined();
    records.release();
    const topic = await creating;
    expect(records.topics.get('a')).toBe(topic);
    expect(records.topics.byId(topic.id)).toBe(topic);
    expect(records.stored.get(topic.id)).toEqual(topic.record());
  });

  it('makes one topic of two creations of one name', async () => {
    const { topics } = new HeldRecords();
    const [one, two] = await Promise.all([
      topics.create('a', CONFIG, 5n),
      topics.create('a', CONFIG, 6n),
    ]);
    expect(one).toBe(two);
    expect(await topics.create('a', CONFIG, 7n)).toBe(one);
  });

  it('writes together what comes while a write is under way', async () => {
    const records = new HeldRecords();
    records.hold();
    const creating = ['a', 'b', 'c'].map((name) => records.topics.create(name, CONFIG, 5n));
    await new Promise((resolve) => setImmediate(resolve));
    const late = ['d', 'e'].map((name) => records.topics.create(name, CONFIG, 5n));
    records.release();
    await Promise.all([...creating, ...late]);
    expect(records.batches).toEqual([
      ['a', 'b', 'c'],
      ['d', 'e'],
    ]);
  });

  it('leaves the name free when the write fails, and can be tried again', async () => {
    const records = new HeldRecords();
    records.fail(new Error('no disk'));
    await expect(records.topics.create('a', CONFIG, 5n)).rejects.toThrow('no disk');
    expect(records.topics.get('a')).toBeUndefined();
    records.fail(undefined);
    expect((await records.topics.create('a', CONFIG, 5n)).name).toBe('a');
  });

  it('gives every topic another time of creation, though the clock stands still or goes back', async () => {
    const { topics } = new HeldRecords();
    const created: bigint[] = [];
    for (const nowNs of [50n, 50n, 40n, 60n]) {
      const topic = await topics.create('a', CONFIG, nowNs);
      created.push(topic.createdTimestampNs);
      await topics.delete(topic);
    }
    expect(created).toEqual([50n, 51n, 52n, 60n]);
    const restarted = new HeldRecords();
    restarted.topics.restore([{ ...topicRecord('b', 9), createdTimestampNs: 60n }], new Map(), 9);
    const { createdTimestampNs } = await restarted.topics.create('a', CONFIG, 50n);
    expect(createdTimestampNs).toBe(61n);
  });

  it('wakes those who wait for the name', async () => {
    const { topics } = new HeldRecords();
    const wakeup = new Wakeup();
    topics.awaited('a').add(wakeup);
    await topics.create('a', CONFIG, 5n);
    await wakeup.wait();
  });
});

describe('Topics.delete', () => {
  it('frees the name for another topic, and keeps the deleted one until it is forgotten', async () => {
    const { topics } = new HeldRecords();
    const first = await topics.create('a', CONFIG, 5n);
    await topics.delete(first);
    expect(topics.get('a')).toBeUndefined();
    expect(topics.deleted()).toEqual([first]);
    const second = await topics.create('a', CONFIG, 6n);
    expect(second.id).not.toBe(first.id);
    topics.forget(first);
    expect(topics.deleted()).toEqual([]);
    expect(topics.get('a')).toBe(second);
  });

  it('does not touch a new topic of the name when it comes twice', async () => {
    const records = new HeldRecords();
    const first = await records.topics.create('a', CONFIG, 5n);
    records.hold();
    const deleting = [records.topics.delete(first), records.topics.delete(first)];
    records.release();
    await Promise.all(deleting);
    const second = await records.topics.create('a', CONFIG, 6n);
    await records.topics.delete(first);
    expect(records.topics.get('a')).toBe(second);
  });

  it('wakes followers', async () => {
    const { topics } = new HeldRecords();
    const topic = await topics.create('a', CONFIG, 5n);
    const wakeup = new Wakeup();
    topic.followers.add(wakeup);
    await topics.delete(topic);
    await wakeup.wait();
    expect(topic.isDeleted).toBe(true);
  });

  it('stays deleted on the disk whatever change was asked for at the same time', async () => {
    const records = new HeldRecords();
    const topic = await records.topics.create('a', CONFIG, 5n);
    records.hold();
    const changes = [
      records.topics.delete(topic),
      records.topics.change(topic, { floor: floorAt(3n) }),
      records.topics.change(topic, { config: { ...CONFIG, maxMessages: 9n } }),
    ];
    records.release();
    await Promise.all(changes);
    expect(records.stored.get(topic.id)?.isDeleted).toBe(true);
  });
});

describe('Topics.change', () => {
  it('applies a change when it is written', async () => {
    const records = new HeldRecords();
    const topic = await records.topics.create('a', CONFIG, 5n);
    records.hold();
    const changing = records.topics.change(topic, { floor: floorAt(3n) });
    await new Promise((resolve) => setImmediate(resolve));
    expect(topic.floor.sequence).toBe(0n);
    records.release();
    await changing;
    expect(topic.floor).toEqual(floorAt(3n));
    expect(records.stored.get(topic.id)).toEqual(topic.record());
  });

  it('keeps both of two changes that are made at the same time', async () => {
    const records = new HeldRecords();
    const topic = await records.topics.create('a', CONFIG, 5n);
    const config = { ...CONFIG, maxMessages: 9n };
    records.hold();
    const changes = [
      records.topics.change(topic, { config }),
      records.topics.change(topic, { floor: floorAt(3n) }),
    ];
    records.release();
    await Promise.all(changes);
    for (const record of [topic.record(), records.stored.get(topic.id)]) {
      expect(record).toMatchObject({ config, floor: floorAt(3n) });
    }
  });

  it('keeps both of two settings that are changed at the same time', async () => {
    const records = new HeldRecords();
    const topic = await records.topics.create('a', CONFIG, 5n);
    records.hold();
    const changes = [
      records.topics.change(topic, { config: { maxMessages: 9n } }),
      records.topics.change(topic, { config: { maxBytes: 8n } }),
    ];
    records.release();
    await Promise.all(changes);
    const config = { ...CONFIG, maxMessages: 9n, maxBytes: 8n };
    expect(topic.config).toEqual(config);
    expect(records.stored.get(topic.id)?.config).toEqual(config);
  });

  it('never takes a floor back, whichever of two trims comes first', async () => {
    for (const floors of [
      [floorAt(8n), floorAt(3n)],
      [floorAt(3n), floorAt(8n)],
    ]) {
      const records = new HeldRecords();
      const topic = await records.topics.create('a', CONFIG, 5n);
      records.hold();
      const changes = floors.map((floor) => records.topics.change(topic, { floor }));
      await new Promise((resolve) => setImmediate(resolve));
      records.release();
      await Promise.all(changes);
      expect(topic.floor).toEqual(floorAt(8n));
      expect(records.stored.get(topic.id)?.floor).toEqual(floorAt(8n));
    }
  });

  it('changes nothing when the write fails', async () => {
    const records = new HeldRecords();
    const topic = await records.topics.create('a', CONFIG, 5n);
    records.fail(new Error('no disk'));
    await expect(records.topics.change(topic, { floor: floorAt(3n) })).rejects.toThrow('no disk');
    expect(topic.floor.sequence).toBe(0n);
    records.fail(undefined);
    await records.topics.change(topic, { config: { ...CONFIG, maxMessages: 9n } });
    expect(records.stored.get(topic.id)?.floor.sequence).toBe(0n);
  });
});

describe('Topics.withRetention', () => {
  const namesOf = (topics: Topics) => topics.withRetention().map(({ name }) => name);

  it.each([{ maxAgeMs: 1n }, { maxBytes: 1n }, { maxMessages: 1n }])(
    'has a topic created with %o, and those without a limit not',
    async (limit) => {
      const { topics } = new HeldRecords();
      await topics.create('plain', { ...CONFIG, maxMessageBytes: 9 }, 5n);
      await topics.create('limited', { ...CONFIG, ...limit }, 6n);
      expect(namesOf(topics)).toEqual(['limited']);
    },
  );

  it('goes by the settings as they are changed', async () => {
    const { topics } = new HeldRecords();
    const topic = await topics.create('a', CONFIG, 5n);
    await topics.change(topic, { config: { maxBytes: 1n } });
    expect(namesOf(topics)).toEqual(['a']);
    await topics.change(topic, { config: { maxBytes: 0n } });
    expect(namesOf(topics)).toEqual([]);
  });

  it('has no topic that is deleted, and of those restored the ones with a limit', async () => {
    const { topics } = new HeldRecords();
    const records = [topicRecord('a', 1, { maxAgeMs: 1n }), topicRecord('b', 2)];
    const deleted = { ...topicRecord('c', 3, { maxAgeMs: 1n }), isDeleted: true };
    topics.restore([...records, deleted], new Map(), 3);
    expect(namesOf(topics)).toEqual(['a']);
    const topic = topics.get('a');
    if (topic !== undefined) await topics.delete(topic);
    expect(namesOf(topics)).toEqual([]);
  });
});

describe('Topics.list', () => {
  it('lists by name behind a name, as far as a glob matches', async () => {
    const { topics } = new HeldRecords();
    for (const name of ['b/2', 'a', 'b/1', 'B', 'b.1']) await topics.create(name, CONFIG, 5n);
    const list = (glob: string, after = '') =>
      [...topics.list(glob, after)].map(({ name }) => name);
    expect(list('**')).toEqual(['B', 'a', 'b.1', 'b/1', 'b/2']);
    expect(list('b/*')).toEqual(['b/1', 'b/2']);
    expect(list('**', 'b.1')).toEqual(['b/1', 'b/2']);
    expect(list('**', 'b/2')).toEqual([]);
    await topics.create('b/15', CONFIG, 5n);
    expect(list('b/*', 'b/1')).toEqual(['b/15', 'b/2']);
  });
});

describe('Topics.restore', () => {
  const tailOf = (topicId: number, sequence: bigint) => ({
    topicId,
    lastTimestampNs: 2000n + sequence,
    endNs: 2001n + sequence,
    sequence,
    bytes: 10n * sequence,
    floorTimestampNs: 0n,
  });

  it('finds topics with their tails, and those that were being deleted', () => {
    const { topics } = new HeldRecords();
    const records = [topicRecord('a', 1), { ...topicRecord('b', 2), isDeleted: true }];
    topics.restore(records, new Map([[1, tailOf(1, 5n)]]), 7);
    expect(topics.get('a')).toMatchObject({ id: 1, sequence: 5n, lastTimestampNs: 2005n });
    expect(topics.get('b')).toBeUndefined();
    expect(topics.deleted().map(({ name }) => name)).toEqual(['b']);
    expect(topics.lastId).toBe(7);
  });

  it('keeps the identity of topics that are known, and never lets one end earlier', () => {
    const { topics } = new HeldRecords();
    topics.restore([topicRecord('a', 1)], new Map([[1, tailOf(1, 5n)]]), 1);
    const topic = topics.get('a');
    topics.restore([topicRecord('a', 1)], new Map([[1, tailOf(1, 4n)]]), 1);
    expect(topics.get('a')).toBe(topic);
    expect(topic?.sequence).toBe(5n);
    topics.restore([topicRecord('a', 1)], new Map([[1, tailOf(1, 9n)]]), 1);
    expect(topic?.sequence).toBe(9n);
  });

  it('gives out no id twice', async () => {
    const { topics } = new HeldRecords();
    topics.restore([topicRecord('a', 3)], new Map(), 7);
    expect((await topics.create('b', CONFIG, 5n)).id).toBe(8);
  });
});

it('a waiting list is dropped when nobody is on it', () => {
  const { topics } = new HeldRecords();
  const list = topics.awaited('a');
  const wakeup = new Wakeup();
  list.add(wakeup);
  topics.releaseAwaited('a');
  expect(topics.awaited('a')).toBe(list);
  list.remove(wakeup);
  topics.releaseAwaited('a');
  expect(topics.awaited('a')).not.toBe(list);
});
