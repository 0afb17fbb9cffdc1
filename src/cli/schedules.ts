import { formatTimestamp } from 'playhead-client';
import { CliError, EXIT, type ExitCode, usageError } from './exit-code.ts';
import { writeList } from './list.ts';
import { messageLimit } from './message-limit.ts';
import { readInput } from './publish-input.ts';
import { newScheduleId, scheduleColumns, scheduleToJson, tellSchedule } from './schedule-json.ts';
import { parseWhen, type WhenOptions } from './schedule-time.ts';
import type { Session } from './session.ts';

/** The options of `playhead schedule add`, as they were written. */
export interface AddScheduleOptions extends WhenOptions {
  readonly id?: string;
}

/** Takes a message, or standard input as one, that is to be published later. */
export async function addSchedule(
  session: Session,
  topic: string,
  message: string | undefined,
  options: AddScheduleOptions,
): Promise<ExitCode> {
  const when = parseWhen(options);
  if (when === undefined) throw usageError('schedule add needs --delay, --at or --cron');
  if (options.id === '') throw usageError('--id must not be empty');
  const client = session.connect();
  const info = await client.serverInfo();
  const maxBytes = await messageLimit(session, info.maxMessageBytes);
  const value =
    message === undefined || message === '-'
      ? await readInput(session, undefined, maxBytes)
      : checkedMessage(message, maxBytes);
  const { id = newScheduleId() } = options;
  tellSchedule(session, await client.schedules.create(topic, value, { ...when, id }));
  return EXIT.ok;
}

/** Lists the schedules of the topics that match. */
export async function listSchedules(session: Session, glob: string | undefined): Promise<ExitCode> {
  await writeList(session, session.connect().schedules.list({ glob }), {
    columns: scheduleColumns,
    toJson: scheduleToJson,
  });
  return EXIT.ok;
}

/** Publishes the message of a schedule now. */
export async function runSchedule(session: Session, id: string): Promise<ExitCode> {
  const timestampNs = await session.connect().schedules.run(id);
  session.result({ id, timestamp_ns: String(timestampNs) }, formatTimestamp(timestampNs));
  return EXIT.ok;
}

/** Ends a schedule. */
export async function cancelSchedule(session: Session, id: string): Promise<ExitCode> {
  await session.connect().schedules.cancel(id);
  session.result({ id, cancelled: true }, `${id} cancelled`);
  return EXIT.ok;
}

function checkedMessage(message: string, maxBytes: number): string {
  if (Buffer.byteLength(message) <= maxBytes) return message;
  throw new CliError(
    EXIT.refused,
    'MESSAGE_TOO_LARGE',
    `the message is larger than a message may be: limit ${maxBytes} bytes`,
  );
}
