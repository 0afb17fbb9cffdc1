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

describe('tabSeparated', () => {
  it('puts tabs between the cells', () => {
    expect(tabSeparated(columns, ['a', 1])).toBe('a\t1\tx');
  });
});
