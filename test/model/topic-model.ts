/** A message, or the close marker of a topic, at its place on the tape. */
export interface Item {
  readonly topic: ModelTopic;
  readonly timestampNs: bigint;
  /** Undefined for a close marker. */
  readonly value: string | undefined;
}

/** A topic as its users understand it. */
export class ModelTopic {
  readonly name: string;
  /** Ever appended. */
  readonly messages: Item[] = [];
  trimmedCount = 0;
  maxMessages = 0;
  marker: Item | undefined;
  reason = '';
  isDeleted = false;
  /** The requests of each producer. */
  readonly producers = new Map<string, ModelRequest[]>();

  constructor(name: string) {
    this.name = name;
  }

  get retained(): Item[] {
    return this.messages.slice(this.trimmedCount);
  }

  get firstNs(): bigint {
    return this.retained[0]?.timestampNs ?? 0n;
  }

  get lastNs(): bigint {
    return this.messages.at(-1)?.timestampNs ?? 0n;
  }

  /** Whoever reads from before this timestamp on has lost something. */
  get trimmedUntilNs(): bigint {
    const last = this.messages[this.trimmedCount - 1];
    return last === undefined ? 0n : last.timestampNs + 1n;
  }

  trimTo(count: number): void {
    this.trimmedCount = Math.max(this.trimmedCount, count);
  }
}

export interface ModelRequest {
  readonly sequence: number;
  readonly values: readonly string[];
  readonly firstNs: bigint;
}

export interface PublishOptions {
  readonly producer?: { readonly name: string; readonly sequence: number };
  readonly expectedNs?: bigint;
  readonly closeReason?: string;
}

/** What becomes of a request: a refusal by its reason, or what is told about what was stored. */
export type Outcome = { readonly refused: string } | Stored;

export interface Stored {
  readonly firstNs: bigint;
  readonly lastNs: bigint;
  readonly isDuplicate: boolean;
  readonly closedNs: bigint | undefined;
}

/** Where a reader begins and ends. */
export interface Range {
  readonly from:
    | { readonly at: 'earliest' | 'latest' }
    | { readonly at: 'timestamp'; readonly timestampNs: bigint }
    | { readonly at: 'last'; readonly messageCount: bigint };
  readonly until: bigint | 'now' | undefined;
  readonly limit: number | undefined;
}

/** The broker in the mind of its users: topics on one tape. */
export class Model {
  readonly topics = new Map<string, ModelTopic>();
  nowNs: bigint;
  /** No timestamp before this one is given out any more. */
  endNs = 1n << 56n;
  /** Every timestamp that was ever given out. */
  readonly stamps: bigint[] = [];

  constructor(nowNs: bigint) {
    this.nowNs = nowNs;
  }

  topic(name: string): ModelTopic {
    const topic = this.topics.get(name) ?? new ModelTopic(name);
    this.topics.set(name, topic);
    return topic;
  }

  publish(name: string, values: readonly string[], options: PublishOptions = {}): Outcome {
    const { producer, expectedNs, closeReason } = options;
    const topic = this.topic(name);
    const requests = topic.producers.get(producer?.name ?? '') ?? [];
    if (producer !== undefined && values.length > 0) {
      const same = requests.find(
        (each) => each.sequence === producer.sequence && `${each.values}` === `${values}`,
      );
      if (same !== undefined)
        return { ...storedAt(topic, same.firstNs, values.length, closeReason), isDuplicate: true };
      const last = requests.at(-1);
      if (last !== undefined && producer.sequence < last.sequence + last.values.length) {
        return { refused: 'PRODUCER_CONFLICT' };
      }
    }
    if (topic.marker !== undefined) {
      return values.length === 0
        ? storedAt(topic, 0n, 0, closeReason)
        : { refused: 'CHANNEL_CLOSED' };
    }
    if (expectedNs !== undefined && expectedNs !== topic.lastNs) return { refused: 'CONFLICT' };

    let nextNs = this.nowNs > this.endNs ? this.nowNs : this.endNs;
    const firstNs = values.length === 0 ? 0n : nextNs;
    for (const value of values) topic.messages.push({ topic, timestampNs: nextNs++, value });
    if (closeReason !== undefined) {
      topic.marker = { topic, timestampNs: nextNs++, value: undefined };
      topic.reason = closeReason;
    }
    for (let ns = firstNs === 0n ? nextNs - 1n : firstNs; ns < nextNs; ns++) this.stamps.push(ns);
    this.endNs = nextNs;
    if (producer !== undefined && values.length > 0) {
      topic.producers.set(producer.name, [
        ...requests,
        { sequence: producer.sequence, values, firstNs },
      ]);
    }
    return storedAt(topic, firstNs, values.length, closeReason);
  }

  trim(topic: ModelTopic, beforeNs: bigint): void {
    topic.trimTo(topic.messages.filter(({ timestampNs }) => timestampNs < beforeNs).length);
  }

  applyRetention(): void {
    for (const topic of this.topics.values()) {
      if (topic.maxMessages > 0) topic.trimTo(topic.messages.length - topic.maxMessages);
    }
  }

  delete(name: string): void {
    const topic = this.topics.get(name);
    if (topic !== undefined) topic.isDeleted = true;
    this.topics.delete(name);
  }

  matching(glob: RegExp): ModelTopic[] {
    return [...this.topics.values()].filter(({ name }) => glob.test(name));
  }

  /** What a reader of one topic is told, up to the end or to where it has caught up. */
  readTopic(name: string, range: Range): Outcome | unknown[] {
    const topic = this.topics.get(name);
    const untilNs = range.until === 'now' ? this.endNs : range.until;
    const isOver = range.until === 'now' || (untilNs !== undefined && untilNs <= this.nowNs);
    if (topic === undefined && isOver) return { refused: 'TOPIC_NOT_FOUND' };
    if (this.#isReversed(range, untilNs)) return { refused: 'INVALID_ARGUMENT' };
    if (topic === undefined) return ['caught up'];
    const fromNs = this.#fromNs(range, topic.retained);
    const messages = within(topic.retained, fromNs, untilNs).slice(0, range.limit);
    const told = [...trimmedFor([topic], range), ...messages.map(({ value }) => value)];
    if (messages.length === range.limit) return [...told, { end: 'limit' }];
    const { marker } = topic;
    if (marker !== undefined && (untilNs === undefined || marker.timestampNs < untilNs)) {
      return [...told, { closed: name, reason: topic.reason }, { end: 'closed' }];
    }
    const hasEnded = untilNs !== undefined && (untilNs <= this.endNs || untilNs <= fromNs);
    return [...told, hasEnded ? { end: 'until' } : 'caught up'];
  }

  /** What a reader of all topics that match is told. */
  readGlob(glob: RegExp, range: Range): Outcome | unknown[] {
    const topics = this.matching(glob);
    const untilNs = range.until === 'now' ? this.endNs : range.until;
    if (this.#isReversed(range, untilNs)) return { refused: 'INVALID_ARGUMENT' };
    const fromNs = this.#fromNs(
      range,
      topics.flatMap(({ retained }) => retained),
    );
    const told = trimmedFor(topics, range);
    let left = range.limit ?? Number.POSITIVE_INFINITY;
    for (const item of within(this.itemsOf(topics), fromNs, untilNs)) {
      told.push(shortOf(item));
      if (item.value !== undefined) left--;
      if (left === 0) return [...told, { end: 'limit' }];
    }
    const hasEnded = untilNs !== undefined && (untilNs <= this.endNs || untilNs <= fromNs);
    return [...told, hasEnded ? { end: 'until' } : 'caught up'];
  }

  /** Messages and close markers of these topics, in the order of the tape. */
  itemsOf(topics: readonly ModelTopic[]): Item[] {
    return topics
      .flatMap(({ retained, marker }) => [...retained, ...(marker === undefined ? [] : [marker])])
      .sort((a, b) => (a.timestampNs < b.timestampNs ? -1 : 1));
  }

  #isReversed({ from, until }: Range, untilNs: bigint | undefined): boolean {
    if (from.at !== 'timestamp' || untilNs === undefined || untilNs >= from.timestampNs)
      return false;
    // Nothing is there in the future: to ask for what is there now ends at once.
    return until !== 'now';
  }

  #fromNs({ from }: Range, retained: readonly Item[]): bigint {
    switch (from.at) {
      case 'earliest':
        return 0n;
      case 'latest':
        return this.endNs;
      case 'timestamp':
        return from.timestampNs;
      case 'last': {
        const sorted = retained
          .map(({ timestampNs }) => timestampNs)
          .sort((a, b) => (a < b ? -1 : 1));
        return sorted.at(-Number(from.messageCount)) ?? 0n;
      }
    }
  }
}

/** An item of many topics, as the tests write it. */
export function shortOf({ topic, value }: Item): unknown {
  return value === undefined
    ? { closed: topic.name, reason: topic.reason }
    : `${topic.name}:${value}`;
}

function storedAt(
  topic: ModelTopic,
  firstNs: bigint,
  count: number,
  closeReason: string | undefined,
): Stored {
  return {
    firstNs,
    lastNs: count === 0 ? 0n : firstNs + BigInt(count) - 1n,
    isDuplicate: false,
    closedNs: closeReason === undefined ? undefined : topic.marker?.timestampNs,
  };
}

function within(items: readonly Item[], fromNs: bigint, untilNs: bigint | undefined): Item[] {
  return items.filter(
    ({ timestampNs }) => timestampNs >= fromNs && (untilNs === undefined || timestampNs < untilNs),
  );
}

/** Who asks by time for what is trimmed is told. */
function trimmedFor(topics: readonly ModelTopic[], { from }: Range): unknown[] {
  if (from.at !== 'timestamp') return [];
  return topics
    .filter(({ trimmedUntilNs }) => trimmedUntilNs > from.timestampNs)
    .map(({ name, firstNs }) => ({ trimmed: name, firstNs }));
}
