//! What a consumption meets between deliveries.

use std::time::Duration;

use crate::error::Error;

/// What a consumption meets between deliveries.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum ConsumptionEvent {
    /// The broker has taken the worker: first, after each lost connection, and when it gets its turn.
    Started {
        /// False while the worker waits for the one that is before it at an exclusive subscription.
        is_active: bool,
        /// How long leases are.
        lease: Duration,
    },
    /// The connection was lost, and is tried again: deliveries from before are void.
    Disconnected(Error),
    /// The subscription was moved: deliveries from before are void.
    Sought {
        /// Timestamp from which on it delivers now; nanoseconds since 1970, UTC.
        timestamp_ns: i64,
    },
    /// It is over.
    Ended(ConsumptionEnd),
}

/// Why a consumption is over.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum ConsumptionEnd {
    /// The topic is closed, and everything in it is settled.
    Drained {
        /// Why it was closed, in the words of who closed it.
        reason: String,
    },
    /// The subscription was deleted.
    Deleted {
        /// Whether it went with its topic.
        is_topic_deleted: bool,
    },
    /// It was closed or dropped, or the client was closed.
    Closed,
    /// It cannot go on.
    Failed(Error),
}
