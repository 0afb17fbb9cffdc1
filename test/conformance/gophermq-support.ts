import { expect } from 'vitest';
import type { TestHttp } from '../support/test-http.ts';

export const OK = { status: 200, body: { status: 'ok' } };
export const refused = (status: number, message: string) => ({ status, body: { message } });
export const BAD_ID = refused(404, 'bad id');
export const BAD_BODY = refused(400, "request's body is invalid");
export const BAD_SUBJECT = refused(400, 'invalid subject');
export const OVERFLOW = refused(429, 'broker overflow');
export const NOBODY = refused(404, 'subscriber not found');
export const UNLIMITED = { maxPending: 1_000_000, subscriberTtlMs: 600_000 };
export const JSON_TYPE = { 'content-type': 'application/json' };

export async function subscribe(http: TestHttp, subject: string): Promise<string> {
  const { status, body } = await http.post('/api/subscribe', { subject });
  expect(status).toBe(200);
  return (body as { id: string }).id;
}

export const publish = (http: TestHttp, subject: string, data: string) =>
  http.post('/api/publish', { subject, data });

/** The status of each of many publishes at once. */
export async function publishAtOnce(
  http: TestHttp,
  subject: string,
  count: number,
): Promise<number[]> {
  const all = Array.from({ length: count }, (_, i) => publish(http, subject, `${i}`));
  return (await Promise.all(all)).map(({ status }) => status);
}

export async function fetchData(http: TestHttp, subject: string, id: string, more: object = {}) {
  const { status, body } = await http.post('/api/fetch', { subject, id, ...more });
  expect(status).toBe(200);
  return body as { data: string[]; dataBase64?: (string | null)[]; token?: string; more?: true };
}
