import type { Case } from './case.ts';
import { runCase } from './case-run.ts';
import type { Form } from './stage.ts';
import { lackingOf } from './stage.ts';

/** What became of a case. */
export interface Result {
  readonly group: string;
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'left out';
  /** Why it failed, or what the form lacks. */
  readonly detail: string;
}

/** All cases in one form. */
export interface Column {
  readonly language: string;
  readonly seconds: number;
  readonly results: readonly Result[];
}

/** Runs the cases, some at a time. `onResult` is told of each that is over. */
export async function runColumn(
  form: Form,
  cases: readonly Case[],
  { jobs, onResult }: { readonly jobs: number; readonly onResult: (result: Result) => void },
): Promise<Column> {
  const began = performance.now();
  const results: Result[] = [];
  const queue = cases.entries();
  const work = async () => {
    for (const [index, testCase] of queue) {
      const result = await resultOf(form, testCase);
      results[index] = result;
      onResult(result);
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  return { language: form.name, seconds: (performance.now() - began) / 1000, results };
}

async function resultOf(form: Form, testCase: Case): Promise<Result> {
  const { group, name } = testCase;
  const lacking = lackingOf(form, testCase);
  if (lacking.length > 0) return { group, name, outcome: 'left out', detail: lacking.join(', ') };
  try {
    await using stage = await form.stage(testCase);
    await runCase(testCase, stage);
    return { group, name, outcome: 'passed', detail: '' };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { group, name, outcome: 'failed', detail };
  }
}

export function countOf(results: readonly Result[], outcome: Result['outcome']): number {
  return results.filter((each) => each.outcome === outcome).length;
}
