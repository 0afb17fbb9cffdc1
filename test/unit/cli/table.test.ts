import { describe, expect, it } from 'vitest';
import type { Column } from '../../../src/cli/table.ts';
import { alignedTable, tabSeparated } from '../../../src/cli/table.ts';

const columns: readonly Column<readonly [string, number]>[] = [
  { title: 'NAME', cell: ([name]) => name },
  { title: 'SIZE', isNumber: true, cell: ([, size]) => String(size) },
  { title: 'X', cell: () => 'x' },
];

describe('alignedTable', () => {
  it('aligns texts to the left and numbers to the right', () => {
    expect(alignedTable(columns, [['a', 12345] as const, ['longer', 1] as const])).toEqual([
      'NAME     SIZE  X',
      'a       12345  x',
      'longer      1  x',
    ]);
  });
});

describe('alignedTable on a terminal', () => {
  const wide: readonly Column<readonly [string, string, number]>[] = [
    { title: 'TOPIC', isCut: true, cell: ([topic]) => topic },
    { title: 'NAME', isCut: true, cell: ([, name]) => name },
    { title: 'SIZE', isNumber: true, cell: ([, , size]) => String(size) },
  ];

  it('cuts names so that a line fits, the longest first, and nothing else', () => {
    const rows = [['x'.repeat(255), 'billing', 1] as const, ['short', 'b', 1_000_000] as const];
    const lines = alignedTable(wide, rows, 30);
    expect(lines).toEqual([
      'TOPIC         NAME        SIZE',
      `${'x'.repeat(11)}…  billing        1`,
      'short         b        1000000',
    ]);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(30);
  });

  it('leaves what fits as it is, and a name as much as its title on a terminal that is too small', () => {
    const rows = [['topic', 'name', 1] as const];
    expect(alignedTable(wide, rows, 80)).toEqual(alignedTable(wide, rows));
    expect(alignedTable(wide, [['topics', 'names', 1] as const], 5)[1]).toBe('topi…  nam…     1');
  });
});

describe('tabSeparated', () => {
  it('puts tabs between the cells', () => {
    expect(tabSeparated(columns, ['a', 1])).toBe('a\t1\tx');
  });
});
