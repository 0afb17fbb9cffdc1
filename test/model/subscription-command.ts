import type { AsyncCommand } from 'fast-check';
import type { Harness, StreamWorker } from './subscription-harness.ts';
import type { Model, ModelSubscription } from './subscription-model.ts';

export type Command = AsyncCommand<Model, Harness>;

/** A command that may be run while `isPossible`; behind it everything is compared. */
export function command(
  text: string,
  isPossible: (model: Model) => boolean,
  run: (model: Model, harness: Harness) => Promise<void> | void,
): Command {
  return {
    check: isPossible,
    run: async (model, harness) => {
      await run(model, harness);
      await harness.quiet();
      await harness.compare();
    },
    toString: () => text,
  };
}

/** A command on a subscription that exists. */
export function onSubscription(
  text: string,
  name: string,
  run: (model: ModelSubscription, harness: Harness) => Promise<void> | void,
  isPossible: (model: Model) => boolean = () => true,
): Command {
  const find = (model: Model) => model.topic?.subscriptions.get(name);
  return command(
    `${name}: ${text}`,
    (model) => find(model) !== undefined && isPossible(model),
    (model, harness) => {
      const found = find(model);
      return found && run(found, harness);
    },
  );
}

/** A command on one of the streams that are there. */
export const onWorker = (
  text: string,
  index: number,
  run: (worker: StreamWorker, harness: Harness) => void,
) =>
  command(
    `worker ${index}: ${text}`,
    () => true,
    (_, harness) => {
      const worker = harness.workers[index % Math.max(1, harness.workers.length)];
      if (worker !== undefined) run(worker, harness);
    },
  );

/** As it is shown of a command that has failed. */
export function textOf(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? `${each}` : each));
}
