import type { Publishable, Publisher } from 'playhead-client';
import { formatTimestamp } from 'playhead-client';
import { EXIT, type ExitCode, usageError } from './exit-code.ts';
import { checkFile, parseHeader, readLines, readNdjson } from './input.ts';
import { messageLimit } from './message-limit.ts';
import { mapEach, publishStream, readInput } from './publish-input.ts';
import { parseMoment } from './range.ts';
import type { Session } from './session.ts';

/** The options of `playhead pub`, as they were written. */
export interface PubOptions {
  readonly lines?: boolean;
  readonly ndjson?: boolean;
  readonly whole?: boolean;
  readonly file?: string;
  readonly key?: string;
  readonly header: readonly string[];
  readonly name?: string;
  readonly expectLast?: string;
}

/** Where the messages come from. A path of undefined is standard input. */
export type PubInput =
  | { readonly kind: 'arguments'; readonly values: readonly string[] }
  | { readonly kind: 'lines'; readonly path: string | undefined }
  | { readonly kind: 'ndjson'; readonly path: string | undefined }
  | { readonly kind: 'whole'; readonly path: string | undefined };

/** Publishes arguments, or standard input: its lines as they come, in bounded memory, or all of it as one message. */
export async function pub(
  session: Session,
  topic: string,
  messages: readonly string[],
  options: PubOptions,
): Promise<ExitCode> {
  if (options.name === '') throw usageError('--name must not be empty');
  const input = choosePubInput(messages, options);
  const tag = tagger(options);
  const expectedLastTimestampNs = parseExpectedLast(options.expectLast);
  const isStream = input.kind === 'lines' || input.kind === 'ndjson';
  if (isStream && expectedLastTimestampNs !== undefined) {
    throw usageError('--expect-last goes with arguments or --whole, which are published as one');
  }
  if (input.kind !== 'arguments' && input.path !== undefined) await checkFile('--file', input.path);
  const client = session.connect({ drains: isStream });
  const info = await client.serverInfo({ signal: session.interrupted });
  const maxBytes = await messageLimit(session, info.maxMessageBytes);
  const publisher = client.publisher(topic, { name: options.name });
  if (isStream) {
    await publishStream(session, publisher, input.path, (chunks) => {
      if (input.kind === 'ndjson') return readNdjson(chunks, maxBytes * NDJSON_GROWTH);
      const lines = readLines(chunks, maxBytes);
      return tag === undefined ? lines : mapEach(lines, tag);
    });
  } else {
    const values =
      input.kind === 'whole' ? [await readInput(session, input.path, maxBytes)] : input.values;
    await publishOnce(
      session,
      publisher,
      tag === undefined ? values : values.map(tag),
      expectedLastTimestampNs,
    );
  }
  return EXIT.ok;
}

/** JSON writes one byte as six characters at most; the rest is for names and times. */
const NDJSON_GROWTH = 8;

/** Finds out where the messages come from. Throws a usage error where options exclude each other. */
export function choosePubInput(messages: readonly string[], options: PubOptions): PubInput {
  const kinds = (['lines', 'ndjson', 'whole'] as const).filter((kind) => options[kind] === true);
  if (kinds.length > 1) throw usageError(`--${kinds[0]} and --${kinds[1]} exclude each other`);
  const isStdin = messages.length === 0 || (messages.length === 1 && messages[0] === '-');
  if (!isStdin && (kinds.length > 0 || options.file !== undefined)) {
    const option = options.file === undefined ? kinds[0] : 'file';
    throw usageError(`--${option} and messages as arguments exclude each other`);
  }
  if (!isStdin) return { kind: 'arguments', values: messages };
  const kind = kinds[0] ?? (options.file === undefined ? 'lines' : 'whole');
  if (kind === 'ndjson' && (options.key !== undefined || options.header.length > 0)) {
    throw usageError('--ndjson brings keys and headers itself; --key and --header exclude it');
  }
  return { kind, path: options.file === '-' ? undefined : options.file };
}

/** Reads the value of `--expect-last`: a timestamp, or `none` for a topic without messages. */
export function parseExpectedLast(text: string | undefined): bigint | undefined {
  if (text === undefined) return undefined;
  if (text === 'none') return 0n;
  const time = parseMoment('--expect-last', text);
  if (typeof time === 'bigint') return time;
  throw usageError(`--expect-last ${text}: must be a timestamp, or none`);
}

type Tag = (value: string | Uint8Array) => Publishable;

/** Undefined if there is nothing to add. */
function tagger({ key, header }: PubOptions): Tag | undefined {
  if (key === undefined && header.length === 0) return undefined;
  const headers = header.map((text) => {
    const { name, value } = parseHeader(text);
    return [name, value] as const;
  });
  return (value) => ({ value, key, headers });
}

async function publishOnce(
  session: Session,
  publisher: Publisher,
  messages: readonly Publishable[],
  expectedLastTimestampNs: bigint | undefined,
): Promise<void> {
  const ack = await publisher.publishBatch(messages, { expectedLastTimestampNs });
  const timestamps = messages.map((_, index) =>
    formatTimestamp(ack.firstTimestampNs + BigInt(index)),
  );
  session.result(
    {
      topic: publisher.topic,
      message_count: messages.length,
      first_timestamp_ns: String(ack.firstTimestampNs),
      last_timestamp_ns: String(ack.lastTimestampNs),
    },
    timestamps.join('\n'),
  );
}
