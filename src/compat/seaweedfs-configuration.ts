import { TopicConfiguration } from 'playhead-proto/seaweedfs';
import { invalidArgument } from '../errors.ts';
import { PAGE_BYTES, SEAWEEDFS_PARTITIONS } from '../limits.ts';
import type { Log } from '../log/log.ts';
import { runOfValues, valuesOfRun } from '../log/message-run.ts';
import { subscribe } from '../log/subscribe.ts';

/** Begins the names of the system topics that hold what was configured; that of the topic follows. */
const PREFIX = '_seaweedfs/';

/** What clients of SeaweedFS configure of a topic: kept and told. Nothing here goes by it. */
export class SeaweedConfigurations {
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  /** What was configured last, or what holds of every topic. */
  async get(topicName: string): Promise<TopicConfiguration> {
    let stored: Buffer = Buffer.alloc(0);
    if (this.#log.topics.get(`${PREFIX}${topicName}`) !== undefined) {
      const { reader } = await subscribe(this.#log, {
        topic: `${PREFIX}${topicName}`,
        position: { at: 'last', messageCount: 1n },
        untilNs: undefined,
        untilNow: true,
        maxMessages: 1,
        createdTimestampNs: undefined,
        chunkBytes: PAGE_BYTES,
      });
      for await (const event of reader.events()) {
        if (event.type !== 'messages') continue;
        for (const chunk of event.chunks) for (const value of valuesOfRun(chunk)) stored = value;
      }
    }
    return { ...TopicConfiguration.decode(stored), partitionCount: SEAWEEDFS_PARTITIONS };
  }

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
    const value = TopicConfiguration.encode(configuration).finish();
    const topic = await this.#log.createdTopic(`${PREFIX}${topicName}`);
    await this.#log.appendAndWait({
      topic,
      run: runOfValues([value]),
      producer: undefined,
      expectedLastTimestampNs: undefined,
      close: undefined,
    });
    await this.#log.trimBehind(topic, { sequence: topic.sequence - 1n });
  }

  /** To be called when the topic is deleted. */
  async forget(topicName: string): Promise<void> {
    const topic = this.#log.topics.get(`${PREFIX}${topicName}`);
    if (topic !== undefined) await this.#log.trimBehind(topic, { sequence: topic.sequence });
  }
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
