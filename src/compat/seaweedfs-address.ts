import { isDialable, isHost } from '../address.ts';

/** By what the broker can be reached. */
export interface BrokerPlace {
  /** What the configuration says, `host:port`. */
  readonly advertiseAddress: string | undefined;
  /** Where it listens, `host:port`. */
  readonly listenAddress: string;
}

/**
 * What clients of SeaweedFS are told to dial: what is configured, or else what they have dialled already, since by that
 * name they have reached the broker. `dialled` is what the client says of it, and may be anything: without a port it gets
 * that of the broker, and what nobody can dial is answered with where the broker listens.
 */
export function brokerAddressFor(dialled: string, place: BrokerPlace): string {
  const { advertiseAddress, listenAddress } = place;
  if (advertiseAddress !== undefined) return advertiseAddress;
  if (isDialable(dialled)) return dialled;
  const port = listenAddress.slice(listenAddress.lastIndexOf(':') + 1);
  if (isHost(dialled)) return `${dialled}:${port}`;
  return isDialable(listenAddress) ? listenAddress : `localhost:${port}`;
}
