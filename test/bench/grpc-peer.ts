import type { ClientDuplexStream } from '@grpc/grpc-js';
import { Client, credentials, Metadata } from '@grpc/grpc-js';
import { Role } from './role.ts';
import type { Payloads } from './verify.ts';
import { VerificationError } from './workload.ts';

/** Sends every message back. */
export const ECHO_PATH = '/bench.Peer/Echo';
/** Sends as many buffers as it is asked for. */
export const FLOOD_PATH = '/bench.Peer/Flood';

/** Takes buffers and tells their size in all. */
export const SINK_PATH = '/bench.Peer/Sink';

export interface GrpcServerReport {
  readonly address: string;
}

const asBytes = (bytes: Buffer): Buffer => bytes;

/** A bare grpc-js server in a process of its own, and a client of it: what gRPC itself takes. */
export class GrpcPeer implements AsyncDisposable {
  readonly address: string;
  readonly #server: Role<GrpcServerReport>;
  readonly #client: Client;

  private constructor(server: Role<GrpcServerReport>, address: string) {
    this.#server = server;
    this.address = address;
    this.#client = new Client(address, credentials.createInsecure(), {
      'grpc.max_receive_message_length': -1,
      'grpc.enable_channelz': 0,
      'grpc-node.flow_control_window': 4 * 1024 * 1024,
    });
  }

  static async start(): Promise<GrpcPeer> {
    const server = new Role<GrpcServerReport>('grpc-server');
    const { address } = await server.report();
    return new GrpcPeer(server, address);
  }

  /** Sends each value and waits for it to come back, so many under way at a time. */
  async echo(payloads: Payloads, count: number, inFlight: number): Promise<void> {
    const call = this.#client.makeBidiStreamRequest(ECHO_PATH, asBytes, asBytes, new Metadata());
    try {
      await echoThrough(call, payloads, count, inFlight);
    } finally {
      call.cancel();
    }
  }

  /** Sends so many buffers of this size. */
  sink(count: number, bytes: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const call = this.#client.makeClientStreamRequest(
        SINK_PATH,
        asBytes,
        asBytes,
        new Metadata(),
        (error, answer) => {
          if (error !== null) reject(error);
          else if (String(answer) === String(count * bytes)) resolve();
          else reject(new VerificationError(`${String(answer)} bytes arrived`));
        },
      );
      const buffer = Buffer.alloc(bytes, 'x');
      let left = count;
      const send = () => {
        while (left > 0) {
          left -= 1;
          if (!call.write(buffer)) {
            call.once('drain', send);
            return;
          }
        }
        call.end();
      };
      send();
    });
  }

  /** Receives so many buffers of this size. */
  async flood(count: number, bytes: number): Promise<void> {
    const request = Buffer.from(JSON.stringify({ count, bytes }));
    const call = this.#client.makeServerStreamRequest(FLOOD_PATH, asBytes, asBytes, request);
    let received = 0;
    for await (const buffer of call) received += buffer.length;
    if (received !== count * bytes) throw new VerificationError(`${received} bytes came`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.close();
    await this.#server[Symbol.asyncDispose]();
  }
}

function echoThrough(
  call: ClientDuplexStream<Buffer, Buffer>,
  payloads: Payloads,
  count: number,
  inFlight: number,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let sent = 0;
    let received = 0;
    const fill = () => {
      while (sent < count && sent - received < inFlight) {
        call.write(Buffer.from(payloads.at(sent++)));
      }
    };
    call.on('error', reject);
    call.on('data', (value: Buffer) => {
      if (!payloads.isLike(value, received)) reject(new VerificationError('another echo came'));
      received += 1;
      if (received === count) resolve();
      else fill();
    });
    fill();
  });
}
