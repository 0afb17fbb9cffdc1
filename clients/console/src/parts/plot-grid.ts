const range = (count: number) => Array.from({ length: count }, (_, index) => index);

/** Where lines of the grid of a plot may stand: 1, 2 and 5 with any number of zeros. */
export const GRID_NUMBERS: readonly number[] = range(24).flatMap((power) =>
  [1, 2, 5].map((step) => step * 10 ** (power - 9)),
);

/** Powers of two, for what is counted in bytes. */
export const GRID_BYTES: readonly number[] = range(50).map((power) => 2 ** power);

/** Of lengths of time that may be days, in seconds. */
export const GRID_LENGTHS: readonly number[] = [
  0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21_600, 43_200, 86_400,
  172_800, 432_000, 864_000, 1_728_000, 4_320_000, 8_640_000, 17_280_000, 43_200_000, 86_400_000,
];

/** Of the axis of time, in seconds. */
export const GRID_CLOCK: readonly number[] = [60, 120, 300, 600, 900, 1800, 3600];
