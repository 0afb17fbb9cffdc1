import type { Bus, BusEvent, EmitOptions } from '../../src/bus/index.ts';
import { createBus } from '../../src/bus/index.ts';
import type { BusReport } from './bus.ts';
import { report } from './role.ts';

// A role of bus.ts: emits, in a process with a collector that it can call.
const EMITS = 1_000_000;
const COUNTED = 200_000;
const TIMES = 7;
const FURTHER = 10;
const TOPIC = 'order.created';
const data = { amount: 42 };

/** What handlers keep: without it the compiler would find out that nobody needs the event, and not make it. */
let kept: BusEvent | undefined;

function busOf(handlerCount: number): Bus {
  const bus = createBus();
  bus.registerTopics(TOPIC);
  for (let i = 0; i < handlerCount; i++) {
    bus.registerHandler(`handler-${i}`, {
      matcher: '^order\\.',
      handle: (event) => {
        kept = event;
      },
    });
  }
  return bus;
}

function emit(bus: Bus, count: number, options: EmitOptions | undefined): void {
  for (let i = 0; i < count; i++) void bus.emit(TOPIC, data, options);
}

/** Nanoseconds of an emit, the best of several times. */
function emitNs(bus: Bus, options: EmitOptions | undefined): number {
  emit(bus, EMITS / 10, options);
  let bestMs = Number.POSITIVE_INFINITY;
  for (let time = 0; time < TIMES; time++) {
    globalThis.gc?.();
    const startMs = performance.now();
    emit(bus, EMITS, options);
    bestMs = Math.min(bestMs, performance.now() - startMs);
  }
  return (bestMs * 1e6) / EMITS;
}

/** Bytes that an emit leaves behind, before they are collected. */
function emitBytes(bus: Bus, options: EmitOptions): number {
  emit(bus, COUNTED, options);
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  emit(bus, COUNTED, options);
  return (process.memoryUsage().heapUsed - before) / COUNTED;
}

const transaction = { txId: 'transaction' };
const one = busOf(1);
const oneHandlerNs = emitNs(one, transaction);
report({
  oneHandlerNs,
  furtherHandlerNs: (emitNs(busOf(1 + FURTHER), transaction) - oneHandlerNs) / FURTHER,
  beginningNs: emitNs(one, undefined),
  bytesPerEmit: kept === undefined ? Number.NaN : emitBytes(one, transaction),
} satisfies BusReport);
