import { connection } from './connection.ts';
import { AwayError, isAborted, RefusedError } from './errors.ts';
import type { Problem } from './types.ts';

export interface RequestOptions {
  readonly method?: string;
  readonly query?: Readonly<Record<string, string | number | bigint | undefined>>;
  /** Sent as JSON. */
  readonly body?: object;
  readonly accept?: string;
  readonly signal?: AbortSignal;
}

/** Asks the broker. Throws a RefusedError with its words, or an AwayError if there are none. */
export async function request(path: string, options: RequestOptions = {}): Promise<Response> {
  const { method = 'GET', body, accept, signal } = options;
  let response: Response;
  try {
    response = await fetch(`${path}${queryOf(options.query)}`, {
      method,
      cache: 'no-store',
      headers: {
        ...(accept !== undefined && { accept }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal !== undefined && { signal }),
    });
  } catch (error) {
    throw asAway(error);
  }
  if (response.ok) return response;
  const problem = await problemOf(response);
  // A broker that is going away is as good as gone.
  if (problem.reason === 'SHUTTING_DOWN') throw asAway(problem.detail);
  throw new RefusedError(problem);
}

/** As {@link request}, for an answer in JSON. */
export async function requestJson<T>(path: string, options: RequestOptions = {}): Promise<T> {
  const response = await request(path, options);
  try {
    return (await response.json()) as T;
  } catch (error) {
    throw asAway(error);
  }
}

/** The path of a topic, and of what belongs to it. */
export function topicPath(topic: string, rest = ''): string {
  return `/v1/topics/${encodeURIComponent(topic)}${rest}`;
}

export function subscriptionPath(topic: string, subscription: string, rest = ''): string {
  return topicPath(topic, `/subscriptions/${encodeURIComponent(subscription)}${rest}`);
}

/** An answer that was cut off, or never came. */
export function asAway(error: unknown): unknown {
  if (isAborted(error)) return error;
  connection.noteAway();
  return new AwayError(error);
}

function queryOf(query: RequestOptions['query'] = {}): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) params.set(name, `${value}`);
  }
  const text = params.toString();
  return text === '' ? '' : `?${text}`;
}

async function problemOf(response: Response): Promise<Problem> {
  const { status, statusText: title } = response;
  const unknown = { status, title, detail: `the broker answered ${status} ${title}`, reason: '' };
  try {
    return { ...unknown, ...((await response.json()) as Partial<Problem>) };
  } catch {
    return unknown;
  }
}
