import { z } from 'zod';
import {
  PAGE_BYTES,
  READ_BYTES_DEFAULT,
  READ_MESSAGES_DEFAULT,
  READ_MESSAGES_MAX,
} from '../limits.ts';
import type { Position } from '../log/position.ts';
import type { MessagesEvent } from '../log/read-event.ts';
import { subscribe } from '../log/subscribe.ts';
import { deadLetterTopicOf } from '../subscription/dead-letters.ts';
import type { App, HttpContext } from './context.ts';
import { type DeadLetterJson, deadLetterJson, toDeadLetter } from './dead-letter-json.ts';
import { messagesIn } from './event-encoding.ts';
import { wholeNumber } from './params.ts';
import { ofSubscription, subscriptionParams } from './subscription-routes.ts';
import { positionText } from './time-param.ts';

const deadLetterPage = z
  .object({
    dead_letter_topic: z.string(),
    dead_letters: z.array(deadLetterJson),
    next_timestamp_ns: z.string().describe('Where the next page begins.'),
    is_caught_up: z.boolean().describe('These are all that there are.'),
  })
  .meta({ id: 'DeadLetterPage' });

const deadLetterQuery = z.strictObject({
  from: positionText
    .optional()
    .describe('Where in the dead-letter topic to begin; `earliest` by default.'),
  limit: wholeNumber(1, READ_MESSAGES_MAX)
    .optional()
    .describe(`Most dead letters; ${READ_MESSAGES_DEFAULT} unless set.`),
});

/** Dead letters of a subscription. */
export function deadLetterRoutes(app: App, context: HttpContext): void {
  const { subscriptions, log } = context;
  app.get(
    '/v1/topics/:topic/subscriptions/:subscription/dead-letters',
    {
      config: { operation: ofSubscription },
      schema: {
        operationId: 'listDeadLetters',
        tags: ['subscriptions'],
        summary:
          'List the dead letters of a subscription, without those of others in the same topic',
        params: subscriptionParams,
        querystring: deadLetterQuery,
        response: { 200: deadLetterPage },
      },
    },
    async ({ params, query }) => {
      const { topic, state } = subscriptions.get(params.topic, params.subscription);
      const letterTopic = deadLetterTopicOf(state, topic.name);
      const page = new DeadLetterPage(letterTopic, {
        isWanted: (letter) => letter.topic === topic.name && letter.subscription === state.name,
        limit: query.limit ?? READ_MESSAGES_DEFAULT,
      });
      if (log.topics.get(letterTopic) === undefined) return page.end(true);
      return readLetters(context, page, query.from ?? { at: 'earliest' });
    },
  );
}

async function readLetters(
  { log, readers }: HttpContext,
  page: DeadLetterPage,
  position: Position,
): Promise<z.output<typeof deadLetterPage>> {
  const { reader, fromNs } = await subscribe(log, {
    topic: page.topic,
    position,
    untilNow: true,
    untilNs: undefined,
    maxMessages: undefined,
    createdTimestampNs: undefined,
    chunkBytes: PAGE_BYTES,
  });
  page.nextNs = fromNs;
  const remove = readers.add(reader);
  try {
    for await (const event of reader.events()) {
      if (event.type === 'messages' && !page.add(event)) return page.end(false);
      if (event.type === 'caught_up') page.nextNs = event.nextNs;
    }
    return page.end(true);
  } finally {
    reader.close();
    remove();
  }
}

/** Collects the dead letters of a subscription. */
class DeadLetterPage {
  readonly topic: string;
  readonly #isWanted: (letter: DeadLetterJson) => boolean;
  readonly #limit: number;
  readonly #letters: DeadLetterJson[] = [];
  #bytes = 0;
  nextNs = 0n;

  constructor(
    topic: string,
    {
      isWanted,
      limit,
    }: { readonly isWanted: (letter: DeadLetterJson) => boolean; readonly limit: number },
  ) {
    this.topic = topic;
    this.#isWanted = isWanted;
    this.#limit = limit;
  }

  /** False if the page is full, or has cost as much as one may that finds little. */
  add({ chunks, runs, bytes, nextNs }: MessagesEvent): boolean {
    for (const message of messagesIn(chunks, runs, this.topic)) {
      if (this.#letters.length === this.#limit) {
        this.nextNs = BigInt(message.timestamp_ns);
        return false;
      }
      const letter = toDeadLetter(message);
      if (letter !== undefined && this.#isWanted(letter)) this.#letters.push(letter);
    }
    this.nextNs = nextNs;
    this.#bytes += bytes;
    return this.#bytes < READ_BYTES_DEFAULT;
  }

  end(isCaughtUp: boolean): z.output<typeof deadLetterPage> {
    return {
      dead_letter_topic: this.topic,
      dead_letters: this.#letters,
      next_timestamp_ns: `${this.nextNs}`,
      is_caught_up: isCaughtUp,
    };
  }
}
