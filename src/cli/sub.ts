import type { Subscription, SubscriptionEvent } from 'playhead-client';
import { formatTimestamp, messageToJson } from 'playhead-client';
import { CliError, EXIT, type ExitCode, usageError } from './exit-code.ts';
import { compileFormat, type Formatter } from './format.ts';
import { countOf } from './progress.ts';
import type { Range, Start } from './range.ts';
import { parseCount, parseFrom, parseRange, parseUntil, resolveRange } from './range.ts';
import type { Session } from './session.ts';
import { closedToJson } from './topic-json.ts';

/** The options of `playhead sub`, as they were written. */
export interface SubOptions {
  readonly from?: string;
  readonly until?: string;
  readonly last?: string;
  readonly limit?: string;
  readonly range?: string;
  /** False with `--no-follow`. */
  readonly follow: boolean;
  readonly format?: string;
}

/** Writes the messages of a topic, or of the topics of a glob, until it is closed or the range ends. */
export async function sub(session: Session, topic: string, options: SubOptions): Promise<ExitCode> {
  const { from, until, skip = 0 } = wholeRange(topic, options);
  const limit = options.limit === undefined ? undefined : parseCount('--limit', options.limit);
  if (session.isJson && options.format !== undefined) {
    throw usageError('--format and --json exclude each other');
  }
  const format = session.isJson ? formatJson : compileFormat(options.format ?? '%s\\n');

  const client = session.connect({ waitsForEver: true });
  // Fails within the timeout if there is no broker. The subscription itself would wait for one.
  const { clockNs } = await client.serverInfo();
  await using subscription = client.subscribe(topic, {
    ...resolveRange(from, until, clockNs),
    limit: limit === undefined ? undefined : limit + skip,
    signal: AbortSignal.any([session.interrupted, session.out.readerGone]),
  });
  echoRange(session, subscription, topic);
  try {
    await write(session, subscription, topic, { format, skip });
  } catch (error) {
    if (!session.out.readerGone.aborted || session.interruption !== undefined) throw error;
  }
  return EXIT.ok;
}

/** What to read, with what a reader expects where nothing was said. */
export function wholeRange(topic: string, options: SubOptions): Range & { readonly from: Start } {
  const range: Range = options.range === undefined ? {} : parseRange(options.range);
  let from = range.from;
  if (options.from !== undefined) from = parseFrom(options.from);
  if (options.last !== undefined) from = { last: parseCount('--last', options.last) };
  let until = range.until;
  if (options.until !== undefined) until = parseUntil(options.until);
  if (!options.follow) {
    if (until !== undefined && until !== 'now')
      throw usageError('--no-follow and an end exclude each other');
    until = 'now';
  }
  // Who asks for what has been does not want to begin at the end of it.
  const isOfThePast = until !== undefined && (typeof until !== 'object' || 'agoNs' in until);
  from ??= isOfThePast || topic.startsWith('chan/') ? 'earliest' : 'latest';
  if (typeof from === 'bigint' && typeof until === 'bigint' && until < from) {
    throw usageError(
      `the end, ${formatTimestamp(until)}, is before the start, ${formatTimestamp(from)}`,
    );
  }
  return { from, ...(until !== undefined && { until }), skip: range.skip ?? 0 };
}

const formatJson: Formatter = (message, out) =>
  out.push(Buffer.from(`${JSON.stringify(messageToJson(message))}\n`));

interface WriteOptions {
  readonly format: Formatter;
  readonly skip: number;
}

async function write(
  session: Session,
  subscription: Subscription,
  topic: string,
  { format, skip }: WriteOptions,
): Promise<void> {
  const { out } = session;
  let left = skip;
  for await (const event of subscription.events()) {
    if (event.type === 'message') {
      if (left > 0) left--;
      else format(event.message, out);
      if (out.isFull) await out.ready();
    } else {
      // What comes behind the messages is told behind them.
      await out.ready();
      tellEvent(session, topic, event);
    }
  }
  await out.ready();
  if (subscription.isVerified === false) {
    throw new CliError(
      EXIT.dataLoss,
      'CHECKSUM_MISMATCH',
      `${topic}: the checksum is ${subscription.checksum}, the writer's was ${subscription.closed?.checksum}`,
    );
  }
}

type Happening = Exclude<SubscriptionEvent, { type: 'message' }>;

function tellEvent(session: Session, topic: string, event: Happening): void {
  switch (event.type) {
    case 'caught_up':
      return;
    case 'trimmed': {
      const { topic, firstTimestampNs } = event;
      const rest =
        firstTimestampNs === undefined
          ? 'is empty'
          : `begins at ${formatTimestamp(firstTimestampNs)}`;
      session.tell(
        { event: 'trimmed', topic, first_timestamp_ns: firstTimestampNs?.toString() ?? null },
        `trimmed: ${topic} ${rest}`,
      );
      return;
    }
    case 'closed': {
      const { closed } = event;
      const where = closed.topic === topic ? '' : `${closed.topic}: `;
      const reason = closed.reason === '' ? '' : `, ${closed.reason}`;
      session.tell(
        { event: 'closed', ...closedToJson(closed) },
        `closed: ${where}${countOf(closed.messageCount, 'message')}${reason}`,
      );
      return;
    }
    case 'deleted':
      // The end of a single topic; among the topics of a glob, one less.
      if (event.topic === topic)
        throw new CliError(EXIT.nothing, 'TOPIC_DELETED', `${topic} was deleted`);
      session.tell({ event: 'deleted', topic: event.topic }, `deleted: ${event.topic}`);
  }
}

/** Times are shown as they were understood, so that a wrong unit or zone is seen. */
function echoRange(session: Session, subscription: Subscription, topic: string): void {
  if (!session.isTalkative) return;
  subscription.started().then(
    ({ fromTimestampNs, untilTimestampNs }) => {
      const until =
        untilTimestampNs === undefined ? '' : ` until ${formatTimestamp(untilTimestampNs)}`;
      session.remark(
        {
          event: 'started',
          topic,
          from_timestamp_ns: String(fromTimestampNs),
          until_timestamp_ns: untilTimestampNs?.toString() ?? null,
        },
        `reading ${topic} from ${formatTimestamp(fromTimestampNs)}${until}`,
      );
    },
    // Whoever reads the subscription gets the same error.
    () => undefined,
  );
}
