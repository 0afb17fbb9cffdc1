import type { Delivered } from './consumer.ts';

interface Record {
  /** The life of the broker in which each attempt came. */
  readonly lives: Map<number, number>;
  /** The attempt of which the broker has answered that it is settled for good, and how. */
  settled: { readonly attempt: number; readonly how: 'ack' | 'terminate' } | undefined;
}

/** What workers have seen of the messages of a subscription, over many lives of its broker, and what must not be. */
export class DeliveryLedger {
  readonly problems: string[] = [];
  life = 0;
  readonly #maxAttempts: number;
  readonly #records = new Map<string, Record>();
  /** In which life each message was published at the earliest. */
  readonly #published = new Map<string, number>();

  constructor(maxAttempts: number) {
    this.#maxAttempts = maxAttempts;
  }

  get settledCount(): number {
    return [...this.#records.values()].filter(({ settled }) => settled !== undefined).length;
  }

  publish(ids: readonly string[]): void {
    for (const id of ids) this.#published.set(id, this.life);
  }

  deliver({ value: id, attempt }: Delivered): void {
    const record = this.#recordOf(id);
    const { lives, settled } = record;
    const before = lives.get(attempt);
    if (before !== undefined) {
      this.#complain(`${id} was delivered twice as attempt ${attempt}, in lives ${before} and`);
    }
    if (attempt < 1 || attempt > this.#maxAttempts) this.#complain(`${id}: attempt ${attempt} in`);
    if (settled !== undefined && attempt > settled.attempt) {
      this.#complain(`${id}: attempt ${attempt} behind its ${settled.how} in`);
    }
    lives.set(attempt, this.life);
  }

  settle({ value: id, attempt }: Delivered, how: 'ack' | 'terminate'): void {
    const record = this.#recordOf(id);
    if (record.settled !== undefined) this.#complain(`${id} was settled twice, last in`);
    for (const later of record.lives.keys()) {
      if (later > attempt) this.#complain(`${id}: ${how} of attempt ${attempt} after ${later} in`);
    }
    record.settled = { attempt, how };
  }

  /**
   * Compares with what the broker has at the end, when nothing is pending: all messages that it stored, and all dead
   * letters with their attempts.
   */
  check(
    stored: readonly string[],
    dead: readonly { readonly id: string; readonly attempts: number; readonly reason: string }[],
  ): string[] {
    const letters = new Map(dead.map((letter) => [letter.id, letter]));
    if (letters.size < dead.length) this.problems.push('a dead letter is there twice');
    for (const { id, attempts, reason } of dead) {
      const settled = this.#records.get(id)?.settled;
      if (settled?.how === 'ack') this.problems.push(`${id} is acknowledged and dead`);
      if (reason === 'max_attempts' && attempts !== this.#maxAttempts) {
        this.problems.push(`${id} died of ${attempts} attempts`);
      }
      this.#checkAttempts(id, attempts);
    }
    for (const id of stored) {
      const { lives, settled } = this.#recordOf(id);
      if (settled?.how === 'terminate' && !letters.has(id)) {
        this.problems.push(`${id} was terminated, and is no dead letter`);
      }
      if (lives.size === 0 && !letters.has(id)) this.problems.push(`${id} was never delivered`);
      if (!letters.has(id)) this.#checkAttempts(id, Math.max(0, ...lives.keys()));
    }
    return this.problems;
  }

  /** A delivery that is counted and was not seen is one that a kill came before: one of a message in a life. */
  #checkAttempts(id: string, attempts: number): void {
    const { lives } = this.#recordOf(id);
    let life = this.#published.get(id) ?? 0;
    let unseen = 0;
    for (let attempt = 1; attempt <= attempts; attempt++) {
      const seenIn = lives.get(attempt);
      unseen = seenIn === undefined ? unseen + 1 : 0;
      if (unseen > this.life - life + 1 || (seenIn !== undefined && seenIn < life)) {
        this.problems.push(`${id}: attempts ${[...lives]} do not add up to ${attempts}`);
        return;
      }
      if (seenIn !== undefined) {
        const before = [...lives.keys()].filter((each) => each < attempt).sort((a, b) => b - a)[0];
        const gap = attempt - (before ?? 0) - 1;
        if (gap > seenIn - life) {
          this.problems.push(`${id}: ${gap} deliveries before attempt ${attempt} were not seen`);
        }
        life = seenIn;
      }
    }
  }

  #recordOf(id: string): Record {
    const known = this.#records.get(id);
    if (known !== undefined) return known;
    const record: Record = { lives: new Map(), settled: undefined };
    this.#records.set(id, record);
    return record;
  }

  #complain(what: string): void {
    this.problems.push(`${what} life ${this.life}`);
  }
}
