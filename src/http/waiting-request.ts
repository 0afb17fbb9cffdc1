import type { FastifyReply, FastifyRequest } from 'fastify';
import { BrokerError, invalidArgument } from '../errors.ts';
import { endNs } from '../subscription/run.ts';
import type { Subscription } from '../subscription/subscription.ts';
import type { LeaseNote } from '../subscription/worker.ts';
import type { HttpContext } from './context.ts';

/**
 * Runs what may have to wait for messages, with a signal that ends the wait when the client hangs up or the broker shuts
 * down; its reason says which.
 */
export async function whileConnected<Result>(
  { raw }: Pick<FastifyRequest, 'raw'>,
  { readers, options }: Pick<HttpContext, 'readers' | 'options'>,
  run: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const aborting = new AbortController();
  const remove = readers.add({ close: () => aborting.abort(shuttingDown()) });
  const hangUp = () => aborting.abort(invalidArgument('request', 'the client has hung up'));
  if (raw.socket.destroyed) hangUp();
  raw.socket.once('close', hangUp);
  options.observer?.streamOpened('pull');
  try {
    return await run(aborting.signal);
  } finally {
    raw.socket.off('close', hangUp);
    remove();
    options.observer?.streamClosed('pull');
  }
}

/** Whoever hangs up before the answer was sent has not seen the messages: they do not wait until the lease runs out. */
export function giveBackUnlessSent(
  { raw }: FastifyReply,
  subscription: Subscription,
  notes: readonly LeaseNote[],
): void {
  const action = { type: 'nack', delayMs: 0n, isUnseen: true } as const;
  const giveBack = () => {
    if (raw.writableFinished) return;
    const leases = notes.flatMap(({ receipt }) => subscription.state.leases.of(receipt));
    const settlements = leases.map(({ receipt, run }) => {
      return { receipt, firstNs: run.firstTimestampNs, lastNs: endNs(run) - 1n, action };
    });
    subscription.settle(settlements).catch(() => {
      // The subscription is no more, or the storage has failed: then the leases run out.
    });
  };
  if (raw.destroyed) giveBack();
  else raw.once('close', giveBack);
}

function shuttingDown(): BrokerError {
  return new BrokerError('SHUTTING_DOWN', 'the broker is shutting down; pull again');
}
