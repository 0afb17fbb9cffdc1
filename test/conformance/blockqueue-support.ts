import { expect } from 'vitest';
import { TestHttp } from '../support/test-http.ts';

export const SUCCESS = { status: 200, body: { message: 'success' } };
export const failed = (status: number, error: unknown) => ({
  status,
  body: { message: 'failure', error },
});
export const missing = (error: string) => ({ status: 404, body: { message: 'not found', error } });
export const NO_TOPIC = missing('topic not found');
export const NO_LISTENER = missing('listener not found');
export const NO_MESSAGE = missing('error ack message. message_id not found');
export const REFUSED = failed(400, expect.any(String));
export const JSON_TYPE = { 'content-type': 'application/json' };
export const COUNTER = '/topics/cart/subscribers/counter';
export const option = { max_attempts: 5, visibility_duration: '5m' };

export interface Data {
  readonly id: string;
  readonly message: string;
}

/** A broker with the topic `cart` and these subscribers. */
export async function start(...subscribers: object[]): Promise<TestHttp> {
  const http = await TestHttp.start();
  expect(await http.post('/topics', { name: 'cart', subscribers })).toMatchObject(SUCCESS);
  return http;
}

/** Answers with the id. */
export async function publish(http: TestHttp, message: string): Promise<string> {
  const answer = await http.post('/topics/cart/messages', { message });
  expect(answer).toMatchObject(SUCCESS);
  return (answer.body as { data: { id: string } }).data.id;
}

export async function read(
  http: TestHttp,
  path = COUNTER,
  query = 'timeout=0s',
): Promise<readonly Data[]> {
  const answer = await http.get(`${path}?${query}`);
  expect(answer).toMatchObject(SUCCESS);
  return (answer.body as { data?: Data[] }).data ?? [];
}

export const valuesOf = (data: readonly Data[]) => data.map(({ message }) => message);
export const ack = (http: TestHttp, id: string, path = COUNTER) =>
  http.send('DELETE', `${path}/messages/${id}`);

export async function statusOf(http: TestHttp) {
  const { body } = await http.get('/topics/cart/subscribers');
  return (body as { data: unknown }).data;
}

/** Lets visibility run out until the message is a dead letter. */
export async function die(http: TestHttp, attempts: number, ms = 300_000): Promise<void> {
  const before = http.test.log.topics.get('dead-letter/cart/counter')?.sequence ?? 0n;
  const values: string[] = [];
  for (let i = 0; i < attempts; i++) {
    values.push(...valuesOf(await read(http)));
    http.test.clock.advance(ms);
  }
  await expect
    .poll(() => http.test.log.topics.get('dead-letter/cart/counter')?.sequence ?? 0n)
    .toBeGreaterThan(before);
}

export async function letters(http: TestHttp, query = '') {
  const { status, body } = await http.get(`${COUNTER}/dlq${query}`);
  expect(status).toBe(200);
  return body as { data: (Data & { attempts: number; reason: string })[]; cursor?: string };
}
