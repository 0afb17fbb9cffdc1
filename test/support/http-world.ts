import { TestHttp } from './test-http.ts';

/** What a request to an operation is. */
export interface HttpRequest {
  readonly path: Readonly<Record<string, string>>;
  readonly query?: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

const T = { topic: 't' };
const S = { topic: 't', subscription: 's' };
const MESSAGE = { value: 'x', headers: [{ name: 'colour', value_base64: '/w==' }] };

/** A request that each operation takes, in an order in which one does not spoil the next. */
export const REQUESTS: Readonly<Record<string, HttpRequest>> = {
  isAlive: { path: {} },
  isReady: { path: {} },
  getServer: { path: {} },
  updateServer: { path: {}, body: { log_level: 'debug' } },
  getMetrics: { path: {} },
  listTopics: { path: {}, query: 'glob=**&page_size=3' },
  createTopic: { path: {}, body: { topic: 'new', config: { max_age_ms: 60_000 } } },
  getTopic: { path: T },
  updateTopic: { path: T, body: { config: { max_bytes: 1_000_000 } } },
  trimTopic: { path: T, body: { before: '2026-01-01T00:00:00Z' } },
  getHistogram: { path: T, query: 'from=earliest&buckets=3' },
  publish: { path: T, body: { messages: [MESSAGE, { value_base64: '/w==', key: 'k' }] } },
  read: { path: T, query: 'from=earliest&limit=2' },
  listSubscriptions: { path: {}, query: 'glob=*&page_size=1' },
  listSubscriptionsOfTopic: { path: T },
  createSubscription: {
    path: T,
    body: { subscription: 'other', from: '-5m', config: { backoff: { delays_ms: [1, 2] } } },
  },
  getSubscription: { path: S },
  updateSubscription: { path: S, body: { config: { backoff: { initial_ms: 5, jitter: 0.5 } } } },
  snapshotSubscription: { path: S },
  listDeadLetters: { path: S, query: 'limit=1' },
  pull: { path: S, body: { max_messages: 1 } },
  acknowledge: {
    path: S,
    body: {
      settlements: [
        { receipt: '5', timestamp_ns: '1790000000000000000', action: 'ack' },
        { receipt: '5', timestamp_ns: '1790000000000000000', action: 'extend', lease_ms: 5 },
      ],
    },
  },
  redrive: { path: S, body: { max_messages: 1 } },
  seekSubscription: { path: S, body: { to: 'latest' } },
  deleteSubscription: { path: { topic: 't', subscription: 'other' } },
  createSchedule: {
    path: {},
    body: {
      id: 'mine',
      topic: 't',
      message: MESSAGE,
      when: { cron: '0 3 * * *', time_zone: 'UTC' },
    },
  },
  listSchedules: { path: {} },
  getSchedule: { path: { id: 'mine' } },
  runSchedule: { path: { id: 'mine' } },
  cancelSchedule: { path: { id: 'mine' } },
  closeTopic: { path: { topic: 'new' }, body: { reason: 'done', checksum: 'ab'.repeat(16) } },
  deleteTopic: { path: { topic: 'new' } },
};

/** A broker in which everything can go wrong that an operation may refuse: nothing is created by the way. */
export async function startWorld(): Promise<TestHttp> {
  const http = await TestHttp.start({ autoCreateTopics: false, maxRequestBytes: 100_000 });
  const post = async (path: string, body: object) => {
    const { status, body: answer } = await http.post(path, body);
    if (status !== 200) throw new Error(`${path} was refused: ${JSON.stringify(answer)}`);
  };
  for (const topic of ['t', 'closed', 'full']) await post('/v1/topics', { topic });
  await post('/v1/topics', { topic: 'small', config: { max_message_bytes: 10 } });
  await post('/v1/topics/t/messages', [{ value: '1' }, { value: '2' }, { value: '3' }]);
  await post('/v1/topics/t/subscriptions', { subscription: 's', from: 'earliest' });
  const backlog = { subscription: 's', config: { max_pending: 1, backlog_policy: 'refuse' } };
  await post('/v1/topics/full/subscriptions', backlog);
  await post('/v1/topics/full/messages', { value: '1' });
  await makeDeadLetters(http);
  for (const topic of ['closed', 'full', 'none', 'late']) {
    const when = { delay_ms: 1_000_000 };
    await post('/v1/schedules', { id: topic, topic, message: { value: 'much too long' }, when });
  }
  await post('/v1/topics', { topic: 'late', config: { max_message_bytes: 10 } });
  await post('/v1/topics/closed/close', {});
  return http;
}

async function makeDeadLetters(http: TestHttp): Promise<void> {
  const { body } = await http.post('/v1/topics/t/subscriptions/s/pull', { max_messages: 2 });
  const { deliveries } = body as {
    deliveries: { receipt: string; message: { timestamp_ns: string } }[];
  };
  const settlements = deliveries.map(({ receipt, message: { timestamp_ns } }) => {
    return { receipt, timestamp_ns, action: 'terminate', reason: 'no good' };
  });
  await http.post('/v1/topics/t/subscriptions/s/acknowledge', { settlements });
  const letters = () => http.test.log.topics.get('dead-letter/t/s')?.retainedMessages;
  while (letters() !== 2n) await new Promise((resolve) => setImmediate(resolve));
}
