import type {
  Closed,
  Delivery,
  Message,
  PublishableMessage,
  StartPosition,
  SubscriptionInfo,
  SubscriptionSettings,
  TopicInfo,
} from 'playhead-client';
import { type Fields, isFields, textOf } from '../bytes.ts';

const NS_PER_MS = 1_000_000n;

/** A message of a request. */
export function toMessage(fields: Fields): PublishableMessage {
  const { value, key, headers = [] } = fields;
  const pairs = (headers as readonly Fields[]).map((header) => {
    return [textOf(header['name']), bytes(header['value'])] as const;
  });
  return {
    value: bytes(value),
    ...(key !== undefined && { key: bytes(key) }),
    ...(pairs.length > 0 && { headers: pairs }),
  };
}

/** A Position of the protocol of drivers. */
export function toPosition(position: unknown): StartPosition | undefined {
  if (!isFields(position)) return position as string | undefined;
  const { timestampNs, agoMs, last } = position;
  if (timestampNs !== undefined) return BigInt(textOf(timestampNs));
  if (agoMs !== undefined) return { agoNs: BigInt(Number(agoMs)) * NS_PER_MS };
  return { last: Number(last) };
}

export function toUntil(until: unknown): 'now' | bigint | undefined {
  if (until === undefined || until === 'now') return until;
  return BigInt(textOf((until as Fields)['timestampNs']));
}

/** SubscriptionConfig of the protocol, as the client takes it. */
export function toSettings(config: unknown): SubscriptionSettings {
  if (!isFields(config)) return {};
  const { leaseMs, backoffMs, idleExpiryMs, ...rest } = config;
  return {
    ...rest,
    ...(leaseMs !== undefined && { lease: Number(leaseMs) }),
    ...(backoffMs !== undefined && { backoff: backoffMs as readonly number[] }),
    ...(idleExpiryMs !== undefined && { idleExpiry: Number(idleExpiryMs) }),
  };
}

export function messageFields(message: Message): Fields {
  const { topic, timestampNs, key, value, headers } = message;
  return {
    topic,
    timestampNs: `${timestampNs}`,
    value: value.toString('base64'),
    ...(key.length > 0 && { key: key.toString('base64') }),
    ...(headers.length > 0 && {
      headers: headers.map((each) => ({ name: each.name, value: each.value.toString('base64') })),
    }),
  };
}

export function closedFields({ timestampNs, messageCount, reason, checksum }: Closed): Fields {
  return { timestampNs: `${timestampNs}`, messageCount, reason, checksum };
}

export function topicFields(info: TopicInfo): Fields {
  const { topic, config, messageCount, byteCount, closed } = info;
  return {
    topic,
    config,
    messageCount,
    byteCount,
    createdTimestampNs: `${info.createdTimestampNs}`,
    ...timestamp('firstTimestampNs', info.firstTimestampNs),
    ...timestamp('lastTimestampNs', info.lastTimestampNs),
    ...(closed !== undefined && { closed: closedFields(closed) }),
  };
}

export function durableFields(info: SubscriptionInfo): Fields {
  const { backoff, ...config } = info.config;
  const { topic, subscription, pendingCount, inFlightCount, waitingCount } = info;
  const { redeliveredCount, deadLetteredCount, acknowledgedCount, workerCount, isDrained } = info;
  const hasDelays = backoff !== undefined && 'delaysMs' in backoff;
  return {
    topic,
    subscription,
    pendingCount,
    inFlightCount,
    waitingCount,
    redeliveredCount,
    deadLetteredCount,
    acknowledgedCount,
    workerCount,
    isDrained,
    config: { ...config, ...(hasDelays && { backoffMs: backoff.delaysMs }) },
  };
}

export function deliveryFields(name: string, { attempt, message }: Delivery): Fields {
  return { delivery: name, attempt, message: messageFields(message) };
}

function timestamp(name: string, timestampNs: bigint | undefined): Fields {
  return timestampNs === undefined ? {} : { [name]: `${timestampNs}` };
}

function bytes(base64: unknown): Buffer {
  return Buffer.from(typeof base64 === 'string' ? base64 : '', 'base64');
}
