import { z } from 'zod';
import type { Fields } from './bytes.ts';
import { type Case, type Step, stepForm } from './case.ts';
import { DriverError } from './driver.ts';
import { faultForm } from './faulty-end.ts';
import { difference, show } from './match.ts';
import { fromDriverAnswer } from './message-form.ts';
import { completed, isOperation, type Operation, toDriverRequest } from './requests.ts';
import { Scope } from './scope.ts';
import type { Stage } from './stage.ts';

const STEP_MS = 20_000;
const EVENTUALLY_MS = 8000;
const EVENTUALLY_PAUSE_MS = 20;

/** What came of a step. */
type Outcome = { readonly answer: Fields } | { readonly error: DriverError };

/** What is opened for a request that does not say of what it is. */
interface Implied {
  readonly kind: Operation;
  readonly field: 'publisher' | 'channel';
  readonly as: string;
  readonly terms: Fields;
}

interface Background {
  readonly step: Step;
  readonly outcome: Promise<Outcome>;
  isDone: boolean;
}

let caseCount = 0;

/** Runs a case to its end. Throws an error that names the step and the difference. */
export async function runCase(testCase: Case, stage: Stage): Promise<void> {
  const run = new CaseRun(stage);
  for (const [index, step] of testCase.steps.entries()) {
    try {
      await run.do(step);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      const written = show({ [step.operation]: step.argument });
      const diagnosis = stage.diagnosis();
      const behind = diagnosis === '' ? '' : `\n${diagnosis}`;
      const message = `step ${index + 1}, ${written}\n    ${text}${behind}`;
      throw new Error(message, { cause: error });
    }
  }
  const [left] = stage.leftFaults;
  if (left !== undefined) throw new Error(`nobody has made the call that was to fail: ${left}`);
}

class CaseRun {
  readonly #stage: Stage;
  readonly #scope = new Scope();
  /** Clients, publishers and channels that were made. */
  readonly #made = new Map<string, Promise<Outcome>>();
  readonly #background = new Map<string, Background>();

  constructor(stage: Stage) {
    this.#stage = stage;
    caseCount += 1;
    const name = `case-${caseCount}-${Math.random().toString(36).slice(2, 8)}`;
    this.#scope.set('topic', name);
    this.#scope.set('channel', name);
    for (const [variable, value] of Object.entries(stage.variables)) {
      this.#scope.set(variable, value);
    }
  }

  async do(step: Step): Promise<void> {
    const { operation, argument } = step;
    switch (operation) {
      case 'wait':
        return this.#stage.wait(Number(/^(\d+)ms$/.exec(String(argument))?.[1]));
      case 'broker':
        return this.#stage.broker(String(argument));
      case 'proxy':
        return this.#stage.proxy(argument as string | { readonly cutEach: number });
      case 'fault':
        return this.#stage.fault(faultForm.parse(this.#scope.resolve(argument)));
      case 'join':
        return this.#join(step);
      case 'pending':
        if (!this.#backgroundOf(argument).isDone) return;
        throw new Error(`${String(argument)} is over: ${await this.#told(argument)}`);
      default:
        return this.#request(step);
    }
  }

  async #request(step: Step): Promise<void> {
    if (step.background !== undefined) {
      this.#begin(step, step.background);
      return;
    }
    if (step.eventually === true) return this.#poll(step);
    const times = step.operation === 'together' ? 1 : (step.times ?? 1);
    for (let i = 0; i < times; i++) {
      if (times > 1) this.#scope.set('i', String(i));
      this.#check(step, await this.#outcome(step));
    }
  }

  #begin(step: Step, name: string): void {
    const outcome = this.#outcome(step);
    const background: Background = { step, outcome, isDone: false };
    const done = () => {
      background.isDone = true;
    };
    outcome.then(done, done);
    this.#background.set(name, background);
  }

  async #join(step: Step): Promise<void> {
    this.#check(step, await this.#inTime(this.#backgroundOf(step.argument).outcome));
  }

  #backgroundOf(name: unknown): Background {
    const background = this.#background.get(String(name));
    if (background === undefined) throw new TypeError(`nothing named ${String(name)} was begun`);
    return background;
  }

  async #told(name: unknown): Promise<string> {
    const outcome = await this.#backgroundOf(name).outcome;
    return 'error' in outcome ? show(outcome.error.fields) : show(outcome.answer);
  }

  /** Asks again until the answer is as expected. */
  async #poll(step: Step): Promise<void> {
    for (let waitedMs = 0; ; waitedMs += EVENTUALLY_PAUSE_MS) {
      const outcome = await this.#outcome(step);
      try {
        this.#check(step, outcome);
        return;
      } catch (error) {
        if (waitedMs >= EVENTUALLY_MS) throw error;
      }
      await this.#stage.wait(EVENTUALLY_PAUSE_MS);
    }
  }

  #check(step: Step, outcome: Outcome): void {
    const { expect, error, save } = step;
    if (error !== undefined) {
      if (!('error' in outcome)) {
        throw new Error(`expected the error ${show(error)}, got ${show(outcome.answer)}`);
      }
      const pattern = typeof error === 'string' ? { reason: error } : error;
      const found = difference(this.#scope.resolve(pattern), outcome.error.fields);
      if (found !== undefined) throw new Error(`${found} (${outcome.error.message})`);
      return;
    }
    if ('error' in outcome) {
      throw new Error(`failed: ${show(outcome.error.fields)}`, { cause: outcome.error });
    }
    // What is saved here may be part of what is expected.
    if (save !== undefined) this.#scope.save(save, outcome.answer);
    if (expect === undefined) return;
    const found = difference(this.#scope.resolve(expect), outcome.answer);
    if (found !== undefined) throw new Error(found);
  }

  async #outcome(step: Step): Promise<Outcome> {
    const { operation, argument } = step;
    if (operation === 'together') return this.#together(argument, step.times ?? 1);
    if (!isOperation(operation)) throw new TypeError(`${operation} cannot be asked for here`);
    const request = this.#scope.resolve(completed(operation, argument)) as Fields;
    const implied = this.#impliedBy(operation, request);
    if (implied === undefined) return this.#send(operation, request);
    const { kind, field, as, terms } = implied;
    const opened = await this.#openOnce(kind, as, terms);
    if ('error' in opened) return opened;
    const { client: _, topic: __, name: ___, ...rest } = request;
    return this.#send(operation, { ...rest, [field]: as });
  }

  /** All steps at once, each so many times; `$i` counts. */
  async #together(argument: unknown, times: number): Promise<Outcome> {
    const steps = z.array(stepForm).parse(argument);
    const begun: { readonly step: Step; readonly outcome: Promise<Outcome> }[] = [];
    for (let i = 0; i < times; i++) {
      this.#scope.set('i', String(i));
      for (const step of steps) {
        const outcome = this.#outcome(step);
        // One that throws is told when its turn comes; until then somebody looks after it.
        outcome.catch(() => undefined);
        begun.push({ step, outcome });
      }
    }
    const errors: string[] = [];
    for (const { step, outcome } of begun) {
      const result = await outcome;
      if ('error' in result) errors.push(result.error.reason);
      if (step.expect !== undefined || step.error !== undefined) this.#check(step, result);
    }
    return { answer: { succeeded: begun.length - errors.length, errors } };
  }

  /** The publisher or channel that a request is of, where it names none. */
  #impliedBy(operation: Operation, request: Fields): Implied | undefined {
    const { client = 'client' } = request;
    if (operation === 'publish' || operation === 'flush') {
      if (request['publisher'] !== undefined) return undefined;
      const { topic = this.#scope.get('topic') } = request;
      const as = `publisher of ${String(topic)} by ${String(client)}`;
      return { kind: 'openPublisher', field: 'publisher', as, terms: { client, topic } };
    }
    if (/^(?:write|close|read)Channel$/.test(operation)) {
      if (request['channel'] !== undefined) return undefined;
      const { name = this.#scope.get('channel') } = request;
      const as = `channel ${String(name)} by ${String(client)}`;
      return { kind: 'openChannel', field: 'channel', as, terms: { client, name } };
    }
    return undefined;
  }

  #openOnce(operation: Operation, as: string, terms: Fields): Promise<Outcome> {
    const opening = this.#made.get(as) ?? this.#send(operation, { ...terms, as });
    this.#made.set(as, opening);
    return opening;
  }

  async #send(operation: Operation, request: Fields): Promise<Outcome> {
    if (operation === 'connect') {
      const given = { addresses: [this.#scope.get('address')], ...request };
      const connecting = this.#call(operation, given);
      this.#made.set(`client ${String(request['as'])}`, connecting);
      return connecting;
    }
    // The client of the case connects at its first use.
    if (request['client'] === 'client') {
      const connected = await (this.#made.get('client client') ??
        this.#send('connect', { as: 'client' }));
      if ('error' in connected) return connected;
    }
    return this.#call(operation, request);
  }

  async #call(operation: Operation, request: Fields): Promise<Outcome> {
    try {
      const answering = this.#stage.driver.call(operation, toDriverRequest(request));
      return { answer: fromDriverAnswer(operation, await this.#inTime(answering)) };
    } catch (error) {
      if (error instanceof DriverError) return { error };
      throw error;
    }
  }

  async #inTime<T>(promise: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const message = `was not answered within ${STEP_MS / 1000} s`;
      timer = setTimeout(() => reject(new Error(message)), STEP_MS);
    });
    try {
      return await Promise.race([promise, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}
