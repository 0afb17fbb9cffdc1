import type { Column, Result } from './results.ts';
import { countOf } from './results.ts';

const BEGIN = '<!-- conformance: written by npm run conformance -- --readme -->';
const END = '<!-- /conformance -->';

/** The results as a table: a row for each group of cases, a column for each client. */
export function tableOf(columns: readonly Column[]): string {
  const all = columns[0]?.results ?? [];
  const groups = [...new Set(all.map(({ group }) => group))];
  const rows = groups.map((group) => {
    const ofGroup = ({ results }: Column) => results.filter((each) => each.group === group);
    const count = all.filter((each) => each.group === group).length;
    return [`${group} (${count})`, ...columns.map((column) => cellOf(ofGroup(column)))];
  });
  const sums = ['**all**', ...columns.map(({ results }) => `**${cellOf(results)}**`)];
  const head = [`cases (${all.length})`, ...columns.map(({ language }) => language)];
  const rule = head.map(() => '---');
  return [head, rule, ...rows, sums].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function cellOf(results: readonly Result[]): string {
  const failed = countOf(results, 'failed');
  const leftOut = countOf(results, 'left out');
  const parts = [
    `${countOf(results, 'passed')}`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(leftOut > 0 ? [`${leftOut} left out`] : []),
  ];
  return parts.join(', ');
}

/** The README with this table in the place that is marked for it. */
export function withTable(readme: string, table: string): string {
  const begin = readme.indexOf(BEGIN);
  const end = readme.indexOf(END);
  if (begin === -1 || end < begin) throw new Error('README.md has no place for the table');
  return `${readme.slice(0, begin + BEGIN.length)}\n${table}\n${readme.slice(end)}`;
}
