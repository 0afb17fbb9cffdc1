/** A message as a reader saw it. */
export interface SeenMessage {
  readonly timestampNs: bigint;
  readonly id: string;
}

/**
 * What writers know of their messages, kept outside of the broker: the oracle of a crash test. Every message has an
 * id of its own, `writer:number`, and a writer's numbers grow.
 */
export class Ledger {
  /** Timestamp of each acknowledged message of a topic, by id. */
  readonly #acknowledged = new Map<string, Map<string, bigint>>();
  /** Ids of which it is not known whether they were stored. */
  readonly #unknown = new Set<string>();
  readonly #refused = new Set<string>();
  /** Acknowledged trims: what is before is gone. */
  readonly #trimmed = new Map<string, bigint>();
  /** All trims: what is before may be gone. */
  readonly #asked = new Map<string, bigint>();

  get acknowledgedCount(): number {
    return [...this.#acknowledged.values()].reduce((sum, ids) => sum + ids.size, 0);
  }

  acknowledge(topic: string, ids: readonly string[], firstNs: bigint): void {
    const known = this.#acknowledged.get(topic) ?? new Map<string, bigint>();
    this.#acknowledged.set(topic, known);
    ids.forEach((id, i) => {
      known.set(id, firstNs + BigInt(i));
      this.#unknown.delete(id);
    });
  }

  lose(ids: readonly string[]): void {
    for (const id of ids) this.#unknown.add(id);
  }

  refuse(ids: readonly string[]): void {
    for (const id of ids) this.#refused.add(id);
  }

  /** Notes that a trim is asked for. */
  askToTrim(topic: string, beforeNs: bigint): void {
    this.#asked.set(topic, beforeNs);
  }

  /** Notes that it was acknowledged. */
  trim(topic: string, beforeNs: bigint): void {
    this.#trimmed.set(topic, beforeNs);
  }

  /** Compares what a topic holds with what was acknowledged; answers with every disagreement, in words. */
  check(topic: string, seen: readonly SeenMessage[]): string[] {
    const problems: string[] = [];
    const timestamps = new Map<string, bigint>();
    const lastNumber = new Map<string, number>();
    let lastNs = 0n;
    for (const { id, timestampNs } of seen) {
      if (timestampNs <= lastNs) problems.push(`${id} at ${timestampNs} is not behind ${lastNs}`);
      if (timestamps.has(id)) problems.push(`${id} is there twice`);
      if (this.#refused.has(id)) problems.push(`${id} was refused and is there`);
      const [writer = '', number = ''] = id.split(':');
      if (Number(number) <= (lastNumber.get(writer) ?? -1)) problems.push(`${id} is out of order`);
      lastNumber.set(writer, Number(number));
      timestamps.set(id, timestampNs);
      lastNs = timestampNs;
    }
    const acknowledged = this.#acknowledged.get(topic) ?? new Map<string, bigint>();
    const trimmedNs = this.#trimmed.get(topic) ?? 0n;
    const askedNs = this.#asked.get(topic) ?? 0n;
    for (const [id, timestampNs] of acknowledged) {
      const found = timestamps.get(id);
      if (found === undefined && timestampNs >= askedNs) problems.push(`${id} is lost`);
      if (found !== undefined && timestampNs < trimmedNs)
        problems.push(`${id} is there after a trim`);
      if (found !== undefined && found !== timestampNs) {
        problems.push(`${id} was acknowledged at ${timestampNs} and is at ${found}`);
      }
    }
    for (const id of timestamps.keys()) {
      if (!acknowledged.has(id) && !this.#unknown.has(id))
        problems.push(`${id} was never published`);
    }
    return problems;
  }
}
