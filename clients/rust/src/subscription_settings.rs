//! Settings of durable subscriptions.

use std::time::Duration;

use crate::error::Error;
use crate::generated::playhead::v1 as wire;
use crate::position::{count, duration_ms, int32, int64};

/// To whom messages go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeliveryMode {
    /// Each to one of the workers.
    Shared,
    /// All to one worker, in order; when it goes, the one that has waited longest takes over.
    Exclusive,
    /// Those of one key one at a time and in order, those of different keys in parallel.
    KeyOrdered,
}

/// What happens to a publish that would exceed `max_pending`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BacklogPolicy {
    /// It is refused with `BACKLOG_FULL`, and nothing of it is stored.
    Refuse,
    /// It is stored, and the oldest messages of the backlog count as acknowledged.
    DropOldest,
    /// It waits until there is room.
    Wait,
}

/// How long a message waits before it is delivered again.
#[derive(Debug, Clone, PartialEq)]
pub enum RedeliveryBackoff {
    /// Delays before the second, third and so on delivery. The last one holds for all later ones.
    Delays(Vec<Duration>),
    /// A delay that doubles.
    Exponential {
        /// Before the second delivery.
        initial: Duration,
        /// The longest; zero: one hour.
        max: Duration,
        /// Share by which it is shortened or lengthened at random; 0 to 1.
        jitter: f64,
    },
}

/// Settings of a subscription. In a create, what is not set is the default; in an update, it stays as it is. As the broker
/// describes a subscription, all of it is set, `backoff` if there is one.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SubscriptionConfig {
    /// Shared by default. Cannot be changed while there are workers.
    pub mode: Option<DeliveryMode>,
    /// How long a delivery is the worker's own, unless it extends that; 1 ms to 7 days, 30 s by default.
    pub lease: Option<Duration>,
    /// Deliveries of a message in all, 1 to 1000; 5 by default. Then it becomes a dead letter.
    pub max_attempts: Option<u32>,
    /// Most messages that are leased at one time, to all workers together; 1 to 1 000 000, 10 000 by default.
    pub max_in_flight: Option<u32>,
    /// Before a redelivery; none by default.
    pub backoff: Option<RedeliveryBackoff>,
    /// A subscription that nobody has used for so long is deleted. Zero, the default: never.
    pub idle_expiry: Option<Duration>,
    /// Where dead letters go; `dead-letter/TOPIC/SUBSCRIPTION` by default.
    pub dead_letter_topic: Option<String>,
    /// Most messages that are not acknowledged. 0, the default: no limit.
    pub max_pending: Option<u64>,
    /// Refuse by default.
    pub backlog_policy: Option<BacklogPolicy>,
}

impl SubscriptionConfig {
    /// The defaults in a create, no change in an update.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets to whom messages go.
    #[must_use]
    pub const fn mode(mut self, mode: DeliveryMode) -> Self {
        self.mode = Some(mode);
        self
    }

    /// Sets how long a delivery is the worker's own.
    #[must_use]
    pub const fn lease(mut self, lease: Duration) -> Self {
        self.lease = Some(lease);
        self
    }

    /// Sets how often a message is delivered.
    #[must_use]
    pub const fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = Some(attempts);
        self
    }

    /// Sets how many messages are leased at one time.
    #[must_use]
    pub const fn max_in_flight(mut self, messages: u32) -> Self {
        self.max_in_flight = Some(messages);
        self
    }

    /// Sets how long a message waits before it is delivered again.
    #[must_use]
    pub fn backoff(mut self, backoff: RedeliveryBackoff) -> Self {
        self.backoff = Some(backoff);
        self
    }

    /// Sets after how long without use the subscription is deleted; zero: never.
    #[must_use]
    pub const fn idle_expiry(mut self, idle: Duration) -> Self {
        self.idle_expiry = Some(idle);
        self
    }

    /// Sets where dead letters go.
    #[must_use]
    pub fn dead_letter_topic(mut self, topic: impl Into<String>) -> Self {
        self.dead_letter_topic = Some(topic.into());
        self
    }

    /// Sets how many messages may be pending, and what happens to a publish that would exceed that.
    #[must_use]
    pub const fn max_pending(mut self, messages: u64, policy: BacklogPolicy) -> Self {
        self.max_pending = Some(messages);
        self.backlog_policy = Some(policy);
        self
    }

    pub(crate) fn to_wire(&self) -> Result<wire::SubscriptionConfig, Error> {
        let ms = |name, value: Option<Duration>| value.map(|it| duration_ms(name, it)).transpose();
        let small = |name, value: Option<u32>| value.map(|it| int32(name, it)).transpose();
        let pending = self.max_pending.map(|it| int64("max_pending", it));
        Ok(wire::SubscriptionConfig {
            delivery_mode: self.mode.map(|mode| wire::DeliveryMode::from(mode).into()),
            lease_ms: ms("lease", self.lease)?,
            max_attempts: small("max_attempts", self.max_attempts)?,
            max_in_flight: small("max_in_flight", self.max_in_flight)?,
            backoff: self.backoff.as_ref().map(to_wire_backoff).transpose()?,
            idle_expiry_ms: ms("idle_expiry", self.idle_expiry)?,
            dead_letter_topic: self.dead_letter_topic.clone(),
            max_pending: pending.transpose()?,
            backlog_policy: self
                .backlog_policy
                .map(|policy| wire::BacklogPolicy::from(policy).into()),
        })
    }
}

impl From<wire::SubscriptionConfig> for SubscriptionConfig {
    fn from(config: wire::SubscriptionConfig) -> Self {
        let small = |value: Option<i32>| u32::try_from(value.unwrap_or(0)).unwrap_or(0);
        Self {
            mode: Some(match config.delivery_mode() {
                wire::DeliveryMode::Exclusive => DeliveryMode::Exclusive,
                wire::DeliveryMode::KeyOrdered => DeliveryMode::KeyOrdered,
                wire::DeliveryMode::Shared | wire::DeliveryMode::Unspecified => {
                    DeliveryMode::Shared
                }
            }),
            backlog_policy: Some(match config.backlog_policy() {
                wire::BacklogPolicy::DropOldest => BacklogPolicy::DropOldest,
                wire::BacklogPolicy::Wait => BacklogPolicy::Wait,
                wire::BacklogPolicy::Refuse | wire::BacklogPolicy::Unspecified => {
                    BacklogPolicy::Refuse
                }
            }),
            lease: Some(from_ms(config.lease_ms.unwrap_or(0))),
            max_attempts: Some(small(config.max_attempts)),
            max_in_flight: Some(small(config.max_in_flight)),
            backoff: config.backoff.and_then(from_wire_backoff),
            idle_expiry: Some(from_ms(config.idle_expiry_ms.unwrap_or(0))),
            dead_letter_topic: Some(config.dead_letter_topic.unwrap_or_default()),
            max_pending: Some(count(config.max_pending.unwrap_or(0))),
        }
    }
}

impl From<DeliveryMode> for wire::DeliveryMode {
    fn from(mode: DeliveryMode) -> Self {
        match mode {
            DeliveryMode::Shared => Self::Shared,
            DeliveryMode::Exclusive => Self::Exclusive,
            DeliveryMode::KeyOrdered => Self::KeyOrdered,
        }
    }
}

impl From<BacklogPolicy> for wire::BacklogPolicy {
    fn from(policy: BacklogPolicy) -> Self {
        match policy {
            BacklogPolicy::Refuse => Self::Refuse,
            BacklogPolicy::DropOldest => Self::DropOldest,
            BacklogPolicy::Wait => Self::Wait,
        }
    }
}

fn to_wire_backoff(backoff: &RedeliveryBackoff) -> Result<wire::Backoff, Error> {
    match backoff {
        RedeliveryBackoff::Delays(delays) => Ok(wire::Backoff {
            delays_ms: delays
                .iter()
                .map(|delay| duration_ms("backoff", *delay))
                .collect::<Result<_, Error>>()?,
            ..Default::default()
        }),
        RedeliveryBackoff::Exponential {
            initial,
            max,
            jitter,
        } => Ok(wire::Backoff {
            initial_ms: duration_ms("initial", *initial)?,
            max_ms: duration_ms("max", *max)?,
            jitter: *jitter,
            ..Default::default()
        }),
    }
}

/// None if messages do not wait at all.
fn from_wire_backoff(backoff: wire::Backoff) -> Option<RedeliveryBackoff> {
    if !backoff.delays_ms.is_empty() {
        let delays = backoff.delays_ms.into_iter().map(from_ms).collect();
        return Some(RedeliveryBackoff::Delays(delays));
    }
    (backoff.initial_ms > 0).then(|| RedeliveryBackoff::Exponential {
        initial: from_ms(backoff.initial_ms),
        max: from_ms(backoff.max_ms),
        jitter: backoff.jitter,
    })
}

fn from_ms(ms: i64) -> Duration {
    Duration::from_millis(count(ms))
}
