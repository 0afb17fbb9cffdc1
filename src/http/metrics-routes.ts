import type { App, HttpContext } from './context.ts';

/** The figures, for Prometheus. */
export function metricsRoutes(app: App, { metrics }: HttpContext): void {
  if (metrics === undefined) return;
  app.get(
    '/metrics',
    {
      config: {
        operation: {
          reasons: [],
          answers: {
            'text/plain': {
              description: 'https://prometheus.io/docs/instrumenting/exposition_formats/',
            },
          },
        },
      },
      schema: {
        operationId: 'getMetrics',
        tags: ['broker'],
        summary: 'Figures as Prometheus reads them',
      },
    },
    async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()),
  );
}
