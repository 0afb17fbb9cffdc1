import { once } from 'node:events';
import type { ConsumptionEnd } from 'playhead-client';
import { PlayheadError } from 'playhead-client';
import { describe, expect, it } from 'vitest';
import {
  countedDeliveries,
  type DeliverySource,
  MAX_WAIT_MS,
  type PullableSubscription,
  type PushingConsumption,
  pushedDeliveries,
} from '../../../src/cli/delivery-source.ts';

type PullOptions = Parameters<PullableSubscription<string>['pull']>[0];

/** All batches of a source, and its end. */
async function drain(source: DeliverySource<string>) {
  const batches: (readonly string[])[] = [];
  for (;;) {
    const next = await source.next();
    if (next.done === true) return { batches, end: next.value };
    batches.push(next.value);
  }
}

/** A consumption that pushes the batches and then waits until it is closed, unless it has an end of its own. */
class FakeConsumption implements PushingConsumption<string> {
  ended: ConsumptionEnd | undefined;
  closeCount = 0;
  readonly #batches: readonly (readonly string[])[];
  readonly #end: ConsumptionEnd | undefined;
  readonly #closed = new AbortController();

  constructor(batches: readonly (readonly string[])[], end?: ConsumptionEnd) {
    this.#batches = batches;
    this.#end = end;
  }

  started(): Promise<void> {
    return Promise.resolve();
  }

  async *batches(): AsyncGenerator<readonly string[], undefined> {
    for (const batch of this.#batches) yield batch;
    if (this.#end === undefined && !this.#closed.signal.aborted) {
      await once(this.#closed.signal, 'abort');
    }
    this.ended = this.#end ?? { type: 'closed' };
    if (this.ended.type === 'failed') throw this.ended.error;
    return undefined;
  }

  close(): Promise<void> {
    this.closeCount++;
    this.#closed.abort();
    return Promise.resolve();
  }
}

const unlimited = { idleMs: undefined, signal: new AbortController().signal };

describe('pushedDeliveries', () => {
  it('ends with the consumption', async () => {
    const end = { type: 'drained', reason: 'enough' } as const;
    const consumption = new FakeConsumption([['a', 'b'], ['c']], end);
    expect(await drain(pushedDeliveries(consumption, unlimited))).toEqual({
      batches: [['a', 'b'], ['c']],
      end,
    });
    expect(consumption.closeCount).toBe(0);
  });

  it('throws what the consumption cannot go on for, also if it never started', async () => {
    const error = new PlayheadError('SUBSCRIPTION_DELETED', 'gone');
    const consumption = new FakeConsumption([['a']], { type: 'failed', error });
    consumption.started = () => Promise.reject(error);
    await expect(drain(pushedDeliveries(consumption, unlimited))).rejects.toBe(error);
  });

  it('closes the consumption when none has come for so long', async () => {
    const consumption = new FakeConsumption([['a']]);
    expect(await drain(pushedDeliveries(consumption, { ...unlimited, idleMs: 5 }))).toEqual({
      batches: [['a']],
      end: { type: 'stopped' },
    });
    expect(consumption.closeCount).toBe(1);
  });

  it('closes it for a signal while it waits, but not while a batch is being printed', async () => {
    const stop = new AbortController();
    const consumption = new FakeConsumption([['a'], ['b']]);
    const source = pushedDeliveries(consumption, { idleMs: undefined, signal: stop.signal });
    expect((await source.next()).value).toEqual(['a']);
    stop.abort();
    expect(consumption.closeCount).toBe(0);
    expect(await source.next()).toEqual({ done: true, value: { type: 'stopped' } });

    const again = new AbortController();
    const waiting = new FakeConsumption([]);
    const drained = drain(pushedDeliveries(waiting, { idleMs: undefined, signal: again.signal }));
    again.abort();
    expect((await drained).end).toEqual({ type: 'stopped' });
  });
});

/** A subscription that answers with these, one after the other, and then with nothing. */
function pullable(...answers: readonly (readonly string[] | { readonly reason: string })[]) {
  const asked: PullOptions[] = [];
  const left = [...answers];
  const pull = (options: PullOptions) => {
    asked.push(options);
    const answer = left.shift() ?? [];
    return Promise.resolve(
      'reason' in answer
        ? Object.assign([], { drained: answer })
        : Object.assign([...answer], { drained: undefined }),
    );
  };
  return { pull, asked };
}

describe('countedDeliveries', () => {
  it('takes so many and not one more', async () => {
    const subscription = pullable(['a', 'b'], [], ['c']);
    expect(await drain(countedDeliveries(subscription, 3, unlimited))).toEqual({
      batches: [['a', 'b'], ['c']],
      end: { type: 'stopped' },
    });
    expect(subscription.asked.map(({ max, wait }) => [max, wait])).toEqual([
      [3, MAX_WAIT_MS],
      [1, MAX_WAIT_MS],
      [1, MAX_WAIT_MS],
    ]);
  });

  it('asks for no more at once than a worker may hold', async () => {
    const subscription = pullable();
    await drain(countedDeliveries(subscription, 5000, { ...unlimited, idleMs: 1 }));
    expect(subscription.asked[0]?.max).toBe(1000);
  });

  it('ends when none has come for so long, or the queue is drained', async () => {
    const idle = pullable(['a']);
    expect(await drain(countedDeliveries(idle, 3, { ...unlimited, idleMs: 500 }))).toEqual({
      batches: [['a']],
      end: { type: 'stopped' },
    });
    expect(idle.asked.map(({ wait }) => wait <= 500)).toEqual([true, true]);

    const drained = pullable(['a'], { reason: 'enough' });
    expect((await drain(countedDeliveries(drained, 3, unlimited))).end).toEqual({
      type: 'drained',
      reason: 'enough',
    });
  });

  it('ends for a signal, also while it waits, and throws any other failure', async () => {
    const stop = new AbortController();
    const failure = new PlayheadError('CANCELLED', 'cancelled');
    const waiting = {
      pull: () => {
        stop.abort();
        return Promise.reject(failure);
      },
    };
    const limits = { idleMs: undefined, signal: stop.signal };
    expect((await drain(countedDeliveries(waiting, 3, limits))).end).toEqual({ type: 'stopped' });
    const failing = { pull: () => Promise.reject(failure) };
    await expect(drain(countedDeliveries(failing, 3, unlimited))).rejects.toBe(failure);
  });
});
