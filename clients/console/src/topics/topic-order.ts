/** What stands in the list by its name. */
interface Named {
  readonly topic: string;
}

/** The list with what came in place of what was behind `after` and up to `last`; without `last` up to the end. */
export function replaced<T extends Named>(
  known: readonly T[],
  fresh: readonly T[],
  after: string,
  last: string | undefined,
): readonly T[] {
  const before = known.filter(({ topic }) => topic <= after);
  const behind = last === undefined ? [] : known.filter(({ topic }) => topic > last);
  return [...before, ...fresh, ...behind];
}
