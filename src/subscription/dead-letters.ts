import { BrokerError } from '../errors.ts';
import { BURIAL_MESSAGES, BURIAL_RETRY_MS, BURIAL_RETRY_MS_MAX, PAGE_BYTES } from '../limits.ts';
import { sliceFrame } from '../log/frame-slice.ts';
import {
  fieldsOfMessageAt,
  headerField,
  runOfFields,
  sizeOfMessageAt,
} from '../log/message-run.ts';
import type { Topic } from '../log/topic.ts';
import type { Frame } from '../log/topic-frames.ts';
import { TopicFrames } from '../log/topic-frames.ts';

import { formatTimestamp } from '../timestamp.ts';
import { encodeEntry } from './entry.ts';
import type { Run } from './run.ts';
import { endNs, endSequence, partOf } from './run.ts';
import type { SubscriptionContext } from './subscription.ts';
import type { Change, Dead, SubscriptionState } from './subscription-state.ts';

/** Begins the names of the headers that a dead letter has besides its own. */
export const DEAD_LETTER_HEADER = 'playhead-dead-letter-';

/** What dead letters are taken from. */
export interface DeadLettersHost {
  readonly id: number;
  readonly context: SubscriptionContext;
  readonly topic: Topic;
  readonly state: SubscriptionState;
  encodeImage(): Uint8Array;
  endIfDrained(): Promise<void>;
}

/**
 * Publishes dead messages to the dead-letter topic. That they are published and that they need not be any more is one
 * commit, so that each goes there once, whenever the broker dies.
 */
export class DeadLetters {
  readonly #host: DeadLettersHost;
  #buryingCount = 0;
  #running: Promise<void> | undefined;
  #cancelRetry: (() => void) | undefined;
  #retryMs = 0;
  #isClosed = false;

  constructor(host: DeadLettersHost) {
    this.#host = host;
  }

  /** Messages that are being committed to the dead-letter topic now. */
  get buryingCount(): number {
    return this.#buryingCount;
  }

  wake(): void {
    if (this.#isClosed || this.#cancelRetry !== undefined || this.#host.state.deadCount === 0)
      return;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  /** Resolves when nothing is being committed. */
  async idle(): Promise<void> {
    while (this.#buryingCount > 0 && this.#running !== undefined) await this.#running;
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelRetry?.();
  }

  async #run(): Promise<void> {
    const { state, context, topic } = this.#host;
    try {
      while (!this.#isClosed && !topic.isDeleted && state.deadCount > 0) await this.#buryNext();
      this.#retryMs = 0;
      void this.#host.endIfDrained();
    } catch (error) {
      if (this.#isClosed) return;
      context.warn(error, `dead letters of subscription ${state.name} of ${topic.name} wait`);
      this.#retryMs = Math.min(Math.max(this.#retryMs * 2, BURIAL_RETRY_MS), BURIAL_RETRY_MS_MAX);
      this.#cancelRetry = context.clock.schedule(() => {
        this.#cancelRetry = undefined;
        this.wake();
      }, this.#retryMs);
    }
  }

  async #buryNext(): Promise<void> {
    const { state, context, id } = this.#host;
    const batch: Dead[] = [];
    let messageCount = 0;
    for (const dead of state.dead) {
      if (messageCount > 0 && messageCount + dead.run.messageCount > BURIAL_MESSAGES) break;
      batch.push(dead);
      messageCount += dead.run.messageCount;
    }
    const letters: Uint8Array[][] = [];
    for (const dead of batch) letters.push(...(await this.#lettersOf(dead)));
    const target = await context.log.createdTopic(deadLetterTopicOf(state, this.#host.topic.name));
    // A seek may have come meanwhile.
    if (this.#isClosed || batch.some((dead) => !state.dead.has(dead))) return;
    const change: Change = { $case: 'buried', value: { messageCount } };
    const entries = [encodeEntry(id, change)];
    this.#buryingCount = messageCount;
    try {
      if (letters.length === 0) await context.journal.append(entries);
      else await context.journal.appendAlong(appendOf(target, letters), entries);
    } catch (error) {
      this.#buryingCount = 0;
      // An image that was noted meanwhile has counted them as buried.
      if (!this.#isClosed && isRefusal(error))
        void context.journal.append([this.#host.encodeImage()]);
      throw error;
    }
    this.#buryingCount = 0;
    state.apply(change);
  }

  /** The messages as dead letters; without those that are trimmed. */
  async #lettersOf(dead: Dead): Promise<Uint8Array[][]> {
    const { topic, context } = this.#host;
    const reader = new TopicFrames(context.log.readContext, topic);
    const letters: Uint8Array[][] = [];
    const end = endSequence(dead.run);
    let run = behindFloor(dead.run, topic);
    // More may be trimmed while it is read: then it is looked at anew.
    let frames: readonly Frame[] = [];
    while (run.messageCount > 0 && frames.length === 0 && !topic.isDeleted) {
      frames = await reader.read(run.firstSequence, run.firstTimestampNs);
      run = behindFloor(run, topic);
    }
    for (const frame of frames) {
      if (frame.topicSequence >= end || run.messageCount === 0) break;
      const { bytes } = sliceFrame(frame, {
        fromNs: run.firstTimestampNs,
        untilNs: endNs(run),
        messages: run.messageCount,
        bytes: Math.max(PAGE_BYTES, frame.body.length),
      });
      for (let at = 0; at < bytes.length; at += sizeOfMessageAt(bytes, at)) {
        const timestampNs = run.firstTimestampNs + BigInt(letters.length);
        letters.push([fieldsOfMessageAt(bytes, at), ...this.#headersOf(dead, timestampNs)]);
      }
    }
    return letters;
  }

  #headersOf(dead: Dead, timestampNs: bigint): Buffer[] {
    const { topic, state } = this.#host;
    const reason = dead.isTerminated
      ? `terminated${dead.reason === '' ? '' : `: ${dead.reason}`}`
      : 'max_attempts';
    const headers = {
      reason,
      attempts: `${dead.attempts}`,
      topic: topic.name,
      subscription: state.name,
      'timestamp-ns': `${timestampNs}`,
      time: formatTimestamp(dead.timestampNs),
    };
    return Object.entries(headers).map(([name, value]) =>
      headerField(`${DEAD_LETTER_HEADER}${name}`, value),
    );
  }
}

/** What of a run is not trimmed. */
function behindFloor(run: Run, { floor }: Topic): Run {
  if (floor.sequence <= run.firstSequence) return run;
  const trimmed = Math.min(Number(floor.sequence - run.firstSequence), run.messageCount);
  return partOf(run, trimmed, run.messageCount - trimmed);
}

/** Name of the topic that the dead letters of a subscription go to. */
export function deadLetterTopicOf(state: SubscriptionState, topicName: string): string {
  return state.config.deadLetterTopic || defaultDeadLetterTopic(topicName, state.name);
}

/** Where the dead letters of a subscription go unless it says. */
export function defaultDeadLetterTopic(topicName: string, subscriptionName: string): string {
  return `dead-letter/${topicName}/${subscriptionName}`;
}

function appendOf(topic: Topic, letters: readonly Uint8Array[][]) {
  return {
    topic,
    run: runOfFields(letters),
    producer: undefined,
    expectedLastTimestampNs: undefined,
    close: undefined,
  };
}

/** True if nothing was stored, and not just perhaps. */
function isRefusal(error: unknown): boolean {
  return error instanceof BrokerError && error.reason !== 'STORAGE_FAILED';
}
