import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { type Case, loadCases } from './case.ts';
import { ChoiceError, choice, chosen, jobsOf } from './choice.ts';
import { BUILT_IN, languageForm } from './forms.ts';
import {
  changesOfGenerated,
  clientsOf,
  findLanguages,
  type Language,
  missingTool,
  run,
} from './language.ts';
import { type Column, countOf, runColumn } from './results.ts';
import type { Form } from './stage.ts';
import { tableOf, withTable } from './table.ts';
import { World } from './world.ts';

const README = fileURLToPath(new URL('../../../README.md', import.meta.url));

interface Options {
  readonly language?: readonly string[];
  readonly case?: string;
  readonly json?: string;
  readonly readme?: boolean;
  readonly check?: boolean;
  readonly cases: boolean;
  readonly jobs: string;
}

/** The run as a whole: what it found, and what it could not look at. */
interface Run {
  readonly columns: Column[];
  readonly leftOut: { readonly language: string; readonly missing: string }[];
  /** What went wrong besides cases: builds, generated code, checks. */
  readonly faults: string[];
}

const program = new Command('conformance')
  .description('runs the conformance cases for every client whose tools are on this machine')
  .option('--language <names...>', 'only these: node, http, go, …')
  .option('--case <words>', 'only the cases whose group or name has these words')
  .option('--json <file>', 'write the results as JSON')
  .option('--readme', 'write the table into README.md')
  .option('--check', 'generated code is current, and the checks of each client pass, too')
  .option('--no-cases', 'only build the drivers, and check')
  .option('--jobs <number>', 'cases at a time', '4');

try {
  await main(program.parse().opts<Options>());
  // Whatever a client has left open.
  process.exit();
} catch (error) {
  if (!(error instanceof ChoiceError)) throw error;
  program.error(error.message);
}

async function main(options: Options): Promise<void> {
  const cases = chosen(await loadCases(), options.case);
  await using world = new World();
  endWith(world);
  const builtIn = BUILT_IN.map((make) => make(world));
  const languages = await findLanguages();
  const names = [...builtIn.map(({ name }) => name), ...languages.map((each) => each.language)];
  const isWanted = choice(names, options.language);
  const found: Run = { columns: [], leftOut: [], faults: [] };
  const jobs = jobsOf(options.jobs);
  for (const form of builtIn) {
    if (options.cases && isWanted(form.name)) found.columns.push(await runForm(form, cases, jobs));
  }
  for (const language of languages) {
    if (!isWanted(language.language)) continue;
    const { check = false, cases: isRun } = options;
    await runLanguage(language, { cases, world, jobs, found, check, isRun });
  }
  await report(found, options);
  const failures = found.columns.map(({ results }) => countOf(results, 'failed'));
  if (found.faults.length > 0 || failures.some((count) => count > 0)) process.exitCode = 1;
}

/** Leaves no broker behind when the run is interrupted. */
function endWith(world: World): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      void world[Symbol.asyncDispose]().finally(() => process.exit(1));
    });
  }
}

interface LanguageRun {
  readonly cases: readonly Case[];
  readonly world: World;
  readonly jobs: number;
  readonly found: Run;
  readonly check: boolean;
  /** Whether its cases are run. */
  readonly isRun: boolean;
}

async function runLanguage(language: Language, terms: LanguageRun): Promise<void> {
  const { found, world, cases, jobs } = terms;
  const missing = await missingTool(language);
  if (missing !== undefined) {
    found.leftOut.push({ language: language.language, missing });
    return;
  }
  if (terms.check && !(await runCommands(language, language.generate, found))) return;
  const changes = terms.check ? await changesOfGenerated(language) : undefined;
  if (changes !== undefined) {
    const what = 'generated code is not as it is committed';
    found.faults.push(`${language.language}: ${what}\n${changes.trimEnd()}`);
  }
  if (!(await runCommands(language, language.build, found))) return;
  for (const client of terms.isRun ? clientsOf(language) : []) {
    found.columns.push(await runForm(languageForm(client, world), cases, jobs));
  }
  if (terms.check) await runCommands(language, language.check, found);
}

/** False if one of them fails, which is noted. */
async function runCommands(
  { language, directory }: Language,
  commands: readonly (readonly string[])[],
  { faults }: Run,
): Promise<boolean> {
  for (const command of commands) {
    const { exitCode, output } = await run(command, directory);
    if (exitCode === 0) continue;
    faults.push(`${language}: ${command.join(' ')} ended with ${exitCode}\n${output.trimEnd()}`);
    return false;
  }
  return true;
}

async function runForm(form: Form, cases: readonly Case[], jobs: number): Promise<Column> {
  const column = await runColumn(form, cases, {
    jobs,
    onResult: ({ outcome, group, name, detail }) => {
      if (outcome === 'failed') console.log(`${form.name}: ${group}: ${name}\n  ${detail}\n`);
    },
  });
  const { results, seconds } = column;
  const [passed, failed] = [countOf(results, 'passed'), countOf(results, 'failed')];
  const leftOut = countOf(results, 'left out');
  const time = `${seconds.toFixed(1)} s`;
  console.log(`${form.name}: ${passed} passed, ${failed} failed, ${leftOut} left out, ${time}\n`);
  return column;
}

async function report({ columns, leftOut, faults }: Run, options: Options): Promise<void> {
  for (const fault of faults) console.log(`${fault}\n`);
  if (columns.length > 0) console.log(tableOf(columns));
  for (const { language, missing } of leftOut) {
    console.log(`\n${language} is left out: ${missing} does not run on this machine`);
  }
  if (options.json !== undefined) {
    const json = { columns, leftOut, faults };
    await writeFile(options.json, `${JSON.stringify(json, undefined, 2)}\n`);
  }
  if (options.readme !== true) return;
  if (leftOut.length > 0 || options.language !== undefined || options.case !== undefined) {
    throw new Error('README.md has the results of all cases in all languages, not of some');
  }
  await writeFile(README, withTable(await readFile(README, 'utf8'), tableOf(columns)));
}
