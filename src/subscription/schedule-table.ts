import { setImmediate } from 'node:timers/promises';
import { ScheduleEntry } from 'playhead-proto/storage';
import type { Clock } from '../clock.ts';
import { SCHEDULE_LIST_STEP, SCHEDULE_RETRY_MAX_MS, SCHEDULE_RETRY_MS } from '../limits.ts';
import { parseCron } from './cron.ts';
import { DueQueue } from './due-queue.ts';
import { Schedule } from './schedule.ts';
import type { ImageOutline } from './schedule-entry.ts';
import { encodeImageEntry, outlineOf, readImageEntry } from './schedule-entry.ts';

/** Why a schedule could not publish when it was due, and when it tries again. */
interface Failure {
  readonly error: Error;
  readonly attempts: number;
  readonly retryNs: bigint;
}

const NS_PER_MS = 1_000_000n;
/** The place of a schedule that waits for nothing. */
const NOWHERE = -1;

/**
 * The schedules of a broker, all of them durable. There may be a million: of each there are two strings, the id and the
 * image, one byte a character, and its place in the queue; a {@link Schedule} is made of these when it is asked for.
 */
export class ScheduleTable {
  /** Places by id. */
  readonly #places = new Map<string, number>();
  readonly #due = new DueQueue();
  /** By place. */
  readonly #ids: (string | undefined)[] = [];
  readonly #images: (string | undefined)[] = [];
  /** Images of schedules that are nowhere in the queue. */
  readonly #resting = new Map<string, string>();
  readonly #failures = new Map<string, Failure>();
  readonly #clock: Clock;
  #bytes = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#places.size;
  }

  /** Bytes of all images. */
  get bytes(): number {
    return this.#bytes;
  }

  /** When something is to be looked at next; undefined if nothing waits. */
  get nextNs(): bigint | undefined {
    const { nextUs } = this.#due;
    return nextUs === undefined ? undefined : BigInt(nextUs) * 1000n;
  }

  get(id: string): Schedule | undefined {
    const image = this.#image(id);
    return image === undefined ? undefined : Schedule.ofImage(id, Buffer.from(image, 'latin1'));
  }

  has(id: string): boolean {
    return this.#places.has(id);
  }

  /** True if it is in the queue. */
  isWaiting(id: string): boolean {
    return (this.#places.get(id) ?? NOWHERE) !== NOWHERE;
  }

  ids(): IterableIterator<string> {
    return this.#places.keys();
  }

  /** Entries as they stand for a schedule. */
  encodeEntry(id: string): Uint8Array {
    return encodeImageEntry(id, Buffer.from(this.#image(id) ?? '', 'latin1'));
  }

  /** Puts a schedule into the table, in place of one of its id, and makes it wait for its time. */
  put(schedule: Schedule): void {
    const image = schedule.encodeImage();
    const bytes = Buffer.from(image.buffer, image.byteOffset, image.byteLength);
    this.#failures.delete(schedule.id);
    this.#put(outlineOf(schedule.id, bytes, 0, bytes.length));
  }

  remove(id: string): void {
    const image = this.#image(id);
    if (image === undefined) return;
    this.#unqueue(id);
    this.#resting.delete(id);
    this.#failures.delete(id);
    this.#places.delete(id);
    this.#bytes -= id.length + image.length;
  }

  /** Makes a schedule wait that waits for nothing; nothing if there is none. */
  queue(id: string): void {
    const schedule = this.isWaiting(id) ? undefined : this.get(id);
    const image = this.#image(id);
    if (schedule === undefined || image === undefined) return;
    const { dueNs, cron } = schedule.fields;
    this.#wait({ id, image, dueNs, cron });
  }

  /** Takes a schedule that is due out of the queue, the longest due first. */
  takeDue(nowNs: bigint): Schedule | undefined {
    const place = this.#due.take(Number(nowNs / 1000n));
    const id = place === undefined ? undefined : this.#ids[place];
    if (place === undefined || id === undefined) return undefined;
    this.#rest(id, place);
    return this.get(id);
  }

  /** Notes that a schedule that was due could not run, and makes it wait to be tried again. */
  failed(id: string, error: Error): void {
    if (!this.has(id)) return;
    const attempts = (this.#failures.get(id)?.attempts ?? 0) + 1;
    const pauseMs = Math.min(SCHEDULE_RETRY_MS * 2 ** (attempts - 1), SCHEDULE_RETRY_MAX_MS);
    const retryNs = this.#clock.nowNs() + BigInt(pauseMs) * NS_PER_MS;
    this.#failures.set(id, { error, attempts, retryNs });
    this.#unqueue(id);
    this.queue(id);
  }

  /** Why a schedule could not run the last time that it was due; undefined if it could. */
  failureOf(id: string): Error | undefined {
    return this.#failures.get(id)?.error;
  }

  /** The clock was put back: nothing waits for longer than it would at any other time. */
  clockWentBack(): void {
    for (const [id, place] of this.#places) {
      const image = place === NOWHERE ? undefined : this.#images[place];
      // Of the others the time is one by the clock.
      if (image === undefined || !(image.includes('@every') || this.#failures.has(id))) continue;
      const bytes = Buffer.from(image, 'latin1');
      const outline = outlineOf(id, bytes, 0, bytes.length);
      if (this.#wakeUs(outline) < this.#due.dueUs(place)) this.#put(outline);
    }
  }

  /** Takes over an entry of the journal. */
  replay(entry: Buffer): void {
    const outline = readImageEntry(entry);
    if (outline !== undefined) {
      this.#put(outline);
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
    for (const id of this.#places.keys()) {
      if (++looks % SCHEDULE_LIST_STEP === 0) await setImmediate();
      if (id <= after || (lastId !== undefined && id > lastId)) continue;
      const schedule = this.get(id);
      if (schedule !== undefined && matches(schedule.fields.topic)) first.push(schedule);
      if (first.length >= 2 * count) cut();
    }
    cut();
    return first.filter(({ id }) => this.has(id));
  }

  #image(id: string): string | undefined {
    const place = this.#places.get(id);
    return place === undefined || place === NOWHERE ? this.#resting.get(id) : this.#images[place];
  }

  #put(outline: ImageOutline): void {
    const { id, image } = outline;
    const before = this.#image(id);
    if (before === undefined) this.#bytes += id.length + image.length;
    else this.#bytes += image.length - before.length;
    if (before !== undefined) this.#unqueue(id);
    this.#wait(outline);
  }

  /** Gives a schedule its place in the queue. */
  #wait(outline: ImageOutline): void {
    const { id, image } = outline;
    const place = this.#due.push(this.#wakeUs(outline));
    this.#places.set(id, place);
    this.#ids[place] = id;
    this.#images[place] = image;
    if (this.#resting.size > 0) this.#resting.delete(id);
  }

  #unqueue(id: string): void {
    const place = this.#places.get(id) ?? NOWHERE;
    if (place === NOWHERE) return;
    this.#rest(id, place);
    this.#due.cancel(place);
  }

  #rest(id: string, place: number): void {
    this.#resting.set(id, this.#images[place] ?? '');
    this.#places.set(id, NOWHERE);
    this.#ids[place] = undefined;
    this.#images[place] = undefined;
  }

  /** When a schedule is to be looked at. A clock that was put back does not make it wait longer than it ever would. */
  #wakeUs({ id, dueNs, cron }: ImageOutline): number {
    const failure = this.#failures.size === 0 ? undefined : this.#failures.get(id);
    let wakeNs = failure?.retryNs ?? dueNs;
    if (failure !== undefined) {
      wakeNs = earlier(wakeNs, this.#clock.nowNs() + BigInt(SCHEDULE_RETRY_MAX_MS) * NS_PER_MS);
    } else if (cron.startsWith('@')) {
      wakeNs = earlier(wakeNs, this.#clock.nowNs() + (parseCron(cron, '').everyNs ?? 0n));
    }
    return Number((wakeNs + 999n) / 1000n);
  }
}

function earlier(aNs: bigint, bNs: bigint): bigint {
  return aNs < bNs ? aNs : bNs;
}
