import { connect } from 'playhead-client';
import { describe, expect, it } from 'vitest';
import { METRICS_TOPICS_MAX } from '../../src/limits.ts';
import { type ServedBroker, serve } from '../../src/serve.ts';
import { FaultyDatabases } from '../support/faulty-databases.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

/** Serves a broker on ports of its own. */
function start(dataDir: string, more: object = {}): Promise<ServedBroker> {
  const address = '127.0.0.1:0';
  return serve({ dataDir, grpcAddress: address, httpAddress: address, ...more });
}

async function scrape({ httpAddress }: ServedBroker): Promise<Map<string, number>> {
  const response = await fetch(`http://${httpAddress}/metrics`);
  expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4');
  const series = new Map<string, number>();
  for (const line of (await response.text()).split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const space = line.lastIndexOf(' ');
    series.set(line.slice(0, space), Number(line.slice(space + 1)));
  }
  return series;
}

describe('the metrics', () => {
  it('count what goes in and out, by topic and in all, and how long it took', async () => {
    await using directory = await temporaryDirectory();
    await using broker = await start(directory.path);
    await using client = connect(broker.grpcAddress);
    await client.publisher('orders').publishBatch(['a', 'b', 'c']);
    const refused = client.publisher('orders').publish('x', { expectedLastTimestampNs: 5n });
    await expect(refused).rejects.toMatchObject({ reason: 'CONFLICT' });
    const got: string[] = [];
    for await (const { text } of client.subscribe('orders', { from: 'earliest', limit: 2 })) {
      got.push(text);
    }
    expect(got).toEqual(['a', 'b']);
    const series = await scrape(broker);
    expect(series.get('playhead_messages_in_total')).toBe(3);
    expect(series.get('playhead_topic_messages_in_total{topic="orders"}')).toBe(3);
    expect(series.get('playhead_topic_messages_out_total{topic="orders"}')).toBe(2);
    expect(series.get('playhead_messages_out_total')).toBe(2);
    expect(series.get('playhead_publish_duration_seconds_count')).toBe(1);
    expect(series.get('playhead_fsync_duration_seconds_count')).toBe(1);
    expect(series.get('playhead_commit_appends_sum')).toBe(1);
    expect(series.get('playhead_writable')).toBe(1);
    expect(series.get('playhead_topics')).toBe(1);
    expect(series.get('playhead_disk_free_bytes')).toBeGreaterThan(0);
    expect(series.get('process_resident_memory_bytes')).toBeGreaterThan(0);
  });

  it('count requests by method and code, of gRPC and of HTTP', async () => {
    await using directory = await temporaryDirectory();
    await using broker = await start(directory.path);
    await using client = connect(broker.grpcAddress);
    await expect(client.topics.get('no')).rejects.toMatchObject({ reason: 'TOPIC_NOT_FOUND' });
    await fetch(`http://${broker.httpAddress}/v1/topics/no`);
    await fetch(`http://${broker.httpAddress}/nothing/here`);
    const series = await scrape(broker);
    const count = (labels: string) => series.get(`playhead_requests_total{${labels}}`);
    const getTopic = 'protocol="grpc",method="/playhead.v1.TopicService/GetTopic"';
    expect(count(`${getTopic},code="NOT_FOUND"`)).toBe(1);
    expect(count('protocol="http",method="GET /v1/topics/:topic",code="404"')).toBe(1);
    expect(count('protocol="http",method="GET (none)",code="404"')).toBe(1);
  });

  it('tell the backlog, what is in flight and the lag of each subscription', async () => {
    await using directory = await temporaryDirectory();
    await using broker = await start(directory.path);
    await using client = connect(broker.grpcAddress);
    const subscription = client.subscription('jobs', 'workers');
    await subscription.create({ createTopic: true });
    await client.publisher('jobs').publishBatch(['1', '2', '3']);
    const [first] = await subscription.pull({ max: 2 });
    await first?.ack();
    const series = await scrape(broker);
    const figure = (name: string) =>
      series.get(`playhead_subscription_${name}{topic="jobs",subscription="workers"}`);
    expect(figure('backlog_messages')).toBe(2);
    expect(figure('in_flight_messages')).toBe(1);
    expect(figure('lag_messages')).toBe(1);
    expect(figure('lag_seconds')).toBeGreaterThan(0);
    expect(figure('acknowledged_total')).toBe(1);
    expect(figure('dead_lettered_total')).toBe(0);
  });

  it('are the same for all who ask at once', async () => {
    await using directory = await temporaryDirectory();
    await using broker = await start(directory.path);
    await using client = connect(broker.grpcAddress);
    for (const name of ['a', 'b', 'c']) {
      await client.subscription('jobs', name).create({ createTopic: true });
    }
    await client.publisher('jobs').publish('1');
    for (const name of ['a', 'b', 'c']) {
      const [delivery] = await client.subscription('jobs', name).pull();
      await delivery?.ack();
    }
    const scrapes = await Promise.all(Array.from({ length: 8 }, () => scrape(broker)));
    for (const series of scrapes) {
      for (const name of ['a', 'b', 'c']) {
        const key = `playhead_subscription_acknowledged_total{topic="jobs",subscription="${name}"}`;
        expect(series.get(key)).toBe(1);
      }
    }
  });

  it('name no more topics than the limit, and the others together', async () => {
    await using directory = await temporaryDirectory();
    await using broker = await start(directory.path);
    const { log } = broker.broker;
    const count = METRICS_TOPICS_MAX + 5;
    await Promise.all(Array.from({ length: count }, (_, i) => log.createTopic(`t/${i}`, {})));
    const series = await scrape(broker);
    const named = [...series.keys()].filter((key) => key.startsWith('playhead_topic_messages{'));
    expect(named).toHaveLength(METRICS_TOPICS_MAX + 1);
    expect(named).toContain('playhead_topic_messages{topic="(others)"}');
    expect(series.get('playhead_topics')).toBe(count);
  });

  it('tell open streams while they are open', async () => {
    await using directory = await temporaryDirectory();
    await using broker = await start(directory.path);
    const url = `http://${broker.httpAddress}/v1/topics/t/messages`;
    const aborting = new AbortController();
    const headers = { accept: 'text/event-stream' };
    await fetch(url, { headers, signal: aborting.signal });
    const open = async () => (await scrape(broker)).get('playhead_open_streams{kind="http"}');
    expect(await open()).toBe(1);
    aborting.abort();
    await expect.poll(open).toBe(0);
  });

  it('count storage errors and trims, and tell when nothing can be written', async () => {
    await using directory = await temporaryDirectory();
    let faults: FaultyDatabases | undefined;
    await using broker = await start(directory.path, {
      wrapDatabases: (databases: FaultyDatabases) => (faults = new FaultyDatabases(databases)),
    });
    const { log } = broker.broker;
    await using client = connect(broker.grpcAddress);
    const publisher = client.publisher('t');
    const last = await publisher.publish('1');
    await log.trimTopic('t', last + 1n);
    faults?.fail('tape.batch');
    await publisher.publish('2').catch(() => {});
    await expect.poll(() => log.isRecovering).toBe(false);
    const series = await scrape(broker);
    expect(series.get('playhead_storage_errors_total')).toBe(1);
    expect(series.get('playhead_trimmed_messages_total')).toBe(1);
  });
});
