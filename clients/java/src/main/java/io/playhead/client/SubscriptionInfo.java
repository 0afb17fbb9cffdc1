package io.playhead.client;

import java.util.OptionalLong;

/**
 * A durable subscription as it was at the time of the answer. Timestamps are nanoseconds since
 * 1970, UTC.
 *
 * @param topic name of the topic
 * @param subscription name
 * @param config settings, all of them set
 * @param createdTimestampNs when it was created
 * @param cursorTimestampNs of the next message that was never delivered
 * @param pendingCount messages that are not acknowledged, those in flight included: the lag
 * @param inFlightCount messages that are leased
 * @param waitingCount messages that were delivered and wait to be delivered again
 * @param redeliveredCount deliveries, ever, that were not the first of their message
 * @param deadLetteredCount messages, ever, that went to the dead-letter topic
 * @param acknowledgedCount messages, ever, that were acknowledged
 * @param droppedCount messages, ever, that went without being acknowledged
 * @param oldestPendingTimestampNs of the oldest message that is not acknowledged
 * @param lagSeconds age of that message by the broker's clock; 0 if there is none
 * @param workerCount workers that are connected
 * @param isDrained whether the topic is closed and everything in it is settled
 */
public record SubscriptionInfo(
    String topic,
    String subscription,
    SubscriptionConfig config,
    long createdTimestampNs,
    OptionalLong cursorTimestampNs,
    long pendingCount,
    long inFlightCount,
    long waitingCount,
    long redeliveredCount,
    long deadLetteredCount,
    long acknowledgedCount,
    long droppedCount,
    OptionalLong oldestPendingTimestampNs,
    double lagSeconds,
    int workerCount,
    boolean isDrained) {
  static SubscriptionInfo ofWire(dev.playhead.v1.Subscription wire) {
    return new SubscriptionInfo(
        wire.getTopic(),
        wire.getSubscription(),
        SubscriptionConfig.ofWire(wire.getConfig()),
        wire.getCreatedTimestampNs(),
        Wire.timestamp(wire.getCursorTimestampNs()),
        wire.getPendingCount(),
        wire.getInFlightCount(),
        wire.getWaitingCount(),
        wire.getRedeliveredCount(),
        wire.getDeadLetteredCount(),
        wire.getAcknowledgedCount(),
        wire.getDroppedCount(),
        Wire.timestamp(wire.getOldestPendingTimestampNs()),
        wire.getLagSeconds(),
        wire.getWorkerCount(),
        wire.getIsDrained());
  }
}
