import type { App, HttpContext } from './context.ts';

/** The figures, for Prometheus. */
export function metricsRoutes(app: App, { metrics }: HttpContext): void {
  if (metrics === undefined) return;
  app.get(
    '/metrics',
    {
      schema: {
        tags: ['broker'],
        summary: 'Figures as Prometheus reads them',
        produces: ['text/plain'],
      },
    },
    async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()),
  );
}
