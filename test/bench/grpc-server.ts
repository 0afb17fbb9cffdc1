import type {
  ServerDuplexStream,
  ServerReadableStream,
  ServerWritableStream,
  sendUnaryData,
} from '@grpc/grpc-js';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import type { GrpcServerReport } from './grpc-peer.ts';
import { ECHO_PATH, FLOOD_PATH, SINK_PATH } from './grpc-peer.ts';
import { report } from './role.ts';

const asBytes = (bytes: Buffer): Buffer => bytes;
const serializers = {
  requestSerialize: asBytes,
  requestDeserialize: asBytes,
  responseSerialize: asBytes,
  responseDeserialize: asBytes,
};

/** The same settings as the broker's. */
async function serve(): Promise<string> {
  const server = new Server({
    'grpc.max_receive_message_length': -1,
    'grpc.max_send_message_length': -1,
    'grpc.enable_channelz': 0,
  });
  server.addService(
    {
      echo: { path: ECHO_PATH, requestStream: true, responseStream: true, ...serializers },
      sink: { path: SINK_PATH, requestStream: true, responseStream: false, ...serializers },
      flood: { path: FLOOD_PATH, requestStream: false, responseStream: true, ...serializers },
    },
    {
      echo: (call: ServerDuplexStream<Buffer, Buffer>) => {
        call.on('data', (message: Buffer) => call.write(message));
        call.on('end', () => call.end());
        call.on('error', () => undefined);
      },
      sink: (call: ServerReadableStream<Buffer, Buffer>, done: sendUnaryData<Buffer>) => {
        let bytes = 0;
        call.on('data', (buffer: Buffer) => {
          bytes += buffer.length;
        });
        call.on('end', () => done(null, Buffer.from(String(bytes))));
        call.on('error', () => undefined);
      },
      flood: (call: ServerWritableStream<Buffer, Buffer>) => {
        const { count, bytes }: { count: number; bytes: number } = JSON.parse(String(call.request));
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
      },
    },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return `127.0.0.1:${port}`;
}

// A role of grpc-peer.ts.
report({ address: await serve() } satisfies GrpcServerReport);
