import {
  type Context,
  context,
  propagation,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import {
  type Client,
  connect,
  type Delivery,
  type DurableSubscription,
  type Message,
  Worker,
} from 'playhead-client';
import { openTelemetry, traceContextOf } from 'playhead-client/opentelemetry';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestBroker } from '../support/broker.ts';
import { collect } from '../support/collect.ts';
import { parentOf, Spans, traceparentOf } from '../support/spans.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';

const spans = new Spans();
let broker: TestBroker;
/** Traced. Each test has a topic of its own, whose name is that of its spans. */
let client: Client;

beforeAll(async () => {
  spans.register();
  broker = await TestBroker.start({ maxMessageBytes: 10_000 });
  client = broker.connect({ tracing: openTelemetry() });
});
afterAll(async () => {
  await client.close();
  await broker[Symbol.asyncDispose]();
  spans[Symbol.dispose]();
});

const stored = (topic: string): Promise<Message[]> =>
  collect(client.subscribe(topic, { from: 'earliest', follow: false }));

const headersOf = ({ headers }: Message) =>
  headers.map(({ name, value }) => [name, value.toString()]);

/** A context with baggage. */
function withCustomer(value: string): Context {
  const baggage = propagation.createBaggage({ customer: { value } });
  return propagation.setBaggage(context.active(), baggage);
}

async function subscribe(topic: string): Promise<DurableSubscription> {
  const subscription = client.subscription(topic, 'billing');
  await subscription.create({ from: 'earliest', createTopic: true, backoff: [0], lease: '30s' });
  return subscription;
}

async function takeOne(subscription: DurableSubscription): Promise<Delivery> {
  const [delivery] = await subscription.pull({ wait: '10s' });
  if (delivery === undefined) throw new Error('nothing to take');
  return delivery;
}

describe('a trace', () => {
  it('links publish, process and ack across two clients', async () => {
    await using shop = broker.connect({ tracing: openTelemetry() });
    const subscription = await subscribe('linked');
    const timestampNs = await shop.publisher('linked').publish({ key: 'k', value: 'paid' });
    for await (const delivery of subscription.consume()) {
      await delivery.ack();
      break;
    }
    const publish = await spans.one('publish linked');
    const process = await spans.one('process linked');
    const ack = await spans.one('ack linked');
    expect(parentOf(publish)).toBeUndefined();
    expect(parentOf(process)).toBe(publish.spanContext().spanId);
    expect(parentOf(ack)).toBe(process.spanContext().spanId);
    const ids = [publish, process, ack].map((span) => span.spanContext().traceId);
    expect(new Set(ids).size).toBe(1);

    const common = { 'messaging.system': 'playhead', 'messaging.destination.name': 'linked' };
    const consumed = {
      ...common,
      'messaging.consumer.group.name': 'billing',
      'messaging.message.id': `${timestampNs}`,
    };
    expect(publish.kind).toBe(SpanKind.PRODUCER);
    expect(publish.attributes).toEqual({
      ...common,
      'messaging.operation.name': 'publish',
      'messaging.operation.type': 'send',
      'messaging.message.id': `${timestampNs}`,
    });
    expect(process.kind).toBe(SpanKind.CONSUMER);
    expect(process.attributes).toEqual({
      ...consumed,
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
      'playhead.delivery.attempt': 1,
      'playhead.delivery.outcome': 'ack',
    });
    expect(ack.kind).toBe(SpanKind.CLIENT);
    expect(ack.attributes).toEqual({
      ...consumed,
      'messaging.operation.name': 'ack',
      'messaging.operation.type': 'settle',
    });
    for (const { status } of [publish, process, ack]) {
      expect(status.code).toBe(SpanStatusCode.UNSET);
    }
  });

  it('has a span for each delivery of a message', async () => {
    const subscription = await subscribe('again');
    await client.publisher('again').publish('a');
    await (await takeOne(subscription)).nack();
    await (await takeOne(subscription)).ack();
    const publish = await spans.one('publish again');
    const [first, second] = await spans.named('process again', 2);
    for (const each of [first, second]) {
      expect(each?.parentSpanContext?.spanId).toBe(publish.spanContext().spanId);
    }
    expect(first?.attributes).toMatchObject({
      'playhead.delivery.attempt': 1,
      'playhead.delivery.outcome': 'nack',
    });
    expect(second?.attributes).toMatchObject({
      'playhead.delivery.attempt': 2,
      'playhead.delivery.outcome': 'ack',
    });
    expect(parentOf(await spans.one('nack again'))).toBe(first?.spanContext().spanId);
    expect(parentOf(await spans.one('ack again'))).toBe(second?.spanContext().spanId);
  });

  it('goes on in the handler of a worker, with what it publishes', async () => {
    const subscription = await subscribe('orders');
    await client.publisher('orders').publish('lamp');
    await client.topics.close('orders');
    let active: string | undefined;
    const worker = new Worker(subscription, async () => {
      await new Promise(setImmediate);
      active = trace.getActiveSpan()?.spanContext().spanId;
      await client.publisher('invoices').publish('a lamp');
    });
    expect(await worker.run()).toBe('drained');
    const process = await spans.one('process orders');
    expect(active).toBe(process.spanContext().spanId);
    const publish = await spans.one('publish invoices');
    expect(parentOf(publish)).toBe(process.spanContext().spanId);
    expect(parentOf(await spans.one('ack orders'))).toBe(process.spanContext().spanId);
  });

  it('shows what a handler has thrown', async () => {
    const subscription = await subscribe('failing');
    await client.publisher('failing').publish('a');
    await client.topics.close('failing');
    const worker = new Worker(subscription, ({ attempt }) => {
      if (attempt === 1) throw new RangeError('no such lamp');
    });
    expect(await worker.run()).toBe('drained');
    const [failed, done] = await spans.named('process failing', 2);
    expect(failed?.status).toEqual({ code: SpanStatusCode.ERROR, message: 'no such lamp' });
    expect(failed?.attributes).toMatchObject({
      'error.type': 'RangeError',
      'playhead.delivery.outcome': 'nack',
    });
    expect(failed?.events).toMatchObject([{ name: 'exception' }]);
    expect(done?.status.code).toBe(SpanStatusCode.UNSET);
  });

  it('has one span for a batch, which all its messages continue', async () => {
    await client.publisher('batch').publishBatch(['a', { value: 'b', headers: { by: 'web' } }]);
    const publish = await spans.one('publish batch');
    expect(publish.attributes).toMatchObject({ 'messaging.batch.message_count': 2 });
    expect(publish.attributes).not.toHaveProperty('messaging.message.id');
    const [a, b] = await stored('batch');
    expect(a && headersOf(a)).toEqual([['traceparent', traceparentOf(publish)]]);
    expect(b && headersOf(b)).toEqual([
      ['by', 'web'],
      ['traceparent', traceparentOf(publish)],
    ]);
  });

  it('has one span for all that publishAll takes, and for last messages of a channel', async () => {
    const channel = client.channel('book');
    await channel.publishAll(Array.from({ length: 1000 }, (_, page) => `page ${page}`));
    const pages = await spans.one('publish chan/book');
    expect(pages.attributes).toMatchObject({ 'messaging.batch.message_count': 1000 });
    await channel.close({ messages: ['the end'] });
    const [, last] = await spans.named('publish chan/book', 2);
    expect(last?.attributes).toMatchObject({ 'messaging.batch.message_count': 1 });
    const subscription = channel.subscribe();
    const messages = await collect(subscription);
    expect(subscription.isVerified).toBe(true);
    const parents = messages.map((message) => message.header('traceparent')?.toString());
    expect(new Set(parents.slice(0, 1000))).toEqual(new Set([traceparentOf(pages)]));
    expect(parents[1000]).toBe(last && traceparentOf(last));
  });

  it('is continued by hand from a message that is read', async () => {
    await client.publisher('read').publish('a');
    const [message] = await stored('read');
    const publish = await spans.one('publish read');
    const found = message && trace.getSpanContext(traceContextOf(message));
    const { traceId, spanId } = publish.spanContext();
    expect(found).toMatchObject({ traceId, spanId, isRemote: true });
  });

  it('is continued by hand from a delivery, in its span', async () => {
    const subscription = await subscribe('by-hand');
    await client.publisher('by-hand').publish('a');
    const delivery = await takeOne(subscription);
    const found = trace.getSpanContext(traceContextOf(delivery));
    await delivery.ack();
    expect(found).toEqual((await spans.one('process by-hand')).spanContext());
  });

  it('takes baggage along', async () => {
    const subscription = await subscribe('baggage');
    await context.with(withCustomer('ada'), () => client.publisher('baggage').publish('a'));
    await client.topics.close('baggage');
    let customer: string | undefined;
    await new Worker(subscription, () => {
      customer = propagation.getActiveBaggage()?.getEntry('customer')?.value;
    }).run();
    expect(customer).toBe('ada');
  });

  it('is made by the tracer that is asked for', async () => {
    const own = new Spans();
    const tracer = own.provider.getTracer('shop');
    await using traced = broker.connect({ tracing: openTelemetry({ tracer }) });
    await traced.publisher('own-tracer').publish('a');
    const publish = await own.one('publish own-tracer');
    expect(publish.instrumentationScope.name).toBe('shop');
    expect(spans.all.some(({ name }) => name === 'publish own-tracer')).toBe(false);
  });
});

describe('the span of a delivery', () => {
  it('shows that the lease was lost, and that what comes too late was refused', async () => {
    const subscription = await subscribe('lost');
    await client.publisher('lost').publish('a');
    const consumption = subscription.consume();
    const { value: held } = await consumption[Symbol.asyncIterator]().next();
    await subscription.seek('latest');
    const process = await spans.one('process lost');
    expect(process.status).toEqual({
      code: SpanStatusCode.ERROR,
      message: 'the lease was fenced off by a seek',
    });
    expect(process.attributes).toMatchObject({
      'error.type': 'CONFLICT',
      'playhead.delivery.outcome': 'lost',
    });
    await expect(held?.ack()).rejects.toMatchObject({ reason: 'CONFLICT' });
    const ack = await spans.one('ack lost');
    expect(parentOf(ack)).toBe(process.spanContext().spanId);
    expect(ack.attributes).toMatchObject({ 'error.type': 'CONFLICT' });
    await consumption.close();
  });

  it('ends with the connection, and the next delivery has another', async () => {
    await using proxy = await TcpProxy.start(broker.address);
    const retry = { initialBackoffMs: 5, maxBackoffMs: 20 };
    await using worker = connect(proxy.address, { tracing: openTelemetry(), retry });
    await subscribe('cut');
    await client.publisher('cut').publish('a');
    for await (const delivery of worker.subscription('cut', 'billing').consume()) {
      if (delivery.attempt === 1) {
        proxy.cut();
        continue;
      }
      await delivery.ack();
      break;
    }
    const [first, second] = await spans.named('process cut', 2);
    expect(first?.status.message).toBe('the lease went with the connection');
    expect(second?.status.code).toBe(SpanStatusCode.UNSET);
    expect(second?.spanContext().traceId).toBe(first?.spanContext().traceId);
  });

  it('shows what the broker has refused', async () => {
    const subscription = await subscribe('refused');
    await client.publisher('refused').publish('a');
    const delivery = await takeOne(subscription);
    await subscription.seek('earliest');
    await expect(delivery.ack()).rejects.toMatchObject({ reason: 'CONFLICT' });
    const refused = { 'error.type': 'CONFLICT' };
    expect((await spans.one('ack refused')).attributes).toMatchObject(refused);
    const process = await spans.one('process refused');
    expect(process.status.code).toBe(SpanStatusCode.ERROR);
    expect(process.attributes).toMatchObject(refused);
  });

  it('ends with the acknowledgement, though a second one is refused', async () => {
    const subscription = await subscribe('twice');
    await client.publisher('twice').publish('a');
    const delivery = await takeOne(subscription);
    const [first, second] = await Promise.allSettled([delivery.ack(), delivery.ack()]);
    expect([first.status, second.status]).toEqual(['fulfilled', 'rejected']);
    expect((await spans.one('process twice')).status.code).toBe(SpanStatusCode.UNSET);
    const acks = await spans.named('ack twice', 2);
    const codes = acks.map(({ status }) => status.code);
    expect(codes.toSorted()).toEqual([SpanStatusCode.UNSET, SpanStatusCode.ERROR]);
  });

  it('has those of extensions and of the end in it', async () => {
    const subscription = await subscribe('extended');
    await client.publisher('extended').publish('a');
    const delivery = await takeOne(subscription);
    await delivery.extend('1m');
    await delivery.terminate('no such lamp');
    const process = await spans.one('process extended');
    expect(process.attributes).toMatchObject({ 'playhead.delivery.outcome': 'terminate' });
    for (const name of ['extend extended', 'terminate extended']) {
      expect(parentOf(await spans.one(name))).toBe(process.spanContext().spanId);
    }
  });

  it('is there for each of a batch that is acknowledged at once', async () => {
    const subscription = await subscribe('at-once');
    await client.publisher('at-once').publishAll(['a', 'b', 'c']);
    await client.topics.close('at-once');
    const consumption = subscription.consume();
    for await (const batch of consumption.batches()) await consumption.ackAll(batch);
    const processes = await spans.named('process at-once', 3);
    const acks = await spans.named('ack at-once', 3);
    const ids = processes.map((span) => span.spanContext().spanId);
    expect(acks.map(parentOf).toSorted()).toEqual(ids.toSorted());
  });

  it('is a root if the message has no traceparent, or one that is malformed', async () => {
    await using plain = broker.connect();
    const traceparent = '00-00000000000000000000000000000000-0000000000000000-01';
    await plain.publisher('roots').publishBatch(['a', { value: 'b', headers: { traceparent } }]);
    const subscription = await subscribe('roots');
    for (const delivery of await subscription.pull({ max: 2 })) await delivery.ack();
    const processes = await spans.named('process roots', 2);
    expect(processes.map(parentOf)).toEqual([undefined, undefined]);
  });
});

describe('a publish', () => {
  it('leaves a message with a traceparent of its own as it is', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const own = { value: 'a', headers: { Traceparent: traceparent } };
    await context.with(withCustomer('ada'), () => client.publisher('own').publish(own));
    const [message] = await stored('own');
    expect(message && headersOf(message)).toEqual([['Traceparent', traceparent]]);
    const found = message && trace.getSpanContext(traceContextOf(message));
    expect(found?.spanId).toBe('b7ad6b7169203331');
  });

  it('keeps key and headers, in their order, and does not touch what it was given', async () => {
    const headers = Object.freeze([
      Object.freeze(['step', '1'] as const),
      Object.freeze(['by', 'web'] as const),
      Object.freeze(['step', '2'] as const),
    ]);
    await client.publisher('kept').publish(Object.freeze({ key: 'k', value: 'a', headers }));
    const [message] = await stored('kept');
    expect(message?.key.toString()).toBe('k');
    expect(message && headersOf(message)).toEqual([
      ...headers,
      ['traceparent', traceparentOf(await spans.one('publish kept'))],
    ]);
  });

  it('that fails says why', async () => {
    const publisher = client.publisher('too-large');
    const large = 'x'.repeat(20_000);
    await expect(publisher.publish(large)).rejects.toThrow('20');
    await expect(publisher.publishBatch([large])).rejects.toThrow('20');
    await expect(publisher.publishAll([large])).rejects.toThrow('20');
    const failed = await spans.named('publish too-large', 3);
    for (const { status, attributes } of failed) {
      expect(status.code).toBe(SpanStatusCode.ERROR);
      expect(attributes).toMatchObject({ 'error.type': 'MESSAGE_TOO_LARGE' });
    }
  });

  it('whose error flush() reports is no unhandled rejection', async () => {
    const publisher = client.publisher('flushed');
    void publisher.publish('x'.repeat(20_000));
    await expect(publisher.flush()).rejects.toMatchObject({ reason: 'MESSAGE_TOO_LARGE' });
    expect((await spans.one('publish flushed')).status.code).toBe(SpanStatusCode.ERROR);
  });

  it('that is cancelled, or of what is no message, ends its span', async () => {
    const publisher = client.publisher('cancelled');
    await expect(publisher.publish('a', { signal: AbortSignal.abort() })).rejects.toThrow();
    const notBytes: unknown = 7;
    // @ts-expect-error: of a program without types.
    await expect(publisher.publish({ value: notBytes })).rejects.toThrow(TypeError);
    const types = (await spans.named('publish cancelled', 2)).map(
      ({ attributes }) => attributes['error.type'],
    );
    expect(types).toEqual(['CANCELLED', 'TypeError']);
  });

  it('of a client that is not traced adds no header and makes no span', async () => {
    await using plain = broker.connect();
    await plain.publisher('plain').publish('a');
    await plain.publisher('plain').publishBatch([{ value: 'b', headers: { by: 'web' } }]);
    await plain.publisher('plain').publishAll(['c']);
    const subscription = plain.subscription('plain', 'billing');
    await subscription.create({ from: 'earliest' });
    const deliveries = await subscription.pull({ max: 3 });
    for (const delivery of deliveries) await delivery.ack();
    expect(deliveries.map(({ message }) => headersOf(message))).toEqual([[], [['by', 'web']], []]);
    // A stamp of ten bytes, and tag and length of the value.
    expect(deliveries[0]?.message.byteLength).toBe(10 + 2 + 1);
    expect(spans.all.filter(({ name }) => name.endsWith(' plain'))).toEqual([]);
  });
});
