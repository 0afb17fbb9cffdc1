import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Delivery } from '../../../clients/node/src/delivery.ts';
import { DeliveryTraces, traceOf } from '../../../clients/node/src/delivery-traces.ts';
import { Lease } from '../../../clients/node/src/lease.ts';
import { Message } from '../../../clients/node/src/message.ts';
import { SettlementQueue } from '../../../clients/node/src/settlement-queue.ts';
import type { DeliveryTrace, Tracing } from '../../../clients/node/src/tracing.ts';

const MINUTE_MS = 60_000;

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** Notes what it is told. */
class NotedTrace implements DeliveryTrace {
  readonly told: string[] = [];

  run<T>(handle: () => T): T {
    return handle();
  }

  failed(): void {
    this.told.push('failed');
  }

  settle(operation: string): void {
    this.told.push(operation);
  }

  refused(operation: string): void {
    this.told.push(`refused ${operation}`);
  }

  lost(error: unknown): void {
    this.told.push(String(error));
  }
}

function start() {
  const trace = new NotedTrace();
  const tracing: Tracing = {
    publish: () => {
      throw new Error('nothing is published');
    },
    deliver: () => trace,
  };
  const traces = new DeliveryTraces(tracing, 'billing');
  const queue = new SettlementQueue({ onPending: () => {} }, traces);
  const deadlineTimestampNs = BigInt(Date.now() + MINUTE_MS) * 1_000_000n;
  const wire = { receipt: 1n, attempt: 1, messageCount: 1, deadlineTimestampNs };
  const lease = new Lease(queue, wire, Number.POSITIVE_INFINITY);
  const delivery = new Delivery(new Message('t', Buffer.alloc(0), 0, 0), lease, 0);
  return { told: trace.told, traces, delivery, lease };
}

describe('DeliveryTraces', () => {
  it('has no trace of what was not handed out', () => {
    const { traces, delivery } = start();
    expect(traceOf(delivery)).toBeUndefined();
    traces.handOut([delivery]);
    expect(traceOf(delivery)).toBeDefined();
  });

  it('loses what is not settled, once', () => {
    const { told, traces, delivery } = start();
    traces.handOut([delivery]);
    traces.lose('went with the connection');
    traces.lose('has ended');
    expect(told).toEqual(['PlayheadError: the lease went with the connection']);
  });

  it('does not lose what is settled', () => {
    const { told, traces, delivery } = start();
    traces.handOut([delivery]);
    void delivery.extend();
    void delivery.ack();
    traces.lose('went with the connection');
    void delivery.ack();
    expect(told).toEqual(['extend', 'ack', 'refused ack']);
  });

  it('loses what was forgotten when its lease has long run out', () => {
    const { told, traces, delivery } = start();
    traces.handOut([delivery]);
    vi.advanceTimersByTime(MINUTE_MS);
    expect(told).toEqual([]);
    vi.advanceTimersByTime(MINUTE_MS);
    expect(told).toEqual(['PlayheadError: the lease has run out']);
    expect(vi.getTimerCount()).toBe(0);
  });
});
