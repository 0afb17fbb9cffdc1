import { type Fields, isFields, textOf } from '../bytes.ts';
import type { Driver } from '../driver.ts';
import { DRIVER_FAULT, DriverError } from '../driver.ts';
import { Named } from '../named.ts';
import { HttpClient } from './http-client.ts';
import { HttpReader } from './http-reader.ts';
import {
  camel,
  fromBody,
  fromSubscription,
  positionText,
  readQuery,
  snake,
  subscriptionPath,
  topicPath,
  toSubscriptionConfig,
} from './http-values.ts';
import { type HttpDelivery, HttpWorker, pull } from './http-worker.ts';
import { HttpWriter } from './http-writer.ts';

const CHANNEL_PREFIX = 'chan/';

interface OpenChannel {
  readonly client: HttpClient;
  readonly topic: string;
  readonly writer: HttpWriter;
}

type Handler = (request: Fields) => Promise<Fields> | Fields;

/** The driver of plain HTTP: what a program does that has no client library. */
export class HttpDriver implements Driver {
  readonly #clients = new Named<HttpClient>('client');
  readonly #publishers = new Named<HttpWriter>('publisher');
  readonly #channels = new Named<OpenChannel>('channel');
  /** Of channels, by client and topic. */
  readonly #writers = new Map<string, HttpWriter>();
  readonly #readers = new Named<HttpReader>('subscription');
  readonly #workers = new Named<HttpWorker>('consumption');
  readonly #deliveries = new Named<HttpDelivery>('delivery');

  async call(operation: string, request: Fields): Promise<Fields> {
    const handler = this.#handlers[operation];
    try {
      if (handler === undefined) throw new TypeError(`there is no operation ${operation}`);
      return await handler(request);
    } catch (error) {
      if (error instanceof DriverError) throw error;
      const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
      throw new DriverError({ reason: DRIVER_FAULT, message });
    }
  }

  async close(): Promise<void> {
    for (const client of this.#clients.all()) client.close();
  }

  readonly #handlers: Readonly<Record<string, Handler>> = {
    ...this.#administration(),
    ...this.#writing(),
    ...this.#reading(),
    ...this.#durable(),
    ...this.#consuming(),
  };

  #administration(): Record<string, Handler> {
    const get = (path: string, { client }: Fields) => this.#clients.get(client).json('GET', path);
    const config = (request: Fields) => snake(request['config']);
    return {
      connect: ({ as, addresses, requestTimeoutMs, giveUpAfterMs }) => {
        const options = {
          requestTimeoutMs: optionalNumber(requestTimeoutMs),
          giveUpAfterMs: optionalNumber(giveUpAfterMs),
        };
        this.#clients.set(as, new HttpClient(addresses as readonly string[], options));
        return {};
      },
      disconnect: async ({ client }) => {
        await Promise.all(this.#publishers.all().map((publisher) => publisher.flush()));
        this.#clients.get(client).close();
        return {};
      },
      serverInfo: async (request) => camel(await get('/v1/server', request)) as Fields,
      createTopic: async (request) => {
        const body = { topic: request['topic'], config: config(request) };
        return this.#json(request, 'POST', '/v1/topics', body);
      },
      updateTopic: (request) =>
        this.#json(request, 'PATCH', topicPath(request['topic']), { config: config(request) }),
      getTopic: (request) => this.#json(request, 'GET', topicPath(request['topic'])),
      listTopics: async (request) => {
        const topics: unknown[] = [];
        for (let token = ''; ; ) {
          const query = new URLSearchParams({
            glob: textOf(request['glob'] ?? '**'),
            page_token: token,
          });
          const page = await get(`/v1/topics?${query}`, request);
          topics.push(...(page['topics'] as readonly Fields[]).map(({ topic }) => topic));
          token = textOf(page['next_page_token']);
          if (token === '') return { topics };
        }
      },
      trimTopic: (request) => {
        const body = { before: request['beforeTimestampNs'] };
        return this.#json(request, 'POST', `${topicPath(request['topic'])}/trim`, body);
      },
      closeTopic: (request) => {
        const body = { reason: request['reason'] };
        return this.#json(request, 'POST', `${topicPath(request['topic'])}/close`, body);
      },
      deleteTopic: (request) => this.#json(request, 'DELETE', topicPath(request['topic'])),
      deleteChannel: async (request) => {
        const topic = `${CHANNEL_PREFIX}${String(request['name'])}`;
        const answer = await this.#json(request, 'DELETE', topicPath(topic));
        this.#writers.delete(`${String(request['client'])} ${topic}`);
        return answer;
      },
    };
  }

  #writing(): Record<string, Handler> {
    return {
      openPublisher: ({ client, as, topic, name }) => {
        const producer = typeof name === 'string' ? name : undefined;
        const writer = new HttpWriter(this.#clients.get(client), String(topic), producer);
        this.#publishers.set(as, writer);
        return {};
      },
      publish: async ({ publisher, messages, expectedLastTimestampNs }) => {
        const writer = this.#publishers.get(publisher);
        return { timestampsNs: await writer.publish(listOf(messages), expectedLastTimestampNs) };
      },
      flush: async ({ publisher }) => {
        await this.#publishers.get(publisher).flush();
        return {};
      },
      closePublisher: async ({ publisher }) => {
        await this.#publishers.get(publisher).close();
        return {};
      },
      openChannel: ({ client, as, name }) => {
        const topic = `${CHANNEL_PREFIX}${String(name)}`;
        const key = `${String(client)} ${topic}`;
        const ofClient = this.#clients.get(client);
        const writer = this.#writers.get(key) ?? new HttpWriter(ofClient, topic);
        this.#writers.set(key, writer);
        this.#channels.set(as, { client: ofClient, topic, writer });
        return {};
      },
      writeChannel: async ({ channel, messages }) => {
        const { writer } = this.#channels.get(channel);
        return { timestampsNs: await writer.publish(listOf(messages)) };
      },
      closeChannel: ({ channel, messages, reason }) =>
        this.#channels.get(channel).writer.closeTopic(listOf(messages), reason),
    };
  }

  #reading(): Record<string, Handler> {
    return {
      read: async (request) => {
        const { client, topic } = request;
        const path = `${topicPath(topic)}/messages?${readQuery(request, 'earliest')}`;
        const { messages, ...rest } = await this.#clients.get(client).json('GET', path);
        return { ...(camel(rest) as Fields), messages: listOf(messages).map(fromBody) };
      },
      subscribe: ({ client, as, ...request }) => this.#open(client, as, request),
      readChannel: ({ channel, as, from }) => {
        const { client, topic } = this.#channels.get(channel);
        return this.#openReader(client, as, { topic, from: from ?? 'earliest' });
      },
      next: async ({ subscription, count, events }) => ({
        items: await this.#readers.get(subscription).next(Number(count), events === true),
      }),
      unsubscribe: ({ subscription }) => {
        this.#readers.get(subscription).close();
        return {};
      },
      verify: ({ subscription }) => this.#readers.get(subscription).verify(),
    };
  }

  #open(client: unknown, as: unknown, request: Fields): Promise<Fields> {
    return this.#openReader(this.#clients.get(client), as, request);
  }

  #openReader(client: HttpClient, as: unknown, request: Fields): Promise<Fields> {
    const reader = new HttpReader(client, request);
    this.#readers.set(as, reader);
    return reader.opened();
  }

  #durable(): Record<string, Handler> {
    const ask = async (request: Fields, method: string, path: string, body?: unknown) =>
      fromSubscription(await this.#clients.get(request['client']).json(method, path, { body }));
    return {
      createSubscription: (request) => {
        const { topic, subscription, from, config, createTopic } = request;
        return ask(request, 'POST', `${topicPath(topic)}/subscriptions`, {
          subscription,
          from: from === undefined ? undefined : positionText(from),
          config: toSubscriptionConfig(config),
          create_topic: createTopic,
        });
      },
      updateSubscription: (request) => {
        const body = { config: toSubscriptionConfig(request['config']) };
        return ask(request, 'PATCH', subscriptionPath(request), body);
      },
      getSubscription: (request) => ask(request, 'GET', subscriptionPath(request)),
      listSubscriptions: async ({ client, topic }) => {
        const path = `${topicPath(topic)}/subscriptions`;
        const { subscriptions } = await this.#clients.get(client).json('GET', path);
        return { subscriptions: listOf(subscriptions).map(({ subscription }) => subscription) };
      },
      deleteSubscription: (request) => this.#json(request, 'DELETE', subscriptionPath(request)),
      seekSubscription: (request) => {
        const { to } = request;
        const isSnapshot = isFields(to) && 'snapshot' in to;
        const body = isSnapshot ? { snapshot_base64: to['snapshot'] } : { to: positionText(to) };
        return ask(request, 'POST', `${subscriptionPath(request)}/seek`, body);
      },
      snapshotSubscription: async (request) => {
        const answer = await this.#json(request, 'GET', `${subscriptionPath(request)}/snapshot`);
        return { snapshot: answer['snapshotBase64'] };
      },
      redrive: (request) => {
        const body = { target_topic: request['to'], max_messages: request['limit'] };
        return this.#json(request, 'POST', `${subscriptionPath(request)}/redrive`, body);
      },
    };
  }

  #consuming(): Record<string, Handler> {
    const settle = async (name: unknown, action: string, terms: Fields = {}) => {
      await this.#deliveries.get(name).settle(action, terms);
      return {};
    };
    return {
      consume: (request) => {
        const worker = new HttpWorker(this.#clients.get(request['client']), request);
        this.#workers.set(request['as'], worker);
        return {};
      },
      deliveries: async ({ consumption, count }) => {
        const worker = this.#workers.get(consumption);
        const deliveries = await worker.next(Number(count));
        return { deliveries: this.#named(deliveries), end: worker.end };
      },
      closeConsumption: async ({ consumption }) => {
        await this.#workers.get(consumption).close();
        return {};
      },
      pull: async (request) => {
        const { deliveries } = await pull(this.#clients.get(request['client']), request);
        return { deliveries: this.#named(deliveries) };
      },
      ack: ({ delivery }) => settle(delivery, 'ack'),
      nack: ({ delivery, delayMs }) => settle(delivery, 'nack', { delay_ms: delayMs }),
      extend: ({ delivery, leaseMs }) => settle(delivery, 'extend', { lease_ms: leaseMs }),
      terminate: ({ delivery, reason }) => settle(delivery, 'terminate', { reason }),
    };
  }

  #named(deliveries: readonly HttpDelivery[]): readonly Fields[] {
    return deliveries.map((delivery) => {
      const name = `delivery-${this.#deliveries.all().length + 1}`;
      this.#deliveries.set(name, delivery);
      return { delivery: name, attempt: delivery.attempt, message: delivery.message };
    });
  }

  async #json({ client }: Fields, method: string, path: string, body?: unknown): Promise<Fields> {
    return camel(await this.#clients.get(client).json(method, path, { body })) as Fields;
  }
}

function listOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value : [];
}

function optionalNumber(value: unknown): number | undefined {
  return value === undefined ? undefined : Number(value);
}
