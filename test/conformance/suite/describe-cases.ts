import { describe, it } from 'vitest';
import type { Case } from './case.ts';
import { runCase } from './case-run.ts';
import type { Form } from './stage.ts';
import { lackingOf } from './stage.ts';

const CASE_MS = 60_000;

/** A test for each case, in which a form is to do what it says. Those that the form lacks something for are skipped. */
export function describeCases(form: Form, cases: readonly Case[]): void {
  for (const group of new Set(cases.map((each) => each.group))) {
    describe.concurrent(`${form.name}: ${group}`, () => {
      for (const testCase of cases.filter((each) => each.group === group)) {
        const isPossible = lackingOf(form, testCase).length === 0;
        it.skipIf(!isPossible)(testCase.name, { timeout: CASE_MS }, () => runIn(form, testCase));
      }
    });
  }
}

/** Runs a case in a stage of its own. */
export async function runIn(form: Form, testCase: Case): Promise<void> {
  await using stage = await form.stage(testCase);
  await runCase(testCase, stage);
}
