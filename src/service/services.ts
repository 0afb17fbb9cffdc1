import type { Log } from '../log/log.ts';
import type { Schedules } from '../subscription/schedules.ts';
import type { Subscriptions } from '../subscription/subscriptions.ts';
import type { ServiceOptions } from './broker-service.ts';
import { brokerService } from './broker-service.ts';
import type { ServiceMethod } from './call.ts';
import { scheduleService } from './schedule-service.ts';
import type { Streams } from './streams.ts';
import { subscriptionService } from './subscription-service.ts';
import { topicService } from './topic-service.ts';

/** What is served. */
export interface Served {
  readonly log: Log;
  readonly subscriptions: Subscriptions;
  readonly schedules: Schedules;
}

/** All methods of playhead.v1, over what is served. The streams that they open are added to `streams`. */
export function services(
  { log, subscriptions, schedules }: Served,
  streams: Streams,
  options: ServiceOptions,
): readonly ServiceMethod[] {
  return [
    ...brokerService(log, streams, options),
    ...topicService(log, options),
    ...subscriptionService(log, subscriptions, streams, options),
    ...scheduleService(log, schedules, options),
  ];
}
