import { BrokerServiceDefinition } from './gen/playhead/v1/broker.ts';
import { ScheduleServiceDefinition } from './gen/playhead/v1/schedule.ts';
import { SubscriptionServiceDefinition } from './gen/playhead/v1/subscription.ts';
import { TopicServiceDefinition } from './gen/playhead/v1/topic.ts';

/** The codec of some message, as it is generated. */
interface MessageType {
  encode(message: never): { finish(): Uint8Array };
  decode(bytes: Uint8Array): unknown;
}

/** A service, as it is generated. */
interface Definition {
  readonly fullName: string;
  readonly methods: Readonly<Record<string, MethodDefinition>>;
}

interface MethodDefinition {
  readonly name: string;
  readonly requestType: MessageType;
  readonly responseType: MessageType;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
}

type Decoded<Type> = Type extends { decode(bytes: Uint8Array): infer T } ? T : never;

/**
 * A method: where it is found and how its messages are written. grpc-js takes it as it is, and nothing of it needs
 * grpc-js.
 */
export interface Method<Request, Response> {
  /** `/playhead.v1.BrokerService/Publish` */
  readonly path: string;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
  readonly requestSerialize: (request: Request) => Buffer;
  readonly requestDeserialize: (bytes: Buffer) => Request;
  readonly responseSerialize: (response: Response) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => Response;
}

/** The methods of a service by their names in lower camel case. */
type Service<D extends Definition> = {
  readonly [Name in keyof D['methods']]: Method<
    Decoded<D['methods'][Name]['requestType']>,
    Decoded<D['methods'][Name]['responseType']>
  > &
    Pick<D['methods'][Name], 'requestStream' | 'responseStream'>;
};

/** What grpc-js and those who answer need of a service. */
export function service<D extends Definition>({ fullName, methods }: D): Service<D> {
  const entries = Object.entries(methods).map(([name, method]) => {
    const { requestType, responseType, requestStream, responseStream } = method;
    return [
      name,
      {
        path: `/${fullName}/${method.name}`,
        requestStream,
        responseStream,
        requestSerialize: (request: never) => toBuffer(requestType.encode(request).finish()),
        requestDeserialize: (bytes: Buffer) => requestType.decode(bytes),
        responseSerialize: (response: never) => toBuffer(responseType.encode(response).finish()),
        responseDeserialize: (bytes: Buffer) => responseType.decode(bytes),
      },
    ] as const;
  });
  return Object.fromEntries(entries) as Service<D>;
}

/** The same bytes. */
function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export const BrokerServiceService = service(BrokerServiceDefinition);
export const TopicServiceService = service(TopicServiceDefinition);
export const SubscriptionServiceService = service(SubscriptionServiceDefinition);
export const ScheduleServiceService = service(ScheduleServiceDefinition);
