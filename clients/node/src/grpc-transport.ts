import { createRequire } from 'node:module';
import type * as grpcJsModule from '@grpc/grpc-js';
import type { ChannelCredentials, Client as GrpcClient } from '@grpc/grpc-js';
import { machineClock } from './clock.ts';
import { pemBytes, type TlsOptions } from './tls.ts';
import type {
  CallFailure,
  Cancellable,
  DuplexCall,
  Link,
  LinkOptions,
  ReadCall,
  Transport,
} from './transport.ts';

type GrpcJs = typeof grpcJsModule;

const KEEPALIVE_MS = 30_000;
const KEEPALIVE_TIMEOUT_MS = 10_000;
/** HTTP/2 lets a broker send so much that nobody has read; the 64 KiB default caps a link of 10 ms at 6 MB/s. */
const FLOW_CONTROL_WINDOW_BYTES = 4 * 1024 * 1024;

const identity = (bytes: Buffer): Buffer => bytes;

let loaded: GrpcJs | undefined;

/** Loaded by who connects: a program with an embedded broker may never do. */
function grpcJs(): GrpcJs {
  loaded ??= createRequire(import.meta.url)('@grpc/grpc-js') as GrpcJs;
  return loaded;
}

/** Calls over gRPC, by grpc-js. */
export class GrpcTransport implements Transport {
  readonly addresses: readonly string[];
  readonly clock = machineClock;
  readonly #tls: TlsOptions | undefined;

  constructor(addresses: readonly string[], tls: TlsOptions | undefined) {
    this.addresses = addresses;
    this.#tls = tls;
  }

  open(address: string, options: LinkOptions): Link {
    return new GrpcLink(address, this.#credentials(), options);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #credentials(): ChannelCredentials {
    const { credentials } = grpcJs();
    const tls = this.#tls;
    if (tls === undefined) return credentials.createInsecure();
    return credentials.createSsl(pemBytes(tls.ca), pemBytes(tls.key), pemBytes(tls.cert));
  }
}

/** One connection. */
class GrpcLink implements Link {
  readonly takesOver = false;
  readonly #client: GrpcClient;

  constructor(address: string, credentials: ChannelCredentials, options: LinkOptions) {
    const { reconnectBackoffMs } = options;
    this.#client = new (grpcJs().Client)(address, credentials, {
      'grpc.use_local_subchannel_pool': 1,
      'grpc.enable_channelz': 0,
      'grpc.enable_http_proxy': 0,
      'grpc.enable_retries': 0,
      'grpc.service_config_disable_resolution': 1,
      'grpc.max_receive_message_length': -1,
      'grpc.max_send_message_length': -1,
      // The pauses between tries are made by the client, where they end with a signal and try another address.
      'grpc.initial_reconnect_backoff_ms': reconnectBackoffMs,
      'grpc.max_reconnect_backoff_ms': reconnectBackoffMs,
      // A broker whose machine is gone answers nothing, not even with a reset.
      'grpc.keepalive_time_ms': KEEPALIVE_MS,
      'grpc.keepalive_timeout_ms': KEEPALIVE_TIMEOUT_MS,
      'grpc-node.flow_control_window': FLOW_CONTROL_WINDOW_BYTES,
    });
  }

  get isReady(): boolean {
    return (
      this.#client.getChannel().getConnectivityState(false) === grpcJs().connectivityState.READY
    );
  }

  request(
    path: string,
    request: Buffer,
    timeoutMs: number,
    done: (failure: CallFailure | null, response?: Buffer) => void,
  ): Cancellable {
    const options = { deadline: Date.now() + timeoutMs };
    const metadata = new (grpcJs().Metadata)();
    return cancelledForGood(
      this.#client.makeUnaryRequest(path, identity, identity, request, metadata, options, done),
    );
  }

  openReadCall(path: string, request: Buffer): ReadCall {
    const metadata = new (grpcJs().Metadata)();
    return cancelledForGood(
      this.#client.makeServerStreamRequest(path, identity, identity, request, metadata, {}),
    );
  }

  openDuplexCall(path: string): DuplexCall {
    const metadata = new (grpcJs().Metadata)();
    return cancelledForGood(
      this.#client.makeBidiStreamRequest(path, identity, identity, metadata, {}),
    );
  }

  close(): void {
    this.#client.close();
  }
}

/**
 * grpc-js forgets a cancel that comes in the turn in which the call was made: the call reports CANCELLED, is sent
 * nevertheless, and streams to nobody for ever. Cancelling it again in the next turn reaches it.
 */
function cancelledForGood<Call extends Cancellable>(call: Call): Call {
  const cancel = call.cancel.bind(call);
  call.cancel = () => {
    cancel();
    setImmediate(cancel);
  };
  return call;
}
