import { spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { ABILITIES } from './case.ts';

const CLIENTS = fileURLToPath(new URL('../../../clients/', import.meta.url));

const command = z.array(z.string()).min(1);
const languageForm = z.strictObject({
  language: z.string(),
  needs: z.array(command).default([]),
  build: z.array(command).default([]),
  run: command,
  generate: z.array(command).default([]),
  check: z.array(command).default([]),
  /** Whether one driver may serve case after case. */
  reuse: z.boolean().default(false),
  /** What the client cannot do: cases that need it are left out, and the table says so. */
  lacks: z.array(z.enum(ABILITIES)).default([]),
});

/** A client in another language, as its conformance.json describes it. */
export interface Language extends z.output<typeof languageForm> {
  readonly directory: string;
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
