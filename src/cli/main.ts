#!/usr/bin/env node
// First: whatever loads grpc-js comes behind it.
import './grpc-log.ts';
import { readFileSync } from 'node:fs';
import { Command, CommanderError, Option } from 'commander';
import type { RunCommand } from './command.ts';
import type { ExitCode } from './exit-code.ts';
import { describeFailure, EXIT, usageError } from './exit-code.ts';
import { FORMAT_HELP } from './format.ts';
import { type PubOptions, pub } from './pub.ts';
import { addQueueCommands } from './queue-commands.ts';
import { RANGE_HELP } from './range.ts';
import { addScheduleCommands } from './schedule-commands.ts';
import { type GlobalOptions, Session, writeFailure } from './session.ts';
import { type SubOptions, sub } from './sub.ts';
import { addDeadLetterCommands, addSubscriptionCommands } from './subscription-commands.ts';
import type { CloseOptions, RmOptions, TopicOptions, TrimOptions } from './topics.ts';
import { close, create, ls, rm, stat, trim, update } from './topics.ts';

const EXIT_CODE_HELP = `
Exit codes: 0 done, also when a closed channel was read to its end · 1 broker unreachable or failed ·
2 usage · 3 refused by the broker · 4 nothing there, an empty queue · 5 not allowed · 7 data loss.
Times carry their unit: 2026-11-21T10:00:00.000000001Z, 1763719200s, -5m (ago).`;

// Commander writes help by itself, and a reader may go away (`| head`).
process.stdout.on('error', () => undefined);
process.exitCode = await main(process.argv.slice(2));

/** Runs one command line. Standard output has been flushed when it resolves. */
async function main(args: readonly string[]): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.ok;
  const program = createProgram();
  const run: RunCommand = async (command, action) => {
    exitCode = await runSession(command.optsWithGlobals<GlobalOptions>(), action);
  };
  addMessageCommands(program, run);
  addTopicCommands(program, run);
  addQueueCommands(program, run);
  addSubscriptionCommands(program, run);
  addDeadLetterCommands(program, run);
  addScheduleCommands(program, run);
  await addServeCommand(program, args, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    return failBeforeSession(error, args.includes('--json'));
  }
  return exitCode;
}

/** Runs an action; what it throws becomes the exit code and one line on standard error. */
async function runSession(
  options: GlobalOptions,
  action: (session: Session) => Promise<ExitCode>,
): Promise<ExitCode> {
  const session = new Session(options, process);
  let exitCode: ExitCode;
  try {
    exitCode = await action(session);
    await session.close(true);
  } catch (error) {
    const failure = describeFailure(error);
    // Who interrupts knows why it ended.
    if (session.interruption === undefined) session.fail(failure);
    exitCode = failure.exitCode;
    await session.close(false);
  }
  try {
    await session.out.flush();
  } catch (error) {
    const failure = describeFailure(error);
    session.fail(failure);
    exitCode = failure.exitCode;
  }
  return session.interruption ?? exitCode;
}

/** Commander throws for help and version, too, and has written those already. */
function failBeforeSession(error: unknown, isJson: boolean): ExitCode {
  if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok;
  // The help that stands in for a missing command is its own explanation.
  if (error instanceof CommanderError && error.code === 'commander.help') return EXIT.usage;
  const failure = describeFailure(
    error instanceof CommanderError ? usageError(error.message.replace(/^error: /, '')) : error,
  );
  writeFailure(process, failure, isJson);
  return failure.exitCode;
}

function createProgram(): Command {
  const program = new Command('playhead')
    .description(
      'One tape, many playheads: a log broker with channels that close and topics that rewind.',
    )
    .version(readVersion(), '-V, --version')
    .exitOverride()
    .configureOutput({ outputError: () => undefined })
    .configureHelp({ showGlobalOptions: true })
    .showSuggestionAfterError();
  program
    .addOption(
      new Option(
        '--address <addresses>',
        'brokers, parted by commas; the first that answers is used',
      )
        .env('PLAYHEAD_ADDRESS')
        .default('127.0.0.1:17777'),
    )
    .option('--timeout <duration>', 'how long to wait for a broker', '10s')
    .option('--json', 'write JSON, one object a line')
    .option('--verbose', 'say more on standard error, also where nobody watches')
    .addHelpText('after', EXIT_CODE_HELP);
  return program;
}

function addMessageCommands(program: Command, run: RunCommand): void {
  program
    .command('pub')
    .description('publish arguments, or standard input (none, or -) line by line')
    .argument('<topic>')
    .argument('[message...]')
    .option('--lines', 'one message a line (default)')
    .option('--ndjson', 'one message a line, as sub --json writes them')
    .option('--whole', 'all of the input as one message')
    .option('--file <file>', 'read this file, as one message unless --lines or --ndjson')
    .option('--key <key>', 'key of every message')
    .option('--header <name=value>', 'header of every message; may be repeated', collect, [])
    .option('--name <producer>', 'name of the producer; used by one program at a time')
    .option('--expect-last <time>', 'only if this is the time of the last message, or none')
    .action((topic: string, messages: string[], options: PubOptions, command: Command) =>
      run(command, (session) => pub(session, topic, messages, options)),
    );
  program
    .command('sub')
    .description('write the messages of a topic, or of all topics of a glob, and follow')
    .argument('<topic>', 'name or glob: * is one token, ** any number')
    .option(
      '--from <place>',
      'earliest, latest or a time (default: latest; earliest for chan/… and with an end)',
    )
    .option('--until <time>', 'end before a time, at now, or +DURATION behind the start')
    .addOption(new Option('--last <count>', 'begin with the last messages').conflicts('from'))
    .option('--limit <count>', 'end after so many messages')
    .addOption(
      new Option('--range <range>', 'from and until in one').conflicts(['from', 'until', 'last']),
    )
    .option('--no-follow', 'end with what is there now')
    .addOption(new Option('--format <format>', 'how to write a message').conflicts('json'))
    .addHelpText('after', `\n${RANGE_HELP}\n\n${FORMAT_HELP}`)
    .action((topic: string, options: SubOptions, command: Command) =>
      run(command, (session) => sub(session, topic, options)),
    );
}

function addTopicCommands(program: Command, run: RunCommand): void {
  program
    .command('close')
    .description('seal a topic: readers end behind its last message')
    .argument('<topic>')
    .option('--reason <text>', 'why, for readers')
    .action((topic: string, options: CloseOptions, command: Command) =>
      run(command, (session) => close(session, topic, options)),
    );
  program
    .command('trim')
    .description('remove the messages before a time, for ever')
    .argument('<topic>')
    .requiredOption('--before <time>', 'messages before this go')
    .action((topic: string, options: TrimOptions, command: Command) =>
      run(command, (session) => trim(session, topic, options)),
    );
  program
    .command('rm')
    .description('delete a topic and all its messages')
    .argument('<topic>')
    .option('--yes', 'do not ask')
    .action((topic: string, options: RmOptions, command: Command) =>
      run(command, (session) => rm(session, topic, options)),
    );
  program
    .command('ls')
    .description('list topics: name, state, messages, bytes, time of the last message')
    .argument('[glob]')
    .action((glob: string | undefined, _options: object, command: Command) =>
      run(command, (session) => ls(session, glob)),
    );
  program
    .command('stat')
    .description('describe a topic')
    .argument('<topic>')
    .action((topic: string, _options: object, command: Command) =>
      run(command, (session) => stat(session, topic)),
    );
  withTopicConfig(program.command('create').description('make a topic')).action(
    (topic: string, options: TopicOptions, command: Command) =>
      run(command, (session) => create(session, topic, options)),
  );
  withTopicConfig(program.command('update').description('change the settings of a topic')).action(
    (topic: string, options: TopicOptions, command: Command) =>
      run(command, (session) => update(session, topic, options)),
  );
}

function withTopicConfig(command: Command): Command {
  return command
    .argument('<topic>')
    .option('--max-age <duration>', 'remove messages older than this, or none')
    .option('--max-bytes <size>', 'remove the oldest messages over this size, or none')
    .option('--max-messages <count>', 'remove the oldest messages over this number, or none')
    .option('--max-message-bytes <size>', "largest message, or none: the broker's limit")
    .option('--trim-consumed', 'remove what every subscription of the topic has acknowledged')
    .option('--no-trim-consumed', 'keep it (default)');
}

async function addServeCommand(
  program: Command,
  args: readonly string[],
  onExit: (code: ExitCode) => void,
): Promise<void> {
  const command = program.command('serve').description('run a broker');
  // The schema of the settings takes longer to load than most commands run.
  if (!args.includes('serve')) return;
  const { addServeOptions, runServe } = await import('./serve.ts');
  addServeOptions(command).action(async () => {
    const code = await runServe(command, process);
    onExit(code);
    // A connection whose client takes nothing would keep the process for ever; all that matters is closed by now.
    setImmediate(() => process.exit(code));
  });
}

function collect(value: string, values: readonly string[]): string[] {
  return [...values, value];
}

function readVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const { version }: { version: string } = JSON.parse(text);
  return version;
}
