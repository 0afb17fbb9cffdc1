//! Topics as the broker describes them.

use std::time::Duration;

use crate::closed::{Closed, incomplete};
use crate::error::Error;
use crate::generated::playhead::v1 as wire;
use crate::position::{count, duration_ms, int32, int64, non_zero};

/// Settings of a topic. In a create, what is not set is the default; in an update, it stays as it is. As the broker
/// describes a topic, all of it is set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TopicConfig {
    /// Messages older than this are trimmed; in milliseconds on the wire. Zero, the default: kept for ever.
    pub max_age: Option<Duration>,
    /// The oldest messages over this size are trimmed. 0, the default: no limit.
    pub max_bytes: Option<u64>,
    /// The oldest messages over this number are trimmed. 0, the default: no limit.
    pub max_messages: Option<u64>,
    /// Largest message, as the length of its protobuf encoding. 0, the default: the broker's limit.
    pub max_message_bytes: Option<u32>,
    /// Trim what every subscription of the topic has acknowledged. False by default.
    pub trim_consumed: Option<bool>,
}

impl TopicConfig {
    /// The defaults in a create, no change in an update.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how old messages become; zero: they are kept for ever.
    #[must_use]
    pub const fn max_age(mut self, age: Duration) -> Self {
        self.max_age = Some(age);
        self
    }

    /// Sets how many bytes are retained; 0: no limit.
    #[must_use]
    pub const fn max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = Some(bytes);
        self
    }

    /// Sets how many messages are retained; 0: no limit.
    #[must_use]
    pub const fn max_messages(mut self, messages: u64) -> Self {
        self.max_messages = Some(messages);
        self
    }

    /// Sets how large a message may be; 0: as the broker says.
    #[must_use]
    pub const fn max_message_bytes(mut self, bytes: u32) -> Self {
        self.max_message_bytes = Some(bytes);
        self
    }

    /// Sets whether what every subscription has acknowledged is trimmed.
    #[must_use]
    pub const fn trim_consumed(mut self, trim: bool) -> Self {
        self.trim_consumed = Some(trim);
        self
    }

    pub(crate) fn to_wire(&self) -> Result<wire::TopicConfig, Error> {
        let signed = |name, value: Option<u64>| value.map(|value| int64(name, value)).transpose();
        let age_ms = self.max_age.map(|age| duration_ms("max_age", age));
        let message_bytes = self
            .max_message_bytes
            .map(|bytes| int32("max_message_bytes", bytes));
        Ok(wire::TopicConfig {
            max_age_ms: age_ms.transpose()?,
            max_bytes: signed("max_bytes", self.max_bytes)?,
            max_messages: signed("max_messages", self.max_messages)?,
            max_message_bytes: message_bytes.transpose()?,
            trim_consumed: self.trim_consumed,
        })
    }
}

impl From<wire::TopicConfig> for TopicConfig {
    fn from(config: wire::TopicConfig) -> Self {
        let bytes = config.max_message_bytes.unwrap_or(0);
        Self {
            max_age: Some(Duration::from_millis(count(config.max_age_ms.unwrap_or(0)))),
            max_bytes: Some(count(config.max_bytes.unwrap_or(0))),
            max_messages: Some(count(config.max_messages.unwrap_or(0))),
            max_message_bytes: Some(u32::try_from(bytes).unwrap_or(0)),
            trim_consumed: Some(config.trim_consumed.unwrap_or(false)),
        }
    }
}

/// A topic as it was at the time of the answer.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct TopicInfo {
    /// Name of the topic.
    pub topic: String,
    /// Settings, all of them set.
    pub config: TopicConfig,
    /// When it was created; nanoseconds since 1970, UTC.
    pub created_timestamp_ns: i64,
    /// Timestamp of the first retained message; none if there is none.
    pub first_timestamp_ns: Option<i64>,
    /// Timestamp of the last message ever appended; none if there never was one.
    pub last_timestamp_ns: Option<i64>,
    /// Number of retained messages.
    pub message_count: u64,
    /// Size of the retained messages as stored.
    pub byte_count: u64,
    /// Messages appended, averaged over about a minute.
    pub messages_per_second: f64,
    /// Bytes appended, averaged over about a minute.
    pub bytes_per_second: f64,
    /// Set if the topic is closed.
    pub closed: Option<Closed>,
    /// Number of subscriptions that are open now.
    pub subscriber_count: u32,
}

impl TopicInfo {
    pub(crate) fn require(wire: Option<wire::Topic>) -> Result<Self, Error> {
        wire.map(Self::from).ok_or_else(incomplete)
    }
}

impl From<wire::Topic> for TopicInfo {
    fn from(topic: wire::Topic) -> Self {
        Self {
            topic: topic.topic,
            config: topic.config.unwrap_or_default().into(),
            created_timestamp_ns: topic.created_timestamp_ns,
            first_timestamp_ns: non_zero(topic.first_timestamp_ns),
            last_timestamp_ns: non_zero(topic.last_timestamp_ns),
            message_count: count(topic.message_count),
            byte_count: count(topic.byte_count),
            messages_per_second: topic.messages_per_second,
            bytes_per_second: topic.bytes_per_second,
            closed: topic.closed.map(Closed::from),
            subscriber_count: u32::try_from(topic.subscriber_count).unwrap_or(0),
        }
    }
}
