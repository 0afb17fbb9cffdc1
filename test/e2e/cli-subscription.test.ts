import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Client, connect, type Delivery } from 'playhead-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CliBroker, runCli } from '../support/cli.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

let broker: CliBroker;
let client: Client;

beforeAll(async () => {
  broker = await CliBroker.start();
  client = connect(broker.address);
});
afterAll(async () => {
  await client.close();
  await broker[Symbol.asyncDispose]();
});

const json = async (...args: string[]) => JSON.parse(await broker.ok(['--json', ...args]));
const reasonOf = (stderr: string): string => JSON.parse(stderr).error.reason;

/** Takes so many deliveries, one after the other as they come. */
async function pull(topic: string, name: string, max: number): Promise<readonly Delivery[]> {
  return await client.subscription(topic, name).pull({ max, wait: '10s' });
}

describe('playhead subscription create, stat, update and rm', () => {
  it('set, show and change settings', async () => {
    await broker.ok(['create', 'made']);
    const created = await json(
      ...(
        'subscription create made billing --mode key-ordered --lease 1m --max-attempts 3 ' +
        '--max-in-flight 100 --backoff 1s,5s,30s --idle-expiry 7d --dead-letter-topic ' +
        'failed/billing --max-pending 1000 --backlog-policy drop-oldest'
      ).split(' '),
    );
    const config = {
      mode: 'key-ordered',
      lease_ms: 60_000,
      max_attempts: 3,
      max_in_flight: 100,
      backoff: { delays_ms: [1000, 5000, 30_000] },
      idle_expiry_ms: 604_800_000,
      dead_letter_topic: 'failed/billing',
      max_pending: 1000,
      backlog_policy: 'drop-oldest',
    };
    expect(created).toMatchObject({ topic: 'made', subscription: 'billing', config });
    expect((await json('subscription', 'stat', 'made', 'billing')).config).toEqual(config);

    const updated = await json(
      ...(
        'subscription update made billing --lease 5s --max-pending none --backoff-initial ' +
        '1s --backoff-max 1m --backoff-jitter 0.2'
      ).split(' '),
    );
    expect(updated.config).toEqual({
      ...config,
      lease_ms: 5000,
      max_pending: 0,
      backoff: { initial_ms: 1000, max_ms: 60_000, jitter: 0.2 },
    });
    const text = await broker.ok(['subscription', 'stat', 'made', 'billing']);
    expect(text).toMatch(/^backoff {2,}1s, doubling up to 1m, jitter 0\.2$/m);

    expect(await broker.ok(['subscription', 'rm', 'made', 'billing'])).toBe(
      'billing of made deleted\n',
    );
    expect((await broker.run(['subscription', 'stat', 'made', 'billing'])).exitCode).toBe(4);
  });

  it('have defaults', async () => {
    const { config } = await json('subscription', 'create', 'plain', 'work', '--create-topic');
    expect(config).toEqual({
      mode: 'shared',
      lease_ms: 30_000,
      max_attempts: 5,
      max_in_flight: 10_000,
      backoff: null,
      idle_expiry_ms: 0,
      dead_letter_topic: 'dead-letter/plain/work',
      max_pending: 0,
      backlog_policy: 'refuse',
    });
  });

  it('count what is pending, in flight and acknowledged', async () => {
    await broker.ok(['pub', 'counted', 'a', 'b', 'c', 'd']);
    await broker.ok(['subscription', 'create', 'counted', 'work', '--from', 'earliest']);
    const [first, , third] = await pull('counted', 'work', 3);
    await first?.ack();
    await third?.nack({ delay: '1h' });
    expect(await json('subscription', 'stat', 'counted', 'work')).toMatchObject({
      pending_count: 3,
      in_flight_count: 1,
      waiting_count: 1,
      redelivered_count: 0,
      acknowledged_count: 1,
      dead_lettered_count: 0,
      worker_count: 0,
      is_drained: false,
    });
    expect(await broker.ok(['subscription', 'stat', 'counted', 'work'])).toMatch(
      /^pending {2,}3$/m,
    );
  });

  it('begin at the latest message unless told otherwise', async () => {
    await broker.ok(['pub', 'begin', 'a', 'b']);
    await broker.ok(['subscription', 'create', 'begin', 'late']);
    await broker.ok(['subscription', 'create', 'begin', 'early', '--from', 'earliest']);
    await broker.ok(['subscription', 'create', 'begin', 'ago', '--from', '-1h']);
    const pendingOf = async (name: string) =>
      (await json('subscription', 'stat', 'begin', name)).pending_count;
    expect(await pendingOf('late')).toBe(0);
    expect(await pendingOf('early')).toBe(2);
    expect(await pendingOf('ago')).toBe(2);
  });

  it('answer as the first time, and refuse other settings with the difference', async () => {
    const args = ['subscription', 'create', 'twice', 'work', '--create-topic', '--max-attempts'];
    await broker.ok([...args, '3']);
    await broker.ok([...args, '3']);
    const { exitCode, stderr } = await broker.run(['--json', ...args, '4']);
    expect(exitCode).toBe(3);
    expect(reasonOf(stderr)).toBe('SUBSCRIPTION_EXISTS');
    expect(JSON.parse(stderr).error.message).toMatch(/max_attempts.*\b3\b/);
  });

  it.each([
    [['--max-attempts', '0'], 'max_attempts'],
    [['--max-attempts', '1001'], 'max_attempts'],
    [['--lease', '8d'], 'lease_ms'],
    [['--lease', '0s'], 'lease_ms'],
    [['--max-in-flight', '0'], 'max_in_flight'],
    [['--backoff-initial', '1s', '--backoff-jitter', '2'], 'jitter'],
  ])('end with 3 for %j, naming %s', async (options, field) => {
    const args = ['--json', 'subscription', 'create', 'bad', 'work', '--create-topic', ...options];
    const { exitCode, stderr } = await broker.run(args);
    expect(exitCode).toBe(3);
    expect(reasonOf(stderr)).toBe('INVALID_ARGUMENT');
    expect(JSON.parse(stderr).error.metadata.field).toContain(field);
  });

  it.each([
    ['create', 'made', 'work', '--lease', '30'],
    ['create', 'made', 'work', '--mode', 'some'],
    ['create', 'made', 'work', '--backoff', '1s', '--backoff-max', '5s'],
    ['create', 'made'],
    ['update', 'made', 'work'],
    ['seek', 'made', 'work'],
    ['seek', 'made', 'work', 'yesterday'],
    ['seek', 'made', 'work', '--bogus'],
    ['seek', 'made', 'work', '--snapshot', '/no/such/file'],
    ['seek', 'made', 'work', 'now', '--snapshot', 'file'],
  ])('end with 2 for %s %s %s %s %s', async (...args) => {
    expect((await runCli(['subscription', ...args])).exitCode).toBe(2);
  });
});

describe('an unknown topic or subscription', () => {
  it.each([
    ['create', 'no/such', 'work'],
    ['stat', 'no/such', 'work'],
    ['update', 'no/such', 'work', '--lease', '1m'],
    ['seek', 'no/such', 'work', 'now'],
    ['snapshot', 'no/such', 'work'],
    ['rm', 'no/such', 'work'],
  ])('ends %s with 4', async (...args) => {
    const { exitCode, stdout, stderr } = await broker.run(['--json', 'subscription', ...args]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 4, stdout: '' });
    expect(['TOPIC_NOT_FOUND', 'SUBSCRIPTION_NOT_FOUND']).toContain(reasonOf(stderr));
  });
});

describe('playhead subscription ls', () => {
  it('lists what matches by topic and name, with tabs where nobody watches', async () => {
    for (const [topic, name] of [
      ['list/b', 'x'],
      ['list/a', 'y'],
      ['list/a', 'x'],
    ] as const) {
      await broker.ok(['subscription', 'create', topic, name, '--create-topic']);
    }
    const rows = (await broker.ok(['subscription', 'ls', 'list/*'])).trimEnd().split('\n');
    expect(rows.map((row) => row.split('\t').slice(0, 4))).toEqual([
      ['list/a', 'x', 'shared', '0'],
      ['list/a', 'y', 'shared', '0'],
      ['list/b', 'x', 'shared', '0'],
    ]);
    const [line = ''] = (await broker.ok(['subscription', 'ls', 'list/*', '--json'])).split('\n');
    expect(JSON.parse(line)).toMatchObject({ topic: 'list/a', subscription: 'x' });
    expect(await broker.ok(['subscription', 'ls', 'no/such/*'])).toBe('');
  });
});

describe('playhead subscription seek and snapshot', () => {
  it('go to a time, to the ends and to now', async () => {
    const times = (await broker.ok(['pub', 'sought', 'a', 'b', 'c'])).trimEnd().split('\n');
    await broker.ok(['subscription', 'create', 'sought', 'work', '--from', 'earliest']);
    const pendingAt = async (position: string) =>
      (await json('subscription', 'seek', 'sought', 'work', position)).pending_count;
    expect(await pendingAt(times[1] ?? '')).toBe(2);
    expect(await pendingAt('latest')).toBe(0);
    expect(await pendingAt('earliest')).toBe(3);
    expect(await pendingAt('now')).toBe(0);
    expect(await pendingAt('-1h')).toBe(3);
  });

  it('fence off leases from before', async () => {
    await broker.ok(['pub', 'fenced', 'a']);
    await broker.ok(['subscription', 'create', 'fenced', 'work', '--from', 'earliest']);
    const [delivery] = await pull('fenced', 'work', 1);
    await broker.ok(['subscription', 'seek', 'fenced', 'work', 'earliest']);
    await expect(delivery?.ack()).rejects.toMatchObject({ reason: 'CONFLICT' });
    expect(await json('subscription', 'stat', 'fenced', 'work')).toMatchObject({
      pending_count: 1,
    });
  });

  it('save a state and put it back, through a file and through standard output', async () => {
    await using directory = await temporaryDirectory();
    await broker.ok(['pub', 'saved', 'a', 'b', 'c']);
    await broker.ok(['subscription', 'create', 'saved', 'work', '--from', 'earliest']);
    const [first, , third] = await pull('saved', 'work', 3);
    await Promise.all([first?.ack(), third?.ack()]);

    const path = join(directory.path, 'snapshot');
    await broker.ok(['subscription', 'snapshot', 'saved', 'work', path]);
    const { bytes } = await broker.run(['subscription', 'snapshot', 'saved', 'work']);
    const other = join(directory.path, 'other');
    await writeFile(other, bytes);

    for (const file of [path, other]) {
      await broker.ok(['subscription', 'seek', 'saved', 'work', 'latest']);
      const args = ['subscription', 'seek', 'saved', 'work', '--snapshot', file];
      expect(await json(...args)).toMatchObject({ pending_count: 1 });
    }
    const [again] = await pull('saved', 'work', 3);
    expect(again?.message.text).toBe('b');
  });

  it('refuse what is no snapshot with 3', async () => {
    await using directory = await temporaryDirectory();
    const path = join(directory.path, 'bad');
    await writeFile(path, 'no snapshot');
    await broker.ok(['subscription', 'create', 'unsaved', 'work', '--create-topic']);
    const args = ['subscription', 'seek', 'unsaved', 'work', '--snapshot', path];
    expect((await broker.run(args)).exitCode).toBe(3);
  });
});

describe('playhead dead-letter', () => {
  /** Makes the messages of a topic dead letters: the first by its attempts, the others by termination. */
  async function bury(topic: string, ...messages: readonly string[]): Promise<void> {
    await broker.ok(['pub', topic, ...messages, '--key', 'k', '--header', 'by=web']);
    const settings = ['--from', 'earliest', '--max-attempts', '2'];
    await broker.ok(['subscription', 'create', topic, 'work', ...settings]);
    const [first, ...others] = await pull(topic, 'work', messages.length);
    for (const delivery of others) await delivery.terminate('no such customer');
    await first?.nack({ delay: 0 });
    const [again] = await pull(topic, 'work', 1);
    expect(again?.attempt).toBe(2);
    await again?.nack({ delay: 0 });
  }

  it('lists them with reason, attempts, origin and beginning', async () => {
    await bury('buried', 'poison\n', 'other');
    const rows = (await broker.ok(['dead-letter', 'ls', 'buried', 'work'])).trimEnd().split('\n');
    expect(rows.map((row) => row.split('\t').filter((_, index) => index % 2 === 1))).toEqual(
      expect.arrayContaining([
        ['max_attempts', 'buried', 'poison\\n'],
        ['terminated: no such customer', 'buried', 'other'],
      ]),
    );
    const lines = (await broker.ok(['dead-letter', 'ls', 'buried', 'work', '--json'])).trimEnd();
    const letters = lines.split('\n').map((line): object => JSON.parse(line));
    expect(letters).toHaveLength(2);
    expect(letters).toContainEqual({
      topic: 'dead-letter/buried/work',
      timestamp_ns: expect.stringMatching(/^\d{19}$/),
      time: expect.stringMatching(/Z$/),
      key: 'k',
      value: 'poison\n',
      headers: [{ name: 'by', value: 'web' }],
      dead_letter: {
        reason: 'max_attempts',
        attempts: 2,
        time: expect.stringMatching(/^\d{4}-.*Z$/),
        topic: 'buried',
        subscription: 'work',
        timestamp_ns: expect.stringMatching(/^\d{19}$/),
      },
    });
    expect(await json('subscription', 'stat', 'buried', 'work')).toMatchObject({
      pending_count: 0,
      dead_lettered_count: 2,
    });
  });

  it('is empty without dead letters, and unknown without a subscription', async () => {
    await broker.ok(['subscription', 'create', 'healthy', 'work', '--create-topic']);
    expect(await broker.ok(['dead-letter', 'ls', 'healthy', 'work'])).toBe('');
    for (const verb of ['ls', 'redrive']) {
      expect((await broker.run(['dead-letter', verb, 'healthy', 'nobody'])).exitCode).toBe(4);
    }
  });

  it('redrives them to where they came from, as they were', async () => {
    await bury('redriven', 'a', 'b', 'c');
    expect(await json('dead-letter', 'redrive', 'redriven', 'work', '--limit', '1')).toEqual({
      topic: 'redriven',
      subscription: 'work',
      target_topic: 'redriven',
      message_count: 1,
    });
    expect(await broker.ok(['dead-letter', 'redrive', 'redriven', 'work'])).toBe(
      '2 messages redriven to redriven\n',
    );
    expect(await broker.ok(['dead-letter', 'ls', 'redriven', 'work'])).toBe('');
    expect(await broker.ok(['dead-letter', 'redrive', 'redriven', 'work'])).toBe(
      '0 messages redriven to redriven\n',
    );
    const deliveries = await pull('redriven', 'work', 10);
    expect(deliveries.map(({ message }) => message.text).toSorted()).toEqual(['a', 'b', 'c']);
    for (const { attempt, message } of deliveries) {
      expect(attempt).toBe(1);
      expect(message.key.toString()).toBe('k');
      expect(message.headers.map(({ name }) => name)).toEqual(['by']);
    }
  });

  it('redrives them to another topic', async () => {
    await bury('moved', 'a');
    await broker.ok(['dead-letter', 'redrive', 'moved', 'work', '--to', 'moved/manual']);
    expect(await broker.ok(['sub', 'moved/manual', '--no-follow'])).toBe('a\n');
    expect(await json('subscription', 'stat', 'moved', 'work')).toMatchObject({ pending_count: 0 });
  });

  it('ends with 2 for a limit that is none', async () => {
    const args = ['dead-letter', 'redrive', 'moved', 'work', '--limit', '0'];
    expect((await runCli(args)).exitCode).toBe(2);
  });
});

describe('playhead create with --trim-consumed', () => {
  it('removes what every subscription has acknowledged', async () => {
    const created = await json('create', 'consumed', '--trim-consumed');
    expect(created.config.trim_consumed).toBe(true);
    expect(await broker.ok(['stat', 'consumed'])).toMatch(/^trim consumed {2,}yes$/m);
    const updated = await json('update', 'consumed', '--no-trim-consumed');
    expect(updated.config.trim_consumed).toBe(false);
  });
});
