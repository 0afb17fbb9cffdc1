import { readFile } from 'node:fs/promises';
import type {
  Channel,
  Client,
  ConnectOptions,
  Consumption,
  Delivery,
  Publishable,
  Publisher,
  SeekTarget,
  TlsOptions,
} from 'playhead-client';
import { PlayheadError } from 'playhead-client';
import { type Fields, isFields } from '../bytes.ts';
import type { Driver } from '../driver.ts';
import { DRIVER_FAULT, DriverError } from '../driver.ts';
import { Named } from '../named.ts';
import { OpenReader } from './node-reader.ts';
import {
  closedFields,
  deliveryFields,
  durableFields,
  messageFields,
  toMessage,
  toPosition,
  topicFields,
  toSettings,
  toUntil,
} from './node-values.ts';

/** Makes the clients of a driver: of brokers at addresses, or of one in this process. */
export type Connect = (addresses: readonly string[], options: ConnectOptions) => Client;

type Handler = (request: Fields) => Promise<Fields> | Fields;

/** The driver of the Node client, and of whatever else is a {@link Client}. */
export class NodeDriver implements Driver {
  readonly #connect: Connect;
  readonly #clients = new Named<Client>('client');
  readonly #publishers = new Named<Publisher>('publisher');
  readonly #channels = new Named<Channel>('channel');
  readonly #readers = new Named<OpenReader>('subscription');
  readonly #consumptions = new Named<Worker>('consumption');
  readonly #deliveries = new Named<Delivery>('delivery');
  #deliveryCount = 0;

  constructor(connect: Connect) {
    this.#connect = connect;
  }

  async call(operation: string, request: Fields): Promise<Fields> {
    const handler = this.#handlers[operation];
    if (handler === undefined) throw fault(`there is no operation ${operation}`);
    try {
      return await handler(request);
    } catch (error) {
      throw toDriverError(error);
    }
  }

  async close(): Promise<void> {
    const ended = AbortSignal.timeout(2000);
    const closing = this.#clients.all().map((client) => client.close().catch(() => undefined));
    const late = new Promise((resolve) => ended.addEventListener('abort', resolve));
    await Promise.race([Promise.all(closing), late]);
  }

  readonly #handlers: Readonly<Record<string, Handler>> = {
    connect: async ({ as, addresses, requestTimeoutMs, giveUpAfterMs, tls }) => {
      const options: ConnectOptions = {
        requestTimeoutMs: optionalNumber(requestTimeoutMs),
        retry: { giveUpAfterMs: optionalNumber(giveUpAfterMs) },
        tls: tls === undefined ? undefined : await toTls(fields(tls)),
      };
      this.#clients.set(as, this.#connect(addresses as readonly string[], options));
      return {};
    },
    disconnect: async ({ client }) => {
      await this.#clients.get(client).close();
      return {};
    },
    serverInfo: async ({ client }) => {
      const { version, durability, maxMessageBytes, maxRequestBytes } =
        await this.#client(client).serverInfo();
      return { version, durability, maxMessageBytes, maxRequestBytes };
    },
    createTopic: async ({ client, topic, config }) =>
      topicFields(await this.#client(client).topics.create(text(topic), fields(config))),
    updateTopic: async ({ client, topic, config }) =>
      topicFields(await this.#client(client).topics.update(text(topic), fields(config))),
    getTopic: async ({ client, topic }) =>
      topicFields(await this.#client(client).topics.get(text(topic))),
    listTopics: async ({ client, glob = '' }) => {
      const topics: string[] = [];
      for await (const { topic } of this.#client(client).topics.list(text(glob)))
        topics.push(topic);
      return { topics };
    },
    trimTopic: async ({ client, topic, beforeTimestampNs }) => {
      const { topics } = this.#client(client);
      return topicFields(await topics.trim(text(topic), BigInt(text(beforeTimestampNs))));
    },
    closeTopic: async ({ client, topic, reason }) => {
      const { topics } = this.#client(client);
      return closedFields(await topics.close(text(topic), { reason: optionalText(reason) }));
    },
    deleteTopic: async ({ client, topic }) => {
      await this.#client(client).topics.delete(text(topic));
      return {};
    },
    openPublisher: ({ client, as, topic, name, maxBufferedBytes }) => {
      const publisher = this.#client(client).publisher(text(topic), {
        name: optionalText(name),
        maxBufferedBytes: optionalNumber(maxBufferedBytes),
      });
      this.#publishers.set(as, publisher);
      return {};
    },
    publish: async ({ publisher, messages, expectedLastTimestampNs, unwaited }) => {
      const open = this.#publishers.get(publisher);
      if (unwaited === true) return handOver(messages, (each) => open.publish(each));
      const options =
        expectedLastTimestampNs === undefined
          ? undefined
          : { expectedLastTimestampNs: BigInt(text(expectedLastTimestampNs)) };
      return { timestampsNs: await publishAll(messages, (each) => open.publish(each, options)) };
    },
    flush: async ({ publisher }) => {
      await this.#publishers.get(publisher).flush();
      return {};
    },
    closePublisher: async ({ publisher }) => {
      await this.#publishers.get(publisher).close();
      return {};
    },
    read: async ({ client, topic, from, until, limit, maxBytes }) => {
      const page = await this.#client(client).read(text(topic), {
        from: toPosition(from),
        until: toUntil(until),
        limit: optionalNumber(limit),
        maxBytes: optionalNumber(maxBytes),
      });
      const { messages, nextTimestampNs, isCaughtUp, trimmed, closed } = page;
      return {
        messages: messages.map(messageFields),
        nextTimestampNs: `${nextTimestampNs}`,
        isCaughtUp,
        ...(trimmed !== undefined && {
          trimmed: { topic: trimmed.topic, firstTimestampNs: `${trimmed.firstTimestampNs ?? ''}` },
        }),
        ...(closed !== undefined && { closed: closedFields(closed) }),
      };
    },
    subscribe: ({ client, as, topic, from, until, limit }) => {
      const options = {
        from: toPosition(from),
        until: toUntil(until),
        limit: optionalNumber(limit),
      };
      const reader = new OpenReader(this.#client(client).subscribe(text(topic), options));
      this.#readers.set(as, reader);
      return reader.started();
    },
    next: async ({ subscription, count, events }) => ({
      items: await this.#readers.get(subscription).next(Number(count), events === true),
    }),
    unsubscribe: async ({ subscription }) => {
      await this.#readers.get(subscription).close();
      return {};
    },
    verify: ({ subscription }) => this.#readers.get(subscription).verify(),
    openChannel: ({ client, as, name }) => {
      this.#channels.set(as, this.#client(client).channel(text(name)));
      return {};
    },
    writeChannel: async ({ channel, messages, unwaited }) => {
      const open = this.#channels.get(channel);
      if (unwaited === true) return handOver(messages, (each) => open.publish(each));
      return { timestampsNs: await publishAll(messages, (each) => open.publish(each)) };
    },
    closeChannel: async ({ channel, messages, reason }) => {
      const last = messages === undefined ? undefined : (messages as Fields[]).map(toMessage);
      const options = { messages: last, reason: optionalText(reason) };
      return closedFields(await this.#channels.get(channel).close(options));
    },
    readChannel: ({ channel, as, from }) => {
      const subscription = this.#channels.get(channel).subscribe({ from: toPosition(from) });
      const reader = new OpenReader(subscription);
      this.#readers.set(as, reader);
      return reader.started();
    },
    deleteChannel: async ({ client, name }) => {
      await this.#client(client).deleteChannel(text(name));
      return {};
    },
    createSubscription: async (request) => {
      const { from, config, createTopic } = request;
      const options = { ...toSettings(config), createTopic: createTopic === true };
      const start = from === undefined ? {} : { from: toPosition(from) };
      return durableFields(await this.#durable(request).create({ ...options, ...start }));
    },
    updateSubscription: async (request) =>
      durableFields(await this.#durable(request).update(toSettings(request['config']))),
    getSubscription: async (request) => durableFields(await this.#durable(request).info()),
    listSubscriptions: async ({ client, topic }) => {
      const subscriptions: string[] = [];
      const list = this.#client(client).subscriptions.list({ glob: text(topic) });
      for await (const { subscription } of list) subscriptions.push(subscription);
      return { subscriptions };
    },
    deleteSubscription: async (request) => {
      await this.#durable(request).delete();
      return {};
    },
    seekSubscription: async (request) => {
      const { to } = request;
      const isSnapshot = isFields(to) && 'snapshot' in to;
      const target = isSnapshot
        ? { snapshot: Buffer.from(text(to['snapshot']), 'base64') }
        : (toPosition(to) as SeekTarget);
      return durableFields(await this.#durable(request).seek(target));
    },
    snapshotSubscription: async (request) => {
      const snapshot = await this.#durable(request).snapshot();
      return { snapshot: Buffer.from(snapshot).toString('base64') };
    },
    redrive: async (request) => {
      const { to, limit } = request;
      const options = { to: optionalText(to), limit: optionalNumber(limit) };
      return { messageCount: await this.#durable(request).redrive(options) };
    },
    consume: (request) => {
      const { as, maxInFlight, worker } = request;
      const options = { maxInFlight: optionalNumber(maxInFlight), worker: optionalText(worker) };
      this.#consumptions.set(as, new Worker(this.#durable(request).consume(options)));
      return {};
    },
    deliveries: async ({ consumption, count }) => {
      const worker = this.#consumptions.get(consumption);
      const deliveries = await worker.next(Number(count));
      return { deliveries: this.#named(deliveries), ...worker.ended() };
    },
    pull: async (request) => {
      const { limit, waitMs, leaseMs, cancelAfterMs } = request;
      const deliveries = await this.#durable(request).pull({
        max: optionalNumber(limit),
        wait: optionalNumber(waitMs),
        lease: optionalNumber(leaseMs),
        signal:
          cancelAfterMs === undefined ? undefined : AbortSignal.timeout(Number(cancelAfterMs)),
      });
      return { deliveries: this.#named(deliveries) };
    },
    ack: async ({ delivery }) => {
      await this.#deliveries.get(delivery).ack();
      return {};
    },
    nack: async ({ delivery, delayMs }) => {
      await this.#deliveries.get(delivery).nack({ delay: optionalNumber(delayMs) });
      return {};
    },
    extend: async ({ delivery, leaseMs }) => {
      await this.#deliveries.get(delivery).extend(optionalNumber(leaseMs));
      return {};
    },
    terminate: async ({ delivery, reason }) => {
      await this.#deliveries.get(delivery).terminate(optionalText(reason));
      return {};
    },
    closeConsumption: async ({ consumption }) => {
      await this.#consumptions.get(consumption).close();
      return {};
    },
  };

  #client(name: unknown): Client {
    return this.#clients.get(name);
  }

  #durable({ client, topic, subscription }: Fields) {
    return this.#client(client).subscription(text(topic), text(subscription));
  }

  #named(deliveries: readonly Delivery[]): readonly Fields[] {
    return deliveries.map((delivery) => {
      this.#deliveryCount += 1;
      const name = `delivery-${this.#deliveryCount}`;
      this.#deliveries.set(name, delivery);
      return deliveryFields(name, delivery);
    });
  }
}

/** A consumption that is read. */
class Worker {
  readonly #consumption: Consumption;
  readonly #deliveries: AsyncIterator<Delivery, undefined>;

  constructor(consumption: Consumption) {
    this.#consumption = consumption;
    this.#deliveries = consumption[Symbol.asyncIterator]();
  }

  async next(count: number): Promise<readonly Delivery[]> {
    const deliveries: Delivery[] = [];
    while (deliveries.length < count) {
      // What it has thrown is why it has ended.
      const result = await this.#deliveries.next().catch(() => undefined);
      if (result?.value === undefined) break;
      deliveries.push(result.value);
    }
    return deliveries;
  }

  ended(): Fields {
    const end = this.#consumption.ended;
    switch (end?.type) {
      case 'drained':
        return { end: { drained: { reason: end.reason } } };
      case 'deleted':
        return { end: { deleted: {} } };
      case 'failed':
        return { end: { failed: toDriverError(end.error).fields } };
      default:
        return {};
    }
  }

  close(): Promise<void> {
    return this.#consumption.close();
  }
}

/** Hands all over. Nobody waits for what comes of it but a flush or a close. */
function handOver(messages: unknown, publish: (message: Publishable) => Promise<bigint>): Fields {
  for (const each of messages as readonly Fields[]) void publish(toMessage(each));
  return {};
}

/** Hands all over without waiting, then waits for all. Fails with the first error, in their order. */
async function publishAll(
  messages: unknown,
  publish: (message: Publishable) => Promise<bigint>,
): Promise<readonly string[]> {
  const publishing = (messages as readonly Fields[]).map((each) => publish(toMessage(each)));
  const results = await Promise.allSettled(publishing);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
  return results.map((result) => `${result.status === 'fulfilled' ? result.value : ''}`);
}

/** Files in PEM. */
async function toTls({ caFile, certFile, keyFile }: Fields): Promise<TlsOptions> {
  const read = async (file: unknown) =>
    file === undefined ? undefined : await readFile(text(file));
  return { ca: await read(caFile), cert: await read(certFile), key: await read(keyFile) };
}

function toDriverError(error: unknown): DriverError {
  if (error instanceof DriverError) return error;
  if (error instanceof PlayheadError) return new DriverError(error);
  return fault(error instanceof Error ? (error.stack ?? error.message) : String(error));
}

function fault(message: string): DriverError {
  return new DriverError({ reason: DRIVER_FAULT, message });
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw fault(`expected a text, not ${JSON.stringify(value)}`);
  return value;
}

function optionalText(value: unknown): string | undefined {
  return value === undefined ? undefined : text(value);
}

function optionalNumber(value: unknown): number | undefined {
  return value === undefined ? undefined : Number(value);
}

function fields(value: unknown): Fields {
  return isFields(value) ? value : {};
}
