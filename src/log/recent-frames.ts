import { RECENT_BYTES, RECENT_FRAMES } from '../limits.ts';
import type { Frame } from '../storage/frame.ts';
import { frameEndNs } from '../storage/frame.ts';
import { Deque } from './deque.ts';
import type { Topic } from './topic.ts';

/** A frame, and whose it is. */
export interface TopicFrame {
  readonly topic: Topic;
  readonly frame: Frame;
}

/** The frames of the last commits, for those who follow: one reading from the disk for all of them is none. */
export class RecentFrames {
  readonly #frames = new Deque<TopicFrame>();
  #bytes = 0;
  #fromNs = 0n;

  /** All frames with this timestamp or a later one are here. */
  get fromNs(): bigint {
    return this.#fromNs;
  }

  get frames(): Deque<TopicFrame> {
    return this.#frames;
  }

  push(topic: Topic, frame: Frame): void {
    this.#frames.push({ topic, frame });
    topic.recent.push(frame);
    this.#bytes += frame.body.length;
    while (this.#bytes > RECENT_BYTES || this.#frames.length > RECENT_FRAMES) this.#dropFirst();
  }

  /** Forgets everything: what comes next begins here. */
  restart(fromNs: bigint): void {
    while (this.#frames.length > 0) this.#dropFirst();
    this.#fromNs = fromNs;
  }

  #dropFirst(): void {
    const oldest = this.#frames.shift();
    if (oldest === undefined) return;
    // Both queues are in the order of the tape, so the oldest of all is the oldest of its topic.
    oldest.topic.recent.shift();
    this.#fromNs = frameEndNs(oldest.frame);
    oldest.topic.recentFromNs = this.#fromNs;
    this.#bytes -= oldest.frame.body.length;
  }
}
