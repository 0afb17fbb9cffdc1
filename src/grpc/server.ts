import { Server, ServerCredentials } from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';
import { BrokerError } from '../errors.ts';
import {
  KEEPALIVE_MS,
  KEEPALIVE_TIMEOUT_MS,
  RECEIVE_WINDOW_BYTES,
  REQUEST_OVERHEAD_BYTES,
  SHUTDOWN_GRACE_MS,
  STREAMS_PER_CONNECTION,
} from '../limits.ts';
import type { Log } from '../log/log.ts';
import type { ServiceOptions } from '../service/broker-service.ts';
import type { ServiceMethod } from '../service/call.ts';
import type { Served } from '../service/services.ts';
import { services } from '../service/services.ts';
import { Streams } from '../service/streams.ts';
import { addMethods } from './add-methods.ts';
import { widenReceiveWindow } from './receive-window.ts';
import { addReflection, HEALTH_SERVICE } from './reflection.ts';

const SERVICES = [
  'playhead.v1.BrokerService',
  'playhead.v1.TopicService',
  'playhead.v1.SubscriptionService',
  'playhead.v1.ScheduleService',
];

/** Services besides those of playhead.v1. */
export interface OtherServices {
  readonly names: readonly string[];
  /** The streams that they open are added to `streams`. */
  methods(streams: Streams): readonly ServiceMethod[];
}

/** The gRPC server of a broker, with health and reflection. */
export class GrpcServer {
  readonly #server: Server;
  readonly #streams: Streams;
  readonly #health: HealthImplementation;
  readonly #log: Log;
  readonly #names: readonly string[];
  #address: string | undefined;
  #closing: Promise<void> | undefined;

  constructor(served: Served, options: ServiceOptions, others?: OtherServices) {
    this.#log = served.log;
    this.#names = [...SERVICES, ...(others?.names ?? [])];
    this.#streams = new Streams(options.observer);
    this.#server = new Server({
      'grpc.max_receive_message_length': options.maxRequestBytes * 2 + REQUEST_OVERHEAD_BYTES,
      'grpc.max_send_message_length': -1,
      'grpc.max_concurrent_streams': STREAMS_PER_CONNECTION,
      'grpc.keepalive_time_ms': KEEPALIVE_MS,
      'grpc.keepalive_timeout_ms': KEEPALIVE_TIMEOUT_MS,
      'grpc.enable_channelz': 0,
    });
    widenReceiveWindow(this.#server, RECEIVE_WINDOW_BYTES);
    addMethods(this.#server, services(served, this.#streams, options));
    addMethods(this.#server, others?.methods(this.#streams) ?? []);
    this.#health = new HealthImplementation();
    this.#tellHealth();
    this.#health.addToServer(this.#server);
    this.#log.onWritability(() => this.#tellHealth());
    addReflection(this.#server, [...this.#names, HEALTH_SERVICE]);
  }

  /** Health is what a load balancer asks: whether writes are taken. */
  #tellHealth(): void {
    const isServing = this.#log.writeRefusal() === undefined;
    for (const service of ['', ...this.#names]) {
      this.#health.setStatus(service, isServing ? 'SERVING' : 'NOT_SERVING');
    }
  }

  /** Listens on `host:port`; port 0 takes a free one. Answers with the address in use. */
  async listen(address: string): Promise<string> {
    const port = await new Promise<number>((resolve, reject) => {
      this.#server.bindAsync(address, ServerCredentials.createInsecure(), (error, bound) =>
        error === null ? resolve(bound) : reject(listenError(address, error)),
      );
    });
    this.#address = `${address.slice(0, address.lastIndexOf(':'))}:${port}`;
    return this.#address;
  }

  /**
   * Ends in order: refuses new calls, lets what was accepted be acknowledged and streams take their end, and cuts what is
   * left after a while. Idempotent.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    // Cuts the connections that are left after the grace time, which forceShutdown does not while channelz is off.
    if (this.#address !== undefined) this.#server.drain(this.#address, SHUTDOWN_GRACE_MS);
    const ended = this.#streams
      .shutDown()
      .then(() => new Promise<void>((resolve) => this.#server.tryShutdown(() => resolve())));
    let timer: NodeJS.Timeout | undefined;
    const grace = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, SHUTDOWN_GRACE_MS);
    });
    await Promise.race([ended, grace]);
    clearTimeout(timer);
    this.#server.forceShutdown();
  }
}

function listenError(address: string, cause: Error): BrokerError {
  const isInUse = /EADDRINUSE/.test(cause.message);
  const why = isInUse ? 'the address is in use' : cause.message;
  return new BrokerError('STORAGE_FAILED', `cannot listen on ${address}: ${why}`, {}, cause);
}
