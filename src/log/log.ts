import type { Clock } from '../clock.ts';
import { BrokerError } from '../errors.ts';
import { PENDING_BYTES_MAX } from '../limits.ts';
import type { Logger } from '../logger.ts';
import type { Observer } from '../observer.ts';
import { silentObserver } from '../observer.ts';
import type { Recovered } from '../storage/recovery.ts';
import type { Store } from '../storage/store.ts';
import type { Append, CloseRequest, PublishAck } from './append.ts';
import { Checkpointer } from './checkpointer.ts';
import type { CloseMarker } from './close-marker.ts';
import type { CommitFrame } from './commit.ts';
import { Committer } from './committer.ts';
import { DiskGuard } from './disk-guard.ts';
import { checkTimestamp } from './position.ts';
import { Producers } from './producers.ts';
import type { ReadContext } from './read-context.ts';
import { StoreGate } from './read-context.ts';
import { RecentFrames } from './recent-frames.ts';
import { Reopener } from './reopener.ts';
import { floorBehind } from './retention.ts';
import { Sweeper } from './sweeper.ts';
import type { Topic, TopicConfig } from './topic.ts';
import { DEFAULT_TOPIC_CONFIG, topicNotFound } from './topic.ts';
import { configWith, differenceOf } from './topic-config.ts';
import { checkTopicName, checkWritableName } from './topic-name.ts';
import { Topics } from './topics.ts';
import { Followers } from './wakeup.ts';

/** How the log is set up; all of it handed in. */
export interface LogOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  /** True: acknowledge once it is on disk. False: once the operating system has it. */
  readonly sync: boolean;
  /** Whether a publish makes a topic that does not exist. */
  readonly autoCreateTopics: boolean;
  readonly maxMessageBytes: number;
  readonly observer?: Observer;
}

/**
 * The log: topics on one tape. Takes appends, makes them durable in commits, and tells readers. *Open* is the only
 * state that takes writes; on a storage error it is *recovering* until the storage is open again, and once
 * it is *draining* it takes nothing new until it is *closed*.
 */
export class Log {
  readonly #options: LogOptions;
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #producers = new Producers();
  readonly #recent = new RecentFrames();
  readonly #tapeFollowers = new Followers();
  readonly #deletions = { count: 0 };
  readonly #topics: Topics;
  readonly #committer: Committer;
  readonly #checkpointer: Checkpointer;
  readonly #sweeper: Sweeper;
  readonly #guard: DiskGuard;
  readonly #reopener: Reopener;
  readonly #readContext: ReadContext;
  readonly #storageListeners: ((failure: BrokerError | undefined) => void)[] = [];
  readonly #deletionListeners: ((topic: Topic) => void)[] = [];
  readonly #drainListeners: (() => void)[] = [];
  readonly #writabilityListeners: (() => void)[] = [];
  /** Topics that a write has created and not been appended to yet. */
  readonly #unwritten = new WeakSet<Topic>();
  #isDraining = false;
  #closing: Promise<void> | undefined;

  private constructor(options: LogOptions) {
    const { store, clock, logger, observer = silentObserver } = options;
    this.#options = options;
    this.#store = store;
    this.#clock = clock;
    const fail = (cause: unknown) => this.#reopener.fail(cause);
    const failUnlessRefused = (error: unknown) => {
      if (!(error instanceof BrokerError)) fail(error);
    };
    this.#topics = new Topics((records) => store.putTopics(records));
    this.#committer = new Committer(
      { write: (frames) => this.#write(frames), apply: (frames) => this.#apply(frames), fail },
      clock,
      this.#producers,
      observer,
    );
    const parts = { topics: this.#topics, producers: this.#producers, committer: this.#committer };
    this.#checkpointer = new Checkpointer(store, clock, parts, failUnlessRefused);
    this.#sweeper = new Sweeper({
      ...parts,
      store,
      clock,
      checkpointer: this.#checkpointer,
      observer,
      isWritable: () => this.#reopener.failure === undefined,
      onError: failUnlessRefused,
    });
    this.#guard = new DiskGuard(store, clock, {
      onFull: (freeBytes) => {
        logger.error({ free_bytes: freeBytes }, 'the disk is nearly full: writes are refused');
        this.#tellWritability();
      },
      onRoom: () => {
        logger.info({}, 'there is room on the disk again');
        this.#tellWritability();
      },
    });
    this.#reopener = new Reopener({
      store,
      clock,
      logger,
      hasRoom: () => this.#guard.hasRoomToOpen(),
      onFailed: (error) => {
        observer.storageFailed();
        this.#committer.refuseWaiting(error);
        for (const listener of this.#storageListeners) listener(error);
        this.#tellWritability();
      },
      onReopened: (recovered) => {
        this.#restore(recovered);
        for (const listener of this.#storageListeners) listener(undefined);
        this.#tellWritability();
      },
    });
    this.#readContext = {
      topics: this.#topics,
      committer: this.#committer,
      recent: this.#recent,
      clock,
      gate: new StoreGate(store, fail),
      tapeFollowers: this.#tapeFollowers,
      deletions: this.#deletions,
      observer,
    };
  }

  /** Opens the storage and finds everything as it was. */
  static async open(options: LogOptions): Promise<Log> {
    const log = new Log(options);
    const recovered = await options.store.open();
    if (recovered.isDamaged) {
      options.logger.error(
        {},
        'the tape has lost frames; reading the lost ranges answers DATA_LOSS',
      );
    }
    log.#restore(recovered);
    await log.#guard.check();
    log.#sweeper.start();
    return log;
  }

  get topics(): Topics {
    return this.#topics;
  }

  get readContext(): ReadContext {
    return this.#readContext;
  }

  get clock(): Clock {
    return this.#clock;
  }

  /** Whether a publish makes a topic that does not exist. */
  get autoCreatesTopics(): boolean {
    return this.#options.autoCreateTopics;
  }

  get isDraining(): boolean {
    return this.#isDraining;
  }

  /** Timestamp of the last frame; 0 if there never was one. */
  get lastTimestampNs(): bigint {
    return this.#committer.tapeSequence === 0n ? 0n : this.#committer.endNs - 1n;
  }

  /** True while the storage is being opened again. */
  get isRecovering(): boolean {
    return this.#reopener.failure !== undefined;
  }

  /** Bytes that wait to be written, or are being written. */
  get pendingBytes(): number {
    return this.#committer.pendingBytes;
  }

  /** False when publishers should wait; {@link onRoom} tells when there is room again. */
  get hasRoom(): boolean {
    return this.#committer.hasRoom;
  }

  /** Woken when there is room again. */
  get roomFollowers(): Followers {
    return this.#committer.roomFollowers;
  }

  /** Why nothing can be written now; undefined if it can. */
  writeRefusal(): BrokerError | undefined {
    const refusal = this.#changeRefusal();
    if (refusal !== undefined || !this.#guard.isFull) return refusal;
    return new BrokerError(
      'DISK_FULL',
      `the disk has only ${this.#guard.freeBytes} bytes left; nothing was stored; writes go on once there is room`,
    );
  }

  /** Why not even a record can be changed now. On a full disk it can: the reserve is there so that room can be made. */
  #changeRefusal(): BrokerError | undefined {
    if (this.#isDraining) return new BrokerError('SHUTTING_DOWN', 'the broker is shutting down');
    return this.#reopener.failure;
  }

  /** Takes an append; it is settled exactly once. */
  append(append: Append): void {
    // A topic was created for it when there was room: a refusal now would have stored that. What it takes is reserved.
    const isBegun = this.#unwritten.delete(append.topic);
    const refusal = isBegun ? this.#changeRefusal() : this.writeRefusal();
    if (refusal !== undefined) append.settle(refusal);
    else if (!isBegun && this.#committer.pendingBytes > PENDING_BYTES_MAX)
      append.settle(overloaded());
    else this.#committer.enqueue(append);
  }

  /** As {@link append}, with a promise. */
  appendAndWait(append: Omit<Append, 'settle'>): Promise<PublishAck> {
    return new Promise((resolve, reject) => {
      const settle = (outcome: PublishAck | BrokerError) =>
        outcome instanceof BrokerError ? reject(outcome) : resolve(outcome);
      this.append({ ...append, settle });
    });
  }

  /**
   * As {@link appendAndWait} for what the broker notes for itself: also while it is draining, and on a full disk, whose
   * reserve is there so that messages can be consumed.
   */
  appendInternally(append: Omit<Append, 'settle'>): Promise<PublishAck> {
    const refusal = this.#reopener.failure;
    if (refusal !== undefined) return Promise.reject(refusal);
    return new Promise((resolve, reject) => {
      this.#committer.enqueue({
        ...append,
        settle: (outcome) => (outcome instanceof BrokerError ? reject(outcome) : resolve(outcome)),
      });
    });
  }

  /** The topic of this name, created with these settings if there is none, whatever is configured. */
  async createdTopic(name: string, settings: Partial<TopicConfig> = {}): Promise<Topic> {
    return this.#topics.get(name) ?? this.#create(name, { ...DEFAULT_TOPIC_CONFIG, ...settings });
  }

  /** The topic of this name, for writing: created if there is none and that is not switched off. */
  async topicForWriting(name: string): Promise<Topic> {
    checkWritableName(name);
    const topic = this.#topics.get(name);
    if (topic !== undefined) return topic;
    checkTopicName(name);
    if (!this.#options.autoCreateTopics) throw topicNotFound(name);
    if (this.#committer.pendingBytes > PENDING_BYTES_MAX) throw overloaded();
    const created = await this.#create(name, DEFAULT_TOPIC_CONFIG);
    if (created.endNs === 0n) this.#unwritten.add(created);
    return created;
  }

  /** The topic of this name. Throws TOPIC_NOT_FOUND. */
  topic(name: string): Topic {
    const topic = this.#topics.get(name);
    if (topic !== undefined) return topic;
    checkTopicName(name);
    throw topicNotFound(name);
  }

  /** Largest message that the topic takes, or a new one. */
  maxMessageBytes(topic?: Topic): number {
    return topic?.config.maxMessageBytes || this.#options.maxMessageBytes;
  }

  /** Creates a topic; answers with the existing one if it has the same settings. Throws TOPIC_EXISTS. */
  async createTopic(name: string, changes: Partial<TopicConfig>): Promise<Topic> {
    checkTopicName(name);
    checkWritableName(name);
    const config = configWith(DEFAULT_TOPIC_CONFIG, changes, this.#options.maxMessageBytes);
    const topic = this.#topics.get(name) ?? (await this.#create(name, config));
    const difference = differenceOf(topic.config, config, this.#options.maxMessageBytes);
    if (difference === undefined) return topic;
    throw new BrokerError('TOPIC_EXISTS', `topic ${name} exists with another ${difference}`, {
      topic: name,
    });
  }

  async updateTopic(name: string, changes: Partial<TopicConfig>): Promise<Topic> {
    checkWritableName(name);
    const topic = this.topic(name);
    configWith(topic.config, changes, this.#options.maxMessageBytes);
    await this.#writing(() => this.#topics.change(topic, { config: changes }));
    this.#sweeper.sweep();
    return topic;
  }

  /** Removes what is before the timestamp, for readers at once. Never takes anything back. */
  async trimTopic(name: string, beforeNs: bigint): Promise<Topic> {
    checkWritableName(name);
    const topic = this.topic(name);
    checkTimestamp('before_timestamp_ns', beforeNs);
    if (topic.retainedMessages === 0n || beforeNs <= topic.floor.timestampNs) return topic;
    await this.trimBehind(topic, { timestampNs: beforeNs });
    return topic;
  }

  /** Removes what is before a timestamp or a sequence. */
  async trimBehind(
    topic: Topic,
    cutoff: { readonly timestampNs?: bigint; readonly sequence?: bigint },
  ): Promise<void> {
    await this.#writing(async () => {
      const whole = { timestampNs: 0n, sequence: 0n, bytes: 0n, ...cutoff };
      const floor = await floorBehind(topic, whole, this.#store);
      const messageCount = floor.sequence - topic.floor.sequence;
      if (messageCount <= 0n) return;
      await this.#topics.change(topic, { floor });
      if (!topic.isSystem) this.#readContext.observer.trimmed(Number(messageCount));
    });
    this.#sweeper.remove(topic);
  }

  /** Closes a topic, creating it if need be. Idempotent. */
  async closeTopic(name: string, close: CloseRequest): Promise<CloseMarker> {
    const topic = await this.topicForWriting(name);
    const nothing = { run: undefined, producer: undefined, expectedLastTimestampNs: undefined };
    const { closed } = await this.appendAndWait({ topic, close, ...nothing });
    if (closed === undefined)
      throw new BrokerError('INTERNAL', `topic ${name} was closed without a marker`);
    return closed;
  }

  async deleteTopic(name: string): Promise<void> {
    checkWritableName(name);
    const topic = this.topic(name);
    await this.#writing(() => this.#topics.delete(topic));
    this.#deletions.count++;
    for (const listener of this.#deletionListeners) listener(topic);
    this.#tapeFollowers.wakeAll();
    this.#sweeper.remove(topic);
  }

  /**
   * Calls `listener` each time that the storage has failed, with why, and each time that it is open again: then what
   * was appended before and not acknowledged may be there or not.
   */
  onStorage(listener: (failure: BrokerError | undefined) => void): void {
    this.#storageListeners.push(listener);
  }

  /** Calls `listener` with each topic that is deleted. */
  onDeleted(listener: (topic: Topic) => void): void {
    this.#deletionListeners.push(listener);
  }

  /** Calls `listener` whenever writes are taken again, or not any more; {@link writeRefusal} tells which. */
  onWritability(listener: () => void): void {
    this.#writabilityListeners.push(listener);
  }

  #tellWritability(): void {
    for (const listener of this.#writabilityListeners) listener();
  }

  /** Calls `listener` when nothing new is taken any more. */
  onDraining(listener: () => void): void {
    this.#drainListeners.push(listener);
  }

  /** The last sequence that a producer has used on a topic. */
  producer(topicName: string, name: string): { sequence: bigint; timestampNs: bigint } | undefined {
    const topic = this.#topics.get(topicName);
    return topic === undefined ? undefined : this.#producers.last(topic.id, name);
  }

  /** Resolves when trims and deletions so far have given their space back. */
  async swept(): Promise<void> {
    await this.#sweeper.idle();
  }

  /** Takes nothing new from now on. What was taken is still acknowledged. */
  drain(): void {
    if (this.#isDraining) return;
    this.#isDraining = true;
    for (const listener of this.#drainListeners) listener();
    this.#tellWritability();
  }

  /** Finishes what was taken, notes where everything stands, and closes the storage. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.drain();
    await this.#committer.idle();
    this.#guard.close();
    this.#checkpointer.close();
    await this.#sweeper.close();
    await this.#reopener.close();
    if (this.#reopener.failure === undefined) {
      await this.#checkpointer.run().catch((error: unknown) => {
        // Without it the next start reads more of the tape, and finds the same.
        this.#options.logger.warn({ err: error }, 'no checkpoint at the end');
      });
    }
    this.#checkpointer.close();
    await this.#store.close();
  }

  async #create(name: string, config: TopicConfig): Promise<Topic> {
    // What is known of the disk may be old, and the publish behind this may be what finds it full.
    await this.#guard.look();
    const refusal = this.writeRefusal();
    if (refusal !== undefined) throw refusal;
    const { endNs } = this.#committer;
    const clockNs = this.#clock.nowNs();
    const nowNs = clockNs > endNs ? clockNs : endNs;
    return this.#writing(() => this.#topics.create(name, config, nowNs));
  }

  /** Runs a change of records. */
  async #writing<T>(run: () => Promise<T>): Promise<T> {
    const refusal = this.#changeRefusal();
    if (refusal !== undefined) throw refusal;
    try {
      return await run();
    } catch (error) {
      throw error instanceof BrokerError ? error : this.#reopener.fail(error);
    }
  }

  async #write(frames: readonly CommitFrame[]): Promise<void> {
    await this.#store.append(frames, { sync: this.#options.sync });
    this.#guard.wrote(frames.reduce((sum, frame) => sum + frame.value.length, 0));
  }

  #apply(frames: readonly CommitFrame[]): void {
    const nowNs = this.#clock.nowNs();
    const topics = new Set<Topic>();
    for (const { topic, frame } of frames) {
      topic.apply(frame);
      topics.add(topic);
      if (topic.isDeleted) continue;
      if (topic.isSystem) {
        // Nobody follows it: it would only take the room of what is followed.
        topic.recentFromNs = topic.endNs;
        continue;
      }
      this.#recent.push(topic, frame);
      topic.messageRate.add(frame.messageCount, nowNs);
      if (frame.kind === 'data') topic.byteRate.add(frame.body.length, nowNs);
      for (const { name, sequence, messageCount, crc, index } of frame.producers) {
        const timestampNs = frame.timestampNs + BigInt(index);
        this.#producers.record(topic.id, name, { sequence, messageCount, crc, timestampNs });
      }
    }
    this.#checkpointer.committed(frames);
    for (const topic of topics) topic.admission?.appended();
    for (const topic of topics) topic.followers.wakeAll();
    this.#tapeFollowers.wakeAll();
  }

  #restore(recovered: Recovered): void {
    // Frames may have been found that nobody was told of: what is in memory has a hole where they are.
    this.#recent.restart(recovered.endNs);
    this.#topics.restore(recovered.topics, recovered.tails, recovered.lastTopicId);
    this.#producers.load(recovered.producers);
    this.#committer.restore(recovered.endNs, recovered.tapeSequence);
    if (!recovered.isNoted) this.#checkpointer.recovered();
    for (const topic of this.#topics.all()) topic.followers.wakeAll();
    this.#tapeFollowers.wakeAll();
  }
}

function overloaded(): BrokerError {
  return new BrokerError(
    'OVERLOADED',
    `${PENDING_BYTES_MAX} bytes wait to be written, which is the limit; send again a little later`,
    { limit_bytes: `${PENDING_BYTES_MAX}` },
  );
}
