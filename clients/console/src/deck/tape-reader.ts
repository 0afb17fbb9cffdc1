import { readMessages } from '../broker/topics-api.ts';
import type { Closed } from '../broker/types.ts';
import type { Message } from '../message/message.ts';
import { messageOf } from '../message/message.ts';

/** Messages of one request: what a screen shows, and soon more. */
const FIRST_PAGE = 200;
const NEXT_PAGE = 5000;

/** A page of the tape. */
export interface TapePage {
  readonly messages: readonly Message[];
  /** Where the next one begins. */
  readonly nextNs: bigint;
  /** True if there is nothing more, for now. */
  readonly isAtTail: boolean;
  readonly closed: Closed | null;
}

/** Reads a tape page by page. */
export class TapeReader {
  readonly #topic: string;
  #nextNs: bigint;
  #pages = 0;

  constructor(topic: string, fromNs: bigint) {
    this.#topic = topic;
    this.#nextNs = fromNs;
  }

  /** Where it goes on. */
  get nextNs(): bigint {
    return this.#nextNs;
  }

  async next(signal: AbortSignal): Promise<TapePage> {
    const limit = this.#pages === 0 ? FIRST_PAGE : NEXT_PAGE;
    const page = await readMessages(this.#topic, { from: this.#nextNs, limit }, signal);
    this.#pages++;
    this.#nextNs = BigInt(page.next_timestamp_ns);
    return {
      messages: page.messages.map(messageOf),
      nextNs: this.#nextNs,
      isAtTail: page.is_caught_up,
      closed: page.closed,
    };
  }
}
