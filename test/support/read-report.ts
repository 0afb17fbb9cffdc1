import { BrokerError } from '../../src/errors.ts';
import type { Log } from '../../src/log/log.ts';
import type { Position } from '../../src/log/position.ts';
import type { SubscribeOptions } from '../../src/log/subscribe.ts';
import { subscribe } from '../../src/log/subscribe.ts';
import { decodeRun } from './message.ts';

/** A message as a reader got it, or as it was acknowledged. */
export interface Seen {
  readonly topic: string;
  readonly timestampNs: bigint;
  readonly value: string;
}

/** What a reader got that goes on behind every range that it is told is lost. */
export interface ReadReport {
  readonly messages: Seen[];
  /** Ranges of DATA_LOSS, both ends included. */
  readonly lost: { readonly firstNs: bigint; readonly lastNs: bigint }[];
  /** Topics whose close marker came by. */
  readonly closed: string[];
  readonly trimmed: string[];
}

/** No reader is told of so many losses. */
const LOSSES_MAX = 10_000;

/** Reads a topic or a glob to its end, resuming behind what is lost. */
export async function readThrough(
  log: Log,
  topic: string,
  options: { position?: Position; untilNow?: boolean; untilNs?: bigint } = {},
): Promise<ReadReport> {
  const report: ReadReport = { messages: [], lost: [], closed: [], trimmed: [] };
  let { position = { at: 'earliest' } } = options;
  while (report.lost.length < LOSSES_MAX) {
    try {
      const { untilNow = false, untilNs } = options;
      await readOnce(log, { topic, position, untilNow, untilNs }, report);
      return report;
    } catch (error) {
      const range = lostRange(error);
      if (range === undefined) throw error;
      report.lost.push(range);
      if (options.untilNs !== undefined && range.lastNs >= options.untilNs - 1n) return report;
      position = { at: 'timestamp', timestampNs: range.lastNs + 1n };
    }
  }
  throw new Error(`${topic}: told of losses without an end`);
}

async function readOnce(
  log: Log,
  options: Pick<SubscribeOptions, 'topic' | 'position' | 'untilNow' | 'untilNs'>,
  report: ReadReport,
): Promise<void> {
  const { reader } = await subscribe(log, {
    ...options,
    maxMessages: undefined,
    createdTimestampNs: undefined,
    chunkBytes: 16 * 1024,
  });
  for await (const event of reader.events()) {
    if (event.type === 'messages') {
      const messages = decodeRun(Buffer.concat(event.chunks));
      const topics = event.runs.flatMap((run) => Array<string>(run.messageCount).fill(run.topic));
      for (const [i, { timestampNs, value }] of messages.entries()) {
        report.messages.push({
          topic: topics[i] ?? options.topic,
          timestampNs,
          value: Buffer.from(value).toString(),
        });
      }
    } else if (event.type === 'closed') report.closed.push(event.topic);
    else if (event.type === 'trimmed') report.trimmed.push(event.topic);
    else if (event.type === 'caught_up') return;
  }
}

/** What a DATA_LOSS says is lost; undefined if the error is another one. */
export function lostRange(error: unknown): { firstNs: bigint; lastNs: bigint } | undefined {
  if (!(error instanceof BrokerError) || error.reason !== 'DATA_LOSS') return undefined;
  const { first_timestamp_ns: first, last_timestamp_ns: last } = error.metadata;
  if (first === undefined || last === undefined) throw error;
  return { firstNs: BigInt(first), lastNs: BigInt(last) };
}

/**
 * What is wrong with a report, given what was written, in order: a wrong or strange message, one twice or out of
 * order, or a silent gap. Undefined if every message is right or in a range that was told to be lost.
 */
export function faultOf(report: ReadReport, written: readonly Seen[]): string | undefined {
  const expected = new Map(written.map((each) => [each.timestampNs, each]));
  let lastNs = -1n;
  for (const { topic, timestampNs, value } of report.messages) {
    const right = expected.get(timestampNs);
    if (right === undefined) return `${topic}@${timestampNs} was never written or is trimmed`;
    if (right.topic !== topic || right.value !== value) return `${topic}@${timestampNs} is wrong`;
    if (timestampNs <= lastNs) return `${topic}@${timestampNs} comes behind ${lastNs}`;
    lastNs = timestampNs;
    expected.delete(timestampNs);
  }
  const silent = [...expected.values()].find(
    ({ timestampNs }) =>
      !report.lost.some(({ firstNs, lastNs }) => firstNs <= timestampNs && timestampNs <= lastNs),
  );
  return silent && `${silent.topic}@${silent.timestampNs} is missing in silence`;
}
