import { connect } from 'playhead-client';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { LevelControl } from '../../src/logger.ts';
import { type ServedBroker, serve } from '../../src/serve.ts';

const pageSchema = z.object({ messages: z.array(z.object({ value: z.string() })) });

/** A broker in memory on ports of its own. */
function start(logLevel?: LevelControl): Promise<ServedBroker> {
  const address = '127.0.0.1:0';
  return serve({ grpcAddress: address, httpAddress: address, ...(logLevel && { logLevel }) });
}

function sender({ httpAddress }: ServedBroker) {
  return (method: string, path: string, body?: object) =>
    fetch(`http://${httpAddress}/v1${path}`, {
      method,
      headers: { 'user-agent': 'a-script', ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
}

/** What was noted so far, without by whom. */
async function activity(broker: ServedBroker): Promise<Record<string, unknown>[]> {
  await broker.broker.activity.idle();
  const response = await sender(broker)('GET', '/topics/_activity/messages');
  const page: unknown = await response.json();
  return pageSchema.parse(page).messages.map(({ value }) => JSON.parse(value));
}

describe('what administrators do', () => {
  it('is noted, by HTTP', async () => {
    await using broker = await start();
    const send = sender(broker);
    await send('POST', '/topics', { topic: 't' });
    await send('POST', '/topics', { topic: 't' });
    await send('PATCH', '/topics/t', { config: { max_messages: 5 } });
    await send('POST', '/topics/t/trim', { before: '5' });
    await send('POST', '/topics/t/subscriptions', { subscription: 's' });
    await send('PATCH', '/topics/t/subscriptions/s', { config: { max_attempts: 3 } });
    await send('POST', '/topics/t/subscriptions/s/seek', { to: 'earliest' });
    await send('DELETE', '/topics/t/subscriptions/s');
    await send('POST', '/topics/t/close', { reason: 'done' });
    await send('DELETE', '/topics/t');
    await send('DELETE', '/topics/t');
    const noted = await activity(broker);
    expect(noted.map(({ action }) => action)).toEqual([
      'topic.created',
      'topic.updated',
      'topic.trimmed',
      'subscription.created',
      'subscription.updated',
      'subscription.sought',
      'subscription.deleted',
      'topic.closed',
      'topic.deleted',
    ]);
    const by = { protocol: 'http', agent: 'a-script', address: expect.stringMatching(/^127/) };
    for (const each of noted) expect(each).toMatchObject({ topic: 't', by });
    expect(noted[7]).toMatchObject({ reason: 'done' });
  });

  it('is noted, by gRPC', async () => {
    await using broker = await start();
    await using client = connect(broker.grpcAddress);
    await client.topics.create('t');
    await client.publisher('t').publish('1');
    const subscription = client.subscription('t', 's');
    await subscription.create({ from: 'earliest' });
    await subscription.seek('now');
    await subscription.redrive();
    await subscription.delete();
    const schedule = await client.schedules.create('t', 'later', { delay: '1h' });
    await client.schedules.cancel(schedule.id);
    await client.topics.close('t');
    await client.topics.delete('t');
    const noted = await activity(broker);
    expect(noted.map(({ action }) => action)).toEqual([
      'topic.created',
      'subscription.created',
      'subscription.sought',
      'subscription.deleted',
      'schedule.canceled',
      'topic.closed',
      'topic.deleted',
    ]);
    const by = { protocol: 'grpc', agent: expect.stringContaining('grpc-node') };
    for (const each of noted) expect(each).toMatchObject({ by });
  });

  it('includes the level of the log, which is another from then on', async () => {
    const control: LevelControl = { level: 'info' };
    await using broker = await start(control);
    const send = sender(broker);
    expect(await (await send('GET', '/server')).json()).toMatchObject({ log_level: 'info' });
    const changed = await send('PATCH', '/server', { log_level: 'debug' });
    expect(await changed.json()).toMatchObject({ log_level: 'debug' });
    expect(control.level).toBe('debug');
    expect((await send('PATCH', '/server', { log_level: 'loud' })).status).toBe(400);
    expect(await activity(broker)).toMatchObject([
      { action: 'broker.log_level_changed', log_level: 'debug' },
    ]);
  });

  it('does not include the level of a log that is somebody else', async () => {
    await using broker = await start();
    const send = sender(broker);
    expect(await (await send('GET', '/server')).json()).toMatchObject({ log_level: null });
    const refused = await send('PATCH', '/server', { log_level: 'debug' });
    expect(refused.status).toBe(400);
    expect(broker.broker.log.topics.get('_activity')).toBeUndefined();
  });
});
