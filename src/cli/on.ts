import { randomBytes } from 'node:crypto';
import type { Delivery, DurableSubscription, Queue } from 'playhead-client';
import { type Printer, printDeliveries, printers } from './delivery-printer.ts';
import {
  countedDeliveries,
  MAX_IN_FLIGHT,
  pushedDeliveries,
  type SourceEnd,
  type SourceLimits,
} from './delivery-source.ts';
import { EXIT, type ExitCode, usageError } from './exit-code.ts';
import { readMilliseconds } from './option-value.ts';
import { parseCount } from './range.ts';
import type { Session } from './session.ts';

/** The options of `playhead on`, as they were written. */
export interface OnOptions {
  readonly count?: string;
  readonly idle?: string;
  readonly raw?: boolean;
  readonly fan?: boolean;
}

/** One run of `on`: what it prints, how, and until when. */
interface Run {
  readonly session: Session;
  readonly queue: Queue;
  readonly print: Printer;
  readonly count: number | undefined;
  readonly limits: SourceLimits;
}

/** Above this a Node timer fires at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;
/** The most that there is: who only watches makes no dead letters. */
const FAN_ATTEMPTS = 1000;

/** Prints the messages of a queue as they come, and acknowledges what was printed. */
export async function on(session: Session, name: string, options: OnOptions): Promise<ExitCode> {
  const count = options.count === undefined ? undefined : parseCount('--count', options.count);
  const idleMs = options.idle === undefined ? undefined : parseIdle(options.idle);
  if (session.isJson && options.raw === true) {
    throw usageError('--raw and --json exclude each other');
  }
  const print = printers[session.isJson ? 'json' : options.raw === true ? 'raw' : 'lines'];
  // What was printed is acknowledged, also if an interrupt comes between.
  const client = session.connect({ waitsForEver: true, drains: true });
  const queue = client.queue(name);
  // Fails within the timeout if there is no broker. A worker would wait for one.
  await queue.create({ signal: session.interrupted });
  const signal = AbortSignal.any([session.interrupted, session.out.readerGone]);
  const run: Run = { session, queue, print, count, limits: { idleMs, signal } };
  if (options.fan === true) {
    const fanName = `fan-${randomBytes(6).toString('hex')}`;
    return endRun(run, await printFan(run, client.subscription(queue.topic, fanName)));
  }
  const end =
    count === undefined
      ? await printPushed(run, queue.subscription)
      : await printCounted(run, count);
  return endRun(run, end);
}

/** Reads the value of `--idle`: milliseconds, or a duration with its unit. Throws a usage error. */
export function parseIdle(text: string): number {
  const ms = readMilliseconds(/^\d+$/.test(text) ? `${text}ms` : text);
  if (ms !== undefined && ms >= 1 && ms <= MAX_TIMER_MS) return ms;
  throw usageError(`--idle ${text}: must be milliseconds such as 500, or a duration up to 24d`);
}

/** A cursor of its own gets each message, also those that other readers consume; it goes with the command. */
async function printFan(run: Run, subscription: DurableSubscription): Promise<SourceEnd> {
  const { signal } = run.limits;
  // If the command is killed, its cursor keeps messages on the disk no longer than this.
  const settings = { maxAttempts: FAN_ATTEMPTS, idleExpiry: '1m' };
  await subscription.create({ from: 'latest', ...settings, signal });
  try {
    return await printPushed(run, subscription);
  } finally {
    // What cannot be deleted, because the queue or the broker has gone, expires.
    await subscription.delete().catch(() => undefined);
  }
}

async function printPushed(run: Run, subscription: DurableSubscription): Promise<SourceEnd> {
  await using consumption = subscription.consume({
    maxInFlight: MAX_IN_FLIGHT,
    worker: `playhead on, process ${process.pid}`,
  });
  consumption.started().then(
    () => remarkStarted(run),
    // Whoever reads the deliveries gets the same error.
    () => undefined,
  );
  return await printDeliveries(pushedDeliveries(consumption, run.limits), {
    ...run,
    ackAll: (deliveries: readonly Delivery[]) => consumption.ackAll(deliveries),
  });
}

async function printCounted(run: Run, count: number): Promise<SourceEnd> {
  remarkStarted(run);
  return await printDeliveries(countedDeliveries(run.queue.subscription, count, run.limits), {
    ...run,
    ackAll: async (deliveries: readonly Delivery[]) => {
      await Promise.all(deliveries.map((delivery) => delivery.ack()));
    },
  });
}

function remarkStarted({ session, queue: { name, topic } }: Run): void {
  session.remark({ event: 'started', topic }, `waiting for messages of ${name}`);
}

function endRun({ session, queue: { topic } }: Run, end: SourceEnd): ExitCode {
  if (end.type === 'drained') {
    const reason = end.reason === '' ? '' : `: ${end.reason}`;
    session.tell({ event: 'closed', topic, reason: end.reason }, `closed${reason}`);
  }
  return EXIT.ok;
}
