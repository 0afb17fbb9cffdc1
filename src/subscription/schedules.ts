import { randomUUID } from 'node:crypto';
import { asBrokerError, BrokerError } from '../errors.ts';
import { SCHEDULE_LOOK_MS, SCHEDULES_BYTES_MAX, SCHEDULES_MAX } from '../limits.ts';
import { Journal } from '../log/journal.ts';
import type { Log } from '../log/log.ts';
import { checkPageToken } from '../log/page-token.ts';
import { compileGlob } from '../log/topic-name.ts';
import type { Logger } from '../logger.ts';
import type { ScheduleRequest } from './schedule.ts';
import { Schedule } from './schedule.ts';
import { encodeImageEntry } from './schedule-entry.ts';
import { checkScheduleId } from './schedule-request.ts';
import { ScheduleRunner } from './schedule-runner.ts';
import { ScheduleTable } from './schedule-table.ts';
import { Turns } from './turns.ts';

const JOURNAL = '_schedules';
const NS_PER_MS = 1_000_000n;
/** What a clock may be put back by without that all schedules are looked at. */
const CLOCK_STEP_NS = 1_000_000_000n;

/**
 * Messages that are published later. What is in the table is durable; a change is appended to the journal first, and
 * while it is on its way the schedule has its turn, so that no other change comes between. After a failure of the
 * storage the table is made anew from the journal, which alone knows what became of the changes that were on their way.
 */
export class Schedules {
  readonly #log: Log;
  readonly #logger: Logger;
  readonly #turns = new Turns();
  #table: ScheduleTable;
  #journal: Promise<Journal> | undefined;
  /** Resolves when the table is as the journal says. */
  #ready: Promise<void> = Promise.resolve();
  /** False before: then nothing of it may run, since its run may come later in the journal. */
  #isReady = false;
  /** Why it is not, though the storage is open. */
  #unreadable: BrokerError | undefined;
  /** What is being created. */
  readonly #creating = { count: 0, bytes: 0 };
  #cancelTimer: (() => void) | undefined;
  #timerNs: bigint | undefined;
  #lookedNs = 0n;
  #running: Promise<void> | undefined;
  /** Why nothing at all could be published when something was due; undefined if it could. */
  #refusal: BrokerError | undefined;
  #isClosed = false;

  private constructor(log: Log, logger: Logger) {
    this.#log = log;
    this.#logger = logger;
    this.#table = new ScheduleTable(log.clock);
    log.onStorage((failure) => (failure === undefined ? this.#reopened() : this.#stop()));
  }

  /**
   * The schedules as they were, which are read in the background: who asks for one waits until they are. What was missed
   * is published then. If the journal is damaged, schedules alone cannot be used.
   */
  static open(log: Log, logger: Logger): Schedules {
    const schedules = new Schedules(log, logger);
    schedules.#ready = schedules.#restore();
    return schedules;
  }

  /** Number of schedules. */
  get size(): number {
    return this.#table.size;
  }

  /**
   * Makes a schedule, or answers with the one that was made by the same request. An empty id stands for one that is made
   * here. Throws SCHEDULE_EXISTS if the id is in use for something else, LIMIT_EXCEEDED, INVALID_ARGUMENT for a cron that
   * is none, and what the log refuses writes with.
   */
  create(asked: ScheduleRequest): Promise<Schedule> {
    const request = { ...asked, id: asked.id || randomUUID() };
    return this.#turn(request.id, async () => {
      const existing = this.#table.get(request.id);
      if (existing?.isFor(request)) return existing;
      if (existing !== undefined) throw scheduleExists(existing);
      const { clock } = this.#log;
      const schedule = Schedule.of(request, clock.nowNs());
      const journal = await this.#openJournal();
      await journal.prepare();
      const entry = encodeImageEntry(schedule.id, schedule.encodeImage());
      this.#checkRoom(entry.length);
      const table = this.#table;
      await this.#counting(entry.length, () => journal.append([entry]));
      if (this.#table === table) table.put(schedule);
      return schedule;
    });
  }

  /** The schedule of this id. Throws SCHEDULE_NOT_FOUND. */
  async get(id: string): Promise<Schedule> {
    await this.#whenReady();
    return this.#find(id);
  }

  /** As {@link ScheduleTable.list}, of topics that match the glob. */
  async list(glob: string, after: string, count: number): Promise<Schedule[]> {
    checkPageToken(after, checkScheduleId);
    await this.#whenReady();
    const matches = compileGlob(glob);
    // Many schedules are of few topics.
    let last = { topic: '', isMatch: false };
    const matchesTopic = (topic: string) => {
      if (topic !== last.topic) last = { topic, isMatch: matches(topic) };
      return last.isMatch;
    };
    return this.#table.list(matchesTopic, after, count);
  }

  /**
   * Publishes the message now; answers with its timestamp. If it was to run once, that was it. Throws
   * SCHEDULE_NOT_FOUND, and what its topic refuses it with.
   */
  run(id: string): Promise<bigint> {
    return this.#turn(id, async () => {
      const schedule = this.#find(id);
      this.#checkWritable();
      return (await this.#runner()).runNow(schedule);
    });
  }

  /** Ends a schedule. Throws SCHEDULE_NOT_FOUND. */
  cancel(id: string): Promise<void> {
    return this.#turn(id, async () => {
      const schedule = this.#find(id);
      const table = this.#table;
      const journal = await this.#openJournal();
      await journal.append([schedule.encodeRemoval()]);
      table.remove(id);
    });
  }

  /** Why a schedule could not publish when it was due; empty if it could, or was not due yet. */
  lastErrorOf(schedule: Schedule): string {
    const failure = this.#table.failureOf(schedule.id);
    if (failure !== undefined) return failure.message;
    if (this.#refusal === undefined || schedule.fields.dueNs > this.#lookedNs) return '';
    return this.#refusal.message;
  }

  /** Lets what has begun come to its end, and begins nothing more. To be closed before the log. Idempotent. */
  close(): Promise<void> {
    this.#isClosed = true;
    this.#stop();
    return this.idle();
  }

  /** Resolves when what has begun has come to its end. */
  async idle(): Promise<void> {
    await this.#ready;
    await this.#running;
    await this.#turns.idle();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Runs a change of a schedule in its turn. */
  #turn<T>(id: string, change: () => Promise<T>): Promise<T> {
    return this.#turns.take(id, async () => {
      await this.#whenReady();
      try {
        return await change();
      } finally {
        // While it had its turn it may have been due, and passed over.
        if (this.#isReady) this.#table.queue(id);
        this.#setTimer();
      }
    });
  }

  async #whenReady(): Promise<void> {
    for (let ready: Promise<void> | undefined; ready !== this.#ready; ) {
      ready = this.#ready;
      await ready;
    }
    if (this.#unreadable !== undefined) throw this.#unreadable;
    if (this.#isClosed) {
      throw new BrokerError('SHUTTING_DOWN', 'the broker is shutting down');
    }
  }

  #find(id: string): Schedule {
    const schedule = this.#table.get(id);
    if (schedule !== undefined) return schedule;
    throw new BrokerError('SCHEDULE_NOT_FOUND', `there is no schedule ${id}`, { schedule: id });
  }

  /** What the log takes from the broker itself it takes without bounds. */
  #checkWritable(): void {
    const refusal = this.#log.writeRefusal();
    if (refusal !== undefined) throw refusal;
    if (this.#log.hasRoom) return;
    throw new BrokerError(
      'OVERLOADED',
      'more waits to be written than the broker takes; send again a little later',
    );
  }

  #checkRoom(entryBytes: number): void {
    this.#checkWritable();
    const count = this.#table.size + this.#creating.count + 1;
    const bytes = this.#table.bytes + this.#creating.bytes + entryBytes;
    if (count > SCHEDULES_MAX) {
      throw new BrokerError(
        'LIMIT_EXCEEDED',
        `the broker has ${SCHEDULES_MAX} schedules, which is the limit`,
        { limit: `${SCHEDULES_MAX}` },
      );
    }
    if (bytes > SCHEDULES_BYTES_MAX) {
      throw new BrokerError(
        'LIMIT_EXCEEDED',
        `all schedules would have ${bytes} bytes; the limit is ${SCHEDULES_BYTES_MAX}`,
        { limit: `${SCHEDULES_BYTES_MAX}` },
      );
    }
  }

  async #counting(entryBytes: number, append: () => Promise<void>): Promise<void> {
    this.#creating.count++;
    this.#creating.bytes += entryBytes;
    try {
      await append();
    } finally {
      this.#creating.count--;
      this.#creating.bytes -= entryBytes;
    }
  }

  #openJournal(): Promise<Journal> {
    if (this.#journal !== undefined) return this.#journal;
    const opening = Journal.open(this.#log, JOURNAL, {
      replay: (entry) => this.#table.replay(entry),
      images: () => this.#images(),
      imageBytes: () => this.#table.bytes,
    });
    this.#journal = opening;
    opening.catch(() => {
      this.#journal = undefined;
    });
    return opening;
  }

  /** What is on its way is waited for: only then is it known what is true. */
  *#images(): Generator<Uint8Array | Promise<void>> {
    const table = this.#table;
    yield this.#turns.idle();
    for (const id of table.ids()) {
      for (let end = this.#turns.end(id); end !== undefined; end = this.#turns.end(id)) yield end;
      if (this.#table !== table) throw new Error('the storage has failed meanwhile');
      if (table.has(id)) yield table.encodeEntry(id);
    }
    if (this.#table !== table) throw new Error('the storage has failed meanwhile');
  }

  /** A runner of the schedules that are there now. */
  async #runner(): Promise<ScheduleRunner> {
    const journal = await this.#openJournal();
    return new ScheduleRunner({
      log: this.#log,
      journal,
      table: this.#table,
      turns: this.#turns,
      logger: this.#logger,
    });
  }

  /** The storage is open again: whoever holds the table of before changes nothing any more. */
  #reopened(): void {
    this.#isReady = false;
    this.#table = new ScheduleTable(this.#log.clock);
    this.#ready = this.#ready.then(() => this.#restore());
  }

  async #restore(): Promise<void> {
    const table = new ScheduleTable(this.#log.clock);
    this.#isReady = false;
    this.#table = table;
    try {
      if (this.#journal !== undefined) await (await this.#journal).replay();
      // A broker that has no schedule yet has no journal of them: it may have no room to make one.
      else if (this.#log.topics.get(JOURNAL) !== undefined) await this.#openJournal();
      this.#unreadable = undefined;
    } catch (error) {
      // If it is the storage again, this is done again when that is open.
      this.#unreadable = asBrokerError(error);
      this.#logger.error({ err: error }, 'the schedules cannot be read');
      return;
    }
    // The storage may have failed and been opened again meanwhile.
    if (this.#table === table) this.#begin();
  }

  #begin(): void {
    this.#isReady = true;
    this.#look();
  }

  /** Sees to it that what is due next is looked at in time, and the clock now and then. */
  #setTimer(restMs = 0): void {
    const { nextNs } = this.#table;
    if (nextNs === undefined || !this.#isReady || this.#isClosed) return;
    if (this.#running !== undefined) return;
    const nowNs = this.#log.clock.nowNs();
    const untilMs = nextNs > nowNs ? Number((nextNs - nowNs + NS_PER_MS - 1n) / NS_PER_MS) : 0;
    const delayMs = Math.max(untilMs, restMs);
    const atNs = nowNs + BigInt(delayMs) * NS_PER_MS;
    if (this.#cancelTimer !== undefined && (this.#timerNs ?? atNs) <= atNs) return;
    this.#stop();
    this.#timerNs = atNs;
    const { clock } = this.#log;
    const cancelRun = clock.schedule(() => this.#look(), delayMs);
    // A jump of the clock moves no timer.
    const cancelLook = clock.schedule(() => this.#look(), SCHEDULE_LOOK_MS, true);
    this.#cancelTimer = () => {
      cancelRun();
      cancelLook();
    };
  }

  #stop(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  /** Runs what is due. */
  #look(): void {
    this.#stop();
    const nowNs = this.#log.clock.nowNs();
    if (nowNs + CLOCK_STEP_NS < this.#lookedNs) this.#table.clockWentBack();
    this.#lookedNs = nowNs;
    if (this.#running !== undefined || !this.#isReady) return;
    this.#refusal = this.#log.writeRefusal();
    if (this.#refusal !== undefined) {
      this.#setTimer(SCHEDULE_LOOK_MS);
      return;
    }
    const { nextNs } = this.#table;
    if (nextNs === undefined || nextNs > nowNs) {
      this.#setTimer();
      return;
    }
    this.#running = this.#runDue()
      .catch((error: unknown) => this.#logger.error({ err: error }, 'schedules did not run'))
      .finally(() => {
        this.#running = undefined;
        this.#setTimer();
      });
  }

  async #runDue(): Promise<void> {
    const table = this.#table;
    const runner = await this.#runner();
    const isGoingOn = () =>
      this.#table === table && !this.#isClosed && this.#log.writeRefusal() === undefined;
    while (isGoingOn() && (await runner.runBatch())) {
      // On to what has fallen due meanwhile.
    }
  }
}

function scheduleExists({ fields: { id, topic } }: Schedule): BrokerError {
  return new BrokerError(
    'SCHEDULE_EXISTS',
    `schedule ${id} exists for something else, on topic ${topic}`,
    { schedule: id },
  );
}
