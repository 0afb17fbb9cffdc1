import { formatTimestamp } from 'playhead-client';

/** One column of a table. */
export interface Column<T> {
  readonly title: string;
  readonly isNumber?: boolean;
  /** A name, which may be cut where there is no room for all of it. */
  readonly isCut?: boolean;
  cell(row: T): string;
}

const GAP = '  ';

/** For people: a title line and aligned columns, two spaces apart; no wider than the terminal if names can be cut. */
export function alignedTable<T>(
  columns: readonly Column<T>[],
  rows: readonly T[],
  maxWidth = Number.POSITIVE_INFINITY,
): string[] {
  const lines = [
    columns.map(({ title }) => title),
    ...rows.map((row) => columns.map((column) => column.cell(row))),
  ];
  const widths = columns.map((_, index) =>
    Math.max(...lines.map((line) => line[index]?.length ?? 0)),
  );
  cutToFit(columns, widths, maxWidth);
  return lines.map((line) =>
    line
      .map((text, index) => {
        const width = widths[index] ?? 0;
        const cell = text.length > width ? `${text.slice(0, width - 1)}…` : text;
        return columns[index]?.isNumber === true ? cell.padStart(width) : cell.padEnd(width);
      })
      .join(GAP)
      .trimEnd(),
  );
}

/** Makes the widest columns of names narrower, down to their titles, until a line fits. */
function cutToFit<T>(columns: readonly Column<T>[], widths: number[], maxWidth: number): void {
  const sum = widths.reduce((total, width) => total + width, GAP.length * (widths.length - 1));
  for (let excess = sum - maxWidth; excess > 0; excess--) {
    let widest: number | undefined;
    for (const [index, { isCut = false, title }] of columns.entries()) {
      const width = widths[index] ?? 0;
      if (isCut && width > title.length && width > (widths[widest ?? -1] ?? 0)) widest = index;
    }
    if (widest === undefined) return;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
}

/** For programs: a line a row, tabs between the cells, no titles. */
export function tabSeparated<T>(columns: readonly Column<T>[], row: T): string {
  return columns.map((column) => column.cell(row)).join('\t');
}

/** For people: a line a pair, the values aligned. */
export function alignedPairs(pairs: readonly (readonly [name: string, value: string])[]): string {
  const width = Math.max(...pairs.map(([name]) => name.length));
  return pairs.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n');
}

/** RFC 3339, or a dash for none. */
export function formatOptionalTimestamp(timestampNs: bigint | undefined): string {
  return timestampNs === undefined ? '-' : formatTimestamp(timestampNs);
}
