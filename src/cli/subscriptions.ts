import { readFile, writeFile } from 'node:fs/promises';
import type { Ago, DurableSubscription, SeekTarget } from 'playhead-client';
import { EXIT, type ExitCode, usageError } from './exit-code.ts';
import { checkFile } from './input.ts';
import { writeList } from './list.ts';
import { formatBytes } from './progress.ts';
import { parseFrom, parseMoment } from './range.ts';
import type { Session } from './session.ts';
import {
  describeSubscription,
  subscriptionColumns,
  subscriptionToJson,
} from './subscription-json.ts';
import { parseSettings, type SettingsOptions } from './subscription-settings.ts';

/** Which subscription of which topic. */
export interface SubscriptionNames {
  readonly topic: string;
  readonly name: string;
}

/** The options of `playhead subscription create`. */
export interface CreateSubscriptionOptions extends SettingsOptions {
  readonly from?: string;
  readonly createTopic?: boolean;
}

/** The options of `playhead subscription seek`. */
export interface SeekOptions {
  readonly snapshot?: string;
}

/** Makes a subscription, or answers with the same one that exists. */
export async function createSubscription(
  session: Session,
  names: SubscriptionNames,
  options: CreateSubscriptionOptions,
): Promise<ExitCode> {
  const settings = parseSettings(options);
  const from = options.from === undefined ? undefined : parseFrom(options.from);
  const { createTopic } = options;
  const info = await open(session, names).create({ ...settings, from, createTopic });
  session.result(subscriptionToJson(info), describeSubscription(info));
  return EXIT.ok;
}

/** Changes the settings of a subscription. */
export async function updateSubscription(
  session: Session,
  names: SubscriptionNames,
  options: SettingsOptions,
): Promise<ExitCode> {
  const settings = parseSettings(options);
  if (Object.keys(settings).length === 0) {
    throw usageError(`subscription update ${names.topic} ${names.name}: nothing to change`);
  }
  const info = await open(session, names).update(settings);
  session.result(subscriptionToJson(info), describeSubscription(info));
  return EXIT.ok;
}

/** Lists the subscriptions of the topics that match. */
export async function listSubscriptions(
  session: Session,
  glob: string | undefined,
): Promise<ExitCode> {
  await writeList(session, session.connect().subscriptions.list({ glob }), {
    columns: subscriptionColumns,
    toJson: subscriptionToJson,
  });
  return EXIT.ok;
}

/** Describes a subscription. */
export async function statSubscription(
  session: Session,
  names: SubscriptionNames,
): Promise<ExitCode> {
  const info = await open(session, names).info();
  session.result(subscriptionToJson(info), describeSubscription(info));
  return EXIT.ok;
}

/** Moves a subscription to a place, or back to a state that was saved. */
export async function seekSubscription(
  session: Session,
  names: SubscriptionNames,
  position: string | undefined,
  { snapshot }: SeekOptions,
): Promise<ExitCode> {
  const target = await readTarget(position, snapshot);
  const info = await open(session, names).seek(target);
  session.result(subscriptionToJson(info), describeSubscription(info));
  return EXIT.ok;
}

/** Writes the state of a subscription to a file, or its bytes to standard output. */
export async function snapshotSubscription(
  session: Session,
  names: SubscriptionNames,
  path: string | undefined,
): Promise<ExitCode> {
  if (path === undefined && session.stdout.isTTY) {
    throw usageError('subscription snapshot: a terminal takes no bytes; name a file');
  }
  const bytes = await open(session, names).snapshot();
  if (path === undefined) {
    session.out.push(bytes);
    return EXIT.ok;
  }
  await writeFile(path, bytes);
  session.result(
    { topic: names.topic, subscription: names.name, file: path, byte_count: bytes.length },
    `snapshot of ${names.name} of ${names.topic} written to ${path}: ${formatBytes(bytes.length)}`,
  );
  return EXIT.ok;
}

/** Deletes a subscription. The messages of its topic stay. */
export async function removeSubscription(
  session: Session,
  names: SubscriptionNames,
): Promise<ExitCode> {
  await open(session, names).delete();
  session.result(
    { topic: names.topic, subscription: names.name, deleted: true },
    `${names.name} of ${names.topic} deleted`,
  );
  return EXIT.ok;
}

/** Reads where to go: `now`, `earliest`, `latest` or a time. Throws a usage error. */
export function parseSeekPosition(text: string): 'now' | 'earliest' | 'latest' | bigint | Ago {
  if (text === 'now' || text === 'earliest' || text === 'latest') return text;
  return parseMoment('seek to', text);
}

async function readTarget(
  position: string | undefined,
  snapshot: string | undefined,
): Promise<SeekTarget> {
  if (position !== undefined && snapshot !== undefined) {
    throw usageError('a position and --snapshot exclude each other');
  }
  if (position !== undefined) return parseSeekPosition(position);
  if (snapshot === undefined) throw usageError('seek needs a position or --snapshot FILE');
  await checkFile('--snapshot', snapshot);
  return { snapshot: await readFile(snapshot) };
}

function open(session: Session, { topic, name }: SubscriptionNames): DurableSubscription {
  return session.connect().subscription(topic, name);
}
