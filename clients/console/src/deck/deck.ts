import type { Signal } from '@preact/signals';
import { batch, signal } from '@preact/signals';
import { connection } from '../broker/connection.ts';
import { AwayError, isAborted } from '../broker/errors.ts';
import type { Closed } from '../broker/types.ts';
import type { Message } from '../message/message.ts';
import type { MessageFilter } from '../message/message-filter.ts';
import { isFiltering, matcherOf, NO_FILTER, narrows } from '../message/message-filter.ts';
import { MessageWindow } from '../message/message-window.ts';
import { follow } from './follow.ts';
import type { Speed } from './pacer.ts';
import { pause } from './pause.ts';
import { Playing } from './playing.ts';
import { TapeReader } from './tape-reader.ts';

/** What the tape does: *stopped* shows what is at the playhead, *playing* moves it, *following* waits at the tail. */
export type Motion = 'stopped' | 'playing' | 'following';

/** Where reading stands. */
export interface DeckStatus {
  readonly isReading: boolean;
  /** True if there is nothing behind what is in view, for now. */
  readonly isAtTail: boolean;
  /** Messages that were looked at, also those that the filter left out. */
  readonly scannedCount: number;
  readonly closed: Closed | null;
  readonly error: unknown;
}

const AT_REST: DeckStatus = {
  isReading: false,
  isAtTail: false,
  scannedCount: 0,
  closed: null,
  error: undefined,
};

/** With a filter, so many messages are looked at before somebody is asked whether to go on. */
const SCAN_MESSAGES = 50_000;
/** And reading stops once so many more are in view. */
const MORE_MESSAGES = 200;

/** A stream that was cut is opened again after this time, and not before the broker is there. */
const REOPEN_MS = 300;

/** Plays one topic: has the playhead, and the messages at it. */
export class Deck {
  readonly topic: string;
  readonly playheadNs: Signal<bigint>;
  readonly motion = signal<Motion>('stopped');
  readonly speed = signal<Speed>(1);
  readonly status = signal<DeckStatus>(AT_REST);
  /** The next message, if there is silence on the tape before it. */
  readonly silentUntilNs = signal<bigint | undefined>(undefined);
  readonly filter = signal<MessageFilter>(NO_FILTER);
  readonly view = new MessageWindow();
  /** Counts the changes of the view. */
  readonly changes = signal(0);
  #matches = matcherOf(NO_FILTER);
  #reader: TapeReader;
  #aborter = new AbortController();
  #playing: Playing | undefined;
  /** From where on messages came into view. */
  #viewFromNs: bigint;

  constructor(topic: string, atNs: bigint) {
    this.topic = topic;
    this.playheadNs = signal(atNs);
    this.#viewFromNs = atNs;
    this.#reader = new TapeReader(topic, atNs);
  }

  /** Stops, moves the playhead, and shows the messages from there. */
  seek(toNs: bigint): void {
    this.#halt();
    batch(() => {
      this.playheadNs.value = toNs;
      this.#viewFromNs = toNs;
      this.view.clear();
      this.#reader = new TapeReader(this.topic, toNs);
      this.status.value = AT_REST;
      this.changes.value++;
    });
    void this.more();
  }

  /** Moves the playhead alone, while it is dragged. */
  scrub(toNs: bigint): void {
    this.#halt();
    this.playheadNs.value = toNs;
  }

  /** Shows more messages behind those in view. With a filter, looks at a bounded number of them. */
  async more(): Promise<void> {
    const { isReading, isAtTail } = this.status.value;
    if (isReading || isAtTail || this.motion.value !== 'stopped') return;
    const { signal } = this.#aborter;
    const wanted = this.view.length + this.view.leftCount + MORE_MESSAGES;
    const limit = this.status.value.scannedCount + SCAN_MESSAGES;
    await this.#reading(async () => {
      for (;;) {
        const page = await this.#reader.next(signal);
        if (signal.aborted) return;
        this.#take(page.messages);
        this.#note({ isAtTail: page.isAtTail, closed: page.closed });
        const isEnough = this.view.length + this.view.leftCount >= wanted;
        if (page.isAtTail || isEnough || this.status.value.scannedCount >= limit) return;
      }
    });
  }

  /** The tape has grown, or was closed: who has read to its end looks again. */
  async tapeChanged(): Promise<void> {
    const { isAtTail, closed } = this.status.value;
    if (this.motion.value !== 'stopped' || !isAtTail || closed !== null) return;
    this.#note({ isAtTail: false });
    await this.more();
  }

  /** Plays from the playhead on; what was played stays in view, what is behind the playhead comes in its time. */
  play(): void {
    this.#halt();
    const fromNs = this.playheadNs.value;
    batch(() => {
      this.view.cutAt(fromNs);
      this.status.value = AT_REST;
      this.motion.value = 'playing';
      this.changes.value++;
    });
    this.#reader = new TapeReader(this.topic, fromNs);
    const playing = new Playing(this.#reader, fromNs, this.speed.value, {
      release: (messages, playheadNs) => this.#release(messages, playheadNs),
      silent: (untilNs) => {
        this.silentUntilNs.value = untilNs;
      },
    });
    this.#playing = playing;
    void this.#reading(async (signal) => {
      const end = await playing.run(signal);
      if (signal.aborted) return;
      if (end.closed === null) await this.#follow(signal);
      else this.#end(end.closed);
    });
  }

  /** Goes to the tail and stays there. */
  followTail(tailNs: bigint): void {
    this.seek(tailNs);
    this.play();
  }

  /** Stops; the playhead stays where it is. */
  pause(): void {
    if (this.motion.value === 'stopped') return;
    const fromNs = this.playheadNs.value;
    this.#halt();
    this.#reader = new TapeReader(this.topic, fromNs);
    this.#note({ isAtTail: false, isReading: false });
  }

  setSpeed(speed: Speed): void {
    this.speed.value = speed;
    this.#playing?.setSpeed(speed);
  }

  /** Passes over the silence before the next message. */
  skipSilence(): void {
    this.#playing?.skip();
  }

  /**
   * Shows only what matches. What did not match before is not kept: it is read anew from the playhead, or, while the tape
   * plays, from where it began to.
   */
  setFilter(filter: MessageFilter): void {
    const isNarrower = narrows(filter, this.filter.value);
    this.filter.value = filter;
    this.#matches = matcherOf(filter);
    if (this.motion.value === 'stopped') {
      this.seek(this.playheadNs.value);
    } else if (isNarrower) {
      this.view.keep(this.#matches);
      this.changes.value++;
    } else {
      void this.#playAgain();
    }
  }

  /** Reads what was played again, and plays on from where it was. */
  async #playAgain(): Promise<void> {
    const toNs = this.playheadNs.value;
    this.#halt();
    this.view.clear();
    this.#note(AT_REST);
    const reader = new TapeReader(this.topic, this.#viewFromNs);
    const { signal } = this.#aborter;
    await this.#reading(async () => {
      for (;;) {
        const page = await reader.next(signal);
        if (signal.aborted) return;
        const played = page.messages.filter(({ timestampNs }) => timestampNs < toNs);
        this.#take(played);
        const isEnough = this.status.value.scannedCount >= SCAN_MESSAGES;
        if (page.isAtTail || isEnough || played.length < page.messages.length) return;
      }
    });
    if (!signal.aborted && this.status.value.error === undefined) this.play();
  }

  /** Takes up again what was cut off when the broker went away. */
  resume(): void {
    if (this.status.value.error === undefined) return;
    if (this.motion.value === 'stopped') this.#note({ error: undefined });
    else this.play();
    void this.more();
  }

  dispose(): void {
    this.#halt();
  }

  #halt(): void {
    this.#aborter.abort();
    this.#aborter = new AbortController();
    this.#playing = undefined;
    batch(() => {
      this.motion.value = 'stopped';
      this.silentUntilNs.value = undefined;
      if (this.status.value.isReading) this.#note({ isReading: false });
    });
  }

  /** Follows, and again from where it was when the broker was away meanwhile. */
  async #follow(signal: AbortSignal): Promise<void> {
    this.motion.value = 'following';
    this.silentUntilNs.value = undefined;
    this.#note({ isAtTail: true });
    let fromNs = this.#reader.nextNs;
    while (!signal.aborted) {
      try {
        const end = await follow(this.topic, fromNs, signal, (messages) => {
          if (signal.aborted) return;
          fromNs = (messages.at(-1)?.timestampNs ?? fromNs) + 1n;
          this.#release(messages, fromNs);
        });
        if (!signal.aborted) this.#end(end);
        return;
      } catch (error) {
        if (!(error instanceof AwayError)) throw error;
        await pause(REOPEN_MS);
        await connection.back();
      }
    }
  }

  #end(closed: Closed | null): void {
    this.motion.value = 'stopped';
    this.#note({ isAtTail: true, closed });
    if (closed !== null) this.playheadNs.value = BigInt(closed.timestamp_ns);
  }

  #release(messages: readonly Message[], playheadNs: bigint): void {
    batch(() => {
      this.playheadNs.value = playheadNs;
      if (messages.length > 0) this.#take(messages);
    });
  }

  #take(messages: readonly Message[]): void {
    this.view.append(isFiltering(this.filter.value) ? messages.filter(this.#matches) : messages);
    this.#note({ scannedCount: this.status.value.scannedCount + messages.length });
    this.changes.value++;
  }

  async #reading(read: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { signal } = this.#aborter;
    this.#note({ isReading: true, error: undefined });
    try {
      await read(signal);
    } catch (error) {
      if (isAborted(error) || signal.aborted) return;
      this.#note({ error });
      // What plays goes on by itself when the broker is back.
      if (!(error instanceof AwayError)) this.motion.value = 'stopped';
    }
    if (!signal.aborted) this.#note({ isReading: false });
  }

  #note(change: Partial<DeckStatus>): void {
    this.status.value = { ...this.status.value, ...change };
  }
}
