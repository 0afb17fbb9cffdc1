/** How a workload is to be run. */
export interface Settings {
  readonly isQuick: boolean;
  readonly durability: 'fsync' | 'os';
  /** Directory for the data of brokers. Each removes its own. */
  readonly dir: string;
  /** The peers to compare with, by the names of their files. */
  readonly peers: readonly string[];
  /** Tells people what is going on. */
  readonly note: (text: string) => void;
}

/** A figure, and what it should be. Nothing is enforced. */
export interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: Unit;
  readonly goal?: { readonly atLeast: number } | { readonly atMost: number };
  /** What `value` is the median of. */
  readonly runs?: readonly number[];
  readonly remark?: string;
  /** When a message was on the disk, if it was not by the settings of the run. */
  readonly durability?: string;
  /** Set if it is a bar of the plot: whose bar, and among which others. */
  readonly plot?: { readonly group: string; readonly label: string };
  /** True for what the machine gives without playhead. */
  readonly isLimit?: boolean;
}

export type Unit =
  | 'messages/s'
  | 'MB/s'
  | 'MB'
  | 'KB'
  | 'ms'
  | 'ns'
  | 'B'
  | 's'
  | '%'
  | 'syncs/s'
  | 'schedules/s'
  | '×';

/** A thing that is measured. Throws a {@link VerificationError} instead of giving a figure for what went wrong. */
export interface Workload {
  /** For `--only`. */
  readonly name: string;
  run(settings: Settings): Promise<readonly Figure[]>;
}

/** A message was lost, doubled, changed or out of order. */
export class VerificationError extends Error {
  override readonly name = 'VerificationError';
}

/** The middle one; of an even number the lower middle one. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[(values.length - 1) >> 1] ?? Number.NaN;
}

/** Runs it several times. The figure is the median. */
export async function medianOf(
  runs: number,
  run: (index: number) => Promise<number>,
): Promise<Pick<Figure, 'value' | 'runs'>> {
  const values: number[] = [];
  for (let i = 0; i < runs; i++) values.push(await run(i));
  return { value: median(values), runs: values };
}

/** Seconds that it takes. */
export async function secondsOf(run: () => Promise<void>): Promise<number> {
  const startMs = performance.now();
  await run();
  return (performance.now() - startMs) / 1000;
}
