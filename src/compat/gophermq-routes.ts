import { z } from 'zod';
import type { App, HttpContext } from '../http/context.ts';
import { storedText } from '../http/message-json.ts';
import { HTTP_STATUS, StatusError } from '../http/problem.ts';
import { gophermqError, sendGophermqError } from './gophermq-errors.ts';
import { fetchPending, settlementsOf } from './gophermq-fetch.ts';
import { PublishQueue } from './gophermq-publish-queue.ts';
import type { GophermqSettings } from './gophermq-settings.ts';
import { checkSubject, GophermqSubscribers } from './gophermq-subscribers.ts';
import { ANY_TYPE, bodyOf, publishValue } from './request.ts';

/** What is not there is empty, as Go has it. */
const text = z
  .string()
  .nullish()
  .transform((given) => given ?? '');

/** Nothing at all is an object without fields. */
const fields = <Shape extends z.core.$ZodLooseShape>(shape: Shape) =>
  z.preprocess((body) => body ?? {}, z.object(shape));

const subscribing = fields({ subject: text });
const subscriber = fields({ subject: text, id: text });
const fetching = fields({ subject: text, id: text, ack: z.boolean().nullish() });
const acknowledging = fields({ subject: text, id: text, token: text });
const publication = fields({
  subject: text,
  data: storedText.nullish(),
  dataBase64: z.base64().nullish(),
}).refine(({ data, dataBase64 }) => (data ?? '') === '' || (dataBase64 ?? '') === '', {
  error: 'has both data and dataBase64',
});

const OK_STATUS = 200;
const OK = { status: 'ok' } as const;
/** The originals have their own documents. */
const schema = { hide: true } as const;
const taking = { schema, config: { operation: ANY_TYPE } } as const;

/** The routes of gophermq (https://github.com/ali-a-a/gophermq), and what it lacked. */
export function gophermqRoutes(app: App, context: HttpContext, settings: GophermqSettings): void {
  const { log, subscriptions, options } = context;
  const subscribers = new GophermqSubscribers(subscriptions, settings);
  app.setErrorHandler((thrown, request, reply) =>
    sendGophermqError(thrown, request, reply, options),
  );
  app.addHook('onResponse', ({ routeOptions }, reply, done) => {
    const method = METHODS[routeOptions.url ?? ''];
    if (method !== undefined) count(context, method, reply.statusCode, reply.elapsedTime);
    done();
  });
  publishRoutes(app, context, subscribers);

  app.get('/ready', { schema }, (_request, reply) => {
    const refusal = log.writeRefusal();
    if (refusal !== undefined) throw new StatusError(refusal, HTTP_STATUS.SHUTTING_DOWN);
    return reply.code(204).send();
  });

  app.post('/api/subscribe', taking, async (request) => {
    const { subject } = bodyOf(request, subscribing);
    return { id: await subscribers.subscribe(subject), subject };
  });

  app.post('/api/unsubscribe', taking, async (request) => {
    const { subject, id } = bodyOf(request, subscriber);
    await subscribers.unsubscribe(subject, id);
    return OK;
  });

  app.post('/api/fetch', taking, (request, reply) => {
    const { subject, id, ack } = bodyOf(request, fetching);
    const fetch = { subject, id, isLeft: ack === false };
    return fetchPending(fetch, subscribers.get(subject, id), { request, reply }, context);
  });

  app.post('/api/ack', taking, async (request) => {
    const { subject, id, token } = bodyOf(request, acknowledging);
    const outcomes = await subscribers.get(subject, id).settle(settlementsOf(token));
    for (const { error } of outcomes) if (error !== undefined) throw error;
    return OK;
  });
}

function publishRoutes(app: App, context: HttpContext, subscribers: GophermqSubscribers): void {
  const publish = async ({ subject, data, dataBase64 }: z.output<typeof publication>) => {
    subscribers.check(subject);
    await publishValue(context.log, subject, data ?? Buffer.from(dataBase64 ?? '', 'base64'));
    return OK;
  };

  app.post('/api/publish', taking, async (request) => publish(bodyOf(request, publication)));

  const queue = new PublishQueue();
  app.post('/api/publish/async', taking, async (request) => {
    const startMs = performance.now();
    const body = bodyOf(request, publication);
    checkSubject(body.subject);
    const refusal = context.log.writeRefusal();
    if (refusal !== undefined) throw refusal;
    const settled = (status: number) =>
      count(context, 'publish_async', status, performance.now() - startMs);
    // Whoever publishes so is not told what becomes of it; the figures are.
    const publishLater = () =>
      publish(body).then(
        () => settled(OK_STATUS),
        (error: unknown) => settled(gophermqError(error).status),
      );
    await queue.begin((body.data ?? body.dataBase64 ?? '').length, publishLater);
    return OK;
  });
}

/** Those that gophermq has figures of. What is published later is counted when it is. */
const METHODS: Readonly<Record<string, string>> = {
  '/api/publish': 'publish',
  '/api/subscribe': 'subscribe',
  '/api/fetch': 'fetch',
};

function count({ options }: HttpContext, method: string, status: number, ms: number): void {
  options.observer?.answeredAsGophermq(method, `${status}`, ms / 1000);
}
