import type { PlayheadError } from './errors.ts';

/** What a consumption meets between deliveries. */
export type ConsumptionEvent =
  /**
   * The broker has taken the worker: first, after each lost connection, and when it gets its turn. Deliveries come, or,
   * while it is not active, wait for the worker that is before it at an exclusive subscription. `maxInFlight` and
   * `maxBytes` are as they were asked for, or the broker's limits if these are less.
   */
  | {
      readonly type: 'started';
      readonly isActive: boolean;
      readonly leaseMs: number;
      readonly maxInFlight: number;
      readonly maxBytes: number;
    }
  /** The connection was lost, and is tried again: deliveries from before are void. */
  | { readonly type: 'disconnected'; readonly error: PlayheadError }
  /** The subscription was moved to this timestamp: deliveries from before are void. */
  | { readonly type: 'sought'; readonly timestampNs: bigint }
  | ConsumptionEnd;

/** Why a consumption is over. */
export type ConsumptionEnd =
  /** The topic is closed, and everything in it is settled. `reason` is as who closed it gave it. */
  | { readonly type: 'drained'; readonly reason: string }
  /** The subscription was deleted, alone or with its topic. */
  | { readonly type: 'deleted'; readonly isTopicDeleted: boolean }
  /** close() was called, or the loop left, or the client closed. */
  | { readonly type: 'closed' }
  /** It cannot go on, or a signal fired. */
  | { readonly type: 'failed'; readonly error: PlayheadError };
