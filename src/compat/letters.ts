import { createHash } from 'node:crypto';
import type { HttpContext } from '../http/context.ts';
import { type DeadLetterJson, toDeadLetter } from '../http/dead-letter-json.ts';
import { messagesIn } from '../http/event-encoding.ts';
import type { MessageJson } from '../http/message-json.ts';
import { PAGE_BYTES, TOPIC_NAME_BYTES } from '../limits.ts';
import { runOfValues } from '../log/message-run.ts';
import { subscribe } from '../log/subscribe.ts';
import { deadLetterTopicOf } from '../subscription/dead-letters.ts';
import type { Subscription } from '../subscription/subscription.ts';

const REPLAYED = '_replayed/';

/** A dead letter of a subscription. */
export interface Letter {
  /** Of the message in the topic where it died. */
  readonly id: string;
  /** In the dead-letter topic. */
  readonly timestampNs: bigint;
  readonly json: DeadLetterJson;
}

/**
 * The dead letters of a subscription without those that were delivered again. Which were is noted in a topic of its own,
 * `_replayed/TOPIC/SUBSCRIPTION`, by their timestamps: one in the middle of the tape cannot be taken out.
 */
export class Letters {
  readonly #context: Pick<HttpContext, 'log' | 'readers'>;
  readonly #subscription: Subscription;
  readonly #topic: string;
  readonly #notes: string;
  #lastNs = 0n;
  #areOthersThere = false;

  constructor(context: Pick<HttpContext, 'log' | 'readers'>, subscription: Subscription) {
    const { topic, state, name } = subscription;
    this.#context = context;
    this.#subscription = subscription;
    this.#topic = deadLetterTopicOf(state, topic.name);
    this.#notes = notesTopicOf(`${topic.name}/${name}`);
  }

  /** The oldest first, from this timestamp of the dead-letter topic on. */
  async *unreplayed(fromNs = 0n): AsyncGenerator<Letter> {
    const replayed = new Set<string>();
    for await (const { value } of this.#messages(this.#notes, 0n)) replayed.add(value ?? '');
    const { topic, name } = this.#subscription;
    for await (const message of this.#messages(this.#topic, fromNs)) {
      this.#lastNs = BigInt(message.timestamp_ns);
      if (replayed.has(message.timestamp_ns)) continue;
      const json = toDeadLetter(message);
      // Another may have put it there; or it is of a topic of the same name that was deleted.
      const isOwn = json?.topic === topic.name && json.subscription === name;
      if (isOwn && BigInt(json.original_timestamp_ns) >= topic.createdTimestampNs) {
        yield { id: json.original_timestamp_ns, timestampNs: this.#lastNs, json };
      } else {
        this.#areOthersThere = true;
      }
    }
  }

  /** Resolves when it is durable that these were delivered again. */
  async noteReplayed(letters: readonly Letter[]): Promise<void> {
    const { log } = this.#context;
    await log.appendAndWait({
      topic: await log.createdTopic(this.#notes),
      run: runOfValues(letters.map(({ timestampNs }) => Buffer.from(`${timestampNs}`))),
      producer: undefined,
      expectedLastTimestampNs: undefined,
      close: undefined,
    });
  }

  /** Removes all that were looked at, and the notes of them; unless what is not its own may be among them. */
  async forget(): Promise<void> {
    const { log } = this.#context;
    if (this.#areOthersThere || this.#subscription.state.config.deadLetterTopic !== '') return;
    await log.trimTopic(this.#topic, this.#lastNs + 1n);
    const notes = log.topic(this.#notes);
    await log.trimBehind(notes, { sequence: notes.sequence });
  }

  /** What a topic has now; nothing if there is none. */
  async *#messages(topic: string, timestampNs: bigint): AsyncGenerator<MessageJson> {
    const { log, readers } = this.#context;
    if (log.topics.get(topic) === undefined) return;
    const { reader } = await subscribe(log, {
      topic,
      position: timestampNs === 0n ? { at: 'earliest' } : { at: 'timestamp', timestampNs },
      untilNow: true,
      untilNs: undefined,
      maxMessages: undefined,
      createdTimestampNs: undefined,
      chunkBytes: PAGE_BYTES,
    });
    const remove = readers.add(reader);
    try {
      for await (const event of reader.events()) {
        if (event.type === 'messages') yield* messagesIn(event.chunks, event.runs, topic);
      }
    } finally {
      reader.close();
      remove();
    }
  }
}

/** A name that nobody else can write to, and that is short enough whatever it is made of. */
function notesTopicOf(of: string): string {
  const name = `${REPLAYED}${of}`;
  if (Buffer.byteLength(name) <= TOPIC_NAME_BYTES) return name;
  return `${REPLAYED}${createHash('sha256').update(of).digest('hex')}`;
}
