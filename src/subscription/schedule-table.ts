import { setImmediate } from 'node:timers/promises';
import { ScheduleEntry } from 'playhead-proto/storage';
import type { Clock } from '../clock.ts';
import { SCHEDULE_LIST_STEP, SCHEDULE_RETRY_MAX_MS, SCHEDULE_RETRY_MS } from '../limits.ts';
import { parseCron } from './cron.ts';
import { DueQueue } from './due-queue.ts';
import { Schedule } from './schedule.ts';
import type { ImagePlace } from './schedule-entry.ts';
import { encodeImageEntry, findImage, outlineOf } from './schedule-entry.ts';
import { ScheduleImages } from './schedule-images.ts';

/** Why a schedule could not publish when it was due, and when it tries again. */
interface Failure {
  readonly error: Error;
  readonly attempts: number;
  readonly retryNs: bigint;
}

const NS_PER_MS = 1_000_000n;
const NO_BYTES = new Uint8Array();
/** Where in the queue a schedule is that waits for nothing. */
const NOWHERE = -1;

/**
 * The schedules of a broker, all of them durable. There may be a million: there are their images, and numbers; a
 * {@link Schedule} is made of an image when it is asked for.
 */
export class ScheduleTable {
  readonly #images = new ScheduleImages();
  readonly #due = new DueQueue();
  /** Where in the queue the schedule at a place is, and the place of what is there in the queue. */
  #queued = new Int32Array(1024).fill(NOWHERE);
  #placeOf = new Int32Array(1024);
  readonly #failures = new Map<string, Failure>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#images.size;
  }

  /** Bytes of all images. */
  get bytes(): number {
    return this.#images.bytes;
  }

  /** When something is to be looked at next; undefined if nothing waits. */
  get nextNs(): bigint | undefined {
    const { nextUs } = this.#due;
    return nextUs === undefined ? undefined : BigInt(nextUs) * 1000n;
  }

  get(id: string): Schedule | undefined {
    const place = this.#find(id);
    return place === undefined ? undefined : this.#at(place);
  }

  has(id: string): boolean {
    return this.#find(id) !== undefined;
  }

  /** True if it is in the queue. */
  isWaiting(id: string): boolean {
    const place = this.#find(id);
    return place !== undefined && this.#queued[place] !== NOWHERE;
  }

  *ids(): Generator<string> {
    for (let place = 0; place < this.#images.placeCount; place++) {
      if (this.#images.has(place)) yield this.#images.id(place);
    }
  }

  /** Entries as they stand for a schedule. */
  encodeEntry(id: string): Uint8Array {
    const place = this.#find(id);
    return encodeImageEntry(id, place === undefined ? NO_BYTES : this.#images.image(place));
  }

  /** Puts a schedule into the table, in place of one of its id, and makes it wait for its time. */
  put(schedule: Schedule): void {
    const { buffer, byteOffset, byteLength } = encodeImageEntry(
      schedule.id,
      schedule.encodeImage(),
    );
    this.#failures.delete(schedule.id);
    this.replay(Buffer.from(buffer, byteOffset, byteLength));
  }

  remove(id: string): void {
    const place = this.#find(id);
    if (place === undefined) return;
    this.#unqueue(place);
    this.#failures.delete(id);
    this.#images.remove(place);
  }

  /** Makes a schedule wait that waits for nothing; nothing if there is none. */
  queue(id: string): void {
    const place = this.#find(id);
    if (place !== undefined && this.#queued[place] === NOWHERE) this.#wait(place);
  }

  /** Takes a schedule that is due out of the queue, the longest due first. */
  takeDue(nowNs: bigint): Schedule | undefined {
    const queued = this.#due.take(Number(nowNs / 1000n));
    const place = queued === undefined ? undefined : this.#placeOf[queued];
    if (place === undefined) return undefined;
    this.#queued[place] = NOWHERE;
    return this.#at(place);
  }

  /** Notes that a schedule that was due could not run, and makes it wait to be tried again. */
  failed(id: string, error: Error): void {
    if (!this.has(id)) return;
    const attempts = (this.#failures.get(id)?.attempts ?? 0) + 1;
    const pauseMs = Math.min(SCHEDULE_RETRY_MS * 2 ** (attempts - 1), SCHEDULE_RETRY_MAX_MS);
    const retryNs = this.#clock.nowNs() + BigInt(pauseMs) * NS_PER_MS;
    this.#failures.set(id, { error, attempts, retryNs });
    const place = this.#find(id);
    if (place !== undefined) this.#unqueue(place);
    this.queue(id);
  }

  /** Why a schedule could not run the last time that it was due; undefined if it could. */
  failureOf(id: string): Error | undefined {
    return this.#failures.get(id)?.error;
  }

  /** The clock was put back: nothing waits for longer than it would at any other time. */
  clockWentBack(): void {
    for (let place = 0; place < this.#images.placeCount; place++) {
      const queued = this.#images.has(place) ? (this.#queued[place] ?? NOWHERE) : NOWHERE;
      if (queued === NOWHERE) continue;
      // Of the others the time is one by the clock.
      const mayBeSooner =
        this.#images.image(place).includes('@every') || this.#failures.has(this.#images.id(place));
      if (!mayBeSooner || this.#wakeUs(place) >= this.#due.dueUs(queued)) continue;
      this.#unqueue(place);
      this.#wait(place);
    }
  }

  /** Takes over an entry of the journal. */
  replay(entry: Buffer): void {
    const found = findImage(entry);
    if (found !== undefined) {
      this.#put(entry, found);
      return;
    }
    const { id, change } = ScheduleEntry.decode(entry);
    if (change?.$case === 'removed') this.remove(id);
    const schedule = change?.$case === 'ran' ? this.get(id) : undefined;
    if (change?.$case !== 'ran' || schedule === undefined) return;
    const { dueTimestampNs, runCount, lastRunTimestampNs } = change.value;
    const lastNs = lastRunTimestampNs || schedule.fields.lastRunTimestampNs;
    this.put(schedule.withRuns(dueTimestampNs, runCount, lastNs));
  }

  /**
   * The first so many schedules by id, behind `after`, whose topic matches. Looks at the ids of all, in steps with turns
   * of the event loop between: what is created or removed meanwhile may be seen or not.
   */
  async list(
    matches: (topic: string) => boolean,
    after: string,
    count: number,
  ): Promise<Schedule[]> {
    let first: Schedule[] = [];
    let lastId: string | undefined;
    let looks = 0;
    const cut = () => {
      first = first.sort((a, b) => (a.id < b.id ? -1 : 1)).slice(0, count);
      if (first.length === count) lastId = first.at(-1)?.id;
    };
    for (const id of this.ids()) {
      if (++looks % SCHEDULE_LIST_STEP === 0) await setImmediate();
      if (id <= after || (lastId !== undefined && id > lastId)) continue;
      const schedule = this.get(id);
      if (schedule !== undefined && matches(schedule.fields.topic)) first.push(schedule);
      if (first.length >= 2 * count) cut();
    }
    cut();
    return first.filter(({ id }) => this.has(id));
  }

  #find(id: string): number | undefined {
    return this.#images.find(Buffer.from(id, 'latin1'));
  }

  #at(place: number): Schedule {
    return Schedule.ofImage(this.#images.id(place), Buffer.from(this.#images.image(place)));
  }

  #put(entry: Buffer, found: ImagePlace): void {
    const place = this.#images.put(entry, found);
    if (place >= this.#queued.length) this.#queued = doubled(this.#queued, NOWHERE);
    this.#unqueue(place);
    this.#wait(place);
  }

  /** Gives a schedule its place in the queue. */
  #wait(place: number): void {
    const queued = this.#due.push(this.#wakeUs(place));
    if (queued >= this.#placeOf.length) this.#placeOf = doubled(this.#placeOf, 0);
    this.#queued[place] = queued;
    this.#placeOf[queued] = place;
  }

  #unqueue(place: number): void {
    const queued = this.#queued[place] ?? NOWHERE;
    if (queued === NOWHERE) return;
    this.#due.cancel(queued);
    this.#queued[place] = NOWHERE;
  }

  /** When a schedule is to be looked at. A clock that was put back does not make it wait longer than it ever would. */
  #wakeUs(place: number): number {
    const { dueNs, cron } = outlineOf(this.#images.image(place));
    const failure =
      this.#failures.size === 0 ? undefined : this.#failures.get(this.#images.id(place));
    let wakeNs = failure?.retryNs ?? dueNs;
    if (failure !== undefined) {
      wakeNs = earlier(wakeNs, this.#clock.nowNs() + BigInt(SCHEDULE_RETRY_MAX_MS) * NS_PER_MS);
    } else if (cron.startsWith('@')) {
      wakeNs = earlier(wakeNs, this.#clock.nowNs() + (parseCron(cron, '').everyNs ?? 0n));
    }
    return Number((wakeNs + 999n) / 1000n);
  }
}

function doubled(values: Int32Array, rest: number) {
  const more = new Int32Array(values.length * 2).fill(rest);
  more.set(values);
  return more;
}

function earlier(aNs: bigint, bNs: bigint): bigint {
  return aNs < bNs ? aNs : bNs;
}
