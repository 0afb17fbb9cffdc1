export type { ErrorDetails } from './error-details.ts';
export { decodeErrorDetails, ERROR_DETAILS_TRAILER, encodeErrorDetails } from './error-details.ts';
export type { ErrorReason } from './errors.ts';
export { decodeErrorReason, encodeErrorReason, isRetryableReason } from './errors.ts';
export type { BrokerServiceServer } from './gen/playhead/v1/broker.ts';
export {
  BrokerServiceClient,
  BrokerServiceService,
  CaughtUp,
  Close,
  Closed,
  Deleted,
  Durability,
  End,
  EndReason,
  GetProducerRequest,
  GetProducerResponse,
  GetServerInfoRequest,
  GetServerInfoResponse,
  PublishAck,
  PublishRequest,
  PublishResponse,
  PublishResult,
  PublishStreamRequest,
  PublishStreamResponse,
  ReadRequest,
  ReadResponse,
  Started,
  SubscribeRequest,
  SubscribeResponse,
  Trimmed,
} from './gen/playhead/v1/broker.ts';
export { Error as WireError } from './gen/playhead/v1/error.ts';
export { Edge, Header, Message, Position, Run } from './gen/playhead/v1/message.ts';
export type { TopicServiceServer } from './gen/playhead/v1/topic.ts';
export {
  CloseTopicRequest,
  CloseTopicResponse,
  CreateTopicRequest,
  CreateTopicResponse,
  DeleteTopicRequest,
  DeleteTopicResponse,
  GetTopicRequest,
  GetTopicResponse,
  ListTopicsRequest,
  ListTopicsResponse,
  Topic,
  TopicConfig,
  TopicServiceClient,
  TopicServiceService,
  TrimTopicRequest,
  TrimTopicResponse,
  UpdateTopicRequest,
  UpdateTopicResponse,
} from './gen/playhead/v1/topic.ts';
