import type { IncomingHttpHeaders } from 'node:http';
import swagger from '@fastify/swagger';
import type {
  FastifyReply,
  FastifyRequest,
  FastifySchemaCompiler,
  FastifyServerFactory,
  RouteOptions,
} from 'fastify';
import { fastify } from 'fastify';
import {
  jsonSchemaTransform,
  jsonSchemaTransformObject,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import type { ZodType } from 'zod';
import { asBrokerError, BrokerError } from '../errors.ts';
import { HTTP_BODY_BYTES_MAX, REQUEST_OVERHEAD_BYTES } from '../limits.ts';
import { AllowedMethods } from './allowed-methods.ts';
import { parseJson, readBody } from './body.ts';
import { ByteBudget } from './byte-budget.ts';
import { consoleRoutes } from './console-routes.ts';
import type { App, HttpContext } from './context.ts';
import { deadLetterRoutes } from './dead-letter-routes.ts';
import { deliveryRoutes } from './delivery-routes.ts';
import { Guard, type Refusal } from './guard.ts';
import { healthRoutes } from './health-routes.ts';
import { histogramRoutes } from './histogram-routes.ts';
import { metricsRoutes } from './metrics-routes.ts';
import { completeDocument, describe, type RouteOperation } from './openapi.ts';
import { PROBLEM_TYPE, retryAfterSeconds, toProblem } from './problem.ts';
import { publishRoutes } from './publish-routes.ts';
import { readRoutes } from './read-routes.ts';
import { scheduleRoutes } from './schedule-routes.ts';
import { serverRoutes } from './server-routes.ts';
import { subscriptionRoutes } from './subscription-routes.ts';
import { topicRoutes } from './topic-routes.ts';
import { type Understood, understand } from './understood.ts';

/** Makes the HTTP API, on a server of the caller's. */
export async function createApp(
  context: HttpContext,
  serverFactory: FastifyServerFactory,
): Promise<App> {
  const { options } = context;
  const app: App = fastify({
    serverFactory,
    logger: false,
    routerOptions: { maxParamLength: 1024 },
    forceCloseConnections: true,
    frameworkErrors: (error, _request, reply) => void sendProblem(reply, understand(error)),
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorOf);
  // What goes out is typed by its schema, and a test holds the document to it: it is not checked again each time.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  takeBodies(app, options.maxRequestBytes + REQUEST_OVERHEAD_BYTES);
  const guard = new Guard(options.hosts);
  app.addHook('onRequest', (request, reply, done) => {
    const refusal = guard.refusalOf(request.raw.headers) ?? typeRefusal(request);
    if (refusal === undefined) return done();
    const error = new BrokerError('INVALID_ARGUMENT', refusal.message);
    sendProblem(reply, { error, status: refusal.status });
  });
  observeAnswers(app, context);
  app.setErrorHandler((thrown, request, reply) => {
    const understood = understand(thrown);
    if (understood.error.reason === 'INTERNAL') {
      options.logger.error({ err: thrown, path: request.url }, 'request failed');
    }
    return sendProblem(reply, understood);
  });
  const methods = new AllowedMethods();
  app.setNotFoundHandler((request, reply) => answerUnknown(request, reply, methods));
  await app.register(swagger, {
    openapi: describe(options.version),
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  });
  const operations: RouteOperation[] = [];
  app.addHook('onRoute', (route) => note(route, methods, operations));
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
    deadLetterRoutes(typed, context);
    scheduleRoutes(typed, context);
  });
  for (const add of (await context.loadOthers?.()) ?? []) {
    await app.register(async (routes) => add(routes.withTypeProvider<ZodTypeProvider>(), context));
  }
  let document: object | undefined;
  app.get('/openapi.json', { schema: { hide: true } }, () => {
    document ??= completeDocument(app.swagger(), operations);
    return document;
  });
  await consoleRoutes(app);
  await app.ready();
  return app;
}

function observeAnswers(app: App, { options: { observer, logger } }: HttpContext): void {
  app.addHook('onResponse', (request, reply, done) => {
    // Of an address that there is not, there is no end.
    const method = `${request.method} ${request.routeOptions.url ?? '(none)'}`;
    observer?.answered('http', method, `${reply.statusCode}`, reply.elapsedTime / 1000);
    logger.debug({ method, code: reply.statusCode, ms: reply.elapsedTime }, 'request');
    done();
  });
}

/** Bodies are read within bounds; all but JSON are left to the routes as the bytes that they are. */
function takeBodies(app: App, limitBytes: number): void {
  const budget = new ByteBudget(HTTP_BODY_BYTES_MAX, 'bodies that have come in part');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', (_request, payload, done) => {
    readBody(payload, limitBytes, budget, (error, body) => {
      if (body === undefined) return done(error);
      try {
        done(null, parseJson(body));
      } catch (thrown) {
        done(asBrokerError(thrown));
      }
    });
  });
  app.addContentTypeParser('*', (_request, payload, done) => {
    readBody(payload, limitBytes, budget, done);
  });
}

/** Most operations take JSON alone. */
function typeRefusal(request: FastifyRequest): Refusal | undefined {
  const { headers } = request.raw;
  const hasBody = headers['transfer-encoding'] !== undefined || hasLength(headers);
  if (!hasBody) return undefined;
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') {
    const message = `content encoding ${encoding.slice(0, 80)}: a body is taken as it is`;
    return { status: 415, message };
  }
  const [type = ''] = (headers['content-type'] ?? '').split(';', 1);
  if (type.trim().toLowerCase() === 'application/json' || request.is404) return undefined;
  if (request.routeOptions.config.operation?.bodies !== undefined) return undefined;
  return { status: 415, message: `content type ${type.slice(0, 80)}: send application/json` };
}

function hasLength(headers: IncomingHttpHeaders): boolean {
  return Number(headers['content-length'] ?? 0) > 0;
}

/** Headers are checked and left as they are: a request has more of them than its route names. */
const validatorOf: FastifySchemaCompiler<ZodType> = (route) => {
  const validate = validatorCompiler(route);
  if (route.httpPart !== 'headers') return validate;
  return (headers) => {
    const result = validate(headers);
    return typeof result === 'object' && 'error' in result ? result : true;
  };
};

function note(route: RouteOptions, methods: AllowedMethods, operations: RouteOperation[]): void {
  methods.add(route.url, route.method);
  const operation = route.config?.operation;
  if (operation === undefined || route.method === 'HEAD') return;
  for (const method of [route.method].flat()) {
    operations.push({ ...operation, path: route.url, method: method.toLowerCase() });
  }
}

/** Of a path that there is not, or not with this method. */
function answerUnknown(
  request: FastifyRequest,
  reply: FastifyReply,
  methods: AllowedMethods,
): FastifyReply {
  const allowed = methods.of(request.url.split('?', 1)[0] ?? '');
  if (allowed.length > 0) reply.header('allow', allowed.join(', '));
  if (allowed.length > 0 && request.method === 'OPTIONS') return reply.code(204).send();
  const slash = request.url.startsWith('/v1/topics/') ? '; a slash in a name is written %2F' : '';
  const message = `there is no ${request.method} ${request.url.slice(0, 200)}${slash}; see /openapi.json`;
  const error = new BrokerError('INVALID_ARGUMENT', message);
  return sendProblem(reply, { error, status: allowed.length > 0 ? 405 : 404 });
}

function sendProblem(reply: FastifyReply, { error, status }: Understood): FastifyReply {
  const problem = toProblem(error, status);
  const seconds = retryAfterSeconds(error.reason);
  if (seconds !== undefined) reply.header('retry-after', `${seconds}`);
  return reply.code(problem.status).type(PROBLEM_TYPE).send(problem);
}
