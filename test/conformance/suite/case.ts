import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';
import { isOperation } from './requests.ts';

const CASES = fileURLToPath(new URL('../cases/', import.meta.url));

/** What not every client, or not every form of a broker, has; the README says what each means. */
export const ABILITIES = [
  'proxy',
  'restart',
  'faults',
  'tls',
  'worker',
  'producerName',
  'readBytes',
  'started',
  'binding',
  'unwaited',
  'keepsErrors',
  'publisherFull',
  'cancel',
] as const;
export type Ability = (typeof ABILITIES)[number];

/** What a case does besides requests. */
const CONTROLS = ['wait', 'broker', 'proxy', 'fault', 'join', 'pending', 'together'];

const modifiers = z.strictObject({
  expect: z.unknown(),
  error: z.union([z.string(), z.record(z.string(), z.unknown())]).optional(),
  save: z.record(z.string(), z.string()).optional(),
  background: z.string().optional(),
  eventually: z.boolean().optional(),
  times: z.int().positive().optional(),
});
const MODIFIERS = Object.keys(modifiers.shape);

export type Modifiers = z.output<typeof modifiers>;

/** One thing that a case does, and what is to come of it. */
export interface Step extends Modifiers {
  /** A request of the driver protocol, or a control. */
  readonly operation: string;
  /** As it is written. */
  readonly argument: unknown;
}

export const stepForm = z.record(z.string(), z.unknown()).transform((written, context): Step => {
  const operations = Object.keys(written).filter((name) => !MODIFIERS.includes(name));
  const [operation = ''] = operations;
  if (operations.length !== 1 || !(isOperation(operation) || CONTROLS.includes(operation))) {
    context.addIssue({
      code: 'custom',
      message: `is to do one thing, not ${operations.join(', ')}`,
    });
    return z.NEVER;
  }
  const { [operation]: argument, ...rest } = written;
  const parsed = modifiers.safeParse({ expect: undefined, ...rest });
  if (!parsed.success) {
    context.addIssue({ code: 'custom', message: parsed.error.message });
    return z.NEVER;
  }
  return { operation, argument, ...parsed.data };
});

const brokerSettings = z.strictObject({
  autoCreateTopics: z.boolean().optional(),
  maxMessageBytes: z.int().optional(),
});

/** What a case wants of its broker besides the defaults. */
export type BrokerSettings = z.output<typeof brokerSettings>;

const caseForm = z.strictObject({
  name: z.string().min(10),
  needs: z.array(z.enum(ABILITIES)).default([]),
  broker: brokerSettings.optional(),
  steps: z.array(stepForm).min(1),
});

/** One behaviour: what is done, and what comes of it. */
export interface Case extends z.output<typeof caseForm> {
  /** The name of its file. */
  readonly group: string;
}

/** All cases, by file. Throws for what is none. */
export async function loadCases(directory = CASES): Promise<readonly Case[]> {
  const files = (await readdir(directory)).filter((file) => file.endsWith('.yaml')).sort();
  const groups = await Promise.all(files.map((file) => loadFile(join(directory, file))));
  const cases = groups.flat();
  const names = new Set<string>();
  for (const { name } of cases) {
    if (names.has(name)) throw new Error(`two cases are named ${name}`);
    names.add(name);
  }
  return cases;
}

async function loadFile(path: string): Promise<readonly Case[]> {
  const parsed = z.array(caseForm).safeParse(parse(await readFile(path, 'utf8')));
  if (!parsed.success) throw new Error(`${path}: ${z.prettifyError(parsed.error)}`);
  const group = basename(path, '.yaml');
  return parsed.data.map((each) => ({ ...each, group }));
}
