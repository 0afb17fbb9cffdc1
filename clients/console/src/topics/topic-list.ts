import { signal } from '@preact/signals';
import { isGone } from '../broker/errors.ts';
import { listSubscriptions } from '../broker/subscriptions-api.ts';
import { getTopic, listTopics, TOPICS_PER_PAGE } from '../broker/topics-api.ts';
import type { Subscription, Topic } from '../broker/types.ts';
import { SPARK_SAMPLES } from '../parts/sparkline.tsx';
import { replaced } from './topic-order.ts';

/** Rows that are asked for one by one when a search has left names that are far apart. */
const SINGLE_ROWS = 60;
/** Pages of subscriptions that one refresh asks for at most. */
const SUBSCRIPTION_PAGES = 3;
/** No name of a subscription is behind this one, which is as long as they may be: what comes is of later topics. */
const BEHIND_ALL_NAMES = 'z'.repeat(100);

/** All topics, by name. Few are kept fresh as a whole; of many only those that are seen. */
export class TopicList {
  readonly topics = signal<readonly Topic[]>([]);
  readonly isComplete = signal(false);
  readonly subscriptions = signal<ReadonlyMap<string, readonly Subscription[]>>(new Map());
  readonly #rates = new Map<string, number[]>();

  /** The rates that were seen lately, oldest first. */
  ratesOf(topic: string): readonly number[] {
    return this.#rates.get(topic) ?? [];
  }

  /** All of them, page by page; what there was before is shown until its page has come. */
  async loadAll(abort: AbortSignal): Promise<void> {
    let after = '';
    let known = this.topics.peek();
    for (;;) {
      const page = await listTopics(after, TOPICS_PER_PAGE, abort);
      const end = page.next_page_token;
      known = replaced(known, page.topics, after, end === '' ? undefined : end);
      this.#note(page.topics);
      this.topics.value = known;
      if (end === '') break;
      after = end;
    }
    this.isComplete.value = true;
  }

  /** Those that are seen: with one request if they follow one another. */
  async refresh(seen: readonly Topic[], abort: AbortSignal): Promise<void> {
    const first = seen[0]?.topic;
    const last = seen.at(-1)?.topic;
    if (first === undefined || last === undefined) return;
    const all = this.topics.peek();
    const begin = all.findIndex(({ topic }) => topic === first);
    const end = all.findIndex(({ topic }) => topic === last);
    const before = begin > 0 ? (all[begin - 1]?.topic ?? '') : '';
    const rows = end - begin + 1;
    const fresh =
      rows <= TOPICS_PER_PAGE
        ? (await listTopics(before, rows, abort)).topics.filter(({ topic }) => topic <= last)
        : undefined;
    if (fresh === undefined) {
      this.#put(await each(seen.slice(0, SINGLE_ROWS), abort));
      return;
    }
    this.#note(fresh);
    this.topics.value = replaced(this.topics.peek(), fresh, before, last);
  }

  /** The subscriptions of the topics that are seen. */
  async refreshSubscriptions(seen: readonly Topic[], abort: AbortSignal): Promise<void> {
    const first = seen[0]?.topic;
    const last = seen.at(-1)?.topic;
    if (first === undefined || last === undefined) return;
    const all = this.topics.peek();
    const begin = all.findIndex(({ topic }) => topic === first);
    const before = all[begin - 1]?.topic;
    let after = before === undefined ? '' : `${before} ${BEHIND_ALL_NAMES}`;
    const found = new Map<string, Subscription[]>();
    for (let page = 0; page < SUBSCRIPTION_PAGES; page++) {
      const answer = await listSubscriptions({ after }, abort);
      for (const each of answer.subscriptions) {
        const same = found.get(each.topic);
        if (same === undefined) found.set(each.topic, [each]);
        else same.push(each);
      }
      after = answer.next_page_token;
      if (after === '' || (after.split(' ')[0] ?? '') > last) break;
    }
    const merged = new Map(this.subscriptions.peek());
    for (const { topic } of seen) merged.delete(topic);
    for (const [topic, list] of found) merged.set(topic, list);
    this.subscriptions.value = merged;
  }

  #put(fresh: readonly Topic[]): void {
    this.#note(fresh);
    const byName = new Map(fresh.map((each) => [each.topic, each]));
    this.topics.value = this.topics.peek().map((each) => byName.get(each.topic) ?? each);
  }

  #note(fresh: readonly Topic[]): void {
    for (const { topic, messages_per_second: rate } of fresh) {
      const rates = this.#rates.get(topic) ?? [];
      rates.push(rate);
      if (rates.length > SPARK_SAMPLES) rates.shift();
      this.#rates.set(topic, rates);
    }
  }
}

async function each(topics: readonly Topic[], abort: AbortSignal): Promise<Topic[]> {
  const found = await Promise.all(
    topics.map(({ topic }) =>
      getTopic(topic, abort).catch((error: unknown) => {
        if (isGone(error)) return undefined;
        throw error;
      }),
    ),
  );
  return found.filter((topic) => topic !== undefined);
}

/** One list for all pages, so that rates go on when somebody comes back to it. */
export const topicList = new TopicList();
