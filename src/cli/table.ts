import { formatTimestamp } from 'playhead-client';

/** One column of a table. */
export interface Column<T> {
  readonly title: string;
  readonly isNumber?: boolean;
  cell(row: T): string;
}

/** For people: a title line and aligned columns, two spaces apart. */
export function alignedTable<T>(columns: readonly Column<T>[], rows: readonly T[]): string[] {
  const lines = [
    columns.map(({ title }) => title),
    ...rows.map((row) => columns.map((column) => column.cell(row))),
  ];
  const widths = columns.map((_, index) =>
    Math.max(...lines.map((line) => line[index]?.length ?? 0)),
  );
  return lines.map((line) =>
    line
      .map((cell, index) => {
        const width = widths[index] ?? 0;
        return columns[index]?.isNumber === true ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
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
