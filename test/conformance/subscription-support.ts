import type { ServiceError } from '@grpc/grpc-js';
import { decodeErrorReason, type WireError } from 'playhead-proto';
import { afterAll, beforeAll, expect } from 'vitest';
import { SubscriptionCaller } from '../support/subscription-caller.ts';
import { Refusal, refusalOf } from './caller.ts';
import { isExternal, newTopic, OwnBroker } from './support.ts';

/** One broker for all tests of a file, by the generated clients. Answers with the way to get them. */
export function useSubscriptions(): () => SubscriptionCaller {
  let broker: OwnBroker | undefined;
  let caller: SubscriptionCaller | undefined;
  beforeAll(async () => {
    if (!isExternal) broker = await OwnBroker.start();
    caller = SubscriptionCaller.connect(broker?.address ?? process.env['PLAYHEAD_ADDRESS'] ?? '');
  });
  afterAll(async () => {
    caller?.[Symbol.dispose]();
    await broker?.[Symbol.asyncDispose]();
  });
  return () => {
    if (caller === undefined) throw new TypeError('the broker is there once a test runs');
    return caller;
  };
}

/** What a call of a generated client is refused with. */
export function refused(call: Promise<unknown>): ReturnType<typeof refusalOf> {
  return refusalOf(
    call.catch((error: unknown) => {
      throw isServiceError(error) ? new Refusal(error) : error;
    }),
  );
}

/** An error inside a response, in short. */
export function reasonOf(error: WireError | undefined): string | undefined {
  return error && decodeErrorReason(error.reason);
}

/** A topic of its own with these messages, and a subscription `s` from the earliest on. */
export async function subscribed(
  caller: SubscriptionCaller,
  contents: Parameters<SubscriptionCaller['publish']>[1][],
  config: Parameters<SubscriptionCaller['create']>[2] = {},
): Promise<string> {
  const topic = newTopic();
  if (contents.length > 0) await caller.publish(topic, ...contents);
  await caller.create(topic, 's', config);
  return topic;
}

/** The item at this place, which must be there. */
export function at<T>(items: readonly T[], index: number): T {
  const item = items[index];
  if (item === undefined) throw new Error(`there are ${items.length} items`);
  return item;
}

/** Asks again until it holds: for what the broker does in the background. */
export async function eventually(holds: () => Promise<boolean>): Promise<void> {
  await expect.poll(holds, { timeout: 15_000, interval: 20 }).toBe(true);
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && 'details' in error && 'metadata' in error;
}
