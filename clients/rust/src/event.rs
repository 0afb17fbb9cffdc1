//! What a subscription meets.

use crate::closed::Closed;
use crate::generated::playhead::v1 as wire;
use crate::message::Message;
use crate::position::non_zero;

/// What was asked for is gone, by trim or by retention.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trimmed {
    /// Name of the topic.
    pub topic: String,
    /// Timestamp of the first message that is left; none if nothing is.
    pub first_timestamp_ns: Option<i64>,
}

impl From<wire::Trimmed> for Trimmed {
    fn from(trimmed: wire::Trimmed) -> Self {
        Self {
            topic: trimmed.topic,
            first_timestamp_ns: non_zero(trimmed.first_timestamp_ns),
        }
    }
}

/// What a subscription meets, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A message.
    Message(Message),
    /// Everything that was committed has been delivered. Comes again when the reader has fallen behind and caught up.
    CaughtUp {
        /// The next message has this timestamp or a later one.
        next_timestamp_ns: i64,
    },
    /// What was asked for next is gone.
    Trimmed(Trimmed),
    /// A topic is complete. Ends the subscription, unless it is of a glob.
    Closed(Closed),
    /// A topic was deleted. Ends the subscription, unless it is of a glob.
    Deleted {
        /// Name of the topic.
        topic: String,
    },
}
