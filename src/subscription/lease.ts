import type { LeaseEntry } from 'playhead-proto/storage';
import type { Run } from './run.ts';
import { partOf } from './run.ts';
import type { Worker } from './worker.ts';

/** A delivery of a run: its messages are one worker's until it settles them or the time has run out. */
export class Lease {
  readonly receipt: bigint;
  readonly run: Run;
  readonly attempt: number;
  readonly deadlineNs: bigint;
  /** True if it ends with the stream that it was sent on. */
  readonly isStreamed: boolean;
  /** Who has it; undefined for one that was pulled. */
  holder: Worker | undefined;
  /** True once it was sent: before, the delivery can be taken back. */
  isSent = false;
  /** True if its worker gets nothing else meanwhile, since the one before may have died of it. */
  isAlone = false;
  /** By what it is ordered among all that is not settled; never behind its first held message. */
  orderSequence: bigint;
  #heldCount: number;
  /** One for each message that was settled; undefined while none was. */
  #settled: Uint8Array | undefined;

  constructor(entry: LeaseEntry, run: Run) {
    this.receipt = entry.receipt;
    this.run = run;
    this.attempt = entry.attempt;
    this.deadlineNs = entry.deadlineNs;
    this.isStreamed = entry.isStreamed;
    this.orderSequence = run.firstSequence;
    this.#heldCount = run.messageCount;
  }

  /** Messages that are not settled. */
  get heldCount(): number {
    return this.#heldCount;
  }

  /** True while its messages wait for it to be durable. */
  get isUnsent(): boolean {
    return this.holder !== undefined && !this.isSent;
  }

  /** Sequence of the first message that is not settled. */
  get firstHeldSequence(): bigint {
    const index = this.#settled?.indexOf(0) ?? 0;
    return this.run.firstSequence + BigInt(index);
  }

  /** The messages of a range of timestamps that are not settled, in runs. */
  held(firstNs: bigint, lastNs: bigint): Run[] {
    const [first, end] = this.#indexes(firstNs, lastNs);
    if (first >= end || this.#heldCount === 0) return [];
    if (this.#settled === undefined) return [partOf(this.run, first, end - first)];
    const runs: Run[] = [];
    let start = -1;
    for (let i = first; i <= end; i++) {
      const isHeld = i < end && this.#settled[i] === 0;
      if (isHeld && start < 0) start = i;
      if (!isHeld && start >= 0) {
        runs.push(partOf(this.run, start, i - start));
        start = -1;
      }
    }
    return runs;
  }

  /** All messages that are not settled, in runs. */
  allHeld(): Run[] {
    const { firstTimestampNs, messageCount } = this.run;
    return this.held(firstTimestampNs, firstTimestampNs + BigInt(messageCount) - 1n);
  }

  /** Settles what is held of a range. Answers with what that was. */
  settle(firstNs: bigint, lastNs: bigint): Run[] {
    const runs = this.held(firstNs, lastNs);
    const [only] = runs;
    if (only?.messageCount === this.run.messageCount) {
      this.#heldCount = 0;
      return runs;
    }
    for (const { firstSequence, messageCount } of runs) {
      this.#settled ??= new Uint8Array(this.run.messageCount);
      const start = Number(firstSequence - this.run.firstSequence);
      this.#settled.fill(1, start, start + messageCount);
      this.#heldCount -= messageCount;
    }
    return runs;
  }

  #indexes(firstNs: bigint, lastNs: bigint): [number, number] {
    const { firstTimestampNs, messageCount } = this.run;
    const first = firstNs <= firstTimestampNs ? 0 : firstNs - firstTimestampNs;
    const end = lastNs - firstTimestampNs + 1n;
    return [Number(first), end < 0n ? 0 : end > BigInt(messageCount) ? messageCount : Number(end)];
  }
}
