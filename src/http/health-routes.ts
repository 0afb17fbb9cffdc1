import { z } from 'zod';
import type { App, HttpContext } from './context.ts';
import { StatusError } from './problem.ts';

const UNAVAILABLE = 503;

const health = z.object({ status: z.string() });

/** Whether the broker is alive, and whether it takes writes. */
export function healthRoutes(app: App, { log }: HttpContext): void {
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
      // Whatever the reason: it is the status that a load balancer goes by.
      if (refusal !== undefined) throw new StatusError(refusal, UNAVAILABLE);
      return { status: 'ready' };
    },
  );
}
