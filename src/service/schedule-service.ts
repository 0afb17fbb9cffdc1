import type { Schedule as WireSchedule } from 'playhead-proto';
import { ScheduleServiceService as rpc } from 'playhead-proto';
import { invalidArgument } from '../errors.ts';
import { SCHEDULE_DELAY_MS_MAX } from '../limits.ts';
import type { Log } from '../log/log.ts';
import { checkMessage, makeRun } from '../log/message-run.ts';
import { checkGlob } from '../log/topic-name.ts';
import { WIRE, WireReader } from '../log/wire-reader.ts';
import type { Schedule, ScheduleRequest, When } from '../subscription/schedule.ts';
import { checkScheduleId, checkScheduleRequest } from '../subscription/schedule-request.ts';
import type { Schedules } from '../subscription/schedules.ts';
import type { ServiceOptions } from './broker-service.ts';
import type { ServiceMethod } from './call.ts';
import { noteIn } from './caller.ts';
import { decodeRequest } from './request-codec.ts';
import { pageSizeOf } from './topic-service.ts';
import { unary } from './unary.ts';

/** ScheduleService. */
export function scheduleService(
  log: Log,
  schedules: Schedules,
  options: ServiceOptions,
): readonly ServiceMethod[] {
  const note = noteIn(options);
  const toWire = (schedule: Schedule): WireSchedule => {
    const { id, topic, dueNs, cron, timeZone, message, ...counters } = schedule.fields;
    return {
      id,
      topic,
      dueTimestampNs: dueNs,
      cron,
      timeZone: timeZone || 'UTC',
      runCount: counters.runCount,
      lastRunTimestampNs: counters.lastRunTimestampNs,
      lastError: schedules.lastErrorOf(schedule),
      byteCount: message.length,
    };
  };
  return [
    unary(options, rpc.createSchedule, decodeCreate, async (request) => {
      checkScheduleRequest(request, log);
      return { schedule: toWire(await schedules.create(request)) };
    }),

    unary(options, rpc.getSchedule, decodeRequest.getSchedule, async ({ id }) => {
      checkScheduleId(id);
      return { schedule: toWire(await schedules.get(id)) };
    }),

    unary(
      options,
      rpc.listSchedules,
      decodeRequest.listSchedules,
      async ({ glob, pageSize, pageToken }) => {
        const size = pageSizeOf(pageSize);
        if (glob !== '') checkGlob(glob);
        const found = await schedules.list(glob || '**', pageToken, size + 1);
        const page = found.slice(0, size);
        const nextPageToken = found.length > size ? (page.at(-1)?.id ?? '') : '';
        return { schedules: page.map(toWire), nextPageToken };
      },
    ),

    unary(options, rpc.runSchedule, decodeRequest.runSchedule, async ({ id }) => {
      checkScheduleId(id);
      return { timestampNs: await schedules.run(id) };
    }),

    unary(options, rpc.cancelSchedule, decodeRequest.cancelSchedule, async ({ id }, call) => {
      checkScheduleId(id);
      await schedules.cancel(id);
      note(call, 'schedule.canceled', { id });
      return {};
    }),
  ];
}

const MESSAGE_FIELD = 3;

/** Decodes a request to create a schedule; its message stays encoded, as the publisher sent it. */
function decodeCreate(bytes: Buffer): ScheduleRequest {
  const { id, topic, when, timeZone } = decodeRequest.createSchedule(bytes);
  return { id, topic, timeZone, when: fromWireWhen(when), message: messageIn(bytes) };
}

type WireWhen = ReturnType<typeof decodeRequest.createSchedule>['when'];

function fromWireWhen(when: WireWhen): When {
  switch (when?.$case) {
    case 'deliverAtTimestampNs':
      if (when.value < 0n) {
        throw invalidArgument('deliver_at_timestamp_ns', `${when.value} is before 1970`);
      }
      return { at: 'timestamp', timestampNs: when.value };
    case 'delayMs':
      if (when.value < 0n || when.value > SCHEDULE_DELAY_MS_MAX) {
        throw invalidArgument(
          'delay_ms',
          `${when.value} is not between 0 and ${SCHEDULE_DELAY_MS_MAX}, which is 10 years`,
        );
      }
      return { at: 'delay', delayMs: Number(when.value) };
    case 'cron':
      if (when.value === '') throw invalidArgument('cron', 'must not be empty');
      return { at: 'cron', cron: when.value };
    case undefined:
      throw invalidArgument('when', 'set one of deliver_at_timestamp_ns, delay_ms and cron');
  }
}

/** The message of a request without the fields that the broker sets. As protobuf has it, several are one. */
function messageIn(request: Buffer): Buffer {
  const reader = new WireReader(request);
  const parts: Buffer[] = [];
  while (reader.at < request.length) {
    const { field, wireType } = reader.field((number) =>
      number === MESSAGE_FIELD ? WIRE.bytes : undefined,
    );
    if (field !== MESSAGE_FIELD) {
      reader.skip(wireType);
      continue;
    }
    const end = reader.delimited();
    parts.push(request.subarray(reader.at, end));
    reader.at = end;
  }
  if (parts.length === 0) throw invalidArgument('message', 'must be set');
  const whole = Buffer.concat(parts);
  const droppedBytes = checkMessage(whole, 0, whole.length);
  if (droppedBytes === 0) return whole;
  const run = makeRun(whole, [{ tagAt: 0, start: 0, end: whole.length, droppedBytes }]);
  return run.bytes.subarray(run.bytes.length - (whole.length - droppedBytes));
}
