import type { WaitingRun } from './waiting.ts';

/**
 * Which messages of a key come before which: of those that are not settled only the first may be delivered. Messages
 * without a key are in nobody's way.
 */
export class KeyOrder {
  readonly #keys = new Map<bigint, string>();
  /** Sequences of what is not settled, in order, by key. */
  readonly #sequences = new Map<string, bigint[]>();
  /** Runs that wait for their key, by sequence. */
  readonly #aside = new Map<bigint, WaitingRun>();

  /** Takes note of a message that is not settled. */
  add(sequence: bigint, key: Buffer): void {
    if (key.length === 0 || this.#keys.has(sequence)) return;
    const name = key.toString('latin1');
    this.#keys.set(sequence, name);
    const sequences = this.#sequences.get(name);
    if (sequences === undefined) {
      this.#sequences.set(name, [sequence]);
      return;
    }
    const isLast = (sequences.at(-1) ?? 0n) < sequence;
    sequences.push(sequence);
    if (!isLast) sequences.sort((a, b) => (a < b ? -1 : 1));
  }

  /** True if a message of this key is not settled. */
  isBusy(key: Buffer): boolean {
    return key.length > 0 && this.#sequences.has(key.toString('latin1'));
  }

  /** True if nothing of the message's key is before it. */
  isFirst(sequence: bigint): boolean {
    const key = this.#keys.get(sequence);
    return key === undefined || this.#sequences.get(key)?.[0] === sequence;
  }

  setAside(waiting: WaitingRun): void {
    this.#aside.set(waiting.run.firstSequence, waiting);
  }

  /** The message is settled. Answers with the run that its key is free for now, if it was set aside. */
  settled(sequence: bigint): WaitingRun | undefined {
    const key = this.#keys.get(sequence);
    if (key === undefined) return undefined;
    this.#keys.delete(sequence);
    const rest = (this.#sequences.get(key) ?? []).filter((each) => each !== sequence);
    const [next] = rest;
    if (next === undefined) {
      this.#sequences.delete(key);
      return undefined;
    }
    this.#sequences.set(key, rest);
    const waiting = this.#aside.get(next);
    this.#aside.delete(next);
    return waiting;
  }

  /** All messages before this sequence are no more. Answers with the runs that their keys are free for now. */
  settledBefore(sequence: bigint): readonly WaitingRun[] {
    const gone = [...this.#keys.keys()].filter((each) => each < sequence);
    return gone.flatMap((each) => this.settled(each) ?? []);
  }

  /** Forgets everything. Answers with the runs that were set aside. */
  clear(): readonly WaitingRun[] {
    const aside = [...this.#aside.values()];
    this.#keys.clear();
    this.#sequences.clear();
    this.#aside.clear();
    return aside;
  }
}
