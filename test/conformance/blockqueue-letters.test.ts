import { describe, expect, it } from 'vitest';
import {
  ack,
  COUNTER,
  die,
  failed,
  letters,
  missing,
  option,
  publish,
  REFUSED,
  read,
  SUCCESS,
  start,
  statusOf,
  valuesOf,
} from './blockqueue-support.ts';

describe('dead letters', () => {
  it('are listed page by page, each once', async () => {
    await using http = await start({ name: 'counter', option: { max_attempts: 1 } });
    const ids = [];
    for (let i = 0; i < 5; i++) ids.push(await publish(http, `${i}`));
    await die(http, 1);
    const seen: string[] = [];
    let cursor = '0';
    for (let next: string | undefined = '0'; next !== undefined; cursor = next ?? '') {
      const page = await letters(http, `?limit=2&cursor=${cursor}`);
      seen.push(...page.data.map(({ id }) => id));
      next = page.cursor;
    }
    expect(seen.toSorted()).toEqual(ids);
  });

  it('are delivered again to their subscriber alone, with all attempts, and listed no more', async () => {
    const poor = { max_attempts: 2 };
    await using http = await start({ name: 'counter', option: poor }, { name: 'created', option });
    const [first, second] = [await publish(http, 'first'), await publish(http, 'second')];
    await die(http, 4);
    await expect.poll(async () => (await letters(http)).data.length).toBe(2);
    const replay = (...message_ids: unknown[]) =>
      http.post(`${COUNTER}/dlq/replay`, { message_ids });
    expect(await replay(second)).toMatchObject({ ...SUCCESS, body: { data: { replayed: 1 } } });
    expect((await letters(http)).data).toMatchObject([{ id: first }]);
    expect(await statusOf(http)).toMatchObject([
      { name: 'counter', unpublished_message: 1 },
      { name: 'created', unpublished_message: 2 },
    ]);
    expect(await read(http)).toEqual([{ id: second, message: 'second' }]);
    http.test.clock.advance(300_000);
    expect(await read(http)).toEqual([{ id: second, message: 'second' }]);
    expect(await ack(http, second)).toMatchObject(SUCCESS);
    expect(await replay(second)).toMatchObject(missing(`message_id ${second} is no dead letter`));
    expect(await replay(first)).toMatchObject(SUCCESS);
    expect(await letters(http)).toEqual({ message: 'success', data: [] });
    // Nothing is kept of what is done with.
    expect(http.test.log.topic('dead-letter/cart/counter').retainedMessages).toBe(0n);
    expect(http.test.log.topic('_replayed/cart/counter').retainedMessages).toBe(0n);
  });

  it('stay where others are between them, which were not asked for', async () => {
    await using http = await start({ name: 'counter', option: { max_attempts: 1 } });
    await publish(http, 'of the topic before');
    await die(http, 1);
    await http.send('DELETE', '/topics/cart');
    const subscribers = [{ name: 'counter', option: { max_attempts: 1 } }];
    await http.post('/topics', { name: 'cart', subscribers });
    const id = await publish(http, 'poison');
    await die(http, 1);
    await http.test.publish('dead-letter/cart/counter', 'of somebody else');
    await expect.poll(async () => (await letters(http)).data.length).toBe(1);
    const answer = await http.post(`${COUNTER}/dlq/replay`, { message_ids: [id] });
    expect(answer).toMatchObject(SUCCESS);
    expect((await letters(http)).data).toEqual([]);
    expect(http.test.log.topic('dead-letter/cart/counter').retainedMessages).toBe(3n);
  });

  it('are noted where nobody else can write, however long the names are', async () => {
    await using http = await start({ name: 'counter', option: { max_attempts: 1 } });
    expect(await http.post('/v1/topics/_replayed%2Fcart%2Fcounter/messages', [{}])).toMatchObject({
      status: 400,
    });
    const topic = 't'.repeat(250);
    const path = `/topics/${topic}/subscribers/counter`;
    const settings = { max_attempts: 1, dead_letter_topic: 'letters' };
    await http.post(`/v1/topics/${topic}/subscriptions`, {
      subscription: 'counter',
      create_topic: true,
      config: settings,
    });
    await http.test.publish(topic, 'poison');
    const taken = await http.get(`${path}?timeout=0s`);
    const [{ id } = { id: '' }] = (taken.body as { data: { id: string }[] }).data;
    http.test.clock.advance(31_000);
    const listed = async () => ((await http.get(`${path}/dlq`)).body as { data: object[] }).data;
    await expect.poll(async () => (await listed()).length).toBe(1);
    expect(await http.post(`${path}/dlq/replay`, { message_ids: [id] })).toMatchObject(SUCCESS);
    expect(await listed()).toEqual([]);
  });

  it('die again, and are listed again', async () => {
    await using http = await start({ name: 'counter', option: { max_attempts: 1 } });
    const id = await publish(http, 'poison');
    await die(http, 1);
    const replay = () => http.post(`${COUNTER}/dlq/replay`, { message_ids: [id] });
    expect(await replay()).toMatchObject(SUCCESS);
    await die(http, 1);
    expect((await letters(http)).data).toMatchObject([{ id, message: 'poison' }]);
    expect(await replay()).toMatchObject(SUCCESS);
    expect(valuesOf(await read(http))).toEqual(['poison']);
  });

  it('are delivered again once if two ask for it', async () => {
    await using http = await start({ name: 'counter', option: { max_attempts: 1 } });
    const id = await publish(http, 'poison');
    await die(http, 1);
    const body = { message_ids: [id, id] };
    const both = [1, 2].map(() => http.post(`${COUNTER}/dlq/replay`, body));
    const statuses = (await Promise.all(both)).map(({ status }) => status);
    expect(statuses.sort()).toEqual([200, 404]);
    expect(await statusOf(http)).toMatchObject([{ unpublished_message: 1 }]);
  });

  it('are delivered again all or none', async () => {
    await using http = await start({ name: 'counter', option: { max_attempts: 1 } });
    const id = await publish(http, 'poison');
    await die(http, 1);
    const replay = (message_ids: unknown) => http.post(`${COUNTER}/dlq/replay`, { message_ids });
    for (const wrong of ['5', 'x', '']) {
      expect(await replay([id, wrong])).toMatchObject({ status: 404 });
    }
    for (const wrong of [[], undefined, id, [5], Array.from({ length: 1001 }, () => id)]) {
      expect(await replay(wrong)).toMatchObject(REFUSED);
    }
    expect(await read(http)).toEqual([]);
    expect((await letters(http)).data).toHaveLength(1);
  });

  it('whose message was trimmed are told of', async () => {
    await using http = await start({ name: 'counter', option: { max_attempts: 1 } });
    const id = await publish(http, 'poison');
    await die(http, 1);
    await publish(http, 'later');
    await http.test.log.trimTopic('cart', BigInt(id) + 1n);
    const answer = await http.post(`${COUNTER}/dlq/replay`, { message_ids: [id] });
    expect(answer).toMatchObject(failed(409, expect.stringContaining('trimmed')));
    expect((await letters(http)).data).toHaveLength(1);
  });

  it('of a deleted topic of the same name are not listed', async () => {
    await using http = await start({ name: 'counter', option: { max_attempts: 1 } });
    await publish(http, 'poison');
    await die(http, 1);
    await http.send('DELETE', '/topics/cart');
    await http.post('/topics', { name: 'cart', subscribers: [{ name: 'counter', option }] });
    expect((await letters(http)).data).toEqual([]);
  });

  it('have no page of nonsense', async () => {
    await using http = await start({ name: 'counter', option });
    for (const query of ['?limit=0', '?limit=1001', '?limit=x', '?cursor=x', '?cursor=-1']) {
      expect(await http.get(`${COUNTER}/dlq${query}`), query).toMatchObject(REFUSED);
    }
  });
});
