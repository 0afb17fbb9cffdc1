import { describe, expect, it } from 'vitest';
import { TestHttp } from '../support/test-http.ts';

const LETTERS = '/v1/topics/t/subscriptions/s/dead-letters';

interface Letters {
  readonly dead_letter_topic: string;
  readonly dead_letters: readonly { readonly message: { readonly value: string } }[];
  readonly next_timestamp_ns: string;
  readonly is_caught_up: boolean;
}

async function lettersOf(http: TestHttp, path = LETTERS): Promise<Letters> {
  const { status, body } = await http.get(path);
  expect(status).toBe(200);
  return body as Letters;
}

const valuesOf = ({ dead_letters }: Letters) => dead_letters.map(({ message }) => message.value);

/** A topic with messages and a subscription of it. */
async function subscribed(name: string, config: object = {}, http?: TestHttp): Promise<TestHttp> {
  const started = http ?? (await TestHttp.start());
  await started.post('/v1/topics/t/subscriptions', {
    subscription: name,
    from: 'earliest',
    create_topic: true,
    config,
  });
  return started;
}

/** Terminates what there is, and waits until it is buried. */
async function terminate(http: TestHttp, name: string, reason: string, letterTopic: string) {
  const path = `/v1/topics/t/subscriptions/${name}`;
  const { body } = await http.post(`${path}/pull`, { max_messages: 100 });
  const { deliveries } = body as {
    deliveries: { receipt: string; message: { timestamp_ns: string } }[];
  };
  const before = http.test.log.topics.get(letterTopic)?.sequence ?? 0n;
  const settlements = deliveries.map(({ receipt, message: { timestamp_ns } }) => {
    return { receipt, timestamp_ns, action: 'terminate', reason };
  });
  await http.post(`${path}/acknowledge`, { settlements });
  await expect
    .poll(() => http.test.log.topics.get(letterTopic)?.sequence)
    .toBe(before + BigInt(deliveries.length));
}

describe('dead letters over HTTP', () => {
  it('are none as long as there is no dead-letter topic', async () => {
    await using http = await subscribed('s');
    expect(await lettersOf(http)).toEqual({
      dead_letter_topic: 'dead-letter/t/s',
      dead_letters: [],
      next_timestamp_ns: '0',
      is_caught_up: true,
    });
  });

  it('say where they come from, and have no headers but those of the message', async () => {
    await using http = await subscribed('s');
    const headers = { 'content-type': 'text/plain', 'playhead-header-colour': 'red' };
    const { body } = await http.post('/v1/topics/t/messages', 'hello', headers);
    const { first_timestamp_ns: originalNs } = body as { first_timestamp_ns: string };
    await http.post('/v1/topics/t/messages', { value: 'bare', key: 'k' });
    await terminate(http, 's', 'no good', 'dead-letter/t/s');
    const letters = await lettersOf(http);
    expect(letters).toMatchObject({
      is_caught_up: true,
      dead_letters: [
        {
          message: {
            topic: 'dead-letter/t/s',
            value: 'hello',
            headers: [{ name: 'colour', value: 'red' }],
          },
          reason: 'terminated: no good',
          attempts: 1,
          topic: 't',
          subscription: 's',
          original_timestamp_ns: originalNs,
          dead_time: expect.stringMatching(/^\d{4}-.*Z$/),
        },
        { message: { value: 'bare', key: 'k' } },
      ],
    });
    expect(letters.dead_letters[1]?.message).not.toHaveProperty('headers');
  });

  it('are read page by page, each once', async () => {
    await using http = await subscribed('s');
    for (const value of ['1', '2', '3', '4', '5'])
      await http.post('/v1/topics/t/messages', { value });
    await terminate(http, 's', '', 'dead-letter/t/s');
    const values: string[] = [];
    let from = 'earliest';
    for (let isCaughtUp = false; !isCaughtUp; ) {
      const page = await lettersOf(http, `${LETTERS}?limit=2&from=${from}`);
      values.push(...valuesOf(page));
      ({ next_timestamp_ns: from, is_caught_up: isCaughtUp } = page);
    }
    expect(values).toEqual(['1', '2', '3', '4', '5']);
  });

  it('are those of the subscription, and not of others that share the topic', async () => {
    const config = { dead_letter_topic: 'graves' };
    await using http = await subscribed('s', config);
    await subscribed('other', config, http);
    await http.post('/v1/topics/t/messages', { value: '1' });
    await terminate(http, 'other', '', 'graves');
    await terminate(http, 's', '', 'graves');
    await http.post('/v1/topics/graves/messages', { value: 'from somebody' });
    const letters = await lettersOf(http);
    expect(letters).toMatchObject({ dead_letter_topic: 'graves' });
    expect(letters.dead_letters).toMatchObject([{ subscription: 's', message: { value: '1' } }]);
  });

  it('of a subscription that there is not are refused', async () => {
    await using http = await subscribed('s');
    expect(await http.get('/v1/topics/t/subscriptions/none/dead-letters')).toMatchObject({
      status: 404,
      body: { reason: 'SUBSCRIPTION_NOT_FOUND' },
    });
    expect(await http.get(`${LETTERS}?limit=0`)).toMatchObject({ status: 400 });
  });
});
