import type {
  Server,
  ServerDuplexStream,
  ServerUnaryCall,
  ServerWritableStream,
  ServiceError,
  sendUnaryData,
} from '@grpc/grpc-js';
import { Metadata } from '@grpc/grpc-js';
import { ERROR_DETAILS_TRAILER } from 'playhead-proto';
import type { ServiceMethod } from '../service/call.ts';
import { CallError } from '../service/call.ts';

const identity = (bytes: Buffer): Buffer => bytes;

/** Messages stay bytes: who handles a call reads and writes them. */
const bytesBothWays = {
  requestSerialize: identity,
  requestDeserialize: identity,
  responseSerialize: identity,
  responseDeserialize: identity,
};

/** Serves the methods over gRPC. */
export function addMethods(
  server: Pick<Server, 'addService'>,
  methods: readonly ServiceMethod[],
): void {
  for (const method of methods) {
    const { kind, path } = method;
    const definition = {
      path,
      requestStream: kind === 'duplex',
      responseStream: kind !== 'unary',
      ...bytesBothWays,
    };
    server.addService({ [path]: definition }, { [path]: handlerOf(method) });
  }
}

type Handler =
  | ((call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>) => void)
  | ((call: ServerWritableStream<Buffer, Buffer>) => void)
  | ((call: ServerDuplexStream<Buffer, Buffer>) => void);

function handlerOf(method: ServiceMethod): Handler {
  switch (method.kind) {
    case 'unary':
      return (call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>) => {
        method.handle(call.request, call).then(
          (response) => callback(null, response),
          (error: unknown) => callback(toServiceError(error)),
        );
      };
    case 'read':
      return (call: ServerWritableStream<Buffer, Buffer>) => {
        method
          .handle(call.request, call, () => call.sendMetadata(new Metadata()))
          .catch((error: unknown) => call.emit('error', toServiceError(error)));
      };
    case 'duplex':
      return (call: ServerDuplexStream<Buffer, Buffer>) => {
        method.handle(
          call,
          () => call.sendMetadata(new Metadata()),
          (error) => call.emit('error', toServiceError(error)),
        );
      };
  }
}

/** The refusal as grpc-js sends it. */
function toServiceError(error: unknown): ServiceError {
  if (!(error instanceof CallError)) throw error;
  const metadata = new Metadata();
  metadata.set(ERROR_DETAILS_TRAILER, error.trailer);
  const { code, message } = error;
  return Object.assign(new Error(message), { code, details: message, metadata });
}
