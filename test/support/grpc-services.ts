import type {
  CallOptions,
  ChannelCredentials,
  Client,
  ClientDuplexStream,
  ClientOptions,
  ClientReadableStream,
  ClientUnaryCall,
  handleBidiStreamingCall,
  handleServerStreamingCall,
  handleUnaryCall,
  Metadata,
  ServiceDefinition,
  ServiceError,
  UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { makeGenericClientConstructor } from '@grpc/grpc-js';
import type { Method } from 'playhead-proto';
import {
  BrokerServiceService,
  ScheduleServiceService,
  SubscriptionServiceService,
  TopicServiceService,
} from 'playhead-proto';

type Done<Response> = (error: ServiceError | null, response: Response) => void;

interface UnaryCaller<Request, Response> {
  (request: Request, done: Done<Response>): ClientUnaryCall;
  (request: Request, metadata: Metadata, done: Done<Response>): ClientUnaryCall;
  (
    request: Request,
    metadata: Metadata,
    options: Partial<CallOptions>,
    done: Done<Response>,
  ): ClientUnaryCall;
}

type Caller<M> =
  M extends Method<infer Request, infer Response>
    ? M extends { requestStream: true }
      ? (
          metadata?: Metadata,
          options?: Partial<CallOptions>,
        ) => ClientDuplexStream<Request, Response>
      : M extends { responseStream: true }
        ? (
            request: Request,
            metadata?: Metadata,
            options?: Partial<CallOptions>,
          ) => ClientReadableStream<Response>
        : UnaryCaller<Request, Response>
    : never;

type Handler<M> =
  M extends Method<infer Request, infer Response>
    ? M extends { requestStream: true }
      ? handleBidiStreamingCall<Request, Response>
      : M extends { responseStream: true }
        ? handleServerStreamingCall<Request, Response>
        : handleUnaryCall<Request, Response>
    : never;

type GrpcClient<S> = Client & { readonly [Name in keyof S]: Caller<S[Name]> };

type GrpcServer<S> = UntypedServiceImplementation & { [Name in keyof S]: Handler<S[Name]> };

/** grpc-js's own client of a service, with the types of its methods. */
function clientOf<S extends ServiceDefinition>(
  service: S,
): new (
  address: string,
  credentials: ChannelCredentials,
  options?: Partial<ClientOptions>,
) => GrpcClient<S> {
  return makeGenericClientConstructor(service, '') as unknown as ReturnType<typeof clientOf<S>>;
}

export const BrokerServiceClient = clientOf(BrokerServiceService);
export type BrokerServiceClient = InstanceType<typeof BrokerServiceClient>;
export const TopicServiceClient = clientOf(TopicServiceService);
export type TopicServiceClient = InstanceType<typeof TopicServiceClient>;
export const SubscriptionServiceClient = clientOf(SubscriptionServiceService);
export type SubscriptionServiceClient = InstanceType<typeof SubscriptionServiceClient>;
export const ScheduleServiceClient = clientOf(ScheduleServiceService);
export type ScheduleServiceClient = InstanceType<typeof ScheduleServiceClient>;

export type BrokerServiceServer = GrpcServer<typeof BrokerServiceService>;
export type TopicServiceServer = GrpcServer<typeof TopicServiceService>;
