import type { FastifyReply, FastifyRequest } from 'fastify';
import { BrokerError, invalidArgument } from '../errors.ts';
import type { Lease } from '../subscription/lease.ts';
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

/** What becomes of an answer. */
export interface AnswerOutcomes {
  /** All of it is the system's to deliver: whoever asks next comes behind this. */
  readonly sent?: () => void;
  /** The client has hung up before, and has not seen all of it. */
  readonly lost: () => void;
}

/** Calls one of them, once it is known what has become of the answer. */
export function afterAnswer({ raw, request }: FastifyReply, { sent, lost }: AnswerOutcomes): void {
  const { socket } = request.raw;
  let isSent = false;
  const close = () => {
    if (!isSent) lost();
  };
  if (raw.destroyed) return close();
  raw.once('finish', () => {
    // Node says so, too, of an answer that it throws away because its connection is gone.
    isSent = !socket.destroyed;
    if (isSent) sent?.();
  });
  raw.once('close', close);
}

/** Whoever hangs up before the answer was sent has not seen the messages: they do not wait until the lease runs out. */
export function giveBackUnlessSent(
  reply: FastifyReply,
  subscription: Subscription,
  notes: readonly LeaseNote[],
): void {
  const lost = () =>
    giveBackUnseen(
      subscription,
      notes.flatMap(({ receipt }) => subscription.state.leases.of(receipt)),
    );
  afterAnswer(reply, { lost });
}

/** The messages of these leases wait again, and have not been delivered. */
export function giveBackUnseen(subscription: Subscription, leases: Iterable<Lease>): void {
  const action = { type: 'nack', delayMs: 0n, isUnseen: true } as const;
  const settlements = Array.from(leases, ({ receipt, run }) => {
    return { receipt, firstNs: run.firstTimestampNs, lastNs: endNs(run) - 1n, action };
  });
  subscription.settle(settlements).catch(() => {
    // The subscription is no more, or the storage has failed: then the leases run out.
  });
}

function shuttingDown(): BrokerError {
  return new BrokerError('SHUTTING_DOWN', 'the broker is shutting down; pull again');
}
