import type { Topic } from '../log/topic.ts';
import type { Frame } from '../log/topic-frames.ts';
import { endOfFrame, type TopicFrames } from '../log/topic-frames.ts';

/** The frames at the cursor of a subscription. While one page is handed out the next one is read. */
export class FreshPages {
  readonly #frames: TopicFrames;
  readonly #topic: Topic;
  #page: readonly Frame[] = [];
  #next: { readonly sequence: bigint; readonly frames: Promise<readonly Frame[]> } | undefined;

  constructor(frames: TopicFrames, topic: Topic) {
    this.#frames = frames;
    this.#topic = topic;
  }

  /** The frames that were read last. */
  get page(): readonly Frame[] {
    return this.#page;
  }

  /** Reads the page that begins with this message; as {@link TopicFrames.read}. */
  async read(sequence: bigint, timestampNs: bigint): Promise<readonly Frame[]> {
    const next = this.#next;
    this.#next = undefined;
    const ahead = next?.sequence === sequence ? await next.frames : [];
    this.#page = ahead.length > 0 ? ahead : await this.#frames.read(sequence, timestampNs);
    this.#readAhead();
    return this.#page;
  }

  clear(): void {
    this.#page = [];
    this.#next = undefined;
  }

  #readAhead(): void {
    const last = this.#page.at(-1);
    if (last === undefined) return;
    const { sequence, timestampNs } = endOfFrame(last);
    if (sequence >= this.#topic.sequence) return;
    const frames = this.#frames.read(sequence, timestampNs);
    // What is in memory is taken when its turn has come.
    if (!(frames instanceof Promise)) return;
    frames.catch(() => {
      // Told to who asks for the page.
    });
    this.#next = { sequence, frames };
  }
}
