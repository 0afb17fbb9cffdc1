import { SeaweedMessagingDefinition } from './gen/seaweedfs/messaging.ts';
import { service } from './services.ts';

export type { SubscriberMessage_InitMessage as SubscribeInit } from './gen/seaweedfs/messaging.ts';
export {
  ConfigureTopicRequest,
  DeleteTopicRequest,
  FindBrokerRequest,
  GetTopicConfigurationRequest,
  PublishRequest_InitMessage as PublishInit,
  SubscriberMessage,
  TopicConfiguration,
} from './gen/seaweedfs/messaging.ts';

export const SeaweedMessagingService = service(SeaweedMessagingDefinition);
