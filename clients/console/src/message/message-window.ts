import type { Message } from './message.ts';
import { weightOf } from './message.ts';

/** Messages that the view keeps: beyond, the oldest leave it. The tape has them still. */
export const VIEW_MESSAGES_MAX = 100_000;
/** And what they may take of the browser's memory: values can be megabytes. */
export const VIEW_BYTES_MAX = 128 * 1024 * 1024;

/** The messages in view, oldest first, bounded in number and memory. */
export class MessageWindow {
  readonly #maxMessages: number;
  readonly #maxBytes: number;
  #messages: Message[] = [];
  #weight = 0;
  #leftCount = 0;

  constructor(maxMessages = VIEW_MESSAGES_MAX, maxBytes = VIEW_BYTES_MAX) {
    this.#maxMessages = maxMessages;
    this.#maxBytes = maxBytes;
  }

  get length(): number {
    return this.#messages.length;
  }

  /** How many have left at the front since the view was cleared. */
  get leftCount(): number {
    return this.#leftCount;
  }

  at(index: number): Message | undefined {
    return this.#messages[index];
  }

  all(): readonly Message[] {
    return this.#messages;
  }

  /** Appends messages that are later than all others. */
  append(messages: readonly Message[]): void {
    for (const message of messages) {
      this.#messages.push(message);
      this.#weight += weightOf(message);
    }
    let leave = Math.max(0, this.#messages.length - this.#maxMessages);
    let weight = this.#weight;
    for (let index = 0; index < this.#messages.length - 1; index++) {
      const message = this.#messages[index];
      if (message === undefined || (index >= leave && weight <= this.#maxBytes)) break;
      weight -= weightOf(message);
      leave = Math.max(leave, index + 1);
    }
    if (leave === 0) return;
    this.#messages.splice(0, leave);
    this.#weight = weight;
    this.#leftCount += leave;
  }

  /** The place of the first message at or behind the time; the length if there is none. */
  indexAt(timestampNs: bigint): number {
    let low = 0;
    let high = this.#messages.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const message = this.#messages[middle];
      if (message !== undefined && message.timestampNs < timestampNs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Keeps what is before the time. */
  cutAt(timestampNs: bigint): void {
    this.#set(this.#messages.slice(0, this.indexAt(timestampNs)));
  }

  clear(): void {
    this.#set([]);
    this.#leftCount = 0;
  }

  keep(matches: (message: Message) => boolean): void {
    this.#set(this.#messages.filter(matches));
  }

  #set(messages: Message[]): void {
    this.#messages = messages;
    this.#weight = messages.reduce((sum, message) => sum + weightOf(message), 0);
  }
}
