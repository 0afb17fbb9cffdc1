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
  readonly ms: number;
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
  const began = performance.now();
  const result = (outcome: Result['outcome'], detail: string): Result => {
    return { group, name, outcome, detail, ms: Math.round(performance.now() - began) };
  };
  if (lacking.length > 0) return result('left out', lacking.join(', '));
  try {
    await using stage = await form.stage(testCase);
    await runCase(testCase, stage);
    return result('passed', '');
  } catch (error) {
    return result('failed', error instanceof Error ? error.message : String(error));
  }
}

export function countOf(results: readonly Result[], outcome: Result['outcome']): number {
  return results.filter((each) => each.outcome === outcome).length;
}
