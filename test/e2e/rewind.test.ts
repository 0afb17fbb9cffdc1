import type { Client, StartPosition, SubscribeOptions } from 'playhead-client';
import { formatTimestamp } from 'playhead-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/manual-clock.ts';
import { TestBroker } from '../support/broker.ts';
import { collect, numbered, take, texts } from '../support/collect.ts';

const MINUTE_MS = 60_000;
const MINUTE_NS = 60_000_000_000n;

const clock = new ManualClock();
const timestamps: bigint[] = [];
let broker: TestBroker;
let client: Client;

/** m-0 to m-9, a minute apart; now is a minute behind the last one. */
beforeAll(async () => {
  broker = await TestBroker.start({ clock });
  client = broker.connect();
  const publisher = client.publisher('tape');
  for (const value of numbered(10)) {
    timestamps.push(await publisher.publish(value));
    clock.advance(MINUTE_MS);
  }
});
afterAll(async () => {
  await client.close();
  await broker[Symbol.asyncDispose]();
});

const at = (index: number) => timestamps[index] ?? 0n;
const date = (timestampNs: bigint) => new Date(Number(timestampNs / 1_000_000n));
const read = (options: SubscribeOptions) => texts(client.subscribe('tape', options));

describe('from', () => {
  it.each<[string, () => StartPosition, number]>([
    ['earliest', () => 'earliest', 0],
    ['the beginning of time', () => 0n, 0],
    ['the timestamp of a message, which it includes', () => at(4), 4],
    ['the nanosecond behind a message', () => at(4) + 1n, 5],
    ['a timestamp between two messages', () => at(4) + MINUTE_NS / 2n, 5],
    ['a timestamp before the first message', () => at(0) - MINUTE_NS, 0],
    ['a Date', () => date(at(4) + 1_000_000n), 5],
    ['a text with nine digits', () => formatTimestamp(at(4)), 4],
    ['a text in seconds', () => `${(at(4) + MINUTE_NS) / 1_000_000_000n}s`, 5],
    ['a text in nanoseconds', () => `${at(4)}ns`, 4],
    ['five minutes ago', () => '-5m', 5],
    ['less than a minute ago', () => '-59s', 10],
    ['a minute and a half ago', () => '-1m30s', 9],
    ['five minutes ago, as a number', () => ({ agoNs: 5n * MINUTE_NS }), 5],
    ['the last message', () => ({ last: 1 }), 9],
    ['the last three messages', () => ({ last: 3 }), 7],
    ['more last messages than there are', () => ({ last: 1000 }), 0],
    ['latest', () => 'latest', 10],
  ])('begins with %s', async (_name, from, expected) => {
    expect(await read({ from: from(), follow: false })).toEqual(numbered(10).slice(expected));
    const following = client.subscribe('tape', { from: from(), limit: Math.max(1, 10 - expected) });
    if (expected < 10) expect(await texts(following)).toEqual(numbered(10).slice(expected));
    await following.close();
  });

  it('is latest for a topic unless told otherwise', async () => {
    await using subscription = client.subscribe('from/latest', { limit: 1 });
    const publisher = client.publisher('from/latest');
    await publisher.publish('before');
    await using later = client.subscribe('from/latest', { limit: 1 });
    await later.started();
    await subscription.started();
    await publisher.publish('after');
    expect(await texts(later)).toEqual(['after']);
  });

  it('tells how it was understood', async () => {
    await using subscription = client.subscribe('tape', { from: '-5m', until: '-2m' });
    expect(await subscription.started()).toEqual({
      fromTimestampNs: clock.nowNs() - 5n * MINUTE_NS,
      untilTimestampNs: clock.nowNs() - 2n * MINUTE_NS,
    });
  });

  it('waits for a time that is still to come', async () => {
    const later = new ManualClock();
    await using timed = await TestBroker.start({ clock: later });
    await using near = timed.connect();
    const from = later.nowNs() + MINUTE_NS;
    const publisher = near.publisher('from/future');
    const subscription = near.subscribe('from/future', { from, limit: 2 });
    await subscription.started();
    await publisher.publish('too early');
    later.advance(2 * MINUTE_MS);
    await publisher.publishBatch(['a', 'b']);
    expect(await texts(subscription)).toEqual(['a', 'b']);
  });

  it('finds nothing, and no mistake, in a time in which nothing was published', async () => {
    const quiet = new ManualClock();
    await using timed = await TestBroker.start({ clock: quiet });
    await using near = timed.connect();
    await near.publisher('quiet').publish('long ago');
    quiet.advance(MINUTE_MS);
    for (const topic of ['quiet', '**']) {
      const from = '-30s';
      expect(await texts(near.subscribe(topic, { from, follow: false }))).toEqual([]);
      const past = near.subscribe(topic, { from, until: '-10s' });
      await past.started();
      quiet.advance(1);
      expect(await texts(past)).toEqual([]);
      const future = { from: quiet.nowNs() + MINUTE_NS, follow: false };
      expect(await texts(near.subscribe(topic, future))).toEqual([]);
    }
  });
});

describe('until', () => {
  it.each<[string, () => SubscribeOptions, number]>([
    ['a timestamp, which it leaves out', () => ({ until: at(4) }), 4],
    ['the nanosecond behind a message', () => ({ until: at(4) + 1n }), 5],
    ['a Date', () => ({ until: date(at(4) + 1_000_000n) }), 5],
    ['a text', () => ({ until: formatTimestamp(at(4)) }), 4],
    ['a time ago', () => ({ until: '-3m' }), 7],
    ['now', () => ({ until: 'now' }), 10],
    ['what is there', () => ({ follow: false }), 10],
    ['the first message', () => ({ until: at(0) }), 0],
    ['a limit', () => ({ limit: 3 }), 3],
    ['a limit before until', () => ({ limit: 3, until: at(4) }), 3],
    ['until before a limit', () => ({ limit: 30, until: at(4) }), 4],
  ])('ends with %s', async (_name, options, expected) => {
    expect(await read({ ...options(), from: 'earliest' })).toEqual(numbered(10).slice(0, expected));
  });

  it('cuts adjacent ranges without a gap or an overlap', async () => {
    const cuts = [0n, at(2) - 1n, at(2), at(5) + 1n, at(9), at(9) + 1n];
    const parts: string[] = [];
    for (const [i, from] of cuts.slice(0, -1).entries()) {
      const until = cuts[i + 1];
      if (until !== undefined) parts.push(...(await read({ from, until })));
    }
    expect(parts).toEqual(numbered(10));
  });

  it('is waited for when it is still to come', async () => {
    const later = new ManualClock();
    await using timed = await TestBroker.start({ clock: later });
    await using near = timed.connect();
    const publisher = near.publisher('until/future');
    const until = later.nowNs() + MINUTE_NS;
    const subscription = near.subscribe('until/future', { from: 'earliest', until });
    await subscription.started();
    await publisher.publish('in time');
    later.advance(MINUTE_MS);
    await publisher.publish('too late');
    expect(await texts(subscription)).toEqual(['in time']);
  });
});

describe('a subscription', () => {
  it('hands over from the past to the present without a gap', async () => {
    const publisher = client.publisher('handover');
    await publisher.publishAll(numbered(2000, 'old'));
    const read = texts(client.subscribe('handover', { from: 'earliest', limit: 4000 }));
    for (const value of numbered(2000, 'new')) void publisher.publish(value);
    expect(await read).toEqual([...numbered(2000, 'old'), ...numbered(2000, 'new')]);
  });

  it('tells when it has caught up', async () => {
    await using subscription = client.subscribe('tape', { from: at(7) });
    const events = await take(subscription.events(), 4);
    expect(events.map(({ type }) => type)).toEqual(['message', 'message', 'message', 'caught_up']);
    expect(events[3]).toMatchObject({ nextTimestampNs: at(9) + 1n });
  });

  it('tells when what it asks for is trimmed, and goes on with what is left', async () => {
    const publisher = client.publisher('trimmed');
    const { firstTimestampNs } = await publisher.publishBatch(numbered(10));
    await client.topics.trim('trimmed', firstTimestampNs + 4n);
    const events = await collect(
      client.subscribe('trimmed', { from: firstTimestampNs + 2n, follow: false }).events(),
    );
    expect(events[0]).toEqual({
      type: 'trimmed',
      topic: 'trimmed',
      firstTimestampNs: firstTimestampNs + 4n,
    });
    const messages = events.flatMap((event) => (event.type === 'message' ? [event.message] : []));
    expect(messages.map(({ text }) => text)).toEqual(numbered(10).slice(4));
  });

  it('can be wound back by many readers at once, each for itself', async () => {
    const reads = Array.from({ length: 50 }, (_, i) => read({ from: at(i % 10), follow: false }));
    for (const [i, values] of (await Promise.all(reads)).entries()) {
      expect(values).toEqual(numbered(10).slice(i % 10));
    }
  });

  it.each<[string, () => SubscribeOptions, string]>([
    ['until before from', () => ({ from: at(5), until: at(4) }), 'until_timestamp_ns'],
    ['a timestamp before 1970', () => ({ from: -1n }), 'from'],
    ['a time ago before 1970', () => ({ from: '-100w', until: -5n }), 'until_timestamp_ns'],
  ])('is refused with %s', async (_name, options, field) => {
    await expect(read(options())).rejects.toMatchObject({
      reason: 'INVALID_ARGUMENT',
      metadata: { field },
    });
  });

  it.each<[SubscribeOptions, RegExp]>([
    [{ from: '1732186800' }, /needs a unit/],
    [{ from: '5m' }, /no timestamp/],
    [{ from: 2n ** 63n }, /64 bits/],
    [{ from: { last: 0 } }, /last must be/],
    [{ from: new Date(Number.NaN) }, /Date is invalid/],
    [{ until: 'later' }, /no timestamp/],
    [{ limit: 0 }, /limit/],
    [{ follow: false, until: '-5m' }, /follow: false/],
  ])('is a TypeError with %o', (options, problem) => {
    expect(() => client.subscribe('tape', options)).toThrow(problem);
    expect(() => client.subscribe('tape', options)).toThrow(TypeError);
  });

  it('to a topic that is not there is refused, if it is not to wait for it', async () => {
    for (const options of [{ until: 'now' }, { follow: false }, { until: '-5s' }] as const) {
      await expect(texts(client.subscribe('nowhere', options))).rejects.toMatchObject({
        reason: 'TOPIC_NOT_FOUND',
        metadata: { topic: 'nowhere' },
      });
    }
  });
});

describe('read', () => {
  it('answers page by page with what is there', async () => {
    const values: string[] = [];
    let from: StartPosition = 'earliest';
    for (;;) {
      const page = await client.read('tape', { from, limit: 3 });
      values.push(...page.messages.map(({ text }) => text));
      if (page.isCaughtUp) break;
      from = page.nextTimestampNs;
    }
    expect(values).toEqual(numbered(10));
  });

  it('takes the positions of a subscription', async () => {
    const page = await client.read('tape', { from: '-5m', until: '-2m' });
    expect(page.messages.map(({ text }) => text)).toEqual(['m-5', 'm-6', 'm-7']);
    const last = await client.read('tape', { from: { last: 2 } });
    expect(last.messages.map(({ text }) => text)).toEqual(['m-8', 'm-9']);
  });
});
