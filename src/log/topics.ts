import { BrokerError } from '../errors.ts';
import { TOPICS_MAX } from '../limits.ts';
import type { TailRecord, TopicRecord } from '../storage/meta.ts';
import { checkPageToken } from './page-token.ts';
import type { TopicChange, TopicConfig } from './topic.ts';
import { changeRecord, Topic } from './topic.ts';
import { checkTopicName, compileGlob } from './topic-name.ts';
import { Followers } from './wakeup.ts';

/** Makes changed records durable; several that wait go together. */
export type WriteRecords = (records: readonly TopicRecord[]) => Promise<void>;

/** Makes one change of a topic's record durable. */
type WriteChange = (topic: Topic, change: TopicChange) => Promise<void>;

/** The topics by name and id. What is here is durable: a topic is registered after its record is written. */
export class Topics {
  readonly #byName = new Map<string, Topic>();
  readonly #byId = new Map<number, Topic>();
  /** Those whose settings limit what is kept: of very many topics few have such settings. */
  readonly #limited = new Set<Topic>();
  /** Creations under way, so that two of one name make one topic. */
  readonly #creating = new Map<string, Promise<Topic>>();
  /** Who waits for a name that does not exist yet. */
  readonly #awaited = new Map<string, Followers>();
  readonly #write: WriteChange;
  #sortedNames: string[] | undefined;
  #lastId = 0;
  #lastCreatedNs = 0n;

  constructor(write: WriteRecords) {
    this.#write = groupWrites(write);
  }

  /** The last topic id that was given out. */
  get lastId(): number {
    return this.#lastId;
  }

  get size(): number {
    return this.#byName.size;
  }

  /** Takes over what the storage holds; topics that are known keep their identity. */
  restore(
    records: readonly TopicRecord[],
    tails: ReadonlyMap<number, TailRecord>,
    lastTopicId: number,
  ): void {
    this.#lastId = Math.max(this.#lastId, lastTopicId);
    for (const record of records) {
      this.#noteCreated(record.createdTimestampNs);
      const topic = this.#byId.get(record.id) ?? new Topic(record);
      topic.config = record.config;
      topic.floor = record.floor;
      const tail = tails.get(record.id);
      // A storage that has lost what was committed before must not make it look as if it had never been.
      if (tail !== undefined && tail.endNs >= topic.endNs) topic.restore(tail);
      else topic.recentFromNs = topic.endNs;
      this.#register(topic);
      if (record.isDeleted && !topic.isDeleted) this.#unregister(topic);
    }
  }

  get(name: string): Topic | undefined {
    return this.#byName.get(name);
  }

  byId(id: number): Topic | undefined {
    return this.#byId.get(id);
  }

  all(): IterableIterator<Topic> {
    return this.#byName.values();
  }

  /** Topics to which retention applies, as of this moment. */
  withRetention(): Topic[] {
    return [...this.#limited];
  }

  /** Deleted topics whose frames are still being removed. */
  deleted(): Topic[] {
    return [...this.#byId.values()].filter((topic) => topic.isDeleted);
  }

  /** Names that match the glob, in order, behind `after`. Throws INVALID_ARGUMENT if that is none. */
  *list(glob: string, after: string): Generator<Topic> {
    checkPageToken(after, checkTopicName);
    this.#sortedNames ??= [...this.#byName.keys()].sort();
    const matches = compileGlob(glob);
    for (const name of this.#sortedNames) {
      const topic = name > after && matches(name) ? this.#byName.get(name) : undefined;
      if (topic !== undefined) yield topic;
    }
  }

  /**
   * Creates the topic, or answers with the one of this name. It is given another time of creation than any topic
   * before, by which readers tell topics of one name apart. Throws LIMIT_EXCEEDED.
   */
  async create(name: string, config: TopicConfig, nowNs: bigint): Promise<Topic> {
    const existing = this.#byName.get(name) ?? this.#creating.get(name);
    if (existing !== undefined) return existing;
    if (this.#byName.size >= TOPICS_MAX) {
      throw new BrokerError(
        'LIMIT_EXCEEDED',
        `the broker has ${TOPICS_MAX} topics, which is the limit`,
        {
          limit: `${TOPICS_MAX}`,
        },
      );
    }
    const createdTimestampNs = nowNs > this.#lastCreatedNs ? nowNs : this.#lastCreatedNs + 1n;
    this.#noteCreated(createdTimestampNs);
    const creating = this.#create({
      id: ++this.#lastId,
      name,
      createdTimestampNs,
      config,
      floor: { timestampNs: 0n, sequence: 0n, bytes: 0n },
      isDeleted: false,
    }).finally(() => this.#creating.delete(name));
    this.#creating.set(name, creating);
    return creating;
  }

  async #create(record: TopicRecord): Promise<Topic> {
    const created = new Topic(record);
    await this.#write(created, {});
    const topic = this.#byId.get(record.id) ?? created;
    this.#register(topic);
    this.#awaited.get(record.name)?.wakeAll();
    return topic;
  }

  /** Makes a change to the topic's record durable, then applies it. */
  async change(topic: Topic, change: Pick<TopicChange, 'config' | 'floor'>): Promise<void> {
    await this.#write(topic, change);
    topic.change(change);
    this.#noteRetention(topic);
  }

  /** Deletes the topic for readers and writers; the name is free when this resolves. */
  async delete(topic: Topic): Promise<void> {
    await this.#write(topic, { isDeleted: true });
    if (!topic.isDeleted) this.#unregister(topic);
  }

  /** Forgets a deleted topic whose frames are gone. */
  forget(topic: Topic): void {
    this.#byId.delete(topic.id);
  }

  /** Those who wait for a topic of this name to be created. */
  awaited(name: string): Followers {
    const followers = this.#awaited.get(name) ?? new Followers();
    this.#awaited.set(name, followers);
    return followers;
  }

  /** Drops the waiting list of a name once nobody is on it. */
  releaseAwaited(name: string): void {
    if (this.#awaited.get(name)?.size === 0) this.#awaited.delete(name);
  }

  #noteCreated(createdTimestampNs: bigint): void {
    if (createdTimestampNs > this.#lastCreatedNs) this.#lastCreatedNs = createdTimestampNs;
  }

  #noteRetention(topic: Topic): void {
    if (!topic.isDeleted && hasRetention(topic)) this.#limited.add(topic);
    else this.#limited.delete(topic);
  }

  #register(topic: Topic): void {
    this.#byId.set(topic.id, topic);
    this.#noteRetention(topic);
    if (topic.isDeleted || this.#byName.get(topic.name) === topic) return;
    this.#byName.set(topic.name, topic);
    this.#sortedNames = undefined;
  }

  #unregister(topic: Topic): void {
    topic.isDeleted = true;
    this.#noteRetention(topic);
    if (this.#byName.get(topic.name) === topic) this.#byName.delete(topic.name);
    this.#sortedNames = undefined;
    topic.recent.clear();
    topic.followers.wakeAll();
  }
}

/** Whether the topic's settings limit what is kept of it. */
export function hasRetention({ config }: Topic): boolean {
  return config.maxAgeMs > 0n || config.maxBytes > 0n || config.maxMessages > 0n;
}

/**
 * Collects the changes that come while a write is under way into one next write. A record is made when it is written,
 * so that no change undoes another that was asked for at the same time.
 */
function groupWrites(write: WriteRecords): WriteChange {
  let waiting: { topic: Topic; change: TopicChange }[] = [];
  let next: Promise<void> | undefined;
  let current: Promise<void> = Promise.resolve();
  return (topic, change) => {
    waiting.push({ topic, change });
    next ??= current
      .catch(() => {
        // Told to those whose write it was.
      })
      .then(() => {
        const records = new Map<Topic, TopicRecord>();
        for (const each of waiting) {
          const record = records.get(each.topic) ?? each.topic.record();
          records.set(each.topic, changeRecord(record, each.change));
        }
        waiting = [];
        current = next ?? Promise.resolve();
        next = undefined;
        return write([...records.values()]);
      });
    return next;
  };
}
