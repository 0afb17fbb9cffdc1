import { signal } from '@preact/signals';
import { connection } from '../broker/connection.ts';
import { RefusedError } from '../broker/errors.ts';
import { request } from '../broker/request.ts';
import { keepAsking } from '../broker/use-poll.ts';
import { History } from './history.ts';
import { parsePrometheus } from './prometheus.ts';
import { sampleBetween } from './sample.ts';
import { Scrape } from './scrape.ts';

const SCRAPE_MS = 2000;
/** A longer pause, such as of a page that nobody saw, is no interval: its mean would say nothing. */
const GAP_MS = 5 * SCRAPE_MS;
const STORED_AS = 'playhead-history';

/** Watches the figures of the broker as long as the page is open, and keeps those of the last hour. */
class Recorder {
  readonly history = new History();
  /** Counts the samples. */
  readonly changes = signal(0);
  /** Why there are none. */
  readonly error = signal<string | undefined>(undefined);
  #before: { readonly scrape: Scrape; readonly timeMs: number } | undefined;

  start(): void {
    this.history.restore(sessionStorage.getItem(STORED_AS) ?? '', connection.nowMs());
    addEventListener('pagehide', () => {
      sessionStorage.setItem(STORED_AS, this.history.serialize());
    });
    void keepAsking((abort) => this.#scrape(abort), SCRAPE_MS, new AbortController().signal);
  }

  async #scrape(abort: AbortSignal): Promise<void> {
    try {
      const response = await request('/metrics', { signal: abort });
      const scrape = new Scrape(parsePrometheus(await response.text()));
      const timeMs = connection.nowMs();
      const before = this.#before;
      this.#before = { scrape, timeMs };
      this.error.value = undefined;
      if (before === undefined || timeMs - before.timeMs > GAP_MS) return;
      const seconds = (timeMs - before.timeMs) / 1000;
      this.history.add(sampleBetween(before.scrape, scrape, { timeMs, seconds }));
      this.changes.value++;
    } catch (error) {
      if (error instanceof RefusedError) this.error.value = error.message;
      throw error;
    }
  }
}

export const recorder = new Recorder();
