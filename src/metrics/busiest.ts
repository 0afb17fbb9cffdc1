import TinyQueue from 'tinyqueue';
import type { Topic } from '../log/topic.ts';

/** Topics in two parts. */
export interface Busiest {
  readonly named: readonly Topic[];
  readonly others: readonly Topic[];
}

/**
 * Parts topics into those with the most messages ever stored, at most `limit`, and the others. Takes time in proportion
 * to their number: of a hundred thousand, sorting would take a tenth of a second in which nothing else happens.
 */
export function busiest(topics: Iterable<Topic>, limit: number): Busiest {
  const named = new TinyQueue<Topic>([], compareBySequence);
  const others: Topic[] = [];
  for (const topic of topics) {
    if (topic.isSystem) continue;
    const least = named.peek();
    if (least !== undefined && named.length >= limit && topic.sequence <= least.sequence) {
      others.push(topic);
      continue;
    }
    named.push(topic);
    const dropped = named.length > limit ? named.pop() : undefined;
    if (dropped !== undefined) others.push(dropped);
  }
  return { named: named.data, others };
}

function compareBySequence(a: Topic, b: Topic): number {
  if (a.sequence === b.sequence) return 0;
  return a.sequence < b.sequence ? -1 : 1;
}
