import { createInterface } from 'node:readline';
import type { TopicConfig, TopicInfo } from 'playhead-client';
import { formatTimestamp } from 'playhead-client';
import { CliError, EXIT, type ExitCode, usageError } from './exit-code.ts';
import { writeList } from './list.ts';
import { readMilliseconds } from './option-value.ts';
import { countOf, formatBytes, formatCount, formatDuration } from './progress.ts';
import { parseMoment, resolveTime } from './range.ts';
import type { Session } from './session.ts';
import type { Column } from './table.ts';
import { alignedPairs, formatOptionalTimestamp } from './table.ts';
import { closedToJson, topicToJson } from './topic-json.ts';

/** The options of `playhead close`. */
export interface CloseOptions {
  readonly reason?: string;
}

/** The options of `playhead trim`. */
export interface TrimOptions {
  readonly before: string;
}

/** The options of `playhead rm`. */
export interface RmOptions {
  readonly yes?: boolean;
}

/** Closes a topic: it is complete from then on. */
export async function close(
  session: Session,
  topic: string,
  options: CloseOptions,
): Promise<ExitCode> {
  const closed = await session.connect().topics.close(topic, { reason: options.reason });
  const reason = closed.reason === '' ? '' : `, ${closed.reason}`;
  session.result(
    closedToJson(closed),
    `${topic} closed at ${formatTimestamp(closed.timestampNs)}: ${countOf(closed.messageCount, 'message')}${reason}`,
  );
  return EXIT.ok;
}

/** Removes what is older than a time. */
export async function trim(
  session: Session,
  topic: string,
  options: TrimOptions,
): Promise<ExitCode> {
  const before = parseMoment('--before', options.before);
  const client = session.connect();
  const { clockNs } = await client.serverInfo();
  const beforeNs = resolveTime(before, clockNs);
  session.remark(
    { event: 'trimming', topic, before_timestamp_ns: String(beforeNs) },
    `trimming ${topic} before ${formatTimestamp(beforeNs)}`,
  );
  const info = await client.topics.trim(topic, beforeNs);
  session.result(
    topicToJson(info),
    `${topic} trimmed before ${formatTimestamp(beforeNs)}: ${countOf(info.messageCount, 'message')} left`,
  );
  return EXIT.ok;
}

/** Deletes a topic, after asking on a terminal. */
export async function rm(session: Session, topic: string, options: RmOptions): Promise<ExitCode> {
  if (options.yes !== true && !session.stdin.isTTY) {
    throw usageError(`rm ${topic}: needs --yes where nobody can be asked`);
  }
  const { topics } = session.connect();
  if (options.yes !== true) {
    const { messageCount, byteCount } = await topics.get(topic);
    const size = `${countOf(messageCount, 'message')}, ${formatBytes(byteCount)}`;
    if (!(await isConfirmed(session, `Delete ${topic} with ${size}? [y/N] `))) {
      throw new CliError(EXIT.failed, 'FAILED', `${topic} was not deleted`);
    }
  }
  await topics.delete(topic);
  session.result({ topic, deleted: true }, `${topic} deleted`);
  return EXIT.ok;
}

/** Lists the topics that match. */
export async function ls(session: Session, glob: string | undefined): Promise<ExitCode> {
  const topics = session.connect().topics.list(glob, { pageSize: LIST_PAGE });
  await writeList(session, topics, { columns, toJson: topicToJson });
  return EXIT.ok;
}

/** Describes a topic. */
export async function stat(session: Session, topic: string): Promise<ExitCode> {
  const info = await session.connect().topics.get(topic);
  session.result(topicToJson(info), describeTopic(info));
  return EXIT.ok;
}

/** The settings of a topic, as they were written. */
export interface TopicOptions {
  readonly maxAge?: string;
  readonly maxBytes?: string;
  readonly maxMessages?: string;
  readonly maxMessageBytes?: string;
  /** False with `--no-trim-consumed`. */
  readonly trimConsumed?: boolean;
}

/** Makes a topic. */
export async function create(
  session: Session,
  topic: string,
  options: TopicOptions,
): Promise<ExitCode> {
  const config = await parseTopicConfig(options);
  const info = await session.connect().topics.create(topic, config);
  session.result(topicToJson(info), describeTopic(info));
  return EXIT.ok;
}

/** Changes the settings of a topic. */
export async function update(
  session: Session,
  topic: string,
  options: TopicOptions,
): Promise<ExitCode> {
  const config = await parseTopicConfig(options);
  if (Object.keys(config).length === 0) throw usageError(`update ${topic}: nothing to change`);
  const info = await session.connect().topics.update(topic, config);
  session.result(topicToJson(info), describeTopic(info));
  return EXIT.ok;
}

const LIST_PAGE = 1000;

const columns: readonly Column<TopicInfo>[] = [
  { title: 'TOPIC', isCut: true, cell: ({ topic }) => topic },
  { title: 'STATE', cell: ({ closed }) => (closed === undefined ? 'open' : 'closed') },
  { title: 'MESSAGES', isNumber: true, cell: ({ messageCount }) => String(messageCount) },
  { title: 'BYTES', isNumber: true, cell: ({ byteCount }) => String(byteCount) },
  { title: 'LAST', cell: ({ lastTimestampNs }) => formatOptionalTimestamp(lastTimestampNs) },
];

function describeTopic(info: TopicInfo): string {
  const { closed, config } = info;
  const limit = (value: number, text: string) => (value === 0 ? 'no limit' : text);
  const rows: [string, string][] = [
    ['topic', info.topic],
    ['state', closed === undefined ? 'open' : `closed at ${formatTimestamp(closed.timestampNs)}`],
    ...(closed === undefined || closed.reason === ''
      ? []
      : [['reason', closed.reason] as [string, string]]),
    ['messages', formatCount(info.messageCount)],
    ['bytes', formatCount(info.byteCount)],
    ['first', formatOptionalTimestamp(info.firstTimestampNs)],
    ['last', formatOptionalTimestamp(info.lastTimestampNs)],
    ['created', formatTimestamp(info.createdTimestampNs)],
    [
      'rate',
      `${info.messagesPerSecond.toFixed(1)} messages/s, ${formatBytes(info.bytesPerSecond)}/s`,
    ],
    ['subscribers', formatCount(info.subscriberCount)],
    ['max age', limit(config.maxAgeMs, formatDuration(config.maxAgeMs))],
    ['max bytes', limit(config.maxBytes, formatCount(config.maxBytes))],
    ['max messages', limit(config.maxMessages, formatCount(config.maxMessages))],
    ['max message bytes', limit(config.maxMessageBytes, formatCount(config.maxMessageBytes))],
    ['trim consumed', config.trimConsumed ? 'yes' : 'no'],
  ];
  return alignedPairs(rows);
}

async function isConfirmed(session: Session, question: string): Promise<boolean> {
  session.stderr.write(question);
  // The terminal stays in its own mode, in which ^C is a signal and ^D ends the input.
  const lines = createInterface({
    input: session.stdin,
    terminal: false,
    signal: session.interrupted,
  });
  try {
    for await (const line of lines) return /^y(?:es)?$/i.test(line.trim());
    return false;
  } finally {
    // A terminal that is still being read keeps the process alive.
    session.stdin.destroy();
  }
}

/** Reads the settings that were given. Throws a usage error. `none` takes a limit away. */
export async function parseTopicConfig(options: TopicOptions): Promise<TopicConfig> {
  // Loading the broker's schema takes longer than most commands run.
  const { parseByteSize } = await import('../config.ts');
  const read = (
    option: string,
    text: string | undefined,
    parse: (text: string) => number | undefined,
    rule: string,
    max = Number.MAX_SAFE_INTEGER,
  ) => {
    if (text === undefined || text === 'none') return text === undefined ? undefined : 0;
    const value = parse(text);
    if (value !== undefined && Number.isSafeInteger(value) && value > 0 && value <= max)
      return value;
    throw usageError(`${option} ${text}: must be ${rule}, or none`);
  };
  const { MESSAGE_BYTES_MAX } = await import('../limits.ts');
  const size = 'a size such as 65536, 512KiB or 1GiB';
  const config = {
    maxAgeMs: read(
      '--max-age',
      options.maxAge,
      readMilliseconds,
      'a duration of whole milliseconds, at least 1ms, such as 90s or 7d',
    ),
    maxBytes: read('--max-bytes', options.maxBytes, parseByteSize, size),
    maxMessages: read(
      '--max-messages',
      options.maxMessages,
      Number,
      'a whole number from 1 to 2^53',
    ),
    maxMessageBytes: read(
      '--max-message-bytes',
      options.maxMessageBytes,
      parseByteSize,
      `a size up to ${MESSAGE_BYTES_MAX / 1024 ** 2}MiB such as 65536 or 512KiB`,
      MESSAGE_BYTES_MAX,
    ),
    trimConsumed: options.trimConsumed,
  };
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined));
}
