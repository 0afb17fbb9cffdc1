import { PRODUCER_REQUESTS, PRODUCER_REQUESTS_MAX, PRODUCERS_MAX } from '../limits.ts';
import type { ProducerRecord, ProducerRequest } from '../storage/meta.ts';

/** A producer's claim on a request: that these messages are its number `sequence` and following. */
export interface ProducerClaim {
  readonly name: string;
  readonly sequence: bigint;
  /** Over the messages before they are stamped. */
  readonly crc: number;
}

/** What a claim turns out to be. */
export type ClaimOutcome =
  | { readonly kind: 'new' }
  | { readonly kind: 'duplicate'; readonly request: ProducerRequest }
  | { readonly kind: 'conflict'; readonly lastSequence: bigint };

/** A producer of one topic. */
interface Producer {
  readonly topicId: number;
  readonly name: string;
  /** The last requests, oldest first. */
  readonly requests: ProducerRequest[];
}

/**
 * The last requests of each producer of each topic: a request sent again is recognised and gets its first answer.
 * What is here has been committed. The least recently used producer is forgotten first.
 */
export class Producers {
  /** In the order of use. */
  readonly #producers = new Map<string, Producer>();
  readonly #changed = new Set<string>();
  readonly #forgotten = new Map<string, Producer>();
  #requestCount = 0;

  load(records: readonly ProducerRecord[]): void {
    this.#producers.clear();
    this.#changed.clear();
    this.#forgotten.clear();
    this.#requestCount = 0;
    for (const { topicId, name, requests } of records) {
      this.#producers.set(keyOf(topicId, name), { topicId, name, requests: [...requests] });
      this.#requestCount += requests.length;
    }
  }

  check(topicId: number, claim: ProducerClaim, messageCount: number): ClaimOutcome {
    const requests = this.#producers.get(keyOf(topicId, claim.name))?.requests ?? [];
    const last = requests.at(-1);
    if (last === undefined || claim.sequence > lastSequence(last)) return { kind: 'new' };
    const request = requests.find(
      (each) =>
        each.sequence === claim.sequence &&
        each.messageCount === messageCount &&
        each.crc === claim.crc,
    );
    if (request !== undefined) return { kind: 'duplicate', request };
    return { kind: 'conflict', lastSequence: lastSequence(last) };
  }

  record(topicId: number, name: string, request: ProducerRequest): void {
    const key = keyOf(topicId, name);
    const producer = this.#producers.get(key) ?? { topicId, name, requests: [] };
    this.#producers.delete(key);
    this.#producers.set(key, producer);
    producer.requests.push(request);
    if (producer.requests.length > PRODUCER_REQUESTS) producer.requests.shift();
    else this.#requestCount++;
    this.#changed.add(key);
    this.#forgotten.delete(key);
    while (this.#producers.size > PRODUCERS_MAX || this.#requestCount > PRODUCER_REQUESTS_MAX) {
      this.#forgetOldest();
    }
  }

  /** The last request of a producer. */
  last(topicId: number, name: string): { sequence: bigint; timestampNs: bigint } | undefined {
    const last = this.#producers.get(keyOf(topicId, name))?.requests.at(-1);
    if (last === undefined) return undefined;
    return {
      sequence: lastSequence(last),
      timestampNs: last.timestampNs + BigInt(last.messageCount) - 1n,
    };
  }

  forgetTopic(topicId: number): void {
    for (const [key, producer] of this.#producers) {
      if (producer.topicId === topicId) this.#forget(key, producer);
    }
  }

  /** What has changed since the last call, for the checkpoint. */
  takeChanges(): { changed: ProducerRecord[]; forgotten: ProducerRecord[] } {
    const changed = [...this.#changed]
      .map((key) => this.#producers.get(key))
      .filter((producer) => producer !== undefined)
      .map((producer) => ({ ...producer, requests: [...producer.requests] }));
    const forgotten = [...this.#forgotten.values()];
    this.#changed.clear();
    this.#forgotten.clear();
    return { changed, forgotten };
  }

  #forgetOldest(): void {
    const oldest = this.#producers.entries().next().value;
    if (oldest !== undefined) this.#forget(...oldest);
  }

  #forget(key: string, producer: Producer): void {
    this.#producers.delete(key);
    this.#changed.delete(key);
    this.#forgotten.set(key, producer);
    this.#requestCount -= producer.requests.length;
  }
}

function lastSequence(request: ProducerRequest): bigint {
  return request.sequence + BigInt(request.messageCount) - 1n;
}

function keyOf(topicId: number, name: string): string {
  return `${topicId}/${name}`;
}
