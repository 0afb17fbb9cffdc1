import type { Client, Queue } from 'playhead-client';
import { formatTimestamp } from 'playhead-client';
import { EXIT, type ExitCode } from './exit-code.ts';
import { readLines, readUntil } from './input.ts';
import { messageLimit } from './message-limit.ts';
import { openInput, publishStream, readInput } from './publish-input.ts';
import { newScheduleId, tellSchedule } from './schedule-json.ts';
import { parseWhen, type When, type WhenOptions } from './schedule-time.ts';
import type { Session } from './session.ts';

/** The options of `playhead put`, as they were written. */
export interface PutOptions extends WhenOptions {
  readonly lines?: boolean;
}

/** Puts standard input into a queue: as one message or line by line, at once or later. */
export async function put(session: Session, name: string, options: PutOptions): Promise<ExitCode> {
  const when = parseWhen(options);
  const isStream = options.lines === true;
  const client = session.connect({ drains: isStream });
  const info = await client.serverInfo({ signal: session.interrupted });
  const maxBytes = await messageLimit(session, info.maxMessageBytes);
  const queue = client.queue(name);
  if (isStream) {
    await putLines(session, client, queue, { when, maxBytes });
    return EXIT.ok;
  }
  const value = await readInput(session, undefined, maxBytes);
  if (when === undefined) await putOnce(session, queue, value);
  else tellSchedule(session, await queue.schedule(value, { ...when, id: newScheduleId() }));
  return EXIT.ok;
}

interface PutLinesOptions {
  readonly when: When | undefined;
  readonly maxBytes: number;
}

/** An interrupt ends the input: what was read is put still. */
async function putLines(
  session: Session,
  client: Client,
  queue: Queue,
  { when, maxBytes }: PutLinesOptions,
): Promise<void> {
  await queue.create({ signal: session.interrupted });
  if (when === undefined) {
    const publisher = client.publisher(queue.topic);
    await publishStream(session, publisher, undefined, (chunks) => readLines(chunks, maxBytes));
    return;
  }
  const chunks = readUntil(openInput(session, undefined), session.interrupted);
  for await (const line of readLines(chunks, maxBytes)) {
    tellSchedule(session, await queue.schedule(line, { ...when, id: newScheduleId() }));
    if (session.out.isFull) await session.out.ready();
  }
}

async function putOnce(session: Session, queue: Queue, value: Uint8Array): Promise<void> {
  const timestampNs = await queue.put(value);
  const json = {
    topic: queue.topic,
    message_count: 1,
    byte_count: value.length,
    first_timestamp_ns: String(timestampNs),
    last_timestamp_ns: String(timestampNs),
  };
  if (session.isJson) session.result(json, '');
  else session.remark(json, `put into ${queue.name} at ${formatTimestamp(timestampNs)}`);
}
