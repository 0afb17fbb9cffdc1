import { type Fields, isFields, textOf } from '../bytes.ts';

/** A message of a request, as the HTTP API takes it. */
export function toBody(message: Fields): Fields {
  const { value, key, headers = [] } = message;
  return {
    value_base64: value ?? '',
    ...(key !== undefined && { key_base64: key }),
    headers: (headers as readonly Fields[]).map((each) => ({
      name: each['name'],
      value_base64: each['value'] ?? '',
    })),
  };
}

/** A message of an answer, as a driver tells it. */
export function fromBody(body: unknown): Fields {
  const message = isFields(body) ? body : {};
  const headers = Array.isArray(message['headers']) ? message['headers'] : [];
  return {
    topic: message['topic'],
    timestampNs: message['timestamp_ns'],
    value: base64In(message, 'value'),
    key: base64In(message, 'key'),
    headers: headers.map((each: Fields) => ({
      name: each['name'],
      value: base64In(each, 'value'),
    })),
  };
}

function base64In(fields: Fields, name: string): string {
  const encoded = fields[`${name}_base64`];
  if (typeof encoded === 'string') return encoded;
  const text = fields[name];
  return Buffer.from(typeof text === 'string' ? text : '', 'utf8').toString('base64');
}

/** `maxAgeMs` for `max_age_ms`, in everything; what is null is left out. */
export function camel(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camel);
  if (!isFields(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, each]) => each !== null)
      .map(([name, each]) => [
        name.replaceAll(/_(\w)/g, (_, c: string) => c.toUpperCase()),
        camel(each),
      ]),
  );
}

/** `max_age_ms` for `maxAgeMs`. */
export function snake(value: unknown): Fields {
  const fields = isFields(value) ? value : {};
  return Object.fromEntries(
    Object.entries(fields).map(([name, each]) => [
      name.replaceAll(/[A-Z]/g, (c) => `_${c.toLowerCase()}`),
      each,
    ]),
  );
}

export function toSubscriptionConfig(config: unknown): Fields {
  const { mode, backlog_policy, backoff_ms, ...rest } = snake(config);
  return {
    ...rest,
    ...(typeof mode === 'string' && { mode: mode.replace('_', '-') }),
    ...(typeof backlog_policy === 'string' && { backlog_policy: backlog_policy.replace('_', '-') }),
    ...(backoff_ms !== undefined && { backoff: { delays_ms: backoff_ms } }),
  };
}

export function fromSubscription(body: Fields): Fields {
  const { config, ...rest } = camel(body) as { config?: Fields };
  const { mode, backlogPolicy, backoff, ...others } = config ?? {};
  const { delaysMs } = isFields(backoff) ? backoff : {};
  return {
    ...rest,
    config: {
      ...others,
      mode: String(mode).replace('-', '_'),
      backlogPolicy: String(backlogPolicy).replace('-', '_'),
      ...(delaysMs !== undefined && { backoffMs: delaysMs }),
    },
  };
}

/** A Position as the text that the HTTP API reads; `last` has a parameter of its own. */
export function positionText(position: unknown): string {
  if (!isFields(position)) return String(position);
  const { timestampNs, agoMs } = position;
  return timestampNs === undefined ? `-${Number(agoMs)}ms` : textOf(timestampNs);
}

/** The query of a read. */
export function readQuery(
  { from, until, limit }: Fields,
  fallback: 'earliest' | 'latest',
): URLSearchParams {
  const query = new URLSearchParams();
  if (isFields(from) && 'last' in from) query.set('last', String(from['last']));
  else query.set('from', positionText(from ?? fallback));
  if (until !== undefined) query.set('until', isFields(until) ? positionText(until) : 'now');
  if (limit !== undefined) query.set('limit', textOf(limit));
  return query;
}

export function topicPath(topic: unknown): string {
  return `/v1/topics/${encodeURIComponent(String(topic))}`;
}

export function subscriptionPath({ topic, subscription }: Fields): string {
  return `${topicPath(topic)}/subscriptions/${encodeURIComponent(String(subscription))}`;
}
