import { type Session, style } from './session.ts';
import { alignedTable, type Column, tabSeparated } from './table.ts';

/** Rows that are aligned with each other. */
const PAGE_ROWS = 1000;

/** How a list is written. */
export interface ListFormat<T> {
  readonly columns: readonly Column<T>[];
  readonly toJson: (row: T) => object;
}

/**
 * Writes rows as they come: an object a line with `--json`, a table on a terminal, else cells with tabs between. Ends
 * early when the reader of standard output has gone.
 */
export async function writeList<T>(
  session: Session,
  rows: AsyncIterable<T>,
  { columns, toJson }: ListFormat<T>,
): Promise<void> {
  const { out } = session;
  const isTable = session.stdout.isTTY && !session.isJson;
  const page: T[] = [];
  for await (const row of rows) {
    if (isTable) page.push(row);
    else out.pushLine(session.isJson ? JSON.stringify(toJson(row)) : tabSeparated(columns, row));
    if (page.length === PAGE_ROWS) writeTable(session, columns, page.splice(0));
    if (out.isFull) await out.ready();
    if (out.readerGone.aborted) break;
  }
  if (page.length > 0) writeTable(session, columns, page);
}

function writeTable<T>(
  { out, stdout, env }: Session,
  columns: readonly Column<T>[],
  page: readonly T[],
): void {
  const [titles = '', ...lines] = alignedTable(columns, page, stdout.columns || undefined);
  out.pushLine(style('bold', titles, stdout, env));
  for (const line of lines) out.pushLine(line);
}
