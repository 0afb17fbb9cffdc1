import type { Command } from 'commander';
import type { RunCommand } from './command.ts';
import { WHEN_HELP } from './schedule-time.ts';
import {
  type AddScheduleOptions,
  addSchedule,
  cancelSchedule,
  listSchedules,
  runSchedule,
} from './schedules.ts';

const ADD_EXAMPLES = `
Examples:
  playhead schedule add mails --delay 10m 'remind me'
  playhead schedule add mails --at 2026-12-24T18:00:00Z < letter.txt
  playhead schedule add reports --id nightly --cron "0 3 * * *" --tz Europe/Berlin run
  playhead schedule add ticks --cron "@every 10s" tick
Prints the id.`;

/** The commands for messages that are published later. */
export function addScheduleCommands(program: Command, run: RunCommand): void {
  const schedule = program
    .command('schedule')
    .description('publish messages later, once or again and again');
  addWhenOptions(
    schedule
      .command('add')
      .description('take a message that is to be published later')
      .argument('<topic>')
      .argument('[message]', 'standard input as one message if there is none')
      .option('--id <id>', 'name of the schedule; a random one if there is none'),
  )
    .addHelpText('after', `\n${WHEN_HELP}\n${ADD_EXAMPLES}`)
    .action(
      (topic: string, message: string | undefined, options: AddScheduleOptions, command: Command) =>
        run(command, (session) => addSchedule(session, topic, message, options)),
    );
  schedule
    .command('ls')
    .description('list schedules: id, topic, when it is due, how it repeats, how often it has run')
    .argument('[glob]', 'of topics')
    .addHelpText('after', "\nExamples:\n  playhead schedule ls\n  playhead schedule ls 'queue/**'")
    .action((glob: string | undefined, _options: object, command: Command) =>
      run(command, (session) => listSchedules(session, glob)),
    );
  schedule
    .command('run')
    .description('publish the message now; one that was to run once is done with that')
    .argument('<id>')
    .addHelpText('after', '\nExample:\n  playhead schedule run nightly')
    .action((id: string, _options: object, command: Command) =>
      run(command, (session) => runSchedule(session, id)),
    );
  schedule
    .command('cancel')
    .description('end a schedule')
    .argument('<id>')
    .addHelpText('after', '\nExample:\n  playhead schedule cancel nightly')
    .action((id: string, _options: object, command: Command) =>
      run(command, (session) => cancelSchedule(session, id)),
    );
}

/** The options that say when a message is published. */
export function addWhenOptions(command: Command): Command {
  return command
    .option('--delay <duration>', 'after so long')
    .option('--at <time>', 'at this time; at once if it is past')
    .option('--cron <expression>', 'again and again')
    .option('--tz <zone>', 'time zone of --cron');
}
