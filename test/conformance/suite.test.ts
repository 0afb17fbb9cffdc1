import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PlayheadErrorReason } from 'playhead-client';
import type { ErrorReason } from 'playhead-proto';
import { isRetryableReason } from 'playhead-proto';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { Bytes, type Fields, isFields } from './suite/bytes.ts';
import type { Case, Step } from './suite/case.ts';
import { loadCases, stepForm } from './suite/case.ts';
import { runCase } from './suite/case-run.ts';
import { choice, chosen, jobsOf } from './suite/choice.ts';
import type { Driver } from './suite/driver.ts';
import { DriverError } from './suite/driver.ts';
import { faultForm } from './suite/faulty-end.ts';
import {
  changesOfGenerated,
  clientsOf,
  findLanguages,
  run as runCommand,
} from './suite/language.ts';
import { difference } from './suite/match.ts';
import { REQUESTS } from './suite/requests.ts';
import { Scope } from './suite/scope.ts';
import type { Stage } from './suite/stage.ts';

const cases = await loadCases();

/** Reasons that clients have besides those of the broker, with whether the same may be tried again. */
const isRetryableReasonOfClients: Readonly<
  Record<Exclude<PlayheadErrorReason, ErrorReason>, boolean>
> = {
  UNREACHABLE: true,
  DEADLINE_EXCEEDED: true,
  CANCELLED: false,
  CLIENT_CLOSED: false,
  PUBLISHER_FULL: true,
};

/** All steps, those of `together` among them. */
function stepsOf({ steps }: Pick<Case, 'steps'>): readonly Step[] {
  return steps.flatMap((step) => {
    if (step.operation !== 'together') return [step];
    const inner = (step.argument as readonly Fields[]).map((each) => stepForm.parse(each));
    return [step, ...stepsOf({ steps: inner })];
  });
}

const allSteps = cases.flatMap(stepsOf);

describe('the cases', () => {
  it('are many, in groups', () => {
    expect(cases.length).toBeGreaterThanOrEqual(130);
    expect(new Set(cases.map(({ group }) => group)).size).toBeGreaterThanOrEqual(15);
  });

  it('meet every reason of an error, and say whether the same may be tried again', () => {
    const reasons = { ...isRetryableReason, ...isRetryableReasonOfClients };
    const unmet = Object.entries(reasons).filter(
      ([reason, retryable]) =>
        !allSteps.some(
          ({ error }) =>
            isFields(error) && error['reason'] === reason && error['retryable'] === retryable,
        ),
    );
    expect(unmet.map(([reason]) => reason)).toEqual([]);
  });

  it('meet every reason of the broker on the wire of gRPC', () => {
    const faults = allSteps.filter(({ operation }) => operation === 'fault');
    const told = new Set(faults.map(({ argument }) => faultForm.parse(argument).reason));
    expect(Object.keys(isRetryableReason).filter((each) => !told.has(each as ErrorReason))).toEqual(
      [],
    );
  });

  it('ask for everything that a driver can be asked for', () => {
    const asked = new Set(allSteps.map(({ operation }) => operation));
    // What a case leaves out, the runner asks for.
    const implied = new Set(['connect', 'openPublisher', 'openChannel']);
    const never = Object.keys(REQUESTS).filter((each) => !asked.has(each) && !implied.has(each));
    expect(never).toEqual([]);
  });

  it('can each fail', () => {
    const harmless = cases.filter((each) =>
      stepsOf(each).every(({ expect: expected, error }) => expected == null && error === undefined),
    );
    expect(harmless.map(({ name }) => name)).toEqual([]);
  });

  it('say that they need a proxy, a restart or faults where they use them', () => {
    for (const each of cases) {
      const used = new Set(stepsOf(each).map(({ operation }) => operation));
      expect([each.name, used.has('proxy')]).toEqual([each.name, each.needs.includes('proxy')]);
      expect([each.name, used.has('broker')]).toEqual([each.name, each.needs.includes('restart')]);
      expect([each.name, used.has('fault')]).toEqual([each.name, each.needs.includes('faults')]);
    }
  });
});

const bytes = (text: string) => new Bytes(Buffer.from(text));

describe('an answer', () => {
  it.each<[expected: unknown, actual: unknown]>([
    [{ a: 1 }, { a: 1, b: 2 }],
    [{ a: [] }, {}],
    [{ a: 0, b: false, c: '' }, {}],
    ['$any', 'x'],
    ['$absent', undefined],
    ['5', 5],
    [{ a: { $gt: 5 } }, { a: '6' }],
    [{ $between: [1, 3] }, 2],
    [{ $length: 2 }, ['a', 'b']],
    [{ $unordered: [1, 2] }, [2, 1]],
    [{ $contains: [{ a: 1 }] }, [{ a: 2 }, { a: 1, b: 1 }]],
    [{ $ascending: true }, ['1', '2', '10']],
    [{ $oneOf: ['a', 'b'] }, 'b'],
    [{ $not: 'a' }, 'b'],
    [{ $matches: '^a+$' }, 'aaa'],
    [{ $md5: ['a', 'b'] }, '187ef4436122d1cc2f40dc2b92f0eba0'],
    ['text', bytes('text')],
    [{ hex: '61 62' }, bytes('ab')],
    [{ repeat: 'ab', times: 2 }, bytes('abab')],
    [{ numbered: { count: 2, from: 3 } }, [bytes('m-3'), bytes('m-4')]],
    [{ headers: { a: '1' } }, { headers: [{ name: 'a', value: bytes('1') }] }],
  ])('is as %j expects it', (expected, actual) => {
    expect(difference(expected, actual)).toBeUndefined();
  });

  it.each<[expected: unknown, actual: unknown, told: string]>([
    [{ a: 1 }, { a: 2 }, 'a: expected 1, got 2'],
    [{ a: { b: 'x' } }, { a: {} }, 'a.b: expected "x", got nothing'],
    [['a'], ['a', 'b'], 'expected 1: ["a"], got 2: ["a","b"]'],
    [['a', 'b'], ['a', 'c'], '[1]: expected "b", got "c", in ["a","c"]'],
    ['$any', undefined, 'expected something, got nothing'],
    ['$absent', 'x', 'expected nothing, got "x"'],
    [{ $gt: 5 }, '5', 'expected more than 5, got "5"'],
    [{ $between: [1, 3] }, 4, 'expected at most 3, got 4'],
    [{ $length: 2 }, ['a'], '.length: expected 2, got 1'],
    [{ $unordered: [1, 2] }, [1, 1], 'expected 2 among them, got [1,1]'],
    [{ $ascending: true }, ['2', '2'], '[1]: expected more than 2, got "2"'],
    [{ $oneOf: ['a', 'b'] }, 'c', 'expected one of ["a","b"], got "c"'],
    [{ $not: 'a' }, 'a', 'expected not "a", got "a"'],
    ['text', bytes('test'), 'expected "text", got "test"'],
    [{ hex: 'ff' }, bytes('a'), 'expected hex ff, got "a"'],
    [0, 1, 'expected 0, got 1'],
    [false, true, 'expected false, got true'],
  ])('is not as %j expects it', (expected, actual, told) => {
    expect(difference(expected, actual)).toBe(told);
  });

  it('that has no such matcher is a mistake of the case', () => {
    expect(() => difference({ $less: 5 }, 4)).toThrow('there is no matcher $less');
  });
});

describe('variables', () => {
  it('are values alone, text in text, and timestamps with an offset', () => {
    const scope = new Scope();
    scope.save({ t: 'times[-1]', n: 'count' }, { times: ['1', '1795309861123456789'], count: 7 });
    expect(scope.resolve({ a: '$t', b: '$t+1', c: ['x/$n/${n}y', '$$n'], $gt: '$n' })).toEqual({
      a: '1795309861123456789',
      b: '1795309861123456790',
      c: ['x/7/7y', '$n'],
      $gt: 7,
    });
    expect(() => scope.resolve('$none')).toThrow('there is no variable $none');
    expect(() => scope.save({ x: 'times[9]' }, { times: [] })).toThrow('no times[9]');
  });
});

/** A stage whose driver answers as it is told to. */
function stageOf(answer: (operation: string, request: Fields) => Promise<Fields> | Fields): Stage {
  const driver: Driver = {
    call: async (operation, request) => answer(operation, request),
    close: () => Promise.resolve(),
  };
  return {
    driver,
    variables: { address: 'nowhere:1' },
    wait: () => Promise.resolve(),
    broker: () => Promise.resolve(),
    proxy: () => Promise.resolve(),
    fault: () => undefined,
    leftFaults: [],
    diagnosis: () => 'what the driver wrote',
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function run(steps: readonly Fields[], answer: Parameters<typeof stageOf>[0]): Promise<void> {
  const parsed = steps.map((each) => stepForm.parse(each));
  const testCase = { name: 'a case', group: 'g', needs: [], steps: parsed };
  return runCase(testCase, stageOf(answer));
}

describe('a run of a case', () => {
  it('opens what is implied, in its order', async () => {
    const asked: string[] = [];
    await run([{ publish: ['a'] }, { publish: ['b'] }], (operation) => {
      asked.push(operation);
      return { timestampsNs: ['1'] };
    });
    expect(asked).toEqual(['connect', 'openPublisher', 'publish', 'publish']);
  });

  it('names the step, the difference, and what the driver wrote', async () => {
    const steps = [{ getTopic: 'x' }, { getTopic: 'y', expect: { messageCount: 1 } }];
    await expect(run(steps, () => ({ messageCount: 2 }))).rejects.toThrow(
      'step 2, {"getTopic":"y"}\n    messageCount: expected 1, got 2\nwhat the driver wrote',
    );
  });

  it('fails where an error is expected and there is none, and the other way round', async () => {
    const steps = [{ getTopic: 'x', error: 'TOPIC_NOT_FOUND' }];
    await expect(run(steps, () => ({}))).rejects.toThrow('expected the error');
    const refusal = new DriverError({ reason: 'CONFLICT', message: 'no' });
    await expect(run(steps, () => Promise.reject(refusal))).rejects.toThrow(
      'reason: expected "TOPIC_NOT_FOUND", got "CONFLICT"',
    );
    const plain = [{ getTopic: 'x' }];
    const refuse = (operation: string) => (operation === 'connect' ? {} : Promise.reject(refusal));
    await expect(run(plain, refuse)).rejects.toThrow('failed: {"reason":"CONFLICT"');
  });

  it('asks again until it is as expected, and not for ever', async () => {
    let count = 0;
    const steps = [{ getTopic: 'x', expect: { messageCount: 5 }, eventually: true }];
    await run(steps, () => ({ messageCount: ++count }));
    expect(count).toBeGreaterThanOrEqual(5);
    await expect(run(steps, () => ({ messageCount: 9 }))).rejects.toThrow('expected 5, got 9');
  });

  it('waits for what was begun in the background, and says that it is pending', async () => {
    let resolve: (answer: Fields) => void = () => {};
    const promise = new Promise<Fields>((settle) => {
      resolve = settle;
    });
    const begun = { getTopic: 'x', background: 'later' };
    const answer = (operation: string) => (operation === 'getTopic' ? promise : {});
    await run([begun, { wait: '1ms' }, { pending: 'later' }], answer);
    resolve({ messageCount: 3 });
    await run([begun, { join: 'later', expect: { messageCount: 3 } }], answer);
    const late = [begun, { join: 'later' }, { pending: 'later' }];
    await expect(run(late, answer)).rejects.toThrow('later is over: {"messageCount":3}');
  });

  it('counts what became of what was done together', async () => {
    let count = 0;
    const refusal = new DriverError({ reason: 'CONFLICT', message: 'no' });
    const answer = (operation: string) => {
      if (operation !== 'getTopic') return {};
      count += 1;
      return count === 1 ? {} : Promise.reject(refusal);
    };
    const expected = { succeeded: 1, errors: ['CONFLICT', 'CONFLICT'] };
    await run([{ together: [{ getTopic: 'x$i' }], times: 3, expect: expected }], answer);
  });

  it('fails if nobody has made the call that was to fail', async () => {
    const stage = { ...stageOf(() => ({})), leftFaults: ['DISK_FULL of GetTopic'] };
    const testCase = { name: 'a case', group: 'g', needs: [], steps: [] };
    await expect(runCase(testCase, stage)).rejects.toThrow('DISK_FULL of GetTopic');
  });

  it('takes no step that is none', () => {
    expect(() => stepForm.parse({ publihs: ['a'] })).toThrow('is to do one thing');
    expect(() => stepForm.parse({ publish: ['a'], read: 't' })).toThrow('is to do one thing');
    expect(() => stepForm.parse({ publish: ['a'], expected: {} })).toThrow('is to do one thing');
  });
});

describe('what is run', () => {
  it('is what was asked for, however it is written', () => {
    expect(['Node', 'HTTP', 'Go'].filter(choice(['Node', 'HTTP', 'Go'], ['GO', 'node']))).toEqual([
      'Node',
      'Go',
    ]);
    expect(chosen(cases, 'REWIND').length).toBeGreaterThan(0);
    expect(chosen(cases, undefined)).toBe(cases);
    expect(jobsOf('8')).toBe(8);
  });

  it('is never nothing: what is not there is refused, with what there is', () => {
    expect(() => choice(['Node', 'Go'], ['go', 'golang'])).toThrow(
      'there is no language golang; there are node, go',
    );
    expect(() => chosen(cases, 'nosuchcase')).toThrow(
      'no case has "nosuchcase" in its group or name; the groups are bytes, channel,',
    );
    for (const text of ['many', '0', '1.5']) expect(() => jobsOf(text)).toThrow(`not ${text}`);
  });

  it('is each client of a language: of Python that for threads, and that of asyncio', async () => {
    const clients = (await findLanguages()).flatMap(clientsOf);
    expect(clients.map(({ name }) => name)).toEqual([
      'Go',
      'Java',
      'Python',
      'Python, asyncio',
      'Rust',
    ]);
  });
});

describe('generated code', () => {
  it('is not as it is committed if a file has changed, has gone or is new', async () => {
    await using temporary = await temporaryDirectory();
    const { path: directory } = temporary;
    const git = async (...args: string[]) => {
      const who = ['-c', 'user.name=playhead', '-c', 'user.email=playhead@localhost'];
      const { exitCode, output } = await runCommand(['git', ...who, ...args], directory);
      expect([exitCode, output]).toEqual([0, expect.anything()]);
    };
    const stub = join(directory, 'gen', 'stub.txt');
    await mkdir(join(directory, 'gen'));
    await writeFile(stub, 'made');
    await git('init', '-q');
    await git('add', '.');
    await git('commit', '-q', '-m', 'all');
    const changes = () => changesOfGenerated({ directory, generated: ['gen'] });
    await writeFile(join(directory, 'beside.txt'), 'not generated');
    expect(await changes()).toBeUndefined();
    await writeFile(stub, 'made otherwise');
    expect(await changes()).toContain(' M gen/stub.txt');
    await writeFile(stub, 'made');
    await writeFile(join(directory, 'gen', 'new.txt'), 'made');
    expect(await changes()).toContain('?? gen/new.txt');
  });
});
