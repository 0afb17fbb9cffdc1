import { z } from 'zod';
import { invalidArgument } from '../errors.ts';
import { LOG_LEVELS } from '../logger.ts';
import { callerOf } from './caller.ts';
import type { App, HttpContext } from './context.ts';
import { noQuery } from './params.ts';

const serverJson = z
  .object({
    version: z.string(),
    durability: z.enum(['fsync', 'os', 'memory']),
    max_message_bytes: z.int(),
    max_request_bytes: z.int(),
    clock_ns: z.string(),
    last_timestamp_ns: z.string(),
    log_level: z.enum(LOG_LEVELS).nullable().describe('Null if it cannot be changed.'),
  })
  .meta({ id: 'Server' });

/** What the broker tells of itself, and what can be set about it while it runs. */
export function serverRoutes(app: App, context: HttpContext): void {
  const { activity, logLevel } = context.options;
  app.get(
    '/v1/server',
    {
      config: { operation: { reasons: [] } },
      schema: {
        operationId: 'getServer',
        tags: ['broker'],
        summary: 'What the broker is, and its limits',
        response: { 200: serverJson },
      },
    },
    () => serverToJson(context),
  );

  app.patch(
    '/v1/server',
    {
      config: { operation: { reasons: ['INVALID_ARGUMENT'] } },
      schema: {
        operationId: 'updateServer',
        tags: ['broker'],
        summary: 'Change what is logged, until the broker is started again',
        querystring: noQuery,
        body: z.strictObject({ log_level: z.enum(LOG_LEVELS) }),
        response: { 200: serverJson },
      },
    },
    (request) => {
      if (logLevel === undefined) {
        throw invalidArgument('log_level', 'what this broker logs is up to the program it is in');
      }
      const { log_level } = request.body;
      activity?.note(callerOf(request), 'broker.log_level_changed', { log_level });
      logLevel.level = log_level;
      return serverToJson(context);
    },
  );
}

function serverToJson({ log, options }: HttpContext): z.output<typeof serverJson> {
  return {
    version: options.version,
    durability: options.durability,
    max_message_bytes: options.maxMessageBytes,
    max_request_bytes: options.maxRequestBytes,
    clock_ns: `${log.clock.nowNs()}`,
    last_timestamp_ns: `${log.lastTimestampNs}`,
    log_level: options.logLevel?.level ?? null,
  };
}
