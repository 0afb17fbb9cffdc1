import { randomBytes } from 'node:crypto';
import {
  type CreateScheduleRequest,
  ScheduleServiceService,
  type Schedule as WireSchedule,
} from 'playhead-proto';
import type { Connection } from './connection.ts';
import { type Duration, toMs } from './duration.ts';
import { PlayheadError } from './errors.ts';
import { int32 } from './number.ts';
import { type Publishable, toWireMessage } from './publishable.ts';
import { parseTimestamp } from './time.ts';
import type { ListOptions, ListPageOptions, RequestOptions } from './topics.ts';

/** When a message is published: exactly one of `at`, `delay` and `cron`. */
export interface ScheduleTime {
  /** At this time: nanoseconds since 1970, a Date, or a text as `parseTimestamp` reads it. What is past is due at once. */
  readonly at?: bigint | Date | string | undefined;
  /** After so long, at most 10 years. */
  readonly delay?: Duration | undefined;
  /** Again and again: minute, hour, day of month, month, day of week; or `@every 10s`. */
  readonly cron?: string | undefined;
  /** Time zone of IANA for `cron`; UTC by default. */
  readonly timeZone?: string | undefined;
}

export interface CreateScheduleOptions extends ScheduleTime, RequestOptions {
  /** 1 to 255 bytes of letters, digits and `_-./`. A random one by default. */
  readonly id?: string | undefined;
}

export interface ListSchedulesOptions extends ListOptions {
  /** Only schedules of topics that match. */
  readonly glob?: string | undefined;
}

/** A schedule as it was at the time of the answer. */
export interface ScheduleInfo {
  readonly id: string;
  /** The topic that the message is published to. */
  readonly topic: string;
  /** When it is due next. */
  readonly dueTimestampNs: bigint;
  /** As it was given; undefined if it is to run once. */
  readonly cron: string | undefined;
  readonly timeZone: string;
  /** How often it has run. */
  readonly runCount: number;
  /** Timestamp of the message that it published last. */
  readonly lastRunTimestampNs: bigint | undefined;
  /** Why it could not publish the last time that it was due. It tries again. */
  readonly lastError: string | undefined;
  /** Bytes of the message. */
  readonly byteCount: number;
}

export interface SchedulePage {
  readonly schedules: readonly ScheduleInfo[];
  /** For the next page; undefined if this is the last one. */
  readonly nextPageToken: string | undefined;
}

/** Messages that are published later, each by one request that is repeated until it is answered. */
export class Schedules {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** SCHEDULE_EXISTS if the id is in use for something else. */
  async create(
    topic: string,
    message: Publishable,
    options: CreateScheduleOptions,
  ): Promise<ScheduleInfo> {
    // An id of the client's own makes it safe to repeat the request.
    const { id = randomBytes(12).toString('base64url'), timeZone = '', signal } = options;
    const { schedule } = await this.#connection.request(
      ScheduleServiceService.createSchedule,
      { id, topic, message: toWireMessage(message), when: toWireWhen(options), timeZone },
      `schedule a message to ${topic}`,
      signal,
    );
    return fromWireSchedule(schedule);
  }

  /** SCHEDULE_NOT_FOUND if there is none. */
  async get(id: string, options: RequestOptions = {}): Promise<ScheduleInfo> {
    const { schedule } = await this.#connection.request(
      ScheduleServiceService.getSchedule,
      { id },
      `look up schedule ${id}`,
      options.signal,
    );
    return fromWireSchedule(schedule);
  }

  /** By id, fetched page by page. */
  async *list(options: ListSchedulesOptions = {}): AsyncGenerator<ScheduleInfo, undefined> {
    let pageToken: string | undefined;
    do {
      const page = await this.listPage({ ...options, pageToken });
      yield* page.schedules;
      pageToken = page.nextPageToken;
    } while (pageToken !== undefined);
    return undefined;
  }

  /** One page of schedules. */
  async listPage(options: ListPageOptions = {}): Promise<SchedulePage> {
    const { glob = '', pageSize = 0, pageToken = '', signal } = options;
    const { schedules, nextPageToken } = await this.#connection.request(
      ScheduleServiceService.listSchedules,
      { glob, pageSize: int32('pageSize', pageSize) ?? 0, pageToken },
      'list schedules',
      signal,
    );
    return {
      schedules: schedules.map(fromWireSchedule),
      nextPageToken: nextPageToken === '' ? undefined : nextPageToken,
    };
  }

  /**
   * Publishes the message now, and resolves with its timestamp. One that was to run once is done with that. If the
   * answer is lost, the message may be published again.
   */
  async run(id: string, options: RequestOptions = {}): Promise<bigint> {
    const { timestampNs } = await this.#connection.request(
      ScheduleServiceService.runSchedule,
      { id },
      `run schedule ${id}`,
      options.signal,
    );
    return timestampNs;
  }

  /** SCHEDULE_NOT_FOUND if there is none, or none any more. */
  async cancel(id: string, options: RequestOptions = {}): Promise<void> {
    await this.#connection.request(
      ScheduleServiceService.cancelSchedule,
      { id },
      `cancel schedule ${id}`,
      options.signal,
      (refusal) => (refusal.reason === 'SCHEDULE_NOT_FOUND' ? {} : undefined),
    );
  }
}

function toWireWhen({ at, delay, cron, timeZone }: ScheduleTime): CreateScheduleRequest['when'] {
  const given = [at, delay, cron].filter((each) => each !== undefined).length;
  if (given !== 1) {
    throw new TypeError(`a schedule needs exactly one of at, delay and cron, not ${given} of them`);
  }
  if (cron !== undefined) return { $case: 'cron', value: cron };
  if (timeZone !== undefined) throw new TypeError('timeZone goes with cron only');
  if (delay !== undefined) return { $case: 'delayMs', value: toMs('delay', delay) };
  return { $case: 'deliverAtTimestampNs', value: toTimestampNs(at) };
}

function toTimestampNs(at: bigint | Date | string | undefined): bigint {
  if (typeof at === 'bigint') return at;
  if (typeof at === 'string') return parseTimestamp(at);
  const ms = at?.getTime() ?? Number.NaN;
  if (Number.isNaN(ms)) throw new TypeError('the Date is invalid');
  return BigInt(ms) * 1_000_000n;
}

function fromWireSchedule(wire: WireSchedule | undefined): ScheduleInfo {
  if (wire === undefined) {
    throw new PlayheadError('INTERNAL', 'the broker sent an answer without its contents');
  }
  return {
    id: wire.id,
    topic: wire.topic,
    dueTimestampNs: wire.dueTimestampNs,
    cron: wire.cron === '' ? undefined : wire.cron,
    timeZone: wire.timeZone,
    runCount: Number(wire.runCount),
    lastRunTimestampNs: wire.lastRunTimestampNs === 0n ? undefined : wire.lastRunTimestampNs,
    lastError: wire.lastError === '' ? undefined : wire.lastError,
    byteCount: wire.byteCount,
  };
}
