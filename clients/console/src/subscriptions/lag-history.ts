import type { Subscription } from '../broker/types.ts';

/** How far behind a subscription was at one moment. */
export interface LagSample {
  readonly timeMs: number;
  readonly pending: number;
  readonly inFlight: number;
  readonly lagSeconds: number;
}

/** Kept of each: an hour, with one every two seconds. */
const SAMPLES = 1800;

/** What was seen of subscriptions since the page was opened, so that it is there when somebody comes back to one. */
export class LagHistory {
  readonly #samples = new Map<string, LagSample[]>();

  note(subscriptions: readonly Subscription[], timeMs: number): void {
    for (const each of subscriptions) {
      const key = `${each.topic} ${each.subscription}`;
      const samples = this.#samples.get(key) ?? [];
      const last = samples.at(-1);
      // The list and the page of a subscription may ask at about the same time.
      if (last !== undefined && timeMs - last.timeMs < 1000) continue;
      samples.push({
        timeMs,
        pending: each.pending_count,
        inFlight: each.in_flight_count,
        lagSeconds: each.lag_seconds,
      });
      if (samples.length > SAMPLES) samples.shift();
      this.#samples.set(key, samples);
    }
  }

  of(topic: string, subscription: string): readonly LagSample[] {
    return this.#samples.get(`${topic} ${subscription}`) ?? [];
  }
}

export const lagHistory = new LagHistory();
