import {
  laterOf,
  NS_PER_DAY,
  NS_PER_HOUR,
  NS_PER_MINUTE,
  NS_PER_MS,
  NS_PER_SECOND,
  timeParts,
} from './nanoseconds.ts';
import type { TimeRange } from './time-range.ts';
import { spanOf } from './time-range.ts';

/** A mark on the axis of time. */
export interface Tick {
  readonly timestampNs: bigint;
  readonly label: string;
  /** True where something larger begins, such as a day among hours. */
  readonly isMajor: boolean;
}

const decimal = (unit: bigint) =>
  [1n, 2n, 5n, 10n, 20n, 50n, 100n, 200n, 500n].map((n) => n * unit);
const STEPS: readonly bigint[] = [
  ...decimal(1n),
  ...decimal(1000n),
  ...decimal(NS_PER_MS),
  ...[1n, 2n, 5n, 10n, 15n, 30n].map((n) => n * NS_PER_SECOND),
  ...[1n, 2n, 5n, 10n, 15n, 30n].map((n) => n * NS_PER_MINUTE),
  ...[1n, 2n, 3n, 6n, 12n].map((n) => n * NS_PER_HOUR),
  ...[1n, 2n, 5n, 10n, 30n, 100n, 365n, 1000n, 3650n, 10_000n, 36_500n, 100_000n].map(
    (n) => n * NS_PER_DAY,
  ),
];

/** Ticks at round times, at most so many. */
export function ticksOf(range: TimeRange, most: number): Tick[] {
  const wantedNs = spanOf(range) / BigInt(Math.max(1, most));
  const stepNs = STEPS.find((step) => step > wantedNs) ?? STEPS.at(-1) ?? NS_PER_DAY;
  const ticks: Tick[] = [];
  const firstNs = laterOf(((range.fromNs + stepNs - 1n) / stepNs) * stepNs, 0n);
  for (let atNs = firstNs; atNs < range.untilNs; atNs += stepNs) {
    ticks.push({ timestampNs: atNs, ...labelOf(atNs, stepNs) });
  }
  return ticks;
}

function labelOf(atNs: bigint, stepNs: bigint): Omit<Tick, 'timestampNs'> {
  const { date, clock, fraction } = timeParts(atNs);
  const isMidnight = atNs % NS_PER_DAY === 0n;
  if (stepNs >= NS_PER_DAY || isMidnight) {
    return { label: date, isMajor: isMidnight && stepNs < NS_PER_DAY };
  }
  if (stepNs >= NS_PER_MINUTE) return { label: clock.slice(0, 5), isMajor: false };
  if (stepNs >= NS_PER_SECOND) return { label: clock, isMajor: atNs % NS_PER_MINUTE === 0n };
  if (atNs % NS_PER_SECOND === 0n) return { label: clock, isMajor: true };
  return { label: `.${fractionLabel(fraction, stepNs)}`, isMajor: false };
}

/** Digits in threes, as many as the step needs: `250`, `250 100`, `250 100 004`. */
function fractionLabel(fraction: string, stepNs: bigint): string {
  const groups = stepNs >= NS_PER_MS ? 1 : stepNs >= 1000n ? 2 : 3;
  return [0, 3, 6]
    .slice(0, groups)
    .map((start) => fraction.slice(start, start + 3))
    .join(' ');
}
