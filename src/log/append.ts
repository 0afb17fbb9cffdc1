import { BrokerError } from '../errors.ts';
import { formatTimestamp } from '../timestamp.ts';
import type { CloseMarker } from './close-marker.ts';
import type { MessageRun } from './message-run.ts';
import type { ProducerClaim } from './producers.ts';
import type { Topic } from './topic.ts';

/** What a publish asks of the log: messages, a close, or both, all or none. */
export interface Append {
  readonly topic: Topic;
  /** Undefined if nothing but a close is asked for. */
  readonly run: MessageRun | undefined;
  readonly producer: ProducerClaim | undefined;
  /** The append is refused unless this is the topic's last timestamp; 0 for a topic without messages. */
  readonly expectedLastTimestampNs: bigint | undefined;
  readonly close: CloseRequest | undefined;
  /** Messages of another topic that are appended in the same commit if this is accepted, and not otherwise. */
  readonly along?: AlongRun | undefined;
  /** When the log took it, by the clock of `performance.now()`. Set by the committer. */
  takenMs?: number;
  /** Called once, synchronously: with the ack when everything is durable and visible, or with why not. */
  readonly settle: (outcome: PublishAck | BrokerError) => void;
}

export interface AlongRun {
  /** Open, and never closed: a system topic. */
  readonly topic: Topic;
  readonly run: MessageRun;
}

export interface CloseRequest {
  readonly reason: string;
  readonly checksum: Buffer;
}

/** What was stored. */
export interface PublishAck {
  /** 0 without messages. */
  readonly firstTimestampNs: bigint;
  readonly lastTimestampNs: bigint;
  /** The request had been stored before; this is its first answer. */
  readonly isDuplicate: boolean;
  readonly closed: CloseMarker | undefined;
}

export function channelClosed(topic: Topic): BrokerError {
  const closedNs = topic.endNs - 1n;
  return new BrokerError(
    'CHANNEL_CLOSED',
    `topic ${topic.name} was closed at ${formatTimestamp(closedNs)}; it takes no more messages`,
    { topic: topic.name, closed_timestamp_ns: `${closedNs}` },
  );
}

export function conflict(topic: Topic, expectedNs: bigint, actualNs: bigint): BrokerError {
  const describe = (lastNs: bigint) => (lastNs === 0n ? 'none' : formatTimestamp(lastNs));
  return new BrokerError(
    'CONFLICT',
    `topic ${topic.name} has last timestamp ${describe(actualNs)}, not ${describe(expectedNs)}`,
    { topic: topic.name, last_timestamp_ns: `${actualNs}` },
  );
}

export function producerConflict(topic: Topic, claim: ProducerClaim, last: bigint): BrokerError {
  return new BrokerError(
    'PRODUCER_CONFLICT',
    `producer ${claim.name} of topic ${topic.name} stands at sequence ${last}; sequence ${claim.sequence} was used for other messages or is too old to know`,
    { topic: topic.name, producer: claim.name, last_sequence: `${last}` },
  );
}
