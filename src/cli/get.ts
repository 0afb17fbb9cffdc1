import { open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Delivery, Queue } from 'playhead-client';
import { deliveryToJson } from './delivery-printer.ts';
import { MAX_WAIT_MS } from './delivery-source.ts';
import { CliError, EXIT, type ExitCode, usageError } from './exit-code.ts';
import { parseMilliseconds } from './option-value.ts';
import type { Session } from './session.ts';

/** The options of `playhead get`, as they were written. */
export interface GetOptions {
  readonly wait?: string;
}

/** Takes a message from a queue: writes it, acknowledges it, in this order. */
export async function get(
  session: Session,
  name: string,
  path: string | undefined,
  options: GetOptions,
): Promise<ExitCode> {
  const waitMs = options.wait === undefined ? 0 : parseMilliseconds('--wait', options.wait);
  if (path !== undefined) await checkTarget(path);
  // What was written is acknowledged, also if an interrupt comes between.
  const queue = session.connect({ drains: true }).queue(name);
  await queue.create({ signal: session.interrupted });
  const delivery = await take(session, queue, waitMs);
  if (delivery === undefined) return tellEmpty(session);
  try {
    await write(session, delivery, path);
  } catch (error) {
    // The failure to write is the one to tell; a lease that cannot be given back runs out.
    await delivery.nack({ delay: 0 }).catch(() => undefined);
    throw error;
  }
  await delivery.ack();
  if (path !== undefined) tellFile(session, delivery, path);
  return EXIT.ok;
}

async function take(
  session: Session,
  { name, subscription }: Queue,
  waitMs: number,
): Promise<Delivery | undefined> {
  if (waitMs > 0) session.remark({ event: 'waiting' }, `waiting for messages of ${name}`);
  const endMs = performance.now() + waitMs;
  for (;;) {
    const leftMs = Math.max(0, Math.ceil(endMs - performance.now()));
    const wait = Math.min(leftMs, MAX_WAIT_MS);
    const deliveries = await subscription.pull({ wait, signal: session.interrupted });
    if (deliveries.length > 0 || deliveries.drained !== undefined || leftMs <= MAX_WAIT_MS) {
      return deliveries[0];
    }
  }
}

/** Resolves when the bytes have left the process, or are on the disk. */
async function write(
  session: Session,
  delivery: Delivery,
  path: string | undefined,
): Promise<void> {
  const { value } = delivery.message;
  if (path !== undefined) {
    await writeDurably(path, value);
    return;
  }
  const { out } = session;
  out.push(session.isJson ? Buffer.from(`${JSON.stringify(deliveryToJson(delivery))}\n`) : value);
  await out.flush();
  if (out.readerGone.aborted) {
    throw new CliError(
      EXIT.failed,
      'FAILED',
      'standard output is closed; the message stays in the queue',
    );
  }
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  await using file = await open(path, 'w');
  await file.writeFile(bytes);
  // The acknowledgement removes the message: the file must survive a crash. A pipe or a terminal cannot be synced.
  if ((await file.stat()).isFile()) await file.sync();
}

/** Finds what cannot be written before a message is taken for it. */
async function checkTarget(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) throw usageError(`${path}: is a directory`);
  const directory = await stat(dirname(path)).catch(() => undefined);
  if (directory?.isDirectory() !== true) throw usageError(`${path}: there is no such directory`);
}

function tellFile(session: Session, delivery: Delivery, path: string): void {
  const { topic, timestampNs, value } = delivery.message;
  const json = {
    topic,
    timestamp_ns: String(timestampNs),
    attempt: delivery.attempt,
    file: path,
    byte_count: value.length,
  };
  if (session.isJson) session.result(json, '');
}

/** The words are the interface: no program name before them. */
function tellEmpty(session: Session): ExitCode {
  const failure = {
    exitCode: EXIT.nothing,
    reason: 'QUEUE_EMPTY',
    message: 'empty queue',
    metadata: {},
  };
  if (session.isJson) session.fail(failure);
  else session.tell({}, failure.message);
  return failure.exitCode;
}
