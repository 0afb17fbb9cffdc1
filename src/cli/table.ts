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
