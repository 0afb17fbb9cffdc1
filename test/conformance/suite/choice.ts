import type { Case } from './case.ts';

/** What was asked for is not there. Without it a run of nothing would look like one that passed. */
export class ChoiceError extends Error {
  override readonly name = 'ChoiceError';
}

/** The cases whose group or name has these words; all, if there are none. Throws a {@link ChoiceError} if no case has. */
export function chosen(cases: readonly Case[], words: string | undefined): readonly Case[] {
  if (words === undefined) return cases;
  const wanted = words.toLowerCase();
  const found = cases.filter(({ group, name }) =>
    `${group} ${name}`.toLowerCase().includes(wanted),
  );
  if (found.length > 0) return found;
  const groups = [...new Set(cases.map(({ group }) => group))].join(', ');
  throw new ChoiceError(`no case has "${words}" in its group or name; the groups are ${groups}`);
}

/** Tells whether a name is wanted, however it is written. Throws a {@link ChoiceError} for one that is none of `names`. */
export function choice(
  names: readonly string[],
  wanted: readonly string[] | undefined,
): (name: string) => boolean {
  if (wanted === undefined) return () => true;
  const lowered = wanted.map((each) => each.toLowerCase());
  const known = names.map((each) => each.toLowerCase());
  const unknown = lowered.find((each) => !known.includes(each));
  if (unknown !== undefined) {
    throw new ChoiceError(`there is no language ${unknown}; there are ${known.join(', ')}`);
  }
  return (name) => lowered.includes(name.toLowerCase());
}

/** How many cases run at a time. Throws a {@link ChoiceError} for what is no number of them. */
export function jobsOf(text: string): number {
  const jobs = Number(text);
  if (Number.isSafeInteger(jobs) && jobs > 0) return jobs;
  throw new ChoiceError(`--jobs is to be a number from 1 on, not ${text}`);
}
