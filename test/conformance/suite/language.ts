import { spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { ABILITIES } from './case.ts';

const CLIENTS = fileURLToPath(new URL('../../../clients/', import.meta.url));

const command = z.array(z.string()).min(1);
/** What the client cannot do: cases that need it are left out, and the table says so. */
const lacks = z.array(z.enum(ABILITIES)).default([]);
const variantForm = z.strictObject({ name: z.string(), run: command, lacks });
const languageForm = z
  .strictObject({
    language: z.string(),
    needs: z.array(command).default([]),
    build: z.array(command).default([]),
    run: command,
    generate: z.array(command).default([]),
    /** Paths of what `generate` makes. */
    generated: z.array(z.string()).default([]),
    check: z.array(command).default([]),
    /** Whether one driver may serve case after case. */
    reuse: z.boolean().default(false),
    lacks,
    /** Further clients of the same language, each with a driver and a column of its own. */
    variants: z.array(variantForm).default([]),
  })
  .refine(({ generate, generated }) => generate.length > 0 === generated.length > 0, {
    message: 'generate and generated go together',
  });

/** A client in another language, as its conformance.json describes it. */
export interface Language extends z.output<typeof languageForm> {
  readonly directory: string;
}

/** One client of a language: a column of the table. */
export interface LanguageClient extends Pick<Language, 'run' | 'directory' | 'reuse' | 'lacks'> {
  readonly name: string;
}

/** The client that a language has, and its variants, such as `Python, asyncio`. */
export function clientsOf(language: Language): readonly LanguageClient[] {
  const { directory, reuse, run: command, lacks: lacking, variants } = language;
  const first = { name: language.language, run: command, directory, reuse, lacks: lacking };
  return [
    first,
    ...variants.map((each) => ({
      ...each,
      name: `${language.language}, ${each.name}`,
      directory,
      reuse,
    })),
  ];
}

/** Those that have a driver, by name. */
export async function findLanguages(): Promise<readonly Language[]> {
  const languages: Language[] = [];
  for (const name of (await readdir(CLIENTS)).sort()) {
    const directory = join(CLIENTS, name);
    const path = join(directory, 'conformance.json');
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text === undefined) continue;
    const parsed = languageForm.safeParse(JSON.parse(text));
    if (!parsed.success) throw new Error(`${path}: ${z.prettifyError(parsed.error)}`);
    languages.push({ ...parsed.data, directory });
  }
  return languages;
}

/** The command of its toolchain that is not on this machine, if one is missing. */
export async function missingTool({ needs, directory }: Language): Promise<string | undefined> {
  for (const each of needs) {
    const { exitCode } = await run(each, directory);
    if (exitCode !== 0) return each.join(' ');
  }
  return undefined;
}

/** What is not as it was committed of the generated code, new files among it. Undefined if nothing is. */
export async function changesOfGenerated({
  generated,
  directory,
}: Pick<Language, 'generated' | 'directory'>): Promise<string | undefined> {
  if (generated.length === 0) return undefined;
  const paths = ['--', ...generated];
  // What git does not know yet is in no diff.
  const status = ['git', 'status', '--porcelain', '--untracked-files=all', ...paths];
  const { exitCode, output } = await run(status, directory);
  if (exitCode === 0 && output === '') return undefined;
  const { output: difference } = await run(['git', 'diff', '--stat', 'HEAD', ...paths], directory);
  return `${output}${difference}`;
}

export interface CommandResult {
  readonly exitCode: number;
  readonly output: string;
}

/** Runs a command to its end; one that is not there ends with 127. */
export function run([name = '', ...args]: readonly string[], cwd: string): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = spawn(name, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    const chunks: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    }
    const end = (exitCode: number) =>
      resolve({ exitCode, output: Buffer.concat(chunks).toString() });
    child.once('error', () => end(127));
    child.once('close', (code) => end(code ?? 1));
  });
}
