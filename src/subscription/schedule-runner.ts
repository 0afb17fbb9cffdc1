import { asBrokerError, BrokerError } from '../errors.ts';
import { SCHEDULE_RUN_BYTES, SCHEDULE_RUNS } from '../limits.ts';
import type { Journal } from '../log/journal.ts';
import type { Log } from '../log/log.ts';
import type { MessagePlace, MessageRun } from '../log/message-run.ts';
import { makeRun } from '../log/message-run.ts';
import type { Topic } from '../log/topic.ts';
import type { Logger } from '../logger.ts';
import type { Schedule } from './schedule.ts';
import type { ScheduleTable } from './schedule-table.ts';
import type { Turns } from './turns.ts';

/** A run that is about to be published, and what comes of its schedule, but for the timestamp; undefined if nothing. */
interface Run {
  readonly schedule: Schedule;
  readonly next: Schedule | undefined;
}

/** What the runner works with. */
export interface RunnerContext {
  readonly log: Log;
  readonly journal: Journal;
  readonly table: ScheduleTable;
  readonly turns: Turns;
  readonly logger: Logger;
}

/** Publishes the messages of schedules, each in one commit with the entry that moves its schedule on. */
export class ScheduleRunner {
  readonly #context: RunnerContext;

  constructor(context: RunnerContext) {
    this.#context = context;
  }

  /**
   * Runs schedules that are due, as many as go into one commit, those of one topic in the order in which they fell due.
   * False if there was none. Never rejects for what a topic refuses: that is noted, and tried again later.
   */
  async runBatch(): Promise<boolean> {
    const { turns } = this.#context;
    const batch = this.#takeBatch();
    if (batch.length === 0) return false;
    const byTopic = new Map<string, Schedule[]>();
    for (const schedule of batch) {
      const others = byTopic.get(schedule.fields.topic);
      if (others === undefined) byTopic.set(schedule.fields.topic, [schedule]);
      else others.push(schedule);
    }
    const ids = batch.map(({ id }) => id);
    await turns.takeFree(ids, () =>
      Promise.all([...byTopic].map(([topic, schedules]) => this.#runDue(topic, schedules))),
    );
    return true;
  }

  /** Publishes the message of a schedule that is in its turn; answers with its timestamp. */
  async runNow(schedule: Schedule): Promise<bigint> {
    const topic = await this.#context.log.topicForWriting(schedule.fields.topic);
    this.#checkSize(topic, schedule);
    const { cron, dueNs } = schedule.fields;
    const next = cron === '' ? undefined : schedule.afterRun(dueNs, 0n);
    return this.#publish(topic, [{ schedule, next }]);
  }

  /** What is in a turn is passed over: at the end of that it waits again, if it is still there. */
  #takeBatch(): Schedule[] {
    const { log, table, turns } = this.#context;
    const nowNs = log.clock.nowNs();
    const batch: Schedule[] = [];
    let bytes = 0;
    while (batch.length < SCHEDULE_RUNS && bytes < SCHEDULE_RUN_BYTES) {
      const schedule = table.takeDue(nowNs);
      if (schedule === undefined) break;
      if (turns.isTaken(schedule.id)) continue;
      batch.push(schedule);
      bytes += schedule.fields.message.length;
    }
    return batch;
  }

  async #runDue(topicName: string, schedules: readonly Schedule[]): Promise<void> {
    const { log } = this.#context;
    let runs: Run[] = schedules.map((schedule) => ({ schedule, next: undefined }));
    try {
      const topic = await log.topicForWriting(topicName);
      const nowNs = log.clock.nowNs();
      runs = schedules.flatMap((schedule) => this.#prepare(topic, schedule, nowNs));
      if (runs.length > 0) await this.#publish(topic, runs);
    } catch (error) {
      for (const { schedule } of runs) this.#failed(schedule, error);
    }
  }

  /** The run of a schedule that is due; none if it cannot be, which is noted. */
  #prepare(topic: Topic, schedule: Schedule, nowNs: bigint): Run[] {
    try {
      this.#checkSize(topic, schedule);
      const dueNs = schedule.nextDueNs(nowNs);
      return [{ schedule, next: dueNs === undefined ? undefined : schedule.afterRun(dueNs, 0n) }];
    } catch (error) {
      this.#failed(schedule, error);
      return [];
    }
  }

  #checkSize(topic: Topic, { fields: { id, message } }: Schedule): void {
    const byteCount = message.length;
    const limitBytes = this.#context.log.maxMessageBytes(topic);
    if (byteCount <= limitBytes) return;
    throw new BrokerError(
      'MESSAGE_TOO_LARGE',
      `the message of schedule ${id} for topic ${topic.name} has ${byteCount} bytes; the limit is ${limitBytes}`,
      { limit_bytes: `${limitBytes}`, bytes: `${byteCount}` },
    );
  }

  /** Publishes all or none; answers with the timestamp of the first. */
  async #publish(topic: Topic, runs: readonly Run[]): Promise<bigint> {
    const { journal, table } = this.#context;
    const run = messagesOf(runs);
    const entries = runs.map(
      ({ schedule, next }) => next?.encodeRun(0n) ?? schedule.encodeRemoval(),
    );
    const { firstTimestampNs } = await journal.appendAlong(
      { topic, run, producer: undefined, expectedLastTimestampNs: undefined, close: undefined },
      entries,
    );
    const lastRuns: Uint8Array[] = [];
    for (const [i, { schedule, next }] of runs.entries()) {
      if (next === undefined) {
        table.remove(schedule.id);
        continue;
      }
      const { dueNs, runCount } = next.fields;
      const timestampNs = firstTimestampNs + BigInt(i);
      table.put(next.withRuns(dueNs, runCount, timestampNs));
      lastRuns.push(next.encodeRun(timestampNs));
    }
    if (lastRuns.length > 0) {
      journal.append(lastRuns).catch(() => {
        // The run itself is durable; what is lost is when its message was stamped.
      });
    }
    return firstTimestampNs;
  }

  #failed(schedule: Schedule, thrown: unknown): void {
    const { log, table, logger } = this.#context;
    // What the storage has failed with is over when it is open again; then all is read anew.
    if (log.writeRefusal() === undefined) {
      const error = asBrokerError(thrown);
      table.failed(schedule.id, error);
      if (error.reason === 'INTERNAL') logger.error({ err: thrown }, 'a schedule did not run');
    }
    table.queue(schedule.id);
  }
}

/** The messages of runs, not yet stamped. */
function messagesOf(runs: readonly Run[]): MessageRun {
  const places: MessagePlace[] = [];
  let start = 0;
  for (const { schedule } of runs) {
    const end = start + schedule.fields.message.length;
    places.push({ tagAt: start, start, end, droppedBytes: 0 });
    start = end;
  }
  return makeRun(Buffer.concat(runs.map(({ schedule }) => schedule.fields.message)), places);
}
