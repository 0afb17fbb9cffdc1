import { ReadRequest, ReadResponse } from 'playhead-proto';
import { Broker } from '../../src/broker.ts';
import { BrokerError } from '../../src/errors.ts';
import type { Log } from '../../src/log/log.ts';
import { ManualClock } from '../../src/manual-clock.ts';
import { read } from '../../src/service/read.ts';
import type { LogWriter } from './log-writer.ts';
import type { PreparedData } from './prepared-data.ts';
import type { ReadReport, Seen } from './read-report.ts';
import { faultOf, lostRange, readThrough } from './read-report.ts';

/** What became of damaged data: nothing is missing, what is missing is told, or it cannot be opened at all. */
export type Outcome = 'right' | 'told' | 'refused';

const LAST = 5;

/** Opens a directory without fsync, which tests need not wait for; undefined if it is refused with DATA_LOSS. */
export async function openDamaged(dataDir: string): Promise<Broker | undefined> {
  try {
    return await Broker.open({ dataDir, clock: new ManualClock(), durability: 'os' });
  } catch (error) {
    if (error instanceof BrokerError && error.reason === 'DATA_LOSS') return undefined;
    throw error;
  }
}

/**
 * Reads everything in every way and compares it with what was written. Throws if a message is wrong, comes twice or out
 * of order, or is missing in silence.
 */
export async function checkData(
  log: Log,
  { writer, closed }: Pick<PreparedData, 'writer' | 'closed'>,
): Promise<'right' | 'told'> {
  let losses = 0;
  for (const topic of writer.topics()) {
    const report = await readThrough(log, topic);
    throwIf(faultOf(report, writer.of(topic)), `reading ${topic}`);
    const isTold = report.lost.length > 0;
    if (closed.includes(topic) && !report.closed.includes(topic) && !isTold) {
      throw new Error(`reading ${topic}: its close marker is missing in silence`);
    }
    losses += report.lost.length;
    losses += await checkLast(log, topic, writer.of(topic));
  }
  for (const untilNow of [false, true]) {
    const report = await readThrough(log, '**', { untilNow });
    throwIf(faultOf(report, writer.all()), `reading all${untilNow ? ' until now' : ''}`);
    const missing = closed.find((topic) => !report.closed.includes(topic));
    if (missing !== undefined && report.lost.length === 0) {
      throw new Error(`reading all: the close marker of ${missing} is missing in silence`);
    }
    losses += report.lost.length;
  }
  losses += await checkLast(log, '**', writer.all());
  losses += await checkWindows(log, writer);
  for (const topic of ['batch', '**']) losses += await checkPages(log, topic, writer);
  return losses === 0 ? 'right' : 'told';
}

/** The last messages, which are looked for from the end; losses may make the reader begin earlier, but never later. */
async function checkLast(log: Log, topic: string, written: readonly Seen[]): Promise<number> {
  const report = await readThrough(log, topic, {
    position: { at: 'last', messageCount: BigInt(LAST) },
  });
  const wanted = written.slice(-LAST);
  const firstNs = report.messages[0]?.timestampNs;
  const isEarlier = firstNs !== undefined && firstNs < (wanted[0]?.timestampNs ?? 0n);
  const expected =
    isEarlier && report.lost.length > 0
      ? written.filter((each) => each.timestampNs >= firstNs)
      : wanted;
  throwIf(faultOf(report, expected), `reading the last ${LAST} of ${topic}`);
  return report.lost.length;
}

/** Windows of the tape, which end before it does. */
async function checkWindows(log: Log, writer: LogWriter): Promise<number> {
  const all = writer.all();
  const size = Math.ceil(all.length / 4);
  let losses = 0;
  for (let at = 0; at < all.length; at += size) {
    const window = all.slice(at, at + size);
    const fromNs = window[0]?.timestampNs ?? 0n;
    const untilNs = (window.at(-1)?.timestampNs ?? 0n) + 1n;
    const position = { at: 'timestamp', timestampNs: fromNs } as const;
    const report = await readThrough(log, '**', { position, untilNs });
    throwIf(faultOf(report, window), `reading all from ${fromNs} until ${untilNs}`);
    losses += report.lost.length;
  }
  return losses;
}

/** Page by page, as unary calls read, which know nothing of the page before. */
async function checkPages(log: Log, topic: string, writer: LogWriter): Promise<number> {
  const report: ReadReport = { messages: [], lost: [], closed: [], trimmed: [] };
  const written = topic === '**' ? writer.all() : writer.of(topic);
  const unset = ReadRequest.decode(Buffer.alloc(0));
  let value = 0n;
  for (let isCaughtUp = false; !isCaughtUp; ) {
    try {
      const from = { at: { $case: 'timestampNs', value } } as const;
      const request = { ...unset, topic, from, maxMessages: 1000, maxBytes: 8_000 };
      const page = ReadResponse.decode(await read(log, request, 100_000));
      const topics = page.runs.flatMap((run) => Array<string>(run.messageCount).fill(run.topic));
      for (const [i, message] of page.messages.entries()) {
        const { timestampNs } = message;
        const text = Buffer.from(message.value).toString();
        report.messages.push({ topic: topics[i] ?? topic, timestampNs, value: text });
      }
      value = page.nextTimestampNs;
      isCaughtUp = page.isCaughtUp;
    } catch (error) {
      const range = lostRange(error);
      if (range === undefined) throw error;
      report.lost.push(range);
      value = range.lastNs + 1n;
    }
  }
  throwIf(faultOf(report, written), `reading ${topic} in pages`);
  return report.lost.length;
}

function throwIf(fault: string | undefined, doing: string): void {
  if (fault !== undefined) throw new Error(`${doing}: ${fault}`);
}

/** Opens a damaged directory, checks it, publishes to it, and checks that a restart forgets nothing of it. */
export async function checkDamaged(dataDir: string, prepared: PreparedData): Promise<Outcome> {
  const first = await openDamaged(dataDir);
  if (first === undefined) {
    // Nor does it open at a second try.
    const second = await openDamaged(dataDir);
    if (second === undefined) return 'refused';
    await second.close();
    throw new Error('refused at first, opened at the second try');
  }
  const writer = prepared.writer.copy(first.log);
  let outcome: Outcome;
  {
    await using _ = first;
    outcome = await checkData(first.log, prepared);
    for (const topic of writer.topics()) {
      if (!prepared.closed.includes(topic)) await writer.publish(topic, [`${topic} goes on`]);
    }
  }
  const second = await openDamaged(dataDir);
  if (second === undefined) throw new Error('opened at first, refused at the second try');
  await using _ = second;
  const again = await checkData(second.log, { ...prepared, writer });
  if (again !== outcome) throw new Error(`${outcome} at first, ${again} after a restart`);
  return outcome;
}
