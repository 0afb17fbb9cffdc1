export type { Channel } from './channel.ts';
export type { CloseChannelOptions } from './channel-writer.ts';
export type { Client, ClientOptions, RetryOptions } from './client.ts';
export type { Closed } from './closed.ts';
export type { ConnectOptions } from './connect.ts';
export { connect } from './connect.ts';
export type { RetryEvent } from './connection.ts';
export type { ConsumeOptions, Consumption } from './consumption.ts';
export type { ConsumptionEnd, ConsumptionEvent } from './consumption-event.ts';
export type { Delivery, NackOptions } from './delivery.ts';
export type {
  CreateSubscriptionOptions,
  DurableSubscription,
  RedriveOptions,
  SeekTarget,
} from './durable-subscription.ts';
export type { Duration } from './duration.ts';
export type { PlayheadErrorOptions, PlayheadErrorReason } from './errors.ts';
export { PlayheadError } from './errors.ts';
export type { Header, Message } from './message.ts';
export type { JsonHeader, JsonMessage, MessageFields } from './message-json.ts';
export { messageToJson } from './message-json.ts';
export type { Page, ReadOptions } from './page.ts';
export type { Ago, EndPosition, StartPosition } from './position.ts';
export { parsePosition, parseTime, parseUntil } from './position.ts';
export type { PublishAllOptions, PublishAllResult } from './publish-all.ts';
export type { PublishAck } from './publish-request.ts';
export type { Publishable, PublishableHeaders, PublishableMessage } from './publishable.ts';
export type { Publisher, PublisherOptions, PublishOptions } from './publisher.ts';
export type { PulledDeliveries, PullOptions } from './pull.ts';
export type { GetOptions, PutLaterOptions, PutOptions, Queue } from './queue.ts';
export type {
  CreateScheduleOptions,
  ListSchedulesOptions,
  ScheduleInfo,
  SchedulePage,
  Schedules,
  ScheduleTime,
} from './schedules.ts';
export type { ServerInfo } from './server-info.ts';
export type { SettleFailure } from './settlement.ts';
export type { SubscriptionStart } from './subscribe-feed.ts';
export type { SubscribeOptions, Subscription, SubscriptionEvent } from './subscription.ts';
export type {
  BacklogPolicy,
  DeliveryMode,
  RedeliveryBackoff,
  SubscriptionConfig,
  SubscriptionInfo,
  SubscriptionSettings,
} from './subscription-info.ts';
export type {
  ListSubscriptionsOptions,
  SubscriptionPage,
  Subscriptions,
} from './subscriptions.ts';
export { formatTimestamp, parseDuration, parseTimestamp } from './time.ts';
export type { TlsOptions } from './tls.ts';
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
export type { DeliveryTrace, PublishTrace, SettleOperation, Tracing } from './tracing.ts';
export type { StopOptions, WorkContext, WorkerOptions, WorkHandler, WorkSource } from './worker.ts';
export { Worker } from './worker.ts';
