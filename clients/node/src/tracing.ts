import type { Delivery, SettleAction } from './delivery.ts';
import type { Publishable } from './publishable.ts';

/** What is done to a delivery, by name. */
export type SettleOperation = SettleAction['$case'];

/**
 * Is told what a client publishes, takes and settles, so that a trace can follow a message.
 * `playhead-client/opentelemetry` has one.
 */
export interface Tracing {
  /** Called for each `publish`, and once for each `publishBatch`, `publishAll` and close with messages. */
  publish(topic: string, isBatch: boolean): PublishTrace;
  /** Called for each delivery when it is handed out. */
  deliver(delivery: Delivery, subscription: string): DeliveryTrace;
}

/** A publish. What is told of its end first counts. */
export interface PublishTrace {
  /** The message as it is to be sent, with headers that continue the trace. Called for each message, in order. */
  inject(message: Publishable): Publishable;
  /** The broker has stored it; `timestampNs` is that of the first message, and undefined if there was none. */
  stored(timestampNs: bigint | undefined): void;
  failed(error: unknown): void;
}

/** A delivery, from when it is handed out. */
export interface DeliveryTrace {
  /** Runs what handles the delivery, so that what it does belongs to the trace. */
  run<T>(handle: () => T): T;
  /** What handles the delivery has thrown this. The delivery is still to be settled. */
  failed(error: unknown): void;
  /** It is settled or extended; `answer` is settled by the broker's answer. */
  settle(operation: SettleOperation, answer: Promise<void>): void;
  /** It was to be settled or extended, and cannot be: it is settled already, or lost. */
  refused(operation: SettleOperation, error: unknown): void;
  /** The lease was lost before it was settled. */
  lost(error: unknown): void;
}
