import type { Command } from 'commander';
import type { RunCommand } from './command.ts';
import { type GetOptions, get } from './get.ts';
import { type OnOptions, on } from './on.ts';
import { type PutOptions, put } from './put.ts';
import { addWhenOptions } from './schedule-commands.ts';
import { WHEN_HELP } from './schedule-time.ts';
import { cancelSchedule } from './schedules.ts';

const QUEUE_HELP = `
A queue is the topic queue/QUEUE with the subscription queue; the first put or get makes it. Messages are bytes, and
nothing in them is special. What is acknowledged is gone.`;

const PUT_EXAMPLES = `
Examples:
  echo hello | playhead put jobs
  playhead put jobs --lines < urls.txt
  echo remind | playhead put mails --delay 10m
  echo report | playhead put jobs --cron "0 3 * * *" --tz Europe/Berlin   # prints an id for playhead cancel
PLAYHEAD_MAX_MESSAGE_BYTES lowers the broker's limit for this command. Too large a message: exit code 3, nothing stored.`;

const GET_EXAMPLES = `
Examples:
  playhead get jobs                 # its bytes, and nothing else
  playhead get jobs job.json
  while playhead get jobs job.json --wait 1m; do ./work job.json; done
An empty queue: exit code 4, "empty queue" on standard error, no output. The message is written before it is acknowledged;
one that could not be written stays in the queue.`;

const ON_EXAMPLES = `
Examples:
  playhead on jobs | while read -r line; do ./work "$line"; done
  playhead on jobs --count 10 --idle 500
  playhead on jobs --fan --json
Several readers share the queue, each message once. What is printed is acknowledged; what a closed pipe did not take is
not. With --fan each gets all messages from now on, and takes none away from others.`;

/** The verbs of queues: put, get, on and cancel. */
export function addQueueCommands(program: Command, run: RunCommand): void {
  addWhenOptions(
    program
      .command('put')
      .description('put standard input into a queue, as one message')
      .argument('<queue>')
      .option('--lines', 'one message a line'),
  )
    .addHelpText('after', `${QUEUE_HELP}\n\n${WHEN_HELP}\n${PUT_EXAMPLES}`)
    .action((queue: string, options: PutOptions, command: Command) =>
      run(command, (session) => put(session, queue, options)),
    );
  program
    .command('get')
    .description('take a message out of a queue')
    .argument('<queue>')
    .argument('[file]', 'where to write it; standard output if there is none')
    .option('--wait <duration>', 'wait so long for a message')
    .addHelpText('after', `${QUEUE_HELP}\n${GET_EXAMPLES}`)
    .action((queue: string, file: string | undefined, options: GetOptions, command: Command) =>
      run(command, (session) => get(session, queue, file, options)),
    );
  program
    .command('on')
    .description('print the messages of a queue as they come, a line each')
    .argument('<queue>')
    .option('--count <count>', 'end after so many messages')
    .option('--idle <ms>', 'end after so many milliseconds, or such a duration, without a message')
    .option('--raw', 'print the bytes and no newline behind them')
    .option('--fan', 'get all messages from now on, and take none away')
    .addHelpText('after', `${QUEUE_HELP}\n${ON_EXAMPLES}`)
    .action((queue: string, options: OnOptions, command: Command) =>
      run(command, (session) => on(session, queue, options)),
    );
  program
    .command('cancel')
    .description('end a schedule')
    .argument('<id>')
    .addHelpText(
      'after',
      '\nExample:\n  id=$(echo report | playhead put jobs --cron "0 3 * * *")\n  playhead cancel "$id"',
    )
    .action((id: string, _options: object, command: Command) =>
      run(command, (session) => cancelSchedule(session, id)),
    );
}
