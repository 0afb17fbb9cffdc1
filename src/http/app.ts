import swagger from '@fastify/swagger';
import type { FastifyError, FastifyReply, FastifyRequest, FastifyServerFactory } from 'fastify';
import { fastify } from 'fastify';
import {
  hasZodFastifySchemaValidationErrors,
  jsonSchemaTransform,
  jsonSchemaTransformObject,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import { ZodError } from 'zod';
import { asBrokerError, BrokerError, invalidArgument } from '../errors.ts';
import { REQUEST_OVERHEAD_BYTES } from '../limits.ts';
import type { App, HttpContext } from './context.ts';
import { deliveryRoutes } from './delivery-routes.ts';
import { refusalOf } from './guard.ts';
import { healthRoutes } from './health-routes.ts';
import { histogramRoutes } from './histogram-routes.ts';
import { metricsRoutes } from './metrics-routes.ts';
import { describe } from './openapi.ts';
import { HTTP_STATUS, PROBLEM_TYPE, toProblem } from './problem.ts';
import { publishRoutes } from './publish-routes.ts';
import { readRoutes } from './read-routes.ts';
import { scheduleRoutes } from './schedule-routes.ts';
import { serverRoutes } from './server-routes.ts';
import { subscriptionRoutes } from './subscription-routes.ts';
import { topicRoutes } from './topic-routes.ts';

/** Makes the HTTP API, on a server of the caller's. */
export async function createApp(
  context: HttpContext,
  serverFactory: FastifyServerFactory,
): Promise<App> {
  const { options } = context;
  const app: App = fastify({
    serverFactory,
    logger: false,
    bodyLimit: options.maxRequestBytes + REQUEST_OVERHEAD_BYTES,
    routerOptions: { maxParamLength: 1024 },
    forceCloseConnections: true,
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  // What goes out is typed by its schema, and a test holds the document to it: it is not checked again each time.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  // By itself it would make a text of this, and change the bytes.
  app.removeContentTypeParser('text/plain');
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.addHook('onRequest', async (request, reply) => {
    const refusal = refusalOf(request.headers);
    if (refusal === undefined) return;
    await sendProblem(reply, new BrokerError('INVALID_ARGUMENT', refusal.message), refusal.status);
  });
  observeAnswers(app, context);
  app.setErrorHandler((error, request, reply) => answerError(context, error, request, reply));
  app.setNotFoundHandler((request, reply) => {
    const message = `there is no ${request.method} ${request.url.slice(0, 200)}; see /openapi.json`;
    return sendProblem(reply, new BrokerError('INVALID_ARGUMENT', message), 404);
  });
  await app.register(swagger, {
    openapi: describe(options.version),
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  });
  await app.register(async (routes) => {
    const typed = routes.withTypeProvider<ZodTypeProvider>();
    healthRoutes(typed, context);
    serverRoutes(typed, context);
    metricsRoutes(typed, context);
    topicRoutes(typed, context);
    publishRoutes(typed, context);
    readRoutes(typed, context);
    histogramRoutes(typed, context);
    subscriptionRoutes(typed, context);
    deliveryRoutes(typed, context);
    scheduleRoutes(typed, context);
  });
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
  await app.ready();
  return app;
}

function observeAnswers(app: App, { options: { observer } }: HttpContext): void {
  if (observer === undefined) return;
  app.addHook('onResponse', async (request, reply) => {
    // Of an address that there is not, there is no end.
    const method = `${request.method} ${request.routeOptions.url ?? '(none)'}`;
    observer.answered('http', method, `${reply.statusCode}`, reply.elapsedTime / 1000);
  });
}

function answerError(
  { options }: HttpContext,
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const { error, status } = understand(thrown, options.maxRequestBytes);
  if (error.reason === 'INTERNAL') {
    options.logger.error({ err: thrown, path: request.url }, 'request failed');
  }
  if (error.reason === 'OVERLOADED') reply.header('retry-after', '1');
  return sendProblem(reply, error, status);
}

/** What was thrown as an error of ours, and the status if it is not that of its reason. */
function understand(
  thrown: unknown,
  maxRequestBytes: number,
): { readonly error: BrokerError; readonly status?: number } {
  if (hasZodFastifySchemaValidationErrors(thrown)) {
    const [issue] = thrown.validation;
    const where = (issue?.instancePath ?? '').slice(1).replaceAll('/', '.');
    const field = where === '' ? (thrown.validationContext ?? 'body') : where;
    return { error: invalidArgument(field, issue?.message ?? 'is not valid') };
  }
  if (thrown instanceof ZodError) {
    const [issue] = thrown.issues;
    return { error: invalidArgument(issue?.path.join('.') || 'body', issue?.message ?? '') };
  }
  if (isFastifyError(thrown)) {
    if (thrown.code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
      const message = `the body is larger than ${maxRequestBytes} bytes, the limit: split it`;
      const metadata = { limit_bytes: `${maxRequestBytes}` };
      return { error: new BrokerError('REQUEST_TOO_LARGE', message, metadata) };
    }
    const status = thrown.statusCode ?? HTTP_STATUS.INTERNAL;
    if (status < HTTP_STATUS.INTERNAL)
      return { error: invalidArgument('request', thrown.message), status };
  }
  return { error: asBrokerError(thrown) };
}

function isFastifyError(thrown: unknown): thrown is FastifyError {
  return thrown instanceof Error && 'code' in thrown && 'statusCode' in thrown;
}

function sendProblem(reply: FastifyReply, error: BrokerError, status?: number): FastifyReply {
  const problem = toProblem(error, status);
  return reply.code(problem.status).type(PROBLEM_TYPE).send(problem);
}
