import { ACTIVITY_MESSAGES, ACTIVITY_WAITING_MAX } from '../limits.ts';
import type { Logger } from '../logger.ts';
import type { Protocol } from '../observer.ts';
import type { Log } from './log.ts';
import { runOfValues } from './message-run.ts';

/** The topic of what administrators did. It is read as any other, and written by the broker alone. */
export const ACTIVITY_TOPIC = '_activity';

/** What an administrator can do. */
export type Action =
  | 'topic.created'
  | 'topic.updated'
  | 'topic.closed'
  | 'topic.trimmed'
  | 'topic.deleted'
  | 'subscription.created'
  | 'subscription.updated'
  | 'subscription.deleted'
  | 'subscription.sought'
  | 'subscription.restored'
  | 'subscription.redriven'
  | 'schedule.canceled'
  | 'broker.log_level_changed';

/** Who did it, as far as a connection tells. */
export interface Caller {
  readonly protocol: Protocol;
  /** `host:port` of the other end. */
  readonly address: string;
  /** What the program calls itself. */
  readonly agent: string;
}

/** What it was done to, and with which values. */
export interface ActionDetails {
  readonly topic?: string;
  readonly subscription?: string;
  readonly [name: string]: string | number | boolean | undefined;
}

/**
 * Keeps what administrators do on the tape, as JSON: `action`, `by` and what it was done to; its time is that of the
 * message. It is noted behind the action, in the background: nothing that is done waits for it or fails by it.
 */
export class Activity {
  readonly #log: Log;
  readonly #logger: Logger;
  #waiting: Buffer[] = [];
  #leftOut = 0;
  #running: Promise<void> | undefined;

  constructor(log: Log, logger: Logger) {
    this.#log = log;
    this.#logger = logger;
  }

  /** Notes what was done. Never throws. */
  note(by: Caller, action: Action, details: ActionDetails): void {
    this.#logger.info({ action, ...details, by }, 'administration');
    if (this.#waiting.length >= ACTIVITY_WAITING_MAX) {
      this.#leftOut++;
      return;
    }
    this.#waiting.push(Buffer.from(JSON.stringify({ action, ...details, by })));
    this.#running ??= this.#write().finally(() => {
      this.#running = undefined;
    });
  }

  /** Resolves when everything so far is noted, or cannot be. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async #write(): Promise<void> {
    // What is done in one turn is noted in one append.
    await Promise.resolve();
    try {
      const topic = await this.#log.createdTopic(ACTIVITY_TOPIC, {
        maxMessages: BigInt(ACTIVITY_MESSAGES),
      });
      while (this.#waiting.length > 0) {
        const run = runOfValues(this.#waiting);
        this.#waiting = [];
        await this.#log.appendInternally({
          topic,
          run,
          producer: undefined,
          expectedLastTimestampNs: undefined,
          close: undefined,
        });
      }
    } catch (error) {
      this.#leftOut += this.#waiting.length;
      this.#waiting = [];
      this.#logger.warn({ err: error }, 'what administrators did could not be noted');
    }
    if (this.#leftOut > 0) {
      this.#logger.warn({ message_count: this.#leftOut }, 'activity was left out');
      this.#leftOut = 0;
    }
  }
}
