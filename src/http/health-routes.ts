import { z } from 'zod';
import type { App, HttpContext } from './context.ts';

const health = z.object({ status: z.string() });

/** Whether the broker is alive, and whether it takes writes. */
export function healthRoutes(app: App, { log }: HttpContext): void {
  app.get(
    '/healthz',
    { schema: { tags: ['broker'], summary: 'Alive', response: { 200: health } } },
    () => ({ status: 'alive' }),
  );

  app.get(
    '/readyz',
    {
      schema: { tags: ['broker'], summary: 'Ready: it takes writes', response: { 200: health } },
    },
    () => {
      const refusal = log.writeRefusal();
      if (refusal !== undefined) throw refusal;
      return { status: 'ready' };
    },
  );
}
