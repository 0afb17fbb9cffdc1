import {
  type Attributes,
  type Context,
  context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type TextMapGetter,
  type TextMapSetter,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import type { Delivery } from './delivery.ts';
import { PlayheadError } from './errors.ts';
import type { Message } from './message.ts';
import { headerPairs, type Publishable } from './publishable.ts';
import type { DeliveryTrace, PublishTrace, SettleOperation, Tracing } from './tracing.ts';

const TRACEPARENT = 'traceparent';

export interface OpenTelemetryOptions {
  /** Makes the spans; by default the tracer `playhead-client` of the global provider. */
  readonly tracer?: Tracer | undefined;
}

/**
 * Traces what a client publishes, takes and settles: `connect(address, { tracing: openTelemetry() })`. The context
 * travels in headers of the messages, as the global propagator writes them; `traceparent` for that of W3C. Names are
 * those of OpenTelemetry's conventions for messaging.
 */
export function openTelemetry(options: OpenTelemetryOptions = {}): Tracing {
  const tracer = options.tracer ?? trace.getTracer('playhead-client');
  return {
    publish: (topic, isBatch) => new PublishSpan(tracer, topic, isBatch),
    deliver: (delivery, subscription) => new DeliverySpan(tracer, delivery, subscription),
  };
}

/**
 * The context to go on in: of a delivery that a traced client has handed out, that of its span; of any other message,
 * that which its publisher gave it, and the root context if that is none.
 */
export function traceContextOf(source: Message | Delivery): Context {
  if (!('message' in source)) return contextIn(source);
  return contextsOfDeliveries.get(source) ?? contextIn(source.message);
}

const contextsOfDeliveries = new WeakMap<Delivery, Context>();

type Pair = readonly [name: string, value: string];

const setter: TextMapSetter<Pair[]> = {
  set: (pairs, name, value) => pairs.push([name, value]),
};

// HTTP and its proxies write names as they like.
const getter: TextMapGetter<Message> = {
  keys: ({ headers }) => headers.map(({ name }) => name),
  get: ({ headers }, wanted) => {
    const found = headers.filter(({ name }) => name.toLowerCase() === wanted.toLowerCase());
    const values = found.map(({ value }) => value.toString());
    return values.length > 1 ? values : values[0];
  },
};

function contextIn(message: Message): Context {
  return propagation.extract(ROOT_CONTEXT, message, getter);
}

/** One span for one publish, of one message or of many. */
class PublishSpan implements PublishTrace {
  readonly #span: Span;
  readonly #isBatch: boolean;
  /** What continues the trace. */
  readonly #pairs: Pair[] = [];
  #messageCount = 0;
  #isOver = false;

  constructor(tracer: Tracer, topic: string, isBatch: boolean) {
    this.#isBatch = isBatch;
    this.#span = tracer.startSpan(`publish ${topic}`, {
      kind: SpanKind.PRODUCER,
      attributes: { ...destination(topic), ...operation('publish', 'send') },
    });
    propagation.inject(trace.setSpan(context.active(), this.#span), this.#pairs, setter);
  }

  inject(message: Publishable): Publishable {
    this.#messageCount += 1;
    if (this.#pairs.length === 0) return message;
    if (typeof message === 'string' || message instanceof Uint8Array) {
      return { value: message, headers: this.#pairs };
    }
    // What is no message is refused by whoever encodes it.
    if (typeof message !== 'object' || message === null) return message;
    const own = headerPairs(message.headers);
    const names = new Set(own.map(([name]) => name.toLowerCase()));
    if (names.has(TRACEPARENT)) return message;
    const added = this.#pairs.filter(([name]) => !names.has(name.toLowerCase()));
    return { key: message.key, value: message.value, headers: [...own, ...added] };
  }

  stored(timestampNs: bigint | undefined): void {
    if (!this.#isBatch && timestampNs !== undefined) {
      this.#span.setAttribute('messaging.message.id', `${timestampNs}`);
    }
    this.#end();
  }

  failed(error: unknown): void {
    if (!this.#isOver) markFailed(this.#span, error);
    this.#end();
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (this.#isBatch) {
      this.#span.setAttribute('messaging.batch.message_count', this.#messageCount);
    }
    this.#span.end();
  }
}

/** How the span of a delivery ended. */
type Outcome = SettleOperation | 'lost';

/** A span from when a delivery is handed out until the broker knows what became of it; with one for each settlement. */
class DeliverySpan implements DeliveryTrace {
  readonly #tracer: Tracer;
  readonly #topic: string;
  readonly #span: Span;
  readonly #context: Context;
  readonly #attributes: Attributes;
  #isOver = false;

  constructor(tracer: Tracer, delivery: Delivery, subscription: string) {
    const { message, attempt } = delivery;
    const parent = contextIn(message);
    this.#tracer = tracer;
    this.#topic = message.topic;
    this.#attributes = {
      ...destination(message.topic),
      'messaging.consumer.group.name': subscription,
      'messaging.message.id': `${message.timestampNs}`,
    };
    const attributes = {
      ...this.#attributes,
      ...operation('process', 'process'),
      'playhead.delivery.attempt': attempt,
    };
    const options = { kind: SpanKind.CONSUMER, attributes };
    this.#span = tracer.startSpan(`process ${message.topic}`, options, parent);
    this.#context = trace.setSpan(parent, this.#span);
    contextsOfDeliveries.set(delivery, this.#context);
  }

  run<T>(handle: () => T): T {
    return context.with(this.#context, handle);
  }

  failed(error: unknown): void {
    if (this.#isOver) return;
    if (error instanceof Error) this.#span.recordException(error);
    markFailed(this.#span, error);
  }

  settle(name: SettleOperation, answer: Promise<void>): void {
    const span = this.#startSettling(name);
    answer.then(
      () => {
        span.end();
        if (name !== 'extend') this.#end(name);
      },
      (error: unknown) => {
        markFailed(span, error);
        span.end();
        if (name !== 'extend') this.#end(name, error);
      },
    );
  }

  refused(name: SettleOperation, error: unknown): void {
    const span = this.#startSettling(name);
    markFailed(span, error);
    span.end();
  }

  lost(error: unknown): void {
    this.#end('lost', error);
  }

  #startSettling(name: SettleOperation): Span {
    const attributes = { ...this.#attributes, ...operation(name, 'settle') };
    const options = { kind: SpanKind.CLIENT, attributes };
    return this.#tracer.startSpan(`${name} ${this.#topic}`, options, this.#context);
  }

  #end(outcome: Outcome, error?: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#span.setAttribute('playhead.delivery.outcome', outcome);
    if (error !== undefined) markFailed(this.#span, error);
    this.#span.end();
  }
}

function destination(topic: string): Attributes {
  return { 'messaging.system': 'playhead', 'messaging.destination.name': topic };
}

function operation(name: string, type: 'send' | 'process' | 'settle'): Attributes {
  return { 'messaging.operation.name': name, 'messaging.operation.type': type };
}

function markFailed(span: Span, error: unknown): void {
  span.setAttribute('error.type', typeOf(error));
  const message = error instanceof Error ? error.message : String(error);
  span.setStatus({ code: SpanStatusCode.ERROR, message });
}

function typeOf(error: unknown): string {
  if (error instanceof PlayheadError) return error.reason;
  return error instanceof Error ? error.name : '_OTHER';
}
