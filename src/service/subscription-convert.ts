import type {
  SettlementResult,
  Backoff as WireBackoff,
  SubscriptionConfig as WireConfig,
  Lease as WireLease,
  Settlement as WireSettlement,
  Subscription as WireSubscription,
} from 'playhead-proto';
import { BacklogPolicy, ConsumeResponse, DeliveryMode } from 'playhead-proto';
import { invalidArgument } from '../errors.ts';
import { deadLetterTopicOf, defaultDeadLetterTopic } from '../subscription/dead-letters.ts';
import type {
  Settlement,
  SettlementAction,
  SettlementOutcome,
} from '../subscription/settlement.ts';
import type { Subscription } from '../subscription/subscription.ts';
import type {
  Backoff,
  DeliveryMode as Mode,
  BacklogPolicy as Policy,
  SubscriptionConfig,
} from '../subscription/subscription-config.ts';
import { DEFAULT_SUBSCRIPTION_CONFIG } from '../subscription/subscription-config.ts';
import type { LeaseNote } from '../subscription/worker.ts';
import { toWireError } from './status.ts';

const MODE: Readonly<Record<Mode, DeliveryMode>> = {
  shared: DeliveryMode.SHARED,
  exclusive: DeliveryMode.EXCLUSIVE,
  key_ordered: DeliveryMode.KEY_ORDERED,
};
const POLICY: Readonly<Record<Policy, BacklogPolicy>> = {
  refuse: BacklogPolicy.REFUSE,
  drop_oldest: BacklogPolicy.DROP_OLDEST,
  wait: BacklogPolicy.WAIT,
};

/** The settings that are set, of the subscription of this name. Throws INVALID_ARGUMENT. */
export function fromWireSettings(
  config: WireConfig | undefined,
  { topic, subscription }: { readonly topic: string; readonly subscription: string },
): Partial<SubscriptionConfig> {
  if (config === undefined) return {};
  const { deliveryMode, backlogPolicy, backoff } = config;
  const { leaseMs, maxAttempts, maxInFlight, idleExpiryMs, deadLetterTopic, maxPending } = config;
  if (deadLetterTopic === topic) {
    throw invalidArgument('dead_letter_topic', `${topic} is the topic of the subscription itself`);
  }
  return {
    ...(deliveryMode !== undefined && {
      deliveryMode: fromWireEnum('delivery_mode', MODE, deliveryMode, 'shared'),
    }),
    ...(backlogPolicy !== undefined && {
      backlogPolicy: fromWireEnum('backlog_policy', POLICY, backlogPolicy, 'refuse'),
    }),
    ...(backoff !== undefined && { backoff: fromWireBackoff(backoff) }),
    ...(leaseMs !== undefined && { leaseMs }),
    ...(maxAttempts !== undefined && { maxAttempts }),
    ...(maxInFlight !== undefined && { maxInFlight }),
    ...(idleExpiryMs !== undefined && { idleExpiryMs }),
    // The default that an answer spells out is the default.
    ...(deadLetterTopic !== undefined && {
      deadLetterTopic:
        deadLetterTopic === defaultDeadLetterTopic(topic, subscription) ? '' : deadLetterTopic,
    }),
    ...(maxPending !== undefined && { maxPending }),
  };
}

function fromWireBackoff(backoff: WireBackoff): Backoff {
  const { delaysMs, initialMs, maxMs, jitter } = backoff;
  if (delaysMs.length > 0 && (initialMs !== 0n || maxMs !== 0n || jitter !== 0)) {
    throw invalidArgument(
      'backoff',
      'has delays_ms, and initial_ms, max_ms or jitter beside; the list says it all',
    );
  }
  return { ...backoff, maxMs: maxMs || DEFAULT_SUBSCRIPTION_CONFIG.backoff.maxMs };
}

function toWireBackoff(backoff: Backoff): WireBackoff {
  const delaysMs = [...backoff.delaysMs];
  return { ...backoff, delaysMs, maxMs: delaysMs.length > 0 ? 0n : backoff.maxMs };
}

function fromWireEnum<Name extends string>(
  field: string,
  values: Readonly<Record<Name, number>>,
  value: number,
  unset: Name,
): Name {
  if (value === 0) return unset;
  const names = Object.keys(values) as Name[];
  const found = names.find((name) => values[name] === value);
  if (found === undefined) throw invalidArgument(field, `${value} is none of ${names.join(', ')}`);
  return found;
}

/** The subscription as it is now. */
export async function toWireSubscription(subscription: Subscription): Promise<WireSubscription> {
  const { cursorNs, oldestPendingNs } = await subscription.stat();
  const { topic, state, workers, context } = subscription;
  const { config, leases, waiting } = state;
  const ageNs = oldestPendingNs === undefined ? 0n : context.clock.nowNs() - oldestPendingNs;
  return {
    topic: topic.name,
    subscription: state.name,
    config: {
      ...config,
      deliveryMode: MODE[config.deliveryMode],
      backlogPolicy: POLICY[config.backlogPolicy],
      backoff: toWireBackoff(config.backoff),
      deadLetterTopic: deadLetterTopicOf(state, topic.name),
    },
    createdTimestampNs: state.createdTimestampNs,
    cursorTimestampNs: cursorNs ?? 0n,
    pendingCount: state.pendingCount(topic.span),
    inFlightCount: BigInt(leases.messageCount),
    waitingCount: BigInt(waiting.messageCount),
    redeliveredCount: state.redeliveredCount,
    deadLetteredCount: state.deadLetteredCount,
    acknowledgedCount: state.acknowledgedCount,
    oldestPendingTimestampNs: oldestPendingNs ?? 0n,
    lagSeconds: ageNs > 0n ? Number(ageNs / 1000n) / 1e6 : 0,
    workerCount: workers.size,
    isDrained: subscription.isDrained,
    droppedCount: state.droppedCount,
  };
}

export function fromWireSettlement(settlement: WireSettlement): Settlement {
  const { receipt, firstTimestampNs, lastTimestampNs } = settlement;
  return {
    receipt,
    firstNs: firstTimestampNs,
    lastNs: lastTimestampNs || firstTimestampNs,
    action: fromWireAction(settlement.action),
  };
}

function fromWireAction(action: WireSettlement['action']): SettlementAction {
  switch (action?.$case) {
    case undefined:
      return { type: 'unset' };
    case 'ack':
      return { type: 'ack', isCumulative: action.value.isCumulative };
    case 'nack':
      return {
        type: 'nack',
        delayMs: action.value.isUnseen ? 0n : action.value.delayMs,
        isUnseen: action.value.isUnseen,
      };
    case 'extend':
      return { type: 'extend', leaseMs: action.value.leaseMs || undefined };
    case 'terminate':
      return { type: 'terminate', reason: action.value.reason };
  }
}

export function toWireResult({
  messageCount,
  error,
  deadlineNs,
}: SettlementOutcome): SettlementResult {
  return {
    messageCount,
    error: error && toWireError(error),
    deadlineTimestampNs: deadlineNs ?? 0n,
  };
}

export function toWireLeases(leases: readonly LeaseNote[]): WireLease[] {
  return leases.map(({ receipt, messageCount, attempt, deadlineNs }) => ({
    receipt,
    messageCount,
    attempt,
    deadlineTimestampNs: deadlineNs,
  }));
}

/** Messages are concatenated as they are; what belongs to them follows. */
export function encodeDelivery(chunks: readonly Buffer[], leases: readonly LeaseNote[]): Buffer {
  const tail = { messages: [], leases: toWireLeases(leases), results: [], event: undefined };
  return Buffer.concat([...chunks, ConsumeResponse.encode(tail).finish()]);
}

export function encodeConsumeResults(outcomes: readonly SettlementOutcome[]): Buffer {
  const results = outcomes.map(toWireResult);
  return toBuffer({ messages: [], leases: [], results, event: undefined });
}

export function encodeConsumeEvent(event: ConsumeResponse['event']): Buffer {
  return toBuffer({ messages: [], leases: [], results: [], event });
}

function toBuffer(response: ConsumeResponse): Buffer {
  return Buffer.from(ConsumeResponse.encode(response).finish());
}
