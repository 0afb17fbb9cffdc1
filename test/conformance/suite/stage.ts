import type { Ability, Case } from './case.ts';
import type { Driver } from './driver.ts';
import type { Fault } from './faulty-end.ts';

/** What surrounds a case while it runs: a driver, and what it is connected to. */
export interface Stage extends AsyncDisposable {
  readonly driver: Driver;
  /** For `connect`, and as variables: `address`, and what the needs of the case ask for. */
  readonly variables: Readonly<Record<string, string>>;
  /** Lets time pass. */
  wait(ms: number): Promise<void>;
  /** stop, kill, start, restart or crash. */
  broker(action: string): Promise<void>;
  /** cut, refuse, stall, swallowAnswers, repair, or to cut each time so many bytes have passed. */
  proxy(action: string | { readonly cutEach: number }): Promise<void>;
  /** The next call of a method is to fail so, once. */
  fault(fault: Fault): void;
  /** Those that did not come to pass: nobody has made the call. */
  readonly leftFaults: readonly string[];
  /** What is to be known if the case fails. */
  diagnosis(): string;
}

/** A client, with what it is a client of. */
export interface Form {
  readonly name: string;
  readonly abilities: ReadonlySet<Ability>;
  stage(testCase: Case): Promise<Stage>;
}

/** What keeps a form from running a case; none if it can. */
export function lackingOf(form: Pick<Form, 'abilities'>, testCase: Case): readonly Ability[] {
  return testCase.needs.filter((need) => !form.abilities.has(need));
}
