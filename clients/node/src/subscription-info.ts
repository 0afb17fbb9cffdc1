import {
  type Backoff as WireBackoff,
  type SubscriptionConfig as WireConfig,
  DeliveryMode as WireMode,
  BacklogPolicy as WirePolicy,
  type Subscription as WireSubscription,
} from 'playhead-proto';
import { type Duration, toMs } from './duration.ts';
import { PlayheadError } from './errors.ts';
import { int32 } from './number.ts';

/**
 * To whom messages go: each to one of the workers, all to one worker, or those of one key one at a time and in order.
 */
export type DeliveryMode = 'shared' | 'exclusive' | 'key_ordered';

/** What happens to a publish that would exceed `maxPending`. */
export type BacklogPolicy = 'refuse' | 'drop_oldest' | 'wait';

/**
 * How long a message waits before it is delivered again: the delays before the second, third and so on delivery, of
 * which the last holds for all later ones; or a delay that doubles up to `max` (one hour by default), shortened or
 * lengthened at random by the share `jitter` (0 to 1).
 */
export type RedeliveryBackoff =
  | readonly Duration[]
  | {
      readonly initial: Duration;
      readonly max?: Duration | undefined;
      readonly jitter?: number | undefined;
    };

/** Settings of a subscription. In a create, what is missing is the default; in an update, it stays as it is. */
export interface SubscriptionSettings {
  /** `'shared'` by default. Cannot be changed while there are workers. */
  readonly mode?: DeliveryMode | undefined;
  /** How long a delivery is the worker's own, unless it extends that; 1 ms to 7 days, 30 s by default. */
  readonly lease?: Duration | undefined;
  /** Deliveries of a message in all, 1 to 1000; 5 by default. Then it becomes a dead letter. */
  readonly maxAttempts?: number | undefined;
  /** Most messages that are leased at one time, to all workers together; 1 to 1 000 000, 10 000 by default. */
  readonly maxInFlight?: number | undefined;
  /** Before a redelivery; none by default. An empty list: none. */
  readonly backoff?: RedeliveryBackoff | undefined;
  /** A subscription that nobody has used for so long is deleted. 0, the default: never. */
  readonly idleExpiry?: Duration | undefined;
  /** Where dead letters go; `dead-letter/TOPIC/SUBSCRIPTION` by default. */
  readonly deadLetterTopic?: string | undefined;
  /** Most messages that are not acknowledged. 0, the default: no limit. */
  readonly maxPending?: number | undefined;
  /** `'refuse'` by default. */
  readonly backlogPolicy?: BacklogPolicy | undefined;
}

/** The settings of a subscription as the broker has them. */
export interface SubscriptionConfig {
  readonly mode: DeliveryMode;
  readonly leaseMs: number;
  readonly maxAttempts: number;
  readonly maxInFlight: number;
  /** Undefined: none. */
  readonly backoff:
    | { readonly delaysMs: readonly number[] }
    | { readonly initialMs: number; readonly maxMs: number; readonly jitter: number }
    | undefined;
  /** 0: never. */
  readonly idleExpiryMs: number;
  readonly deadLetterTopic: string;
  /** 0: no limit. */
  readonly maxPending: number;
  readonly backlogPolicy: BacklogPolicy;
}

/** A subscription as it was at the time of the answer. */
export interface SubscriptionInfo {
  readonly topic: string;
  readonly subscription: string;
  readonly config: SubscriptionConfig;
  readonly createdTimestampNs: bigint;
  /** Timestamp of the next message that was never delivered. */
  readonly cursorTimestampNs: bigint | undefined;
  /** Messages that are not acknowledged, those in flight included: the lag. */
  readonly pendingCount: number;
  /** Messages that are leased. */
  readonly inFlightCount: number;
  /** Messages that were delivered and wait to be delivered again. */
  readonly waitingCount: number;
  /** Deliveries, ever, that were not the first of their message. */
  readonly redeliveredCount: number;
  /** Messages, ever, that went to the dead-letter topic. */
  readonly deadLetteredCount: number;
  /** Messages, ever, that were acknowledged. */
  readonly acknowledgedCount: number;
  /** Timestamp of the oldest message that is not acknowledged. */
  readonly oldestPendingTimestampNs: bigint | undefined;
  /** Age of that message by the broker's clock; 0 if there is none. */
  readonly lagSeconds: number;
  /** Workers that are connected. */
  readonly workerCount: number;
  /** True if the topic is closed and everything in it is settled: no message will come any more. */
  readonly isDrained: boolean;
}

const wireModes: Readonly<Record<DeliveryMode, WireMode>> = {
  shared: WireMode.SHARED,
  exclusive: WireMode.EXCLUSIVE,
  key_ordered: WireMode.KEY_ORDERED,
};

const wirePolicies: Readonly<Record<BacklogPolicy, WirePolicy>> = {
  refuse: WirePolicy.REFUSE,
  drop_oldest: WirePolicy.DROP_OLDEST,
  wait: WirePolicy.WAIT,
};

/** Throws a TypeError for what does not fit the wire; whether it makes sense is the broker's to say. */
export function toWireSettings(settings: SubscriptionSettings): WireConfig {
  const { mode, lease, backoff, idleExpiry, maxPending, backlogPolicy } = settings;
  return {
    deliveryMode: mode === undefined ? undefined : oneOf('mode', mode, wireModes),
    leaseMs: lease === undefined ? undefined : toMs('lease', lease),
    maxAttempts: int32('maxAttempts', settings.maxAttempts),
    maxInFlight: int32('maxInFlight', settings.maxInFlight),
    backoff: backoff === undefined ? undefined : toWireBackoff(backoff),
    idleExpiryMs: idleExpiry === undefined ? undefined : toMs('idleExpiry', idleExpiry),
    deadLetterTopic: settings.deadLetterTopic,
    maxPending: maxPending === undefined ? undefined : count('maxPending', maxPending),
    backlogPolicy:
      backlogPolicy === undefined ? undefined : oneOf('backlogPolicy', backlogPolicy, wirePolicies),
  };
}

export function fromWireSubscription(wire: WireSubscription | undefined): SubscriptionInfo {
  if (wire === undefined) {
    throw new PlayheadError('INTERNAL', 'the broker sent an answer without its contents');
  }
  return {
    topic: wire.topic,
    subscription: wire.subscription,
    config: fromWireConfig(wire.config),
    createdTimestampNs: wire.createdTimestampNs,
    cursorTimestampNs: wire.cursorTimestampNs === 0n ? undefined : wire.cursorTimestampNs,
    pendingCount: Number(wire.pendingCount),
    inFlightCount: Number(wire.inFlightCount),
    waitingCount: Number(wire.waitingCount),
    redeliveredCount: Number(wire.redeliveredCount),
    deadLetteredCount: Number(wire.deadLetteredCount),
    acknowledgedCount: Number(wire.acknowledgedCount),
    oldestPendingTimestampNs:
      wire.oldestPendingTimestampNs === 0n ? undefined : wire.oldestPendingTimestampNs,
    lagSeconds: wire.lagSeconds,
    workerCount: wire.workerCount,
    isDrained: wire.isDrained,
  };
}

function fromWireConfig(config: WireConfig | undefined): SubscriptionConfig {
  return {
    mode: nameOf(config?.deliveryMode, wireModes, 'shared'),
    leaseMs: Number(config?.leaseMs ?? 0n),
    maxAttempts: config?.maxAttempts ?? 0,
    maxInFlight: config?.maxInFlight ?? 0,
    backoff: fromWireBackoff(config?.backoff),
    idleExpiryMs: Number(config?.idleExpiryMs ?? 0n),
    deadLetterTopic: config?.deadLetterTopic ?? '',
    maxPending: Number(config?.maxPending ?? 0n),
    backlogPolicy: nameOf(config?.backlogPolicy, wirePolicies, 'refuse'),
  };
}

function toWireBackoff(backoff: RedeliveryBackoff): WireBackoff {
  if (isList(backoff)) {
    const delaysMs = backoff.map((delay) => toMs('backoff', delay));
    return { delaysMs, initialMs: 0n, maxMs: 0n, jitter: 0 };
  }
  const { initial, max = 0, jitter = 0 } = backoff;
  return {
    delaysMs: [],
    initialMs: toMs('backoff.initial', initial),
    maxMs: toMs('backoff.max', max),
    jitter,
  };
}

// Array.isArray does not narrow a readonly array.
function isList(backoff: RedeliveryBackoff): backoff is readonly Duration[] {
  return Array.isArray(backoff);
}

function fromWireBackoff(backoff: WireBackoff | undefined): SubscriptionConfig['backoff'] {
  if (backoff === undefined) return undefined;
  const { delaysMs, initialMs, maxMs, jitter } = backoff;
  if (delaysMs.length > 0) return { delaysMs: delaysMs.map(Number) };
  if (initialMs === 0n) return undefined;
  return { initialMs: Number(initialMs), maxMs: Number(maxMs), jitter };
}

function oneOf<Name extends string, Wire>(
  option: string,
  name: Name,
  values: Readonly<Record<Name, Wire>>,
): Wire {
  if (Object.hasOwn(values, name)) return values[name];
  const names = Object.keys(values).join(', ');
  throw new TypeError(`${option} must be one of ${names}, not ${name}`);
}

function nameOf<Name extends string, Wire>(
  value: Wire | undefined,
  values: Readonly<Record<Name, Wire>>,
  fallback: Name,
): Name {
  for (const name in values) if (values[name] === value) return name;
  return fallback;
}

function count(name: string, value: number): bigint {
  if (Number.isSafeInteger(value)) return BigInt(value);
  throw new TypeError(`${name} must be an integer, not ${value}`);
}
