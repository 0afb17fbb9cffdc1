import { once } from 'node:events';
import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { eventsOf } from '../support/read-events.ts';
import { TestHttp } from '../support/test-http.ts';

const SSE = 'text/event-stream';
const MESSAGES = '/v1/topics/t/messages';

/** All events of a stream that ends. */
async function eventsBehind(http: TestHttp, id: string, query = ''): Promise<readonly object[]> {
  const headers = { accept: SSE, 'last-event-id': id };
  await using stream = await http.stream(`${MESSAGES}${query}`, headers);
  return eventsOf(await stream.end());
}

describe('a client of an event stream that comes again', () => {
  it('misses nothing if it was cut before the first message', async () => {
    await using http = await TestHttp.start();
    await http.test.publish('t', 'before');
    await using first = await http.stream(`${MESSAGES}?from=latest`, { accept: SSE });
    const [, id = ''] = /^id: (\d+)$/m.exec(await first.until('caught_up')) ?? [];
    await first[Symbol.asyncDispose]();
    await http.test.publish('t', 'meanwhile');
    expect(await eventsBehind(http, id, '?until=now')).toMatchObject([
      { data: { value: 'meanwhile' } },
      { event: 'end' },
    ]);
  });

  it('is told that the topic was deleted meanwhile, and then reads the one of its name', async () => {
    await using http = await TestHttp.start();
    const { firstTimestampNs } = await http.test.publish('t', '1', '2', '3');
    await http.test.log.deleteTopic('t');
    http.test.clock.advance(1000);
    await http.test.publish('t', 'new');
    const told = await eventsBehind(http, `${firstTimestampNs}`);
    expect(told).toMatchObject([{ event: 'deleted', id: expect.any(String) }, { event: 'end' }]);
    const [{ id } = { id: '' }] = told as { id: string }[];
    expect(await eventsBehind(http, id, '?until=now')).toMatchObject([
      { data: { value: 'new' } },
      { event: 'end' },
    ]);
  });

  it('is not to come again once it has seen all that was asked for', async () => {
    await using http = await TestHttp.start();
    const { firstTimestampNs } = await http.test.publish('t', '1', '2');
    const untilNs = firstTimestampNs + 1n;
    const statusOf = async (query: string, id: bigint) => {
      const headers = { accept: SSE, 'last-event-id': `${id}` };
      return (await http.get(`${MESSAGES}?${query}`, headers)).status;
    };
    expect(await statusOf(`until=${untilNs}`, firstTimestampNs)).toBe(204);
    expect(await statusOf('follow=false', firstTimestampNs + 1n)).toBe(204);
    expect(await statusOf('follow=false', firstTimestampNs)).toBe(200);
  });
});

describe('a stream that does not follow', () => {
  it('ends with what is there, also before a time that is still to come', async () => {
    await using http = await TestHttp.start();
    await http.test.publish('t', '1');
    const path = `${MESSAGES}?follow=false&until=2100-01-01T00:00:00Z`;
    await using stream = await http.stream(path, { accept: 'application/x-ndjson' });
    expect(await stream.end()).toContain('"reason":"until"');
  });
});

describe('a stream of a broker that shuts down', () => {
  it('says so', async () => {
    await using http = await TestHttp.start();
    await using stream = await http.stream(MESSAGES, { accept: SSE });
    await stream.until('caught_up');
    http.test.log.drain();
    await http.server.close();
    expect(eventsOf(await stream.end()).at(-1)).toMatchObject({
      event: 'error',
      data: { reason: 'SHUTTING_DOWN' },
    });
  });
});

describe('a pull that is hung up on', () => {
  it('gives back at once what it was about to be answered with, without an attempt', async () => {
    await using http = await TestHttp.start();
    const subscriptions = '/v1/topics/t/subscriptions';
    await http.post('/v1/topics', { topic: 't' });
    await http.post(subscriptions, { subscription: 's' });
    const pull = request(`${http.url}${subscriptions}/s/pull`, { method: 'POST' });
    pull.on('error', () => {});
    pull.setHeader('content-type', 'application/json');
    pull.end('{"wait_ms":60000}');
    await expect.poll(() => http.server.openReaderCount).toBe(1);
    // The lease is on its way when the client goes.
    const arrived = http.test.store.appends.close();
    const published = http.test.publish('t', 'x');
    await arrived;
    const { socket } = pull;
    const closed = socket === null ? undefined : once(socket, 'close');
    pull.destroy();
    await closed;
    // Which the server has noticed by the time that it answers another.
    await http.get('/healthz');
    http.test.store.appends.open();
    await published;
    const again = async () => (await http.post(`${subscriptions}/s/pull`, {})).body;
    await expect.poll(again).toMatchObject({ deliveries: [{ attempt: 1 }] });
  });
});
