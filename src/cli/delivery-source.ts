import type { ConsumptionEnd } from 'playhead-client';

/** Most deliveries that are taken and not settled yet. */
export const MAX_IN_FLIGHT = 1000;
/** The longest wait of one pull. */
export const MAX_WAIT_MS = 60_000;

/** When deliveries end, besides the end of the topic. */
export interface SourceLimits {
  /** After so long without one. */
  readonly idleMs: number | undefined;
  /** When it fires. */
  readonly signal: AbortSignal;
}

/** Why no more deliveries come. `stopped`: a limit was reached. */
export type SourceEnd =
  | { readonly type: 'stopped' }
  | { readonly type: 'drained'; readonly reason: string };

/** Batches of deliveries, which the caller settles before it asks for the next one; the end is what it returns. */
export type DeliverySource<D> = AsyncGenerator<readonly D[], SourceEnd, undefined>;

/** The part of a consumption that a source needs. */
export interface PushingConsumption<D> {
  readonly ended: ConsumptionEnd | undefined;
  started(): Promise<void>;
  batches(): AsyncGenerator<readonly D[], undefined>;
  close(): Promise<void>;
}

/** The part of a subscription that a source needs. */
export interface PullableSubscription<D> {
  pull(options: {
    readonly max: number;
    readonly wait: number;
    readonly signal: AbortSignal;
  }): Promise<readonly D[] & { readonly drained: { readonly reason: string } | undefined }>;
}

const STOPPED: SourceEnd = { type: 'stopped' };

/**
 * Deliveries as the broker pushes them. A limit takes effect between two batches: what was handed out stays leased until
 * it is settled. Throws what the consumption throws.
 */
export async function* pushedDeliveries<D>(
  consumption: PushingConsumption<D>,
  { idleMs, signal }: SourceLimits,
): DeliverySource<D> {
  // Whoever closes the consumption in the end gets its error.
  const stop = () => void consumption.close().catch(() => undefined);
  const wait = async <T>(waited: Promise<T>, timeoutMs: number | undefined): Promise<T> => {
    const timer = timeoutMs === undefined ? undefined : setTimeout(stop, timeoutMs);
    signal.addEventListener('abort', stop, { once: true });
    return await waited.finally(() => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
    });
  };
  if (signal.aborted) return STOPPED;
  // Connecting is not idling. A failure to start is that of the deliveries, too.
  await wait(consumption.started(), undefined).catch(() => undefined);
  const batches = consumption.batches();
  while (!signal.aborted) {
    const next = await wait(batches.next(), idleMs);
    if (next.done === true)
      return consumption.ended?.type === 'drained' ? consumption.ended : STOPPED;
    yield next.value;
  }
  return STOPPED;
}

/** So many deliveries and not one more: each taking counts as an attempt, so what is not to be printed is not taken. */
export async function* countedDeliveries<D>(
  subscription: PullableSubscription<D>,
  count: number,
  { idleMs = Number.POSITIVE_INFINITY, signal }: SourceLimits,
): DeliverySource<D> {
  let left = count;
  let idleSinceMs = performance.now();
  while (left > 0 && !signal.aborted) {
    const idleLeftMs = Math.ceil(idleSinceMs + idleMs - performance.now());
    const wait = Math.max(0, Math.min(idleLeftMs, MAX_WAIT_MS));
    const max = Math.min(left, MAX_IN_FLIGHT);
    const deliveries = await subscription.pull({ max, wait, signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
    if (deliveries === undefined) return STOPPED;
    if (deliveries.length > 0) {
      left -= deliveries.length;
      yield deliveries;
      idleSinceMs = performance.now();
    } else if (deliveries.drained !== undefined) {
      return { type: 'drained', reason: deliveries.drained.reason };
    } else if (idleLeftMs <= MAX_WAIT_MS) {
      return STOPPED;
    }
  }
  return STOPPED;
}
