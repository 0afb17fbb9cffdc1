import { context, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  CompositePropagator,
  W3CBaggagePropagator,
  W3CTraceContextPropagator,
} from '@opentelemetry/core';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { vi } from 'vitest';

/** What this process traces. It is one for all tests of a file: they tell their spans apart by name. */
export class Spans implements Disposable {
  readonly provider: BasicTracerProvider;
  readonly #exporter = new InMemorySpanExporter();

  constructor() {
    this.provider = new BasicTracerProvider({
      spanProcessors: [new SimpleSpanProcessor(this.#exporter)],
    });
  }

  /** Makes this what all of the process is traced by. */
  register(): this {
    trace.setGlobalTracerProvider(this.provider);
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    const propagators = [new W3CTraceContextPropagator(), new W3CBaggagePropagator()];
    propagation.setGlobalPropagator(new CompositePropagator({ propagators }));
    return this;
  }

  /** All that have ended. */
  get all(): readonly ReadableSpan[] {
    return this.#exporter.getFinishedSpans();
  }

  /** Those of this name, in the order in which they ended, once there are so many. */
  async named(name: string, count: number): Promise<readonly ReadableSpan[]> {
    return vi.waitFor(() => {
      const found = this.all.filter((span) => span.name === name);
      if (found.length === count) return found;
      throw new Error(`${found.length} spans ${name}; ended: ${this.all.map((each) => each.name)}`);
    });
  }

  /** The only one of this name, once it has ended. */
  async one(name: string): Promise<ReadableSpan> {
    const [span] = await this.named(name, 1);
    if (span === undefined) throw new Error(`no span ${name}`);
    return span;
  }

  [Symbol.dispose](): void {
    trace.disable();
    context.disable();
    propagation.disable();
  }
}

/** As a `traceparent` names it. */
export function traceparentOf(span: ReadableSpan): string {
  const { traceId, spanId } = span.spanContext();
  return `00-${traceId}-${spanId}-01`;
}

/** The span that this one is a part of, by its id; undefined for a root. */
export function parentOf(span: ReadableSpan): string | undefined {
  return span.parentSpanContext?.spanId;
}
