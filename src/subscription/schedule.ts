import { ScheduleEntry, ScheduleImage } from 'playhead-proto/storage';
import { parseCron } from './cron.ts';

/** When something is to be published. */
export type When =
  | { readonly at: 'timestamp'; readonly timestampNs: bigint }
  | { readonly at: 'delay'; readonly delayMs: number }
  | { readonly at: 'cron'; readonly cron: string };

/** What a caller asks to be published later. */
export interface ScheduleRequest {
  readonly id: string;
  readonly topic: string;
  /** A Message, encoded, without the fields that the broker sets. */
  readonly message: Buffer;
  readonly when: When;
  /** Empty stands for UTC. */
  readonly timeZone: string;
}

/** What a schedule is made of. */
export interface ScheduleFields {
  readonly id: string;
  readonly topic: string;
  /** When it is due; this is not moved by failures. */
  readonly dueNs: bigint;
  /** As it was asked for; undefined if it was not by a delay. */
  readonly delayMs: number | undefined;
  readonly message: Buffer;
  /** As it was given; empty if it is to run once. */
  readonly cron: string;
  /** As it was given; empty stands for UTC. */
  readonly timeZone: string;
  readonly runCount: bigint;
  /** Timestamp of the message that was published last; 0 if there is none, or if it was never heard of. */
  readonly lastRunTimestampNs: bigint;
}

const NS_PER_MS = 1_000_000n;
const UTC = 'UTC';

/** A message that is to be published, and when. Never changes: one that has run is another. */
export class Schedule {
  readonly fields: ScheduleFields;

  constructor(fields: ScheduleFields) {
    this.fields = fields;
  }

  /** A schedule that was not there before. Throws INVALID_ARGUMENT for a cron that is none. */
  static of(request: ScheduleRequest, nowNs: bigint): Schedule {
    const { id, topic, message, when, timeZone } = request;
    const counters = { runCount: 0n, lastRunTimestampNs: 0n };
    const fields = { id, topic, message, timeZone, cron: '', delayMs: undefined, ...counters };
    switch (when.at) {
      case 'timestamp':
        return new Schedule({ ...fields, dueNs: when.timestampNs });
      case 'delay': {
        const { delayMs } = when;
        return new Schedule({ ...fields, delayMs, dueNs: nowNs + BigInt(delayMs) * NS_PER_MS });
      }
      case 'cron': {
        const { cron } = when;
        return new Schedule({ ...fields, cron, dueNs: parseCron(cron, timeZone).next(nowNs) });
      }
    }
  }

  /** A schedule as an encoded image has it, which is not copied. */
  static ofImage(id: string, image: Uint8Array): Schedule {
    const { dueTimestampNs: dueNs, message, delayMs, ...fields } = ScheduleImage.decode(image);
    return new Schedule({
      id,
      ...fields,
      dueNs,
      message: Buffer.from(message.buffer, message.byteOffset, message.byteLength),
      delayMs: delayMs === undefined ? undefined : Number(delayMs),
    });
  }

  get id(): string {
    return this.fields.id;
  }

  /** When it is due behind the run that is due; undefined if that is the only one. Throws as {@link parseCron}. */
  nextDueNs(nowNs: bigint): bigint | undefined {
    const { cron, timeZone, dueNs } = this.fields;
    return cron === '' ? undefined : parseCron(cron, timeZone).next(nowNs, dueNs);
  }

  /** The schedule behind a run whose message has this timestamp; 0 if that is not known. */
  afterRun(dueNs: bigint, timestampNs: bigint): Schedule {
    const { runCount, lastRunTimestampNs } = this.fields;
    return this.withRuns(dueNs, runCount + 1n, timestampNs || lastRunTimestampNs);
  }

  withRuns(dueNs: bigint, runCount: bigint, lastRunTimestampNs: bigint): Schedule {
    return new Schedule({ ...this.fields, dueNs, runCount, lastRunTimestampNs });
  }

  /** Whether this is what the request asks for. */
  isFor(request: ScheduleRequest): boolean {
    const { topic, message, cron, timeZone, delayMs, dueNs } = this.fields;
    const { when } = request;
    if (topic !== request.topic || !message.equals(request.message)) return false;
    switch (when.at) {
      case 'timestamp':
        return cron === '' && delayMs === undefined && when.timestampNs === dueNs;
      case 'delay':
        return when.delayMs === delayMs;
      case 'cron':
        return when.cron === cron && (request.timeZone || UTC) === (timeZone || UTC);
    }
  }

  /** All but the id. */
  encodeImage(): Uint8Array {
    const { dueNs, delayMs, ...fields } = this.fields;
    return ScheduleImage.encode({
      ...fields,
      dueTimestampNs: dueNs,
      delayMs: delayMs === undefined ? undefined : BigInt(delayMs),
    }).finish();
  }

  /** The entry that says that it has run so often, and is due again. */
  encodeRun(timestampNs: bigint): Uint8Array {
    const { id, dueNs: dueTimestampNs, runCount } = this.fields;
    const value = { dueTimestampNs, runCount, lastRunTimestampNs: timestampNs };
    return ScheduleEntry.encode({ id, change: { $case: 'ran', value } }).finish();
  }

  /** The entry that says that it is gone. */
  encodeRemoval(): Uint8Array {
    const change = { $case: 'removed', value: {} } as const;
    return ScheduleEntry.encode({ id: this.id, change }).finish();
  }
}
