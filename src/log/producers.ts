import { PRODUCER_REQUESTS, PRODUCERS_MAX } from '../limits.ts';
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

/**
 * The last requests of each producer of each topic: a request sent again is recognised and gets its first answer.
 * What is here has been committed. The least recently used producer is forgotten first.
 */
export class Producers {
  /** In the order of use. */
  readonly #records = new Map<string, ProducerRecord>();
  readonly #changed = new Set<string>();
  readonly #forgotten = new Map<string, ProducerRecord>();

  load(records: readonly ProducerRecord[]): void {
    this.#records.clear();
    this.#changed.clear();
    this.#forgotten.clear();
    for (const record of records) this.#records.set(keyOf(record.topicId, record.name), record);
  }

  check(topicId: number, claim: ProducerClaim, messageCount: number): ClaimOutcome {
    const record = this.#records.get(keyOf(topicId, claim.name));
    const last = record?.requests.at(-1);
    if (last === undefined || claim.sequence >= last.sequence + BigInt(last.messageCount)) {
      return { kind: 'new' };
    }
    const request = record?.requests.find(
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
    const before = this.#records.get(key)?.requests ?? [];
    this.#records.delete(key);
    this.#records.set(key, {
      topicId,
      name,
      requests: [...before, request].slice(-PRODUCER_REQUESTS),
    });
    this.#changed.add(key);
    this.#forgotten.delete(key);
    if (this.#records.size > PRODUCERS_MAX) this.#forgetOldest();
  }

  /** The last request of a producer. */
  last(topicId: number, name: string): { sequence: bigint; timestampNs: bigint } | undefined {
    const last = this.#records.get(keyOf(topicId, name))?.requests.at(-1);
    if (last === undefined) return undefined;
    const more = BigInt(last.messageCount) - 1n;
    return { sequence: last.sequence + more, timestampNs: last.timestampNs + more };
  }

  forgetTopic(topicId: number): void {
    for (const [key, record] of this.#records)
      if (record.topicId === topicId) this.#forget(key, record);
  }

  /** What has changed since the last call, for the checkpoint. */
  takeChanges(): { changed: ProducerRecord[]; forgotten: ProducerRecord[] } {
    const changed = [...this.#changed]
      .map((key) => this.#records.get(key))
      .filter((record) => record !== undefined);
    const forgotten = [...this.#forgotten.values()];
    this.#changed.clear();
    this.#forgotten.clear();
    return { changed, forgotten };
  }

  #forgetOldest(): void {
    const oldest = this.#records.entries().next().value;
    if (oldest !== undefined) this.#forget(...oldest);
  }

  #forget(key: string, record: ProducerRecord): void {
    this.#records.delete(key);
    this.#changed.delete(key);
    this.#forgotten.set(key, record);
  }
}

function lastSequence(request: ProducerRequest): bigint {
  return request.sequence + BigInt(request.messageCount) - 1n;
}

function keyOf(topicId: number, name: string): string {
  return `${topicId}/${name}`;
}
