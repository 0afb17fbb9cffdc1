import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import type { Publishable, Publisher } from 'playhead-client';
import { readUntil, readWhole } from './input.ts';
import { countOf, describeTally, Progress } from './progress.ts';
import type { Session } from './session.ts';

/** All of a file or, without a path, of standard input. Throws if it is broken off or larger than a message may be. */
export async function readInput(
  session: Session,
  path: string | undefined,
  maxBytes: number,
): Promise<Buffer> {
  const chunks = readUntil(openInput(session, path), session.interrupted);
  const value = await readWhole(chunks, maxBytes);
  // What was broken off must not pass for the whole.
  session.interrupted.throwIfAborted();
  return value;
}

/** Turns bytes into messages. */
export type Reader = (chunks: AsyncIterable<Uint8Array>) => AsyncIterable<Publishable>;

/**
 * Publishes a file or, without a path, standard input as it comes, and tells how far it is. An interrupt ends the input:
 * what was read is published still.
 */
export async function publishStream(
  session: Session,
  publisher: Publisher,
  path: string | undefined,
  read: Reader,
): Promise<void> {
  const finished = new AbortController();
  const input = readUntil(
    openInput(session, path),
    AbortSignal.any([session.interrupted, finished.signal]),
  );
  const progress = new Progress(session.stderr, session.isJson);
  const tally = { messages: 0, bytes: 0 };
  const source = read(
    mapEach(input, (chunk) => {
      tally.bytes += chunk.length;
      return chunk;
    }),
  );
  session.interrupted.addEventListener('abort', () => {
    session.remark({ event: 'ending' }, 'publishing what was read; interrupt again to end at once');
  });
  const onProgress = (count: number): void => {
    tally.messages = count;
    progress.update(tally);
  };
  try {
    const { firstTimestampNs, lastTimestampNs } = await publisher.publishAll(source, {
      onProgress,
    });
    progress.close();
    const json = {
      topic: publisher.topic,
      message_count: tally.messages,
      byte_count: tally.bytes,
      first_timestamp_ns: firstTimestampNs?.toString() ?? null,
      last_timestamp_ns: lastTimestampNs?.toString() ?? null,
      elapsed_ms: Math.round(progress.elapsedMs()),
    };
    if (session.isJson) session.result(json, '');
    // A pipe that brings nothing is rarely what was meant.
    else if (tally.messages === 0) session.tell(json, 'published: 0 messages; none came in');
    else session.remark(json, `published: ${describeTally(tally, progress.elapsedMs())}`);
  } catch (error) {
    progress.close();
    if (tally.messages > 0) {
      session.tell(
        { event: 'stored', message_count: tally.messages },
        `stored before the failure: ${countOf(tally.messages, 'message')}`,
      );
    }
    throw error;
  } finally {
    // Lets go of an input that has not ended.
    finished.abort();
  }
}

/** A file or, without a path, standard input. */
export function openInput(session: Session, path: string | undefined): Readable {
  if (path !== undefined) return createReadStream(path);
  const { stdin } = session;
  if (stdin.isTTY) session.remark({ event: 'stdin' }, 'reading standard input; end it with ^D');
  return stdin;
}

/** Each item as `map` makes it. */
export async function* mapEach<T, U>(
  source: AsyncIterable<T>,
  map: (item: T) => U,
): AsyncGenerator<U, void, undefined> {
  for await (const item of source) yield map(item);
}
