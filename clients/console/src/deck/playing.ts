import { connection } from '../broker/connection.ts';
import { AwayError } from '../broker/errors.ts';
import type { Closed } from '../broker/types.ts';
import type { Message } from '../message/message.ts';
import { weightOf } from '../message/message.ts';
import { NS_PER_SECOND } from '../time/nanoseconds.ts';
import type { Speed } from './pacer.ts';
import { Pacer } from './pacer.ts';
import { pause } from './pause.ts';
import type { TapeReader } from './tape-reader.ts';

/** What playing tells. */
export interface PlayingListener {
  /** These messages have passed the playhead, which is here now. */
  release(messages: readonly Message[], playheadNs: bigint): void;
  /** Nothing is on the tape until this time; undefined if something is soon. */
  silent(untilNs: bigint | undefined): void;
}

/** Pages are read ahead until so many messages wait: some seconds of a busy tape. */
const AHEAD_MESSAGES = 10_000;
/** And no more than this of the browser's memory. */
const AHEAD_BYTES = 16 * 1024 * 1024;
/** Where nothing comes for so long while it plays, one may want to pass over it. */
const SILENCE_NS = 2n * NS_PER_SECOND;
/** A little less than a frame of the screen: messages that come together are shown together. */
const STEP_MS = 16;

/** Moves the playhead from a place to the tail, and releases each message when it gets there. */
export class Playing {
  readonly #reader: TapeReader;
  readonly #listener: PlayingListener;
  readonly #pacer: Pacer;
  #playheadNs: bigint;
  #queue: Message[] = [];
  #begin = 0;
  #waitingBytes = 0;
  #isAtTail = false;
  #closed: Closed | null = null;

  constructor(reader: TapeReader, fromNs: bigint, speed: Speed, listener: PlayingListener) {
    this.#reader = reader;
    this.#listener = listener;
    this.#playheadNs = fromNs;
    this.#pacer = new Pacer(fromNs, performance.now(), speed);
  }

  /** Plays until the tail; with the close marker if there is one. */
  async run(signal: AbortSignal): Promise<{ readonly closed: Closed | null }> {
    const reading = this.#readAhead(signal);
    let isRead = false;
    const end = () => {
      isRead = true;
    };
    // An error is met at the end: what was read before it is played.
    reading.then(end, end);
    while (!signal.aborted) {
      this.#step(performance.now());
      if (this.#waiting === 0 && isRead) break;
      await pause(STEP_MS);
    }
    await reading;
    return { closed: this.#closed };
  }

  setSpeed(speed: Speed): void {
    this.#pacer.restart(this.#playheadNs, performance.now(), speed);
  }

  /** Goes to the next message. */
  skip(): void {
    const next = this.#queue[this.#begin];
    if (next !== undefined) this.#pacer.restart(next.timestampNs, performance.now());
  }

  get #waiting(): number {
    return this.#queue.length - this.#begin;
  }

  async #readAhead(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && !this.#isAtTail) {
      if (this.#waiting >= AHEAD_MESSAGES || this.#waitingBytes >= AHEAD_BYTES) {
        await pause(STEP_MS);
        continue;
      }
      try {
        const page = await this.#reader.next(signal);
        for (const message of page.messages) {
          this.#queue.push(message);
          this.#waitingBytes += weightOf(message);
        }
        this.#isAtTail = page.isAtTail;
        this.#closed = page.closed;
        // At the tail what waits is played first: meanwhile there may be more.
        if (page.isAtTail && page.closed === null) await this.#playedOut(signal);
      } catch (error) {
        if (!(error instanceof AwayError)) throw error;
        await connection.back();
      }
    }
  }

  /** Waits until most of what was read has been played, then looks for more if there was much. */
  async #playedOut(signal: AbortSignal): Promise<void> {
    if (this.#waiting === 0) return;
    while (this.#waiting > 0 && !signal.aborted) await pause(STEP_MS);
    this.#isAtTail = false;
  }

  #step(nowMs: number): void {
    const reachedNs = this.#pacer.position(nowMs);
    const released = this.#takeUntil(reachedNs);
    const lastNs = released.at(-1)?.timestampNs;
    const next = this.#queue[this.#begin];
    if (reachedNs === undefined) {
      if (lastNs !== undefined) this.#playheadNs = lastNs + 1n;
    } else {
      // With nothing read yet, or nothing more, the playhead waits for the tape.
      this.#playheadNs = next === undefined ? laterOf(this.#playheadNs, lastNs) : reachedNs;
      if (next === undefined) this.#pacer.restart(this.#playheadNs, nowMs);
    }
    this.#listener.release(released, this.#playheadNs);
    this.#listener.silent(this.#silenceUntil(next));
  }

  #silenceUntil(next: Message | undefined): bigint | undefined {
    const { speed } = this.#pacer;
    if (next === undefined || speed === 'max') return undefined;
    const isLong = next.timestampNs - this.#playheadNs > SILENCE_NS * BigInt(speed);
    return isLong ? next.timestampNs : undefined;
  }

  #takeUntil(reachedNs: bigint | undefined): Message[] {
    const begin = this.#begin;
    let end = this.#queue.length;
    if (reachedNs !== undefined) {
      end = begin;
      while (end < this.#queue.length && (this.#queue[end]?.timestampNs ?? 0n) <= reachedNs) end++;
    }
    const released = this.#queue.slice(begin, end);
    this.#begin = end;
    for (const message of released) this.#waitingBytes -= weightOf(message);
    if (this.#begin > AHEAD_MESSAGES || this.#begin === this.#queue.length) {
      this.#queue = this.#queue.slice(this.#begin);
      this.#begin = 0;
    }
    return released;
  }
}

function laterOf(playheadNs: bigint, lastNs: bigint | undefined): bigint {
  return lastNs === undefined || lastNs < playheadNs ? playheadNs : lastNs + 1n;
}
