import { BrokerError, invalidArgument } from '../errors.ts';
import { LEASE_MS_MAX, TERMINATE_REASON_BYTES } from '../limits.ts';
import { formatTimestamp } from '../timestamp.ts';
import { checkLeaseMs } from './subscription-config.ts';

/** What is to become of deliveries: of those of one receipt whose timestamps are in a range, both ends included. */
export interface Settlement {
  readonly receipt: bigint;
  readonly firstNs: bigint;
  readonly lastNs: bigint;
  readonly action: SettlementAction;
}

export type SettlementAction =
  | { readonly type: 'ack'; readonly isCumulative: boolean }
  /** Without a delay the subscription's backoff holds. What nobody has seen does not count as delivered. */
  | { readonly type: 'nack'; readonly delayMs: bigint | undefined; readonly isUnseen?: boolean }
  /** Without a length the subscription's own holds. */
  | { readonly type: 'extend'; readonly leaseMs: bigint | undefined }
  | { readonly type: 'terminate'; readonly reason: string }
  /** None that is known: refused. */
  | { readonly type: 'unset' };

/** What a settlement has done. */
export interface SettlementOutcome {
  /** Messages that it applied to. */
  readonly messageCount: number;
  /** Set if it did not apply to all that it named. */
  readonly error?: BrokerError;
  /** After an extension: when the lease runs out. */
  readonly deadlineNs?: bigint;
}

/** A lease is not the caller's, or not any more. */
export function leaseLost(settlement: Settlement, heldCount: number): BrokerError {
  const { receipt, firstNs, lastNs } = settlement;
  const named = lastNs - firstNs + 1n;
  const which =
    named === 1n
      ? `message ${formatTimestamp(firstNs)} is`
      : `of the ${named} messages from ${formatTimestamp(firstNs)} on ${heldCount} are`;
  return new BrokerError(
    'CONFLICT',
    `${which}${named === 1n ? ' not' : ''} leased under receipt ${receipt}: a lease ends when it is settled, runs out, or is fenced off by a seek`,
    { receipt: `${receipt}` },
  );
}

/** Throws INVALID_ARGUMENT if it makes no sense, whatever is leased. */
export function checkSettlement(
  { action, firstNs, lastNs }: Settlement,
  { isStream }: { readonly isStream: boolean },
): void {
  if (action.type === 'unset') {
    throw invalidArgument('action', 'is not set; it is one of ack, nack, extend and terminate');
  }
  if (lastNs < firstNs) {
    throw invalidArgument(
      'last_timestamp_ns',
      `${lastNs} is before first_timestamp_ns, ${firstNs}`,
    );
  }
  if (action.type === 'ack' && action.isCumulative && !isStream) {
    throw invalidArgument('ack.is_cumulative', 'is for the stream that has the leases');
  }
  if (action.type === 'extend' && action.leaseMs !== undefined) {
    checkLeaseMs('extend.lease_ms', action.leaseMs);
  }
  if (action.type === 'nack' && action.delayMs !== undefined) {
    const { delayMs } = action;
    if (delayMs < 0n || delayMs > LEASE_MS_MAX) {
      throw invalidArgument('nack.delay_ms', `${delayMs} is not between 0 and ${LEASE_MS_MAX}`);
    }
  }
  if (action.type === 'terminate' && Buffer.byteLength(action.reason) > TERMINATE_REASON_BYTES) {
    const bytes = Buffer.byteLength(action.reason);
    throw invalidArgument(
      'terminate.reason',
      `${bytes} bytes are more than ${TERMINATE_REASON_BYTES}`,
    );
  }
}
