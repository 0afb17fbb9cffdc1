import type { Series } from './prometheus.ts';

/** Upper bounds of a histogram with how many values were at or below each, in order. */
export type Buckets = readonly (readonly [bound: number, count: number])[];

/** What the broker counts, at one moment. */
export class Scrape {
  readonly #byName = new Map<string, Series[]>();

  constructor(series: readonly Series[]) {
    for (const each of series) {
      const same = this.#byName.get(each.name);
      if (same === undefined) this.#byName.set(each.name, [each]);
      else same.push(each);
    }
  }

  /** The sum over all labels; undefined if the broker does not tell. */
  total(name: string): number | undefined {
    const all = this.#byName.get(name);
    return all?.reduce((sum, { value }) => sum + value, 0);
  }

  /** The sum over all other labels. */
  buckets(name: string): Buckets {
    const counts = new Map<number, number>();
    for (const { labels, value } of this.#byName.get(`${name}_bucket`) ?? []) {
      const le = labels['le'] ?? '';
      const bound = le === '+Inf' ? Infinity : Number(le);
      counts.set(bound, (counts.get(bound) ?? 0) + value);
    }
    return [...counts].sort(([a], [b]) => a - b);
  }
}

/** What was counted between two scrapes; a broker that began anew counts from zero. */
export function bucketsBetween(before: Buckets, after: Buckets): Buckets {
  const earlier = new Map(before);
  const isAnew = after.some(([bound, count]) => count < (earlier.get(bound) ?? 0));
  return after.map(([bound, count]) => [bound, isAnew ? count : count - (earlier.get(bound) ?? 0)]);
}

/** The value below which the part `quantile` of all lies, between two bounds as on a straight line; null if there are none. */
export function quantileOf(buckets: Buckets, quantile: number): number | null {
  const total = buckets.at(-1)?.[1] ?? 0;
  if (total <= 0) return null;
  const rank = quantile * total;
  let low = 0;
  let below = 0;
  for (const [bound, count] of buckets) {
    if (count >= rank && count > below) {
      // Of what is beyond the last bound nothing more is known.
      if (bound === Infinity) return low;
      return low + ((bound - low) * (rank - below)) / (count - below);
    }
    if (bound !== Infinity) low = bound;
    below = count;
  }
  return low;
}
