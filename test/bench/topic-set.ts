import type { Client } from 'playhead-client';
import { concurrently } from './concurrent.ts';
import { Payloads } from './verify.ts';
import { VerificationError } from './workload.ts';

/** Requests that are under way at a time. */
const UNDER_WAY = 64;
const PAGE_TOPICS = 1000;
const MESSAGE_BYTES = 100;
const PREFIX = 'set/';

/** Many topics that differ in a number. Each gets one message, which carries that number. */
export class TopicSet {
  readonly count: number;
  readonly #payloads = new Payloads(MESSAGE_BYTES);

  constructor(count: number) {
    this.count = count;
  }

  nameOf(index: number): string {
    return `${PREFIX}${index}`;
  }

  /** Creates those from `first` up to `end`. */
  async create(client: Client, first = 0, end = this.count): Promise<void> {
    await concurrently(end - first, UNDER_WAY, async (index) => {
      await client.topics.create(this.nameOf(first + index));
    });
  }

  /** Creates those from `first` on, one after the other; tells how long each took. */
  async createEach(
    client: Client,
    first: number,
    onCreated: (latencyMs: number) => void,
  ): Promise<void> {
    for (let index = first; index < this.count; index++) {
      const sentMs = performance.now();
      await client.topics.create(this.nameOf(index));
      onCreated(performance.now() - sentMs);
    }
  }

  /** Lists all topics. Throws unless each is there once, in order, and nothing else. */
  async verifyList(client: Client): Promise<void> {
    const expected = Array.from({ length: this.count }, (_, i) => this.nameOf(i)).sort();
    let next = 0;
    for await (const { topic } of client.topics.list('', { pageSize: PAGE_TOPICS })) {
      if (topic !== expected[next]) {
        throw new VerificationError(`the list has ${topic}, not ${expected[next] ?? 'an end'}`);
      }
      next += 1;
    }
    if (next !== this.count) {
      throw new VerificationError(`the list has ${next} topics, not ${this.count}`);
    }
  }

  /** Publishes one message to every `step`th topic. */
  async publish(client: Client, step: number, onStored?: (index: number) => void): Promise<void> {
    await concurrently(Math.floor(this.count / step), UNDER_WAY, async (place) => {
      const index = place * step;
      await using publisher = client.publisher(this.nameOf(index));
      await publisher.publish(this.#payloads.at(index));
      onStored?.(index);
    });
  }

  /** Whether these bytes are what was published to the topic of this number. */
  isValueOf(index: number, value: Buffer): boolean {
    return this.#payloads.at(index).equals(value);
  }

  /** Reads all topics at once. Throws if one has more than its message; answers with the numbers of those that have it. */
  async verifyMessages(client: Client): Promise<ReadonlySet<number>> {
    const found = new Set<number>();
    const stored = client.subscribe(`${PREFIX}*`, { from: 'earliest', follow: false });
    let lastTimestampNs = 0n;
    for await (const batch of stored.batches()) {
      for (const { topic, value, timestampNs } of batch) {
        const index = Number(topic.slice(PREFIX.length));
        if (!this.isValueOf(index, value) || found.has(index) || timestampNs <= lastTimestampNs) {
          throw new VerificationError(`${topic} has what was not published to it`);
        }
        found.add(index);
        lastTimestampNs = timestampNs;
      }
    }
    return found;
  }
}
