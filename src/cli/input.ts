import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { PublishableMessage } from 'playhead-client';
import { CliError, EXIT, usageError } from './exit-code.ts';
import { messageFromJson } from './message-json.ts';

const NEWLINE = 0x0a;

/**
 * The lines of a byte stream, as they are: without the newline, everything else untouched, an empty line an
 * empty line. A last line without newline counts. Holds one line and one chunk in memory; throws
 * MESSAGE_TOO_LARGE, naming the line, before a line grows over the limit.
 */
export async function* readLines(
  source: AsyncIterable<Uint8Array>,
  maxLineBytes: number,
): AsyncGenerator<Buffer, void, undefined> {
  let started: Buffer[] = [];
  let startedBytes = 0;
  let lineNumber = 1;
  for await (const bytes of source) {
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let begin = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, begin)) {
      const rest = chunk.subarray(begin, end);
      checkLine(lineNumber, startedBytes + rest.length, maxLineBytes);
      yield started.length === 0 ? rest : Buffer.concat([...started, rest]);
      if (started.length > 0) started = [];
      startedBytes = 0;
      begin = end + 1;
      lineNumber++;
    }
    if (begin === chunk.length) continue;
    const rest = chunk.subarray(begin);
    startedBytes += rest.length;
    checkLine(lineNumber, startedBytes, maxLineBytes);
    started.push(rest);
  }
  if (startedBytes > 0) yield Buffer.concat(started);
}

/**
 * The messages of an NDJSON stream, one a line; empty lines are passed over. Throws MALFORMED, naming the line, for
 * what is no message, and as {@link readLines}.
 */
export async function* readNdjson(
  source: AsyncIterable<Uint8Array>,
  maxLineBytes: number,
): AsyncGenerator<PublishableMessage, void, undefined> {
  let lineNumber = 0;
  for await (const line of readLines(source, maxLineBytes)) {
    lineNumber++;
    const text = line.toString();
    if (text.trim() === '') continue;
    try {
      yield messageFromJson(text);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      throw new CliError(EXIT.usage, 'MALFORMED', `line ${lineNumber}: ${error.message}`, {
        cause: error,
      });
    }
  }
}

/** The chunks of a stream until the signal aborts; the stream is destroyed at the end. */
export async function* readUntil(
  stream: Readable,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const stop = () => stream.destroy();
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const chunk of stream) yield chunk;
  } catch (error) {
    // Destroying a stream makes its reader fail.
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Throws a usage error, for the named option, unless the path leads to something that can be read as a file. */
export async function checkFile(option: string, path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw usageError(`${option} ${path}: there is no such file`);
  if (found.isDirectory()) throw usageError(`${option} ${path}: is a directory`);
}

/** All bytes of a stream; throws MESSAGE_TOO_LARGE as soon as they are more than the limit. */
export async function readWhole(
  source: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of source) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw tooLarge('the input', maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes);
}

function checkLine(lineNumber: number, bytes: number, maxLineBytes: number): void {
  if (bytes > maxLineBytes) throw tooLarge(`line ${lineNumber}`, maxLineBytes);
}

function tooLarge(what: string, maxBytes: number): CliError {
  const message = `${what} is larger than a message may be: limit ${maxBytes} bytes`;
  return new CliError(EXIT.refused, 'MESSAGE_TOO_LARGE', message);
}

/** The `name=value` of a `--header`. The value may be empty and may contain further equals signs. */
export function parseHeader(text: string): { name: string; value: string } {
  const equals = text.indexOf('=');
  if (equals < 1) throw usageError(`--header ${text}: must be NAME=VALUE`);
  return { name: text.slice(0, equals), value: text.slice(equals + 1) };
}
