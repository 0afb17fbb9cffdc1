import type { WriteStream } from 'node:tty';

/** Shorter work shows nothing: a line that flashes by only disturbs. */
const SHOW_AFTER_MS = 1000;
const REDRAW_MS = 200;
const ERASE_LINE = '\r\u001B[K';

/** How far a publish has come. */
export interface Tally {
  readonly messages: number;
  readonly bytes: number;
}

/** Where progress is drawn; the part of a terminal's stream that is needed. */
export type ProgressStream = Pick<WriteStream, 'write'> & { readonly isTTY?: boolean };

/**
 * A line on a terminal that says how far a long publish is and how fast. Shows nothing in the first second, and
 * nothing ever if the stream is no terminal. `close()` removes the line.
 */
export class Progress {
  readonly #stream: ProgressStream;
  readonly #startMs = performance.now();
  readonly #timer: NodeJS.Timeout | undefined;
  #tally: Tally = { messages: 0, bytes: 0 };
  #isDrawn = false;

  constructor(stream: ProgressStream, isSilent = false) {
    this.#stream = stream;
    if (stream.isTTY === true && !isSilent)
      this.#timer = setInterval(() => this.#draw(), REDRAW_MS).unref();
  }

  /** Cheap: the line is drawn at its own pace. */
  update(tally: Tally): void {
    this.#tally = tally;
  }

  /** The time since the construction. */
  elapsedMs(): number {
    return performance.now() - this.#startMs;
  }

  close(): void {
    clearInterval(this.#timer);
    if (this.#isDrawn) this.#stream.write(ERASE_LINE);
    this.#isDrawn = false;
  }

  #draw(): void {
    const elapsedMs = this.elapsedMs();
    if (elapsedMs < SHOW_AFTER_MS) return;
    this.#stream.write(ERASE_LINE + describeTally(this.#tally, elapsedMs));
    this.#isDrawn = true;
  }
}

/** For people: `1,200,000 messages, 120 MB in 2.4 s: 500,000/s, 50 MB/s`. */
export function describeTally({ messages, bytes }: Tally, elapsedMs: number): string {
  const seconds = Math.max(elapsedMs, 1) / 1000;
  const rate = Math.round(messages / seconds);
  return (
    `${countOf(messages, 'message')}, ${formatBytes(bytes)} in ${seconds.toFixed(1)} s: ` +
    `${formatCount(rate)}/s, ${formatBytes(bytes / seconds)}/s`
  );
}

/** A number with thousands parted by commas, whatever the locale: `1,200,000`. */
export function formatCount(count: number | bigint): string {
  return count.toLocaleString('en-US', { maximumFractionDigits: 0 });
}

/** `1 message`, `2 messages`, `1,000 messages`. */
export function countOf(count: number | bigint, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 || count === 1n ? '' : 's'}`;
}

const DURATION_UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
] as const;

/** Milliseconds as a duration that the options take: `7d`, `1h30m`, `250ms`. */
export function formatDuration(ms: number): string {
  let rest = ms;
  const parts = DURATION_UNITS.flatMap(([unit, unitMs]) => {
    const count = Math.floor(rest / unitMs);
    rest -= count * unitMs;
    return count === 0 ? [] : [`${count}${unit}`];
  });
  return parts.join('') || '0ms';
}

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** Bytes with three digits and a decimal unit: `512 B`, `1.25 MB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < BYTE_UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)} ${BYTE_UNITS[unit]}`;
}
