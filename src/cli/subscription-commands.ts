import type { Command } from 'commander';
import type { RunCommand } from './command.ts';
import { listDeadLetters, type RedriveOptions, redriveDeadLetters } from './dead-letters.ts';
import { MODE_NAMES, POLICY_NAMES, type SettingsOptions } from './subscription-settings.ts';
import {
  type CreateSubscriptionOptions,
  createSubscription,
  listSubscriptions,
  removeSubscription,
  type SeekOptions,
  seekSubscription,
  snapshotSubscription,
  statSubscription,
  updateSubscription,
} from './subscriptions.ts';

const CREATE_EXAMPLES = `
Examples:
  playhead subscription create orders billing --from earliest
  playhead subscription create orders audit --mode exclusive --lease 5m --max-attempts 10
  playhead subscription create orders mail --backoff 1s,5s,30s --dead-letter-topic failed/mail
  playhead subscription create orders sync --backoff-initial 1s --backoff-max 10m --backoff-jitter 0.2
  playhead subscription create jobs work --create-topic --max-pending 10000 --backlog-policy wait`;

const SEEK_EXAMPLES = `
A position is earliest, latest, now, a time, or so long ago. Leases from before are void: settling them is a CONFLICT.
Examples:
  playhead subscription seek orders billing 2026-11-21T10:00:00Z
  playhead subscription seek orders billing -5m
  playhead subscription seek orders billing --snapshot before.snapshot`;

const SNAPSHOT_EXAMPLES = `
Examples:
  playhead subscription snapshot orders billing before.snapshot
  playhead subscription snapshot orders billing | ssh other 'cat > billing.snapshot'`;

const REDRIVE_EXAMPLES = `
Examples:
  playhead dead-letter redrive orders billing
  playhead dead-letter redrive orders billing --limit 1
  playhead dead-letter redrive orders billing --to orders/manual
What was interrupted can be repeated: nothing is published twice.`;

/** The commands for durable subscriptions. */
export function addSubscriptionCommands(program: Command, run: RunCommand): void {
  const group = program
    .command('subscription')
    .description('durable subscriptions: many workers consume a topic as a queue');
  withSettings(named(group, 'create', 'make a subscription of a topic'))
    .option('--from <place>', 'earliest, latest or a time (default: latest)')
    .option('--create-topic', 'make a topic that does not exist')
    .addHelpText('after', CREATE_EXAMPLES)
    .action((topic: string, name: string, options: CreateSubscriptionOptions, command: Command) =>
      run(command, (session) => createSubscription(session, { topic, name }, options)),
    );
  group
    .command('ls')
    .description('list subscriptions: backlog, in flight, redelivered, dead letters, workers, lag')
    .argument('[glob]', 'of topics')
    .addHelpText(
      'after',
      "\nExamples:\n  playhead subscription ls\n  playhead subscription ls 'orders/**' --json",
    )
    .action((glob: string | undefined, _options: object, command: Command) =>
      run(command, (session) => listSubscriptions(session, glob)),
    );
  named(group, 'stat', 'describe a subscription')
    .addHelpText('after', '\nExample:\n  playhead subscription stat orders billing')
    .action((topic: string, name: string, _options: object, command: Command) =>
      run(command, (session) => statSubscription(session, { topic, name })),
    );
  withSettings(named(group, 'update', 'change settings, for deliveries from now on'))
    .addHelpText(
      'after',
      '\nExample:\n  playhead subscription update orders billing --lease 5m --backoff none',
    )
    .action((topic: string, name: string, options: SettingsOptions, command: Command) =>
      run(command, (session) => updateSubscription(session, { topic, name }, options)),
    );
  addStateCommands(group, run);
}

function addStateCommands(group: Command, run: RunCommand): void {
  named(group, 'seek', 'move a subscription, also while workers are connected')
    .argument('[position]', 'earliest, latest, now, a time, or so long ago (-5m)')
    .option('--snapshot <file>', 'put back a state that was saved')
    // A time that counts back looks like an option.
    .allowUnknownOption()
    .addHelpText('after', SEEK_EXAMPLES)
    .action(
      (
        topic: string,
        name: string,
        position: string | undefined,
        options: SeekOptions,
        command: Command,
      ) => run(command, (session) => seekSubscription(session, { topic, name }, position, options)),
    );
  named(group, 'snapshot', 'save what is acknowledged, and how often the rest was delivered')
    .argument('[file]', 'where to write it; standard output if there is none')
    .addHelpText('after', SNAPSHOT_EXAMPLES)
    .action(
      (topic: string, name: string, file: string | undefined, _options: object, command: Command) =>
        run(command, (session) => snapshotSubscription(session, { topic, name }, file)),
    );
  named(group, 'rm', 'delete a subscription; the messages of its topic stay')
    .addHelpText('after', '\nExample:\n  playhead subscription rm orders billing')
    .action((topic: string, name: string, _options: object, command: Command) =>
      run(command, (session) => removeSubscription(session, { topic, name })),
    );
}

/** The commands for messages that could not be delivered. */
export function addDeadLetterCommands(program: Command, run: RunCommand): void {
  const group = program
    .command('dead-letter')
    .description('messages that no worker could do, and that one terminated');
  group
    .command('ls')
    .description(
      'list dead letters: when, why, after how many attempts, from where, how they begin',
    )
    .argument('<topic>')
    .argument('<subscription>')
    .addHelpText(
      'after',
      '\nExamples:\n  playhead dead-letter ls orders billing\n  playhead dead-letter ls orders billing --json',
    )
    .action((topic: string, name: string, _options: object, command: Command) =>
      run(command, (session) => listDeadLetters(session, { topic, name })),
    );
  group
    .command('redrive')
    .description('publish dead letters to where they came from, and remove them')
    .argument('<topic>')
    .argument('<subscription>')
    .option('--to <topic>', 'publish them to this topic')
    .option('--limit <count>', 'at most so many, the oldest first')
    .addHelpText('after', REDRIVE_EXAMPLES)
    .action((topic: string, name: string, options: RedriveOptions, command: Command) =>
      run(command, (session) => redriveDeadLetters(session, { topic, name }, options)),
    );
}

function named(group: Command, verb: string, description: string): Command {
  return group.command(verb).description(description).argument('<topic>').argument('<name>');
}

function withSettings(command: Command): Command {
  return command
    .option('--mode <mode>', `${MODE_NAMES.join(', ')} (default: shared)`)
    .option('--lease <duration>', "how long a delivery is the worker's own (default: 30s)")
    .option('--max-attempts <count>', 'deliveries in all, then a dead letter (default: 5)')
    .option('--max-in-flight <count>', 'most messages leased at one time (default: 10000)')
    .option('--backoff <durations>', 'wait before the 2nd, 3rd … delivery: 1s,5s,30s, or none')
    .option('--backoff-initial <duration>', 'wait before the 2nd delivery; doubles each time')
    .option('--backoff-max <duration>', 'the longest wait (default: 1h)')
    .option('--backoff-jitter <share>', 'share of the wait that is random, 0 to 1')
    .option('--idle-expiry <duration>', 'delete the subscription when unused so long, or none')
    .option('--dead-letter-topic <topic>', '(default: dead-letter/TOPIC/NAME)')
    .option('--max-pending <count>', 'most messages that are not acknowledged, or none')
    .option('--backlog-policy <policy>', `over that: ${POLICY_NAMES.join(', ')} (default: refuse)`);
}
