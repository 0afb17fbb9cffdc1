import { BrokerError, invalidArgument } from '../errors.ts';
import { SEAWEEDFS_PARTITIONS } from '../limits.ts';
import { checkTopicName, checkWritableName } from '../log/topic-name.ts';

/** What clients of SeaweedFS call a topic by. */
export interface SeaweedTopicName {
  readonly namespace: string;
  readonly topic: string;
}

const CHANNEL_PREFIX = 'chan/';

/**
 * The topic of a namespace and a name: `NAMESPACE/TOPIC`, or the name alone without a namespace. All partitions are of
 * this one topic, so that others read and write it like any. The channels of the Go client are in the namespace `chan`, and
 * are those of `client.channel()`. As in SeaweedFS, where both were directories, a namespace may have slashes. Throws
 * INVALID_ARGUMENT.
 */
export function topicNameOf({ namespace, topic }: SeaweedTopicName): string {
  if (topic === '') throw invalidArgument('topic', 'a topic name must not be empty');
  const name = namespace === '' ? topic : `${namespace}/${topic}`;
  checkTopicName(name);
  return name;
}

/** As {@link topicNameOf}, for writing. */
export function writableTopicNameOf(given: SeaweedTopicName): string {
  const name = topicNameOf(given);
  checkWritableName(name);
  return name;
}

/** A channel has one list of messages, partition 0. */
export function isChannel(topicName: string): boolean {
  return topicName.startsWith(CHANNEL_PREFIX);
}

/** Throws INVALID_ARGUMENT unless clients know this partition. */
export function checkPartition(partition: number): void {
  if (partition >= 0 && partition < SEAWEEDFS_PARTITIONS) return;
  throw invalidArgument(
    'partition',
    `${partition}: a topic has the partitions 0 to ${SEAWEEDFS_PARTITIONS - 1}`,
  );
}

/** Only the one list of a channel can be closed. Throws INVALID_ARGUMENT. */
export function checkClosable(topicName: string, partition: number): void {
  if (isChannel(topicName) && partition === 0) return;
  throw invalidArgument(
    'is_close',
    `${topicName}: only partition 0 of a channel (namespace "chan") can be closed`,
  );
}

/** What a publisher gets that comes to a channel which is closed, in the words of SeaweedFS. */
export function alreadyClosed(topicName: string, closedNs: bigint): BrokerError {
  return new BrokerError('CHANNEL_CLOSED', `channel is already closed: ${topicName}`, {
    topic: topicName,
    closed_timestamp_ns: `${closedNs}`,
  });
}
