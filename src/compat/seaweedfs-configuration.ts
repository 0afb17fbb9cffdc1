import { ConfigureTopicRequest, TopicConfiguration } from 'playhead-proto/seaweedfs';
import { invalidArgument } from '../errors.ts';
import { SEAWEEDFS_PARTITIONS } from '../limits.ts';
import { Journal } from '../log/journal.ts';
import type { Log } from '../log/log.ts';
import type { Topic } from '../log/topic.ts';
import { topicDeleted } from '../log/topic.ts';

const JOURNAL = '_seaweedfs';
/** Before a configuration in the journal: when its topic was created, int64, little-endian. */
const CREATED_BYTES = 8;

const ofLogs = new WeakMap<Log, SeaweedConfigurations>();

/**
 * What clients of SeaweedFS configure of a topic: kept and told, and nothing here goes by it. It belongs to the topic
 * and is gone with it, whoever deletes that; another of its name has none.
 */
export class SeaweedConfigurations {
  readonly #log: Log;
  #known = new WeakMap<Topic, TopicConfiguration>();
  #journal: Promise<Journal> | undefined;

  private constructor(log: Log) {
    this.#log = log;
    // What was on its way may be there or not: the journal is read again.
    log.onStorage(() => {
      this.#journal = undefined;
    });
  }

  /** Those of a log, the same at each call: a broker may listen more than once. */
  static of(log: Log): SeaweedConfigurations {
    const known = ofLogs.get(log);
    if (known !== undefined) return known;
    const configurations = new SeaweedConfigurations(log);
    ofLogs.set(log, configurations);
    return configurations;
  }

  /** What was configured last, or what holds of every topic. */
  async get(topicName: string): Promise<TopicConfiguration> {
    await this.#opened();
    const topic = this.#log.topics.get(topicName);
    const configuration = topic && this.#known.get(topic);
    const chosen = configuration ?? TopicConfiguration.fromPartial({});
    return { ...chosen, partitionCount: SEAWEEDFS_PARTITIONS };
  }

  /**
   * Resolves when it is durable. The topic is created if there is none. Throws INVALID_ARGUMENT, and what the log refuses
   * it with.
   */
  async set(topicName: string, configuration: TopicConfiguration): Promise<void> {
    const { partitionCount, collection, replication } = configuration;
    if (partitionCount !== 0 && partitionCount !== SEAWEEDFS_PARTITIONS) {
      throw invalidArgument(
        'configuration.partition_count',
        `${partitionCount}: clients have ${SEAWEEDFS_PARTITIONS} partitions built in`,
      );
    }
    checkLength('collection', collection);
    checkLength('replication', replication);
    const refusal = this.#log.writeRefusal();
    if (refusal !== undefined) throw refusal;
    const topic = await this.#log.createdTopic(topicName);
    const opened = this.#opened();
    const journal = await opened;
    await journal.prepare();
    if (topic.isDeleted) throw topicDeleted(topicName);
    // Before it is appended: an image that is taken from here on is behind it, and must not take it back.
    this.#known.set(topic, configuration);
    try {
      await journal.append([entryOf(topic, configuration)]);
    } catch (error) {
      if (this.#journal === opened) this.#journal = undefined;
      throw error;
    }
  }

  #opened(): Promise<Journal> {
    if (this.#journal !== undefined) return this.#journal;
    const known = new WeakMap<Topic, TopicConfiguration>();
    this.#known = known;
    const opening = Journal.open(this.#log, JOURNAL, {
      replay: (entry) => this.#replay(entry, known),
      images: () => this.#images(known),
    });
    this.#journal = opening;
    opening.catch(() => {
      if (this.#journal === opening) this.#journal = undefined;
    });
    return opening;
  }

  /** Leaves out what was said of a topic that is not there any more. */
  #replay(entry: Buffer, known: WeakMap<Topic, TopicConfiguration>): void {
    const { topic: name, configuration } = ConfigureTopicRequest.decode(
      entry.subarray(CREATED_BYTES),
    );
    const topic = this.#log.topics.get(name);
    if (topic?.createdTimestampNs !== entry.readBigInt64LE() || configuration === undefined) return;
    known.set(topic, configuration);
  }

  *#images(known: WeakMap<Topic, TopicConfiguration>): Generator<Uint8Array> {
    for (const topic of this.#log.topics.all()) {
      const configuration = known.get(topic);
      if (configuration !== undefined) yield entryOf(topic, configuration);
    }
  }
}

function entryOf(topic: Topic, configuration: TopicConfiguration): Uint8Array {
  const created = Buffer.alloc(CREATED_BYTES);
  created.writeBigInt64LE(topic.createdTimestampNs);
  const content = { namespace: '', topic: topic.name, configuration };
  return Buffer.concat([created, ConfigureTopicRequest.encode(content).finish()]);
}

const TEXT_BYTES = 255;

function checkLength(field: string, text: string): void {
  const bytes = Buffer.byteLength(text);
  if (bytes <= TEXT_BYTES) return;
  throw invalidArgument(
    `configuration.${field}`,
    `has ${bytes} bytes; it has at most ${TEXT_BYTES}`,
  );
}
