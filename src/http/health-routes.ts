import { z } from 'zod';
import type { App, HttpContext } from './context.ts';

const health = z.object({ status: z.string() });

/** Whether the broker is alive, and whether it takes writes. */
export function healthRoutes(app: App, { log, options }: HttpContext): void {
  app.get(
    '/healthz',
    {
      config: { operation: { reasons: [] } },
      schema: {
        operationId: 'isAlive',
        tags: ['broker'],
        summary: 'Alive',
        response: { 200: health },
      },
    },
    () => ({ status: 'alive' }),
  );

  app.get(
    '/readyz',
    {
      config: { operation: { reasons: [] } },
      schema: {
        operationId: 'isReady',
        tags: ['broker'],
        summary: 'Ready: it takes writes',
        response: { 200: health },
      },
    },
    () => {
      const refusal = log.writeRefusal();
      if (refusal !== undefined) throw refusal;
      return { status: 'ready' };
    },
  );

  app.get(
    '/v1/server',
    {
      config: { operation: { reasons: [] } },
      schema: {
        operationId: 'getServer',
        tags: ['broker'],
        summary: 'What the broker is, and its limits',
        response: {
          200: z.object({
            version: z.string(),
            durability: z.enum(['fsync', 'os', 'memory']),
            max_message_bytes: z.int(),
            max_request_bytes: z.int(),
            clock_ns: z.string(),
            last_timestamp_ns: z.string(),
          }),
        },
      },
    },
    () => ({
      version: options.version,
      durability: options.durability,
      max_message_bytes: options.maxMessageBytes,
      max_request_bytes: options.maxRequestBytes,
      clock_ns: `${log.clock.nowNs()}`,
      last_timestamp_ns: `${log.lastTimestampNs}`,
    }),
  );
}
