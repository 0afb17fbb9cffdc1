import type {
  Closed,
  PublishAck as WireAck,
  Position as WirePosition,
  Topic as WireTopic,
  TopicConfig as WireTopicConfig,
} from 'playhead-proto';
import { Edge, EndReason, PublishStreamResponse, SubscribeResponse } from 'playhead-proto';
import { BrokerError, invalidArgument } from '../errors.ts';
import type { PublishAck } from '../log/append.ts';
import type { CloseMarker } from '../log/close-marker.ts';
import type { Log } from '../log/log.ts';
import type { Position } from '../log/position.ts';
import type {
  EndReason as LogEndReason,
  MessagesEvent,
  ReadEvent,
  TopicRun,
} from '../log/read-event.ts';
import type { Topic, TopicConfig } from '../log/topic.ts';
import { toWireError } from './status.ts';

const END_REASON: Readonly<Record<LogEndReason, EndReason>> = {
  closed: EndReason.CLOSED,
  limit: EndReason.LIMIT,
  until: EndReason.UNTIL,
  deleted: EndReason.DELETED,
};

export function fromWirePosition(position: WirePosition | undefined, unset: Position): Position {
  const at = position?.at;
  if (at === undefined) return unset;
  switch (at.$case) {
    case 'edge':
      if (at.value === Edge.EARLIEST) return { at: 'earliest' };
      if (at.value === Edge.LATEST) return { at: 'latest' };
      throw invalidArgument('from.edge', `${at.value} is neither EDGE_EARLIEST nor EDGE_LATEST`);
    case 'timestampNs':
      return { at: 'timestamp', timestampNs: at.value };
    case 'agoNs':
      return { at: 'ago', agoNs: at.value };
    case 'lastMessages':
      return { at: 'last', messageCount: at.value };
  }
}

export function toWireClosed(marker: CloseMarker, topic: string): Closed {
  return { ...marker, topic };
}

export function toWireAck(ack: PublishAck, topic: string): WireAck {
  const { firstTimestampNs, lastTimestampNs, isDuplicate, closed } = ack;
  return {
    firstTimestampNs,
    lastTimestampNs,
    duplicate: isDuplicate,
    closed: closed && toWireClosed(closed, topic),
  };
}

/** One result of a publish stream. */
export interface Result {
  readonly topic: string;
  readonly outcome: PublishAck | BrokerError;
}

export function encodeResults(results: readonly Result[]): Buffer {
  const encoded = PublishStreamResponse.encode({
    results: results.map(({ topic, outcome }) => ({
      outcome:
        outcome instanceof BrokerError
          ? { $case: 'error', value: toWireError(outcome) }
          : { $case: 'ack', value: toWireAck(outcome, topic) },
    })),
  }).finish();
  return Buffer.from(encoded.buffer, encoded.byteOffset, encoded.byteLength);
}

/** Messages are concatenated as they are: any sequence of runs is a response. */
export function encodeMessages(event: MessagesEvent): Buffer {
  const [first] = event.chunks;
  if (event.runs.length === 0 && event.chunks.length === 1 && first !== undefined) return first;
  return Buffer.concat([...event.chunks, encodeRuns(event.runs)]);
}

function encodeRuns(runs: readonly TopicRun[]): Uint8Array {
  return SubscribeResponse.encode({ messages: [], runs: [...runs], event: undefined }).finish();
}

export function encodeEvent(event: Exclude<ReadEvent, { type: 'messages' | 'created' }>): Buffer {
  return encodeWireEvent(toWireEvent(event));
}

export function encodeWireEvent(event: SubscribeResponse['event']): Buffer {
  return Buffer.from(SubscribeResponse.encode({ messages: [], runs: [], event }).finish());
}

function toWireEvent(
  event: Exclude<ReadEvent, { type: 'messages' | 'created' }>,
): SubscribeResponse['event'] {
  switch (event.type) {
    case 'caught_up':
      return { $case: 'caughtUp', value: { nextTimestampNs: event.nextNs } };
    case 'trimmed': {
      const { topic, firstTimestampNs } = event;
      return { $case: 'trimmed', value: { topic, firstTimestampNs } };
    }
    case 'closed':
      return { $case: 'closed', value: toWireClosed(event.marker, event.topic) };
    case 'deleted':
      return { $case: 'deleted', value: { topic: event.topic } };
    case 'end':
      return { $case: 'end', value: { reason: END_REASON[event.reason], error: undefined } };
  }
}

export function encodeEndWithError(error: BrokerError): Buffer {
  const value = { reason: EndReason.ERROR, error: toWireError(error) };
  return encodeWireEvent({ $case: 'end', value });
}

/** The settings that are set. */
export function fromWireConfig(config: WireTopicConfig | undefined): Partial<TopicConfig> {
  const { maxAgeMs, maxBytes, maxMessages, maxMessageBytes, trimConsumed } = config ?? {};
  return {
    ...(maxAgeMs !== undefined && { maxAgeMs }),
    ...(maxBytes !== undefined && { maxBytes }),
    ...(maxMessages !== undefined && { maxMessages }),
    ...(maxMessageBytes !== undefined && { maxMessageBytes }),
    ...(trimConsumed !== undefined && { trimConsumed }),
  };
}

export function toWireTopic(topic: Topic, log: Log): WireTopic {
  const nowNs = log.clock.nowNs();
  const marker = topic.closeMarker();
  return {
    topic: topic.name,
    config: {
      ...topic.config,
      maxMessageBytes: log.maxMessageBytes(topic),
      trimConsumed: topic.config.trimConsumed === true,
    },
    createdTimestampNs: topic.createdTimestampNs,
    firstTimestampNs: topic.firstTimestampNs,
    lastTimestampNs: topic.lastTimestampNs,
    messageCount: topic.retainedMessages,
    byteCount: topic.retainedBytes,
    messagesPerSecond: topic.messageRate.perSecond(nowNs),
    bytesPerSecond: topic.byteRate.perSecond(nowNs),
    closed:
      marker instanceof BrokerError
        ? {
            timestampNs: topic.endNs - 1n,
            messageCount: topic.sequence,
            reason: '',
            checksum: Buffer.alloc(0),
            topic: topic.name,
          }
        : marker && toWireClosed(marker, topic.name),
    subscriberCount: topic.subscriberCount,
  };
}
