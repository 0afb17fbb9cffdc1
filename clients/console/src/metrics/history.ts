import type { Sample } from './sample.ts';
import { SAMPLE_FIELDS } from './sample.ts';

/** What is kept. */
export const HISTORY_MS = 3_600_000;

/** The samples of the last hour, oldest first. */
export class History {
  #samples: Sample[] = [];

  get samples(): readonly Sample[] {
    return this.#samples;
  }

  add(sample: Sample): void {
    this.#samples.push(sample);
    const old = this.#samples.findIndex(({ timeMs }) => timeMs >= sample.timeMs - HISTORY_MS);
    if (old > 0) this.#samples.splice(0, old);
  }

  /** As a text that {@link History.restore} takes. */
  serialize(): string {
    return JSON.stringify(
      this.#samples.map((sample) => [sample.timeMs, ...SAMPLE_FIELDS.map((name) => sample[name])]),
    );
  }

  /** Takes up what was kept before the page was loaded again; what it does not understand is left aside. */
  restore(text: string, nowMs: number): void {
    const rows = parsedRows(text).filter(([timeMs = 0]) => (timeMs ?? 0) >= nowMs - HISTORY_MS);
    this.#samples = rows.map(([timeMs, ...values]) => {
      const entries = SAMPLE_FIELDS.map((name, index) => [name, values[index] ?? null]);
      return { timeMs: timeMs ?? 0, ...Object.fromEntries(entries) } as Sample;
    });
  }
}

function parsedRows(text: string): (number | null)[][] {
  try {
    const parsed: unknown = JSON.parse(text);
    if (!Array.isArray(parsed)) return [];
    return parsed.filter(
      (row) => Array.isArray(row) && row.length === SAMPLE_FIELDS.length + 1,
    ) as (number | null)[][];
  } catch {
    return [];
  }
}
