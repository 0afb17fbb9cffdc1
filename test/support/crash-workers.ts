import { setTimeout as sleep } from 'node:timers/promises';
import type { Settlement, SettlementResult } from 'playhead-proto';
import type { Delivered } from './consumer.ts';
import { ack, extend, nack, terminate } from './consumer.ts';
import type { DeliveryLedger } from './delivery-ledger.ts';
import type { Random } from './random.ts';
import type { SubscriptionCaller } from './subscription-caller.ts';
import { pulledFrom } from './subscription-caller.ts';

/** What a worker is to do, and where it notes what it was told. */
export interface CrashWork {
  readonly caller: SubscriptionCaller;
  readonly topic: string;
  readonly subscription: string;
  readonly ledger: DeliveryLedger;
  readonly random: Random;
  /** False: it acknowledges everything. */
  readonly isFickle: boolean;
}

type Decision = 'ack' | 'nack' | 'extend' | 'terminate' | 'forget';

function decide({ random, isFickle }: CrashWork): Decision {
  if (!isFickle) return 'ack';
  const number = random.next();
  if (number < 0.6) return 'ack';
  if (number < 0.8) return 'nack';
  if (number < 0.87) return 'extend';
  return number < 0.9 ? 'terminate' : 'forget';
}

function settlementOf(decision: Exclude<Decision, 'forget'>, delivered: Delivered): Settlement {
  switch (decision) {
    case 'ack':
      return ack(delivered);
    case 'nack':
      return nack(delivered, 5n);
    case 'extend':
      return extend(delivered, 100n);
    case 'terminate':
      return terminate(delivered, 'as it happens');
  }
}

/** Notes what has become of a delivery, as the broker says. */
function note(
  { ledger }: CrashWork,
  decision: Decision,
  delivered: Delivered,
  result: SettlementResult | undefined,
): void {
  if (result?.error !== undefined || result?.messageCount !== 1) return;
  if (decision === 'ack' || decision === 'terminate') ledger.settle(delivered, decision);
}

/** Consumes by a stream until the broker no longer answers. */
export async function consumeUntilGone(work: CrashWork): Promise<void> {
  const { caller, topic, subscription, ledger } = work;
  using consumer = caller.consume();
  const asked: { decision: Decision; delivered: Delivered }[] = [];
  let answeredCount = 0;
  const onResults = () => {
    for (const result of consumer.results.splice(0)) {
      const { decision, delivered } = asked[answeredCount++] ?? {};
      if (decision !== undefined && delivered !== undefined) {
        note(work, decision, delivered, result);
      }
    }
  };
  consumer.onDelivered = (delivered) => {
    ledger.deliver(delivered);
    const decision = decide(work);
    consumer.send({ creditMessages: 1, creditBytes: delivered.value.length + 64 });
    if (decision === 'forget') return;
    asked.push({ decision, delivered });
    consumer.settle(settlementOf(decision, delivered));
  };
  consumer.start(topic, subscription, { creditMessages: 50 });
  await consumer
    .until(() => {
      onResults();
      return false;
    })
    .catch(() => {
      onResults();
    });
}

/** Pulls until the broker no longer answers. */
export async function pullUntilGone(work: CrashWork): Promise<void> {
  const { caller, topic, subscription, ledger } = work;
  try {
    for (;;) {
      const pulled = pulledFrom(
        await caller.pull(topic, subscription, { maxMessages: 20, waitMs: 100 }),
      );
      for (const delivered of pulled) ledger.deliver(delivered);
      const asked = pulled
        .map((delivered) => ({ delivered, decision: decide(work) }))
        .flatMap(({ decision, delivered }) =>
          decision === 'forget' ? [] : [{ decision, delivered }],
        );
      const settlements = asked.map(({ decision, delivered }) => settlementOf(decision, delivered));
      const results = await caller.acknowledge(topic, subscription, ...settlements);
      asked.forEach(({ decision, delivered }, i) => note(work, decision, delivered, results[i]));
    }
  } catch {
    // It is gone.
  }
}

/** Publishes small batches until the broker no longer answers; each id once. */
export async function publishUntilGone(
  { caller, topic, random }: Pick<CrashWork, 'caller' | 'topic' | 'random'>,
  ledgers: readonly DeliveryLedger[],
  nextId: () => string,
): Promise<void> {
  try {
    for (;;) {
      const ids = Array.from({ length: 1 + random.below(20) }, nextId);
      for (const ledger of ledgers) ledger.publish(ids);
      await caller.publish(topic, ...ids.map((id) => ({ key: `k${random.below(8)}`, value: id })));
      await sleep(random.below(10));
    }
  } catch {
    // It is gone.
  }
}
