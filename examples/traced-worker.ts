// One trace from the order to the invoice: who publishes, the worker that handles it, and what that publishes in turn. The
// spans are kept in memory and printed as a tree; a program would have them exported instead.
import assert from 'node:assert/strict';
import { context, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { connect, Worker } from 'playhead-client';
import { openTelemetry } from 'playhead-client/opentelemetry';

const exporter = new InMemorySpanExporter();
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
trace.setGlobalTracerProvider(provider);
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
propagation.setGlobalPropagator(new W3CTraceContextPropagator());

const address = process.argv[2] ?? process.env['PLAYHEAD_ADDRESS'] ?? '127.0.0.1:17777';
await using shop = connect(address, { tracing: openTelemetry() });
await using office = connect(address, { tracing: openTelemetry() });

const orders = `examples/orders-${process.pid}`;
const invoices = `examples/invoices-${process.pid}`;
const billing = office.subscription(orders, 'billing');
await billing.create({ from: 'earliest', createTopic: true, backoff: ['10ms'] });

await shop.publisher(orders).publish('a lamp');
await shop.topics.close(orders);

// It runs in the span of the delivery, and so does what it publishes. The first time, it fails.
const worker = new Worker(billing, async ({ message, attempt }) => {
  if (attempt === 1) throw new Error('out of paper');
  await office.publisher(invoices).publish(`invoice of ${message.text}`);
});
assert.equal(await worker.run(), 'drained');

const spans = exporter.getFinishedSpans();
const ids = new Set(spans.map((span) => span.spanContext().traceId));
print(undefined, '');
console.log(`traces: ${ids.size}`);

await office.topics.delete(orders);
await office.topics.delete(invoices);

/** Prints the spans within one, each with what is in it. */
function print(parentId: string | undefined, indent: string): void {
  for (const span of spans) {
    const { name, attributes, parentSpanContext } = span;
    if (parentSpanContext?.spanId !== parentId) continue;
    const attempt = attributes['playhead.delivery.attempt'];
    const note = typeof attempt === 'number' ? `, attempt ${attempt}` : '';
    const failure = span.status.message === undefined ? '' : `: ${span.status.message}`;
    console.log(`${indent}${name.replace(`-${process.pid}`, '')}${note}${failure}`);
    print(span.spanContext().spanId, `${indent}  `);
  }
}
