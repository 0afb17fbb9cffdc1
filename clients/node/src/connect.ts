import { parseAddresses } from './addresses.ts';
import { Client, type ClientOptions } from './client.ts';
import { GrpcTransport } from './grpc-transport.ts';
import { type TlsOptions, tlsOptions } from './tls.ts';

const DEFAULT_ADDRESS = '127.0.0.1:17777';

export interface ConnectOptions extends ClientOptions {
  /** True: with the authorities that Node trusts. Off by default, as the broker itself listens in the clear. */
  readonly tls?: boolean | TlsOptions | undefined;
}

/**
 * A client of the broker at `address`, `127.0.0.1:17777` by default. Several addresses, as a list or separated by commas,
 * are tried in turn while one is away. Close it, for instance with `await using`.
 */
export function connect(
  address: string | readonly string[] = DEFAULT_ADDRESS,
  options: ConnectOptions = {},
): Client {
  const { tls, ...clientOptions } = options;
  const transport = new GrpcTransport(parseAddresses(address), tlsOptions(tls));
  return new Client(transport, clientOptions);
}
