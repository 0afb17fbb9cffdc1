import { z } from 'zod';
import { SCHEDULE_DELAY_MS_MAX } from '../limits.ts';
import { fieldsOfMessageAt } from '../log/message-run.ts';
import { RunBuilder } from '../log/run-builder.ts';
import { checkGlob } from '../log/topic-name.ts';
import type { Schedule, When } from '../subscription/schedule.ts';
import { checkScheduleId, checkScheduleRequest } from '../subscription/schedule-request.ts';
import type { Schedules } from '../subscription/schedules.ts';
import { callerOf } from './caller.ts';
import type { App, HttpContext } from './context.ts';
import { pageQuery } from './context.ts';
import { type MessageBody, messageBody, partsOf } from './message-json.ts';
import type { Operation } from './operation.ts';
import { noQuery } from './params.ts';
import { timeText } from './time-param.ts';
import { timestampOrNull } from './topic-json.ts';
import { pageSizeOf } from './topic-routes.ts';

const tags = ['schedules'];
const idParams = z.object({ id: z.string().describe('Percent-encoded.') });

/** Of what is asked of one schedule. */
const ofSchedule: Operation = { reasons: ['INVALID_ARGUMENT', 'SCHEDULE_NOT_FOUND'] };

/** What the topic of a schedule refuses its message with. */
const RUN_REFUSALS = [
  'TOPIC_NOT_FOUND',
  'CHANNEL_CLOSED',
  'MESSAGE_TOO_LARGE',
  'BACKLOG_FULL',
] as const;

const when = z.union([
  z.strictObject({ deliver_at: timeText }),
  z.strictObject({ delay_ms: z.int().min(0).max(SCHEDULE_DELAY_MS_MAX) }),
  z.strictObject({ cron: z.string().min(1), time_zone: z.string().optional() }),
]);

const scheduleJson = z
  .object({
    id: z.string(),
    topic: z.string(),
    due_timestamp_ns: z.string(),
    cron: z.string().nullable(),
    time_zone: z.string(),
    run_count: z.int(),
    last_run_timestamp_ns: z.string().nullable(),
    last_error: z.string().nullable(),
    byte_count: z.int(),
  })
  .meta({ id: 'Schedule' });

/** Schedules: create, list, get, run, cancel. */
export function scheduleRoutes(app: App, context: HttpContext): void {
  const { log, schedules } = context;
  app.post(
    '/v1/schedules',
    {
      config: {
        operation: { reasons: ['INVALID_ARGUMENT', 'MESSAGE_TOO_LARGE', 'SCHEDULE_EXISTS'] },
      },
      schema: {
        operationId: 'createSchedule',
        tags,
        summary: 'Have a message published later, once or again and again',
        querystring: noQuery,
        body: z.strictObject({
          id: z.string().optional().describe('Of your own, so that a retry makes no second one.'),
          topic: z.string(),
          message: messageBody,
          when,
        }),
        response: { 200: scheduleJson },
      },
    },
    async ({ body }) => {
      const { id = '', topic } = body;
      const request = {
        id,
        topic,
        message: encoded(body.message),
        when: whenOf(body.when),
        timeZone: 'cron' in body.when ? (body.when.time_zone ?? '') : '',
      };
      checkScheduleRequest(request, log);
      return scheduleToJson(await schedules.create(request), schedules);
    },
  );

  app.get(
    '/v1/schedules',
    {
      config: { operation: { reasons: ['INVALID_ARGUMENT'] } },
      schema: {
        operationId: 'listSchedules',
        tags,
        summary: 'List schedules of topics that match a glob',
        querystring: pageQuery,
        response: {
          200: z.object({ schedules: z.array(scheduleJson), next_page_token: z.string() }),
        },
      },
    },
    async ({ query }) => {
      const size = pageSizeOf(query.page_size);
      const glob = query.glob ?? '**';
      checkGlob(glob);
      const found = await schedules.list(glob, query.page_token ?? '', size + 1);
      const page = found.slice(0, size);
      return {
        schedules: page.map((each) => scheduleToJson(each, schedules)),
        next_page_token: found.length > size ? (page.at(-1)?.id ?? '') : '',
      };
    },
  );
  oneScheduleRoutes(app, context);
}

function oneScheduleRoutes(app: App, { schedules, options }: HttpContext): void {
  app.get(
    '/v1/schedules/:id',
    {
      config: { operation: ofSchedule },
      schema: {
        operationId: 'getSchedule',
        tags,
        summary: 'Get a schedule',
        params: idParams,
        querystring: noQuery,
        response: { 200: scheduleJson },
      },
    },
    async ({ params }) => {
      checkScheduleId(params.id);
      return scheduleToJson(await schedules.get(params.id), schedules);
    },
  );

  app.post(
    '/v1/schedules/:id/run',
    {
      config: {
        operation: { reasons: ['INVALID_ARGUMENT', 'SCHEDULE_NOT_FOUND', ...RUN_REFUSALS] },
      },
      schema: {
        operationId: 'runSchedule',
        tags,
        summary: 'Publish the message of a schedule now',
        params: idParams,
        querystring: noQuery,
        response: { 200: z.object({ timestamp_ns: z.string() }) },
      },
    },
    async ({ params }) => {
      checkScheduleId(params.id);
      return { timestamp_ns: `${await schedules.run(params.id)}` };
    },
  );

  app.delete(
    '/v1/schedules/:id',
    {
      config: { operation: ofSchedule },
      schema: {
        operationId: 'cancelSchedule',
        tags,
        summary: 'Cancel a schedule',
        params: idParams,
        querystring: noQuery,
        response: { 204: z.undefined().describe('It is cancelled.') },
      },
    },
    async (request, reply) => {
      const { params } = request;
      checkScheduleId(params.id);
      await schedules.cancel(params.id);
      options.activity?.note(callerOf(request), 'schedule.canceled', params);
      return reply.code(204).send();
    },
  );
}

/** The message as a schedule keeps it: without a timestamp. */
function encoded(message: MessageBody): Buffer {
  const run = new RunBuilder();
  run.add(partsOf(message));
  return fieldsOfMessageAt(run.build().bytes, 0);
}

function whenOf(body: z.output<typeof when>): When {
  if ('deliver_at' in body) return { at: 'timestamp', timestampNs: body.deliver_at };
  if ('delay_ms' in body) return { at: 'delay', delayMs: body.delay_ms };
  return { at: 'cron', cron: body.cron };
}

function scheduleToJson(schedule: Schedule, schedules: Schedules): z.output<typeof scheduleJson> {
  const { id, topic, dueNs, cron, timeZone, runCount, lastRunTimestampNs, message } =
    schedule.fields;
  return {
    id,
    topic,
    due_timestamp_ns: `${dueNs}`,
    cron: cron || null,
    time_zone: timeZone || 'UTC',
    run_count: Number(runCount),
    last_run_timestamp_ns: timestampOrNull(lastRunTimestampNs),
    last_error: schedules.lastErrorOf(schedule) || null,
    byte_count: message.length,
  };
}
