//! Durable subscriptions as the broker describes them.

use crate::closed::incomplete;
use crate::error::Error;
use crate::generated::playhead::v1 as wire;
use crate::position::{count, non_zero};
use crate::subscription_settings::SubscriptionConfig;

/// A durable subscription as it was at the time of the answer.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SubscriptionInfo {
    /// Name of the topic.
    pub topic: String,
    /// Name of the subscription.
    pub subscription: String,
    /// Settings, all of them set.
    pub config: SubscriptionConfig,
    /// When it was created; nanoseconds since 1970, UTC.
    pub created_timestamp_ns: i64,
    /// Timestamp of the next message that was never delivered; none if there is none.
    pub cursor_timestamp_ns: Option<i64>,
    /// Messages that are not acknowledged, those in flight included: the lag.
    pub pending_count: u64,
    /// Messages that are leased.
    pub in_flight_count: u64,
    /// Messages that were delivered and wait to be delivered again.
    pub waiting_count: u64,
    /// Deliveries, ever, that were not the first of their message.
    pub redelivered_count: u64,
    /// Messages, ever, that went to the dead-letter topic.
    pub dead_lettered_count: u64,
    /// Messages, ever, that were acknowledged.
    pub acknowledged_count: u64,
    /// Messages, ever, that went without being acknowledged: dropped for newer ones, or trimmed.
    pub dropped_count: u64,
    /// Timestamp of the oldest message that is not acknowledged; none if there is none.
    pub oldest_pending_timestamp_ns: Option<i64>,
    /// Age of that message by the broker's clock; 0 if there is none.
    pub lag_seconds: f64,
    /// Workers that are connected.
    pub worker_count: u32,
    /// Whether the topic is closed and everything in it is settled: no message will come any more.
    pub is_drained: bool,
}

impl SubscriptionInfo {
    pub(crate) fn require(wire: Option<wire::Subscription>) -> Result<Self, Error> {
        wire.map(Self::from).ok_or_else(incomplete)
    }
}

impl From<wire::Subscription> for SubscriptionInfo {
    fn from(wire: wire::Subscription) -> Self {
        Self {
            topic: wire.topic,
            subscription: wire.subscription,
            config: wire.config.unwrap_or_default().into(),
            created_timestamp_ns: wire.created_timestamp_ns,
            cursor_timestamp_ns: non_zero(wire.cursor_timestamp_ns),
            pending_count: count(wire.pending_count),
            in_flight_count: count(wire.in_flight_count),
            waiting_count: count(wire.waiting_count),
            redelivered_count: count(wire.redelivered_count),
            dead_lettered_count: count(wire.dead_lettered_count),
            acknowledged_count: count(wire.acknowledged_count),
            dropped_count: count(wire.dropped_count),
            oldest_pending_timestamp_ns: non_zero(wire.oldest_pending_timestamp_ns),
            lag_seconds: wire.lag_seconds,
            worker_count: u32::try_from(wire.worker_count).unwrap_or(0),
            is_drained: wire.is_drained,
        }
    }
}
