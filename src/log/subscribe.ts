import { invalidArgument } from '../errors.ts';
import { formatTimestamp } from '../timestamp.ts';
import type { Log } from './log.ts';
import type { Position } from './position.ts';
import { checkTimestamp, resolveOnTape, resolveOnTopic } from './position.ts';
import type { Reader } from './read-event.ts';
import { TapeReader } from './tape-reader.ts';
import { topicNotFound } from './topic.ts';
import { checkGlob, checkTopicName, compileGlob, isGlob } from './topic-name.ts';
import { TopicReader } from './topic-reader.ts';

/** What a subscriber asks for. */
export interface SubscribeOptions {
  /** Name or glob. */
  readonly topic: string;
  readonly position: Position;
  readonly untilNs: bigint | undefined;
  /** End with what is committed now. */
  readonly untilNow: boolean;
  readonly maxMessages: number | undefined;
  /** End with *deleted* unless the topic was created at this timestamp. */
  readonly createdTimestampNs: bigint | undefined;
  readonly chunkBytes: number;
  /** As in {@link ReadOptions}. */
  readonly firstChunkBytes?: number;
}

/** A reader, and how the request was understood. */
export interface Subscription {
  readonly reader: Reader;
  readonly fromNs: bigint;
  readonly untilNs: bigint | undefined;
  /** Undefined if the topic does not exist yet, and for a glob. */
  readonly createdTimestampNs: bigint | undefined;
}

/** Opens a reader of a topic, or of all topics that match a glob. The caller iterates and closes it. */
export async function subscribe(log: Log, options: SubscribeOptions): Promise<Subscription> {
  const { position } = options;
  if (position.at === 'timestamp') checkTimestamp('from', position.timestampNs);
  if (position.at === 'ago' && position.agoNs < 0n) {
    throw invalidArgument('from', `${position.agoNs} ns ago is in the future; use a timestamp`);
  }
  if (position.at === 'last' && position.messageCount < 1n) {
    throw invalidArgument(
      'from',
      `the last ${position.messageCount} messages are none; at least 1`,
    );
  }
  if (options.untilNs !== undefined) checkTimestamp('until_timestamp_ns', options.untilNs);
  return isGlob(options.topic) ? subscribeTape(log, options) : subscribeTopic(log, options);
}

async function subscribeTopic(log: Log, options: SubscribeOptions): Promise<Subscription> {
  const { topic: name, createdTimestampNs } = options;
  const { gate, committer } = log.readContext;
  checkTopicName(name);
  const topic = log.topics.get(name);
  const untilNs = options.untilNow ? committer.endNs : options.untilNs;
  const isOver = options.untilNow || (untilNs !== undefined && untilNs <= log.clock.nowNs());
  if (topic === undefined && isOver) throw topicNotFound(name);
  const endNs = committer.endNs;
  const { fromNs, isExact } = await gate.read((store) =>
    resolveOnTopic(options.position, topic, endNs, log.clock, store),
  );
  checkOrder(options, fromNs, untilNs);
  const isOther =
    createdTimestampNs !== undefined && createdTimestampNs !== topic?.createdTimestampNs;
  const reader = isOther
    ? deletedReader(name)
    : new TopicReader(log.readContext, name, topic, { ...options, fromNs, untilNs, isExact });
  const createdNs = topic?.createdTimestampNs;
  return {
    reader,
    fromNs,
    untilNs: toldEnd(options, fromNs, untilNs),
    createdTimestampNs: createdNs,
  };
}

async function subscribeTape(log: Log, options: SubscribeOptions): Promise<Subscription> {
  const { topic: glob } = options;
  const { gate, committer, topics } = log.readContext;
  checkGlob(glob);
  const matches = compileGlob(glob);
  const untilNs = options.untilNow ? committer.endNs : options.untilNs;
  const endNs = committer.endNs;
  const { fromNs, isExact } = await gate.read((store) =>
    resolveOnTape(
      options.position,
      (id) => {
        const topic = topics.byId(id);
        return topic !== undefined && !topic.isDeleted && matches(topic.name) ? topic : undefined;
      },
      endNs,
      log.clock,
      store,
    ),
  );
  checkOrder(options, fromNs, untilNs);
  const reader = new TapeReader(log.readContext, matches, { ...options, fromNs, untilNs, isExact });
  return {
    reader,
    fromNs,
    untilNs: toldEnd(options, fromNs, untilNs),
    createdTimestampNs: undefined,
  };
}

function checkOrder(options: SubscribeOptions, fromNs: bigint, untilNs: bigint | undefined): void {
  if (untilNs === undefined || untilNs >= fromNs) return;
  const { position, untilNow } = options;
  // What was asked for relative to the tape may lie behind `until`: that is an empty range, not a mistake. So is what
  // is there from a time on that is behind the end of the tape.
  if (untilNow || (position.at !== 'timestamp' && position.at !== 'ago')) return;
  throw invalidArgument(
    'until_timestamp_ns',
    `${formatTimestamp(untilNs)} is before from, which is ${formatTimestamp(fromNs)}`,
  );
}

/** Where the subscription ends, for whoever asked: a range of nothing where it begins, and not before. */
function toldEnd(
  { untilNow }: SubscribeOptions,
  fromNs: bigint,
  untilNs: bigint | undefined,
): bigint | undefined {
  return untilNow && untilNs !== undefined && untilNs < fromNs ? fromNs : untilNs;
}

function deletedReader(topic: string): Reader {
  return {
    async *events() {
      yield { type: 'deleted', topic };
      yield { type: 'end', reason: 'deleted' };
    },
    close() {},
  };
}
