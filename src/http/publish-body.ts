import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import { invalidArgument } from '../errors.ts';
import { RunBuilder } from '../log/run-builder.ts';
import { textOf } from './body.ts';
import { isPlainMessage, messageBody, partsOf } from './message-json.ts';

/** Begins the names of request headers that become headers of the message. */
export const HEADER_PREFIX = 'playhead-header-';
const NO_HEADERS: readonly never[] = [];

/** The rules of a body of JSON, for the document. They are looked at message by message: see {@link addMessage}. */
export const publishBody = z
  .union([
    messageBody,
    z.array(messageBody).min(1),
    z.strictObject({ messages: z.array(messageBody).min(1) }),
  ])
  .meta({ id: 'Publish', description: 'One message, some, or some in an object.' });

/** The messages of a body of JSON. Throws INVALID_ARGUMENT that names the first one that is none. */
export function messagesOfJson(body: unknown): RunBuilder {
  const run = new RunBuilder();
  const list = listIn(body);
  if (list === undefined) {
    addMessage(run, body, 'body');
    return run;
  }
  if (list.length === 0) throw invalidArgument('body', 'has no message');
  list.forEach((message, index) => addMessage(run, message, `body, message ${index + 1}`));
  return run;
}

/** The messages of a body of NDJSON: one a line; lines without anything are passed over. */
export function messagesOfLines(body: Buffer): RunBuilder {
  const text = textOf(body);
  // A line is a little longer than what it becomes.
  const run = new RunBuilder(body.length + 64);
  for (let at = 0, line = 1; at < text.length; line++) {
    const end = text.indexOf('\n', at);
    const content = text.slice(at, end === -1 ? text.length : end);
    at = end === -1 ? text.length : end + 1;
    if (content.trim() !== '') addMessage(run, jsonOf(content, line), `body, line ${line}`);
  }
  if (run.messageCount === 0) throw invalidArgument('body', 'has no line with a message');
  return run;
}

/** These bytes as one message; its key and headers are headers of the request. */
export function messageOfBytes(value: Buffer, requestHeaders: IncomingHttpHeaders): RunBuilder {
  const run = new RunBuilder(value.length + 64);
  const headers: { readonly name: string; readonly value: Uint8Array }[] = [];
  for (const name in requestHeaders) {
    if (!name.startsWith(HEADER_PREFIX)) continue;
    const bytes = bytesOfHeader(requestHeaders[name]);
    headers.push({ name: name.slice(HEADER_PREFIX.length), value: bytes });
  }
  run.add({ key: bytesOfHeader(requestHeaders['playhead-key']), value, headers });
  return run;
}

/** As they were sent: a header is read as Latin-1, whatever it is. */
function bytesOfHeader(given: string | readonly string[] | undefined): Uint8Array {
  const text = typeof given === 'string' ? given : (given ?? []).join(', ');
  return Buffer.from(text, 'latin1');
}

/** Undefined if the body is one message, or nothing of ours. */
function listIn(body: unknown): readonly unknown[] | undefined {
  if (Array.isArray(body)) return body;
  if (typeof body !== 'object' || body === null || !('messages' in body)) return undefined;
  const isAlone = Object.keys(body).length === 1;
  return isAlone && Array.isArray(body.messages) ? body.messages : undefined;
}

/** `where` it stands, for the error. One that is wrong ends it: the errors of all would have no bounds. */
function addMessage(run: RunBuilder, json: unknown, where: string): void {
  if (isPlainMessage(json)) {
    run.add({ key: json.key ?? '', value: json.value, headers: NO_HEADERS });
    return;
  }
  const result = messageBody.safeParse(json);
  if (!result.success) {
    const [issue] = result.error.issues;
    const path = issue?.path.join('.') ?? '';
    throw invalidArgument(path === '' ? where : `${where}, ${path}`, issue?.message ?? '');
  }
  run.add(partsOf(result.data));
}

function jsonOf(line: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw invalidArgument(`body, line ${number}`, 'is no JSON');
  }
}
