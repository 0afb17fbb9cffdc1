export type { Channel, ChannelClosed, CloseChannelOptions } from './channel.ts';
export type {
  Client,
  ClientOptions,
  Page,
  ReadOptions,
  RetryEvent,
  RetryOptions,
} from './client.ts';
export { connect } from './client.ts';
export type { Closed } from './closed.ts';
export type { PlayheadErrorOptions, PlayheadErrorReason } from './errors.ts';
export { PlayheadError } from './errors.ts';
export type { Header, Message } from './message.ts';
export type { Ago, EndPosition, StartPosition } from './position.ts';
export { parsePosition, parseTime, parseUntil } from './position.ts';
export type { Publishable, PublishableHeaders, PublishableMessage } from './publishable.ts';
export type {
  PublishAck,
  PublishAllOptions,
  PublishAllResult,
  Publisher,
  PublisherOptions,
  PublishOptions,
} from './publisher.ts';
export type { ServerInfo } from './server-info.ts';
export type {
  SubscribeOptions,
  Subscription,
  SubscriptionEvent,
  SubscriptionStart,
} from './subscription.ts';
export { formatTimestamp, parseDuration, parseTimestamp } from './time.ts';
export type {
  CloseTopicOptions,
  ListOptions,
  ListPageOptions,
  RequestOptions,
  TopicConfig,
  TopicInfo,
  TopicPage,
  Topics,
} from './topics.ts';
