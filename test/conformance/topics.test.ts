import { describe, expect, test } from 'vitest';
import { refusalOf } from './caller.ts';
import {
  manyMessages,
  messagesOf,
  newTopic,
  numbered,
  plus,
  publishValues,
  readWhole,
  useBroker,
  valuesOf,
} from './support.ts';

const broker = useBroker();

describe('CreateTopic', () => {
  test('makes an empty topic with all settings set', async () => {
    const topic = newTopic();
    const before = await broker().call('GetServerInfo', {});
    const { topic: created } = await broker().call('CreateTopic', { topic });
    expect(created).toMatchObject({
      topic,
      config: {
        max_age_ms: '0',
        max_bytes: '0',
        max_messages: '0',
        max_message_bytes: before.max_message_bytes,
      },
      first_timestamp_ns: '0',
      last_timestamp_ns: '0',
      message_count: '0',
      byte_count: '0',
      closed: null,
      subscriber_count: 0,
    });
    expect(BigInt(created.created_timestamp_ns)).toBeGreaterThanOrEqual(BigInt(before.clock_ns));
    expect((await broker().call('GetTopic', { topic })).topic).toEqual(created);
  });

  test('answers with the topic that is there if the configuration is the same', async () => {
    const topic = newTopic();
    const config = { max_age_ms: '86400000', max_messages: '10' };
    const first = await broker().call('CreateTopic', { topic, config });
    await publishValues(broker(), topic, 'x');
    const again = await broker().call('CreateTopic', {
      topic,
      config: { ...config, max_bytes: '0' },
    });
    expect(again.topic).toMatchObject({
      created_timestamp_ns: first.topic.created_timestamp_ns,
      config: first.topic.config,
      message_count: '1',
    });
  });

  test('is refused with TOPIC_EXISTS if it is another', async () => {
    const topic = newTopic();
    await broker().call('CreateTopic', { topic, config: { max_messages: '10' } });
    for (const config of [{ max_messages: '11' }, {}]) {
      expect(await refusalOf(broker().call('CreateTopic', { topic, config }))).toMatchObject({
        code: 'ALREADY_EXISTS',
        reason: 'TOPIC_EXISTS',
        metadata: { topic },
      });
    }
    const { topic: after } = await broker().call('GetTopic', { topic });
    expect(after.config.max_messages).toBe('10');
  });
});

describe('GetTopic', () => {
  test('tells first, last, count and size of what is retained', async () => {
    const topic = newTopic();
    const stamps = await publishValues(broker(), topic, ...numbered(5));
    const { topic: whole } = await broker().call('GetTopic', { topic });
    expect(whole).toMatchObject({
      first_timestamp_ns: stamps[0],
      last_timestamp_ns: stamps[4],
      message_count: '5',
    });
    expect(Number(whole.byte_count)).toBeGreaterThanOrEqual(5 * 'm0'.length);
    expect(whole.messages_per_second).toBeGreaterThan(0);
    expect(whole.bytes_per_second).toBeGreaterThan(0);
    const before_timestamp_ns = stamps[3] ?? '';
    const { topic: trimmed } = await broker().call('TrimTopic', { topic, before_timestamp_ns });
    expect(trimmed).toMatchObject({
      first_timestamp_ns: stamps[3],
      last_timestamp_ns: stamps[4],
      message_count: '2',
    });
    expect(BigInt(trimmed.byte_count)).toBeLessThan(BigInt(whole.byte_count));
  });

  test.each(['GetTopic', 'UpdateTopic', 'TrimTopic', 'DeleteTopic'] as const)(
    '%s refuses a topic that is not there, and makes none',
    async (method) => {
      const topic = newTopic();
      for (let i = 0; i < 2; i++) {
        expect(await refusalOf(broker().call(method, { topic }))).toMatchObject({
          code: 'NOT_FOUND',
          reason: 'TOPIC_NOT_FOUND',
          metadata: { topic },
        });
      }
    },
  );
});

describe('ListTopics', () => {
  test('pages by name through what matches', async () => {
    const base = newTopic();
    const names = numbered(7, 't').map((name) => `${base}/${name}`);
    for (const topic of names.toReversed()) await broker().call('CreateTopic', { topic });
    for (const page_size of [1, 2, 3, 7, 8]) {
      const seen: string[] = [];
      let page_token = '';
      do {
        const page = await broker().call('ListTopics', {
          glob: `${base}/*`,
          page_size,
          page_token,
        });
        expect(page.topics.length).toBeLessThanOrEqual(page_size);
        seen.push(...page.topics.map(({ topic }) => topic));
        page_token = page.next_page_token;
      } while (page_token !== '');
      expect(seen).toEqual(names);
    }
  });

  test('ends with an empty token on the page that is just full', async () => {
    const base = newTopic();
    for (const name of numbered(2))
      await broker().call('CreateTopic', { topic: `${base}/${name}` });
    const page = await broker().call('ListTopics', { glob: `${base}/*`, page_size: 2 });
    expect(page.topics).toHaveLength(2);
    expect(page.next_page_token).toBe('');
  });

  test.each(['a b', 'a//b', 'x'.repeat(256)])(
    'refuses the page token %j, which no page had',
    async (page_token) => {
      expect(await refusalOf(broker().call('ListTopics', { page_token }))).toMatchObject({
        reason: 'INVALID_ARGUMENT',
        metadata: { field: 'page_token' },
      });
    },
  );

  test('has 100 topics on a page if it is not told', async () => {
    const base = newTopic();
    await Promise.all(
      numbered(101).map((name) => broker().call('CreateTopic', { topic: `${base}/${name}` })),
    );
    const page = await broker().call('ListTopics', { glob: `${base}/*` });
    expect(page.topics).toHaveLength(100);
    const all = await broker().call('ListTopics', { glob: `${base}/*`, page_size: 1000 });
    expect(all.topics).toHaveLength(101);
  });

  test('lists all topics without a glob, and one by its name', async () => {
    const topic = newTopic();
    await broker().call('CreateTopic', { topic });
    const one = await broker().call('ListTopics', { glob: topic });
    expect(one.topics.map((each) => each.topic)).toEqual([topic]);
    const all = await broker().call('ListTopics', { page_size: 1000 });
    expect(all.topics.map((each) => each.topic)).toContain(topic);
    expect((await broker().call('ListTopics', { glob: `${topic}/*` })).topics).toEqual([]);
  });
});

describe('UpdateTopic', () => {
  test('changes what is set and leaves the rest', async () => {
    const topic = newTopic();
    const config = { max_age_ms: '1000000', max_messages: '100' };
    await broker().call('CreateTopic', { topic, config });
    const first = await broker().call('UpdateTopic', { topic, config: { max_messages: '50' } });
    expect(first.topic.config).toMatchObject({ max_age_ms: '1000000', max_messages: '50' });
    const second = await broker().call('UpdateTopic', { topic, config: { max_age_ms: '0' } });
    expect(second.topic.config).toMatchObject({ max_age_ms: '0', max_messages: '50' });
    const third = await broker().call('UpdateTopic', { topic });
    expect(third.topic.config).toEqual(second.topic.config);
  });

  test('changes the largest message for what comes then', async () => {
    const topic = newTopic();
    await broker().call('CreateTopic', { topic, config: { max_message_bytes: 5 } });
    const request = { topic, messages: messagesOf('four') };
    expect((await refusalOf(broker().call('Publish', request))).reason).toBe('MESSAGE_TOO_LARGE');
    await broker().call('UpdateTopic', { topic, config: { max_message_bytes: 6 } });
    await broker().call('Publish', request);
    expect(valuesOf(await readWhole(broker(), topic))).toEqual(['four']);
  });

  test('of a limit on the number of messages trims the oldest', async () => {
    const topic = newTopic();
    for (const value of numbered(10)) await publishValues(broker(), topic, value);
    await broker().call('UpdateTopic', { topic, config: { max_messages: '3' } });
    await expect
      .poll(async () => valuesOf(await readWhole(broker(), topic)), { timeout: 5000 })
      .toEqual(['m7', 'm8', 'm9']);
  });
});

describe('retention', () => {
  test('by age trims what is older', async () => {
    const topic = newTopic();
    await broker().call('CreateTopic', { topic, config: { max_age_ms: '1' } });
    await publishValues(broker(), topic, 'x');
    await expect
      .poll(async () => (await broker().call('GetTopic', { topic })).topic.message_count, {
        timeout: 5000,
      })
      .toBe('0');
  });

  test('by size trims the oldest until the rest fits', async () => {
    const topic = newTopic();
    await broker().call('CreateTopic', { topic, config: { max_bytes: '5000' } });
    for (let i = 0; i < 10; i++)
      await broker().call('Publish', { topic, messages: [{ value: Buffer.alloc(1000, `${i}`) }] });
    await expect
      .poll(async () => Number((await broker().call('GetTopic', { topic })).topic.byte_count), {
        timeout: 5000,
      })
      .toBeLessThanOrEqual(5000);
    const stored = await readWhole(broker(), topic);
    expect(stored.at(-1)?.value[0]).toBe('9'.charCodeAt(0));
    expect(stored.length).toBeGreaterThan(0);
  });
});

describe('TrimTopic', () => {
  test('removes what is before the timestamp, for readers at once and for ever', async () => {
    const topic = newTopic();
    const stamps = await publishValues(broker(), topic, ...numbered(6));
    for (const cut of [0, 2, 5]) {
      await broker().call('TrimTopic', { topic, before_timestamp_ns: stamps[cut] ?? '' });
      expect(valuesOf(await readWhole(broker(), topic))).toEqual(numbered(6).slice(cut));
    }
    const back = await broker().call('TrimTopic', { topic, before_timestamp_ns: stamps[1] ?? '' });
    expect(back.topic.first_timestamp_ns).toBe(stamps[5]);
    expect(valuesOf(await readWhole(broker(), topic))).toEqual(['m5']);
  });

  test('of everything leaves an empty topic that goes on', async () => {
    const topic = newTopic();
    const [, last = ''] = await publishValues(broker(), topic, 'a', 'b');
    const before_timestamp_ns = plus(last, 1);
    const { topic: trimmed } = await broker().call('TrimTopic', { topic, before_timestamp_ns });
    expect(trimmed).toMatchObject({
      first_timestamp_ns: '0',
      last_timestamp_ns: last,
      message_count: '0',
    });
    await publishValues(broker(), topic, 'c');
    expect(valuesOf(await readWhole(broker(), topic))).toEqual(['c']);
  });

  test('before a timestamp in the future takes nothing that comes later', async () => {
    const topic = newTopic();
    await publishValues(broker(), topic, 'a');
    const { clock_ns } = await broker().call('GetServerInfo', {});
    const before_timestamp_ns = plus(clock_ns, 3_600_000_000_000n);
    await broker().call('TrimTopic', { topic, before_timestamp_ns });
    expect(await readWhole(broker(), topic)).toEqual([]);
    await publishValues(broker(), topic, 'b');
    expect(valuesOf(await readWhole(broker(), topic))).toEqual(['b']);
  });
});

describe('DeleteTopic', () => {
  test('takes effect at once, and a second time finds nothing', async () => {
    const topic = newTopic();
    await broker().call('Publish', { topic, messages: manyMessages(10) });
    expect(await broker().call('DeleteTopic', { topic })).toEqual({});
    const calls = [
      broker().call('GetTopic', { topic }),
      broker().call('Read', { topic }),
      broker().call('DeleteTopic', { topic }),
      broker().subscribe({ topic, until_now: true }).next(),
    ];
    for (const refusal of await Promise.all(calls.map(refusalOf)))
      expect(refusal.reason).toBe('TOPIC_NOT_FOUND');
  });

  test('frees the name of a closed topic', async () => {
    const topic = newTopic();
    await broker().call('Publish', { topic, messages: messagesOf('old'), close: {} });
    await broker().call('DeleteTopic', { topic });
    await publishValues(broker(), topic, 'new');
    const page = await broker().call('Read', { topic });
    expect(page.closed).toBeNull();
    expect(valuesOf(page.messages)).toEqual(['new']);
    await broker().call('DeleteTopic', { topic });
    const { topic: fresh } = await broker().call('CreateTopic', { topic });
    expect(fresh).toMatchObject({ message_count: '0', last_timestamp_ns: '0' });
  });
});
