//! Why an operation failed.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use tokio::runtime::TryCurrentError;

/// Names of what can go wrong, each with its name on the wire and whether it may be retried: one table, so that
/// the three cannot drift apart.
macro_rules! reasons {
    ($($(#[$doc:meta])* $variant:ident, $name:literal, $retryable:literal;)*) => {
        /// What went wrong. Programs decide by it.
        ///
        /// The first ones are the broker's, which `error.proto` explains at length; the last ones are of this client.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Reason {
            $($(#[$doc])* $variant,)*
        }

        impl Reason {
            /// The name that all clients share, such as `CHANNEL_CLOSED`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Whether the same request may succeed if it is sent again, unchanged, a little later.
            #[must_use]
            pub const fn is_retryable(self) -> bool {
                match self { $(Self::$variant => $retryable,)* }
            }

            /// The reason of this name; none if this version does not know it.
            pub(crate) fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

reasons! {
    /// An argument or a field breaks a rule. Metadata: `field`, if the broker has refused it.
    InvalidArgument, "INVALID_ARGUMENT", false;
    /// The broker could not decode the request.
    Malformed, "MALFORMED", false;
    /// A message is larger than its topic takes. Metadata: `limit_bytes`, `bytes`.
    MessageTooLarge, "MESSAGE_TOO_LARGE", false;
    /// A request is larger than the broker takes. Metadata: `limit_bytes`, `bytes`.
    RequestTooLarge, "REQUEST_TOO_LARGE", false;
    /// There is no topic of that name. Metadata: `topic`.
    TopicNotFound, "TOPIC_NOT_FOUND", false;
    /// A topic of that name has another configuration. Metadata: `topic`.
    TopicExists, "TOPIC_EXISTS", false;
    /// The topic was deleted while it was in use. Metadata: `topic`.
    TopicDeleted, "TOPIC_DELETED", false;
    /// The topic is complete and takes no more messages. Metadata: `topic`, `closed_timestamp_ns`.
    ChannelClosed, "CHANNEL_CLOSED", false;
    /// The topic's last timestamp is not the expected one, or a lease is not the caller's, or not any more. Metadata:
    /// `topic` and `last_timestamp_ns`, or `receipt`.
    Conflict, "CONFLICT", false;
    /// The producer's sequence was used for other messages. Metadata: `topic`, `producer`, `last_sequence`.
    ProducerConflict, "PRODUCER_CONFLICT", false;
    /// The broker has more work than it holds in memory. Metadata: `limit_bytes`.
    Overloaded, "OVERLOADED", true;
    /// A limit on a number of things is reached. Metadata: `limit`.
    LimitExceeded, "LIMIT_EXCEEDED", false;
    /// The broker's disk is full; nothing was stored.
    DiskFull, "DISK_FULL", true;
    /// The broker's storage failed; whether the request was stored is not known.
    StorageFailed, "STORAGE_FAILED", true;
    /// The broker is shutting down.
    ShuttingDown, "SHUTTING_DOWN", true;
    /// A stored frame is damaged. Metadata: `topic`, `first_timestamp_ns`, `last_timestamp_ns`.
    DataLoss, "DATA_LOSS", false;
    /// A fault of the broker, or an answer that this client does not understand.
    Internal, "INTERNAL", false;
    /// The topic has no subscription of that name. Metadata: `topic`, `subscription`.
    SubscriptionNotFound, "SUBSCRIPTION_NOT_FOUND", false;
    /// A subscription of that name has other settings. Metadata: `topic`, `subscription`.
    SubscriptionExists, "SUBSCRIPTION_EXISTS", false;
    /// The subscription was deleted while it was in use. Metadata: `topic`, `subscription`.
    SubscriptionDeleted, "SUBSCRIPTION_DELETED", false;
    /// A subscription has as many pending messages as it may have. Metadata: `topic`, `subscription`, `limit`.
    BacklogFull, "BACKLOG_FULL", false;
    /// There is no schedule of that id. Metadata: `schedule`.
    ScheduleNotFound, "SCHEDULE_NOT_FOUND", false;
    /// A schedule of that id exists for something else. Metadata: `schedule`.
    ScheduleExists, "SCHEDULE_EXISTS", false;
    /// No broker answered, or the connection was lost. What was under way may have been stored.
    Unreachable, "UNREACHABLE", true;
    /// The broker did not answer in time. What was under way may have been stored.
    DeadlineExceeded, "DEADLINE_EXCEEDED", true;
    /// The client, publisher or channel was closed before or meanwhile.
    ClientClosed, "CLIENT_CLOSED", false;
    /// More was handed over than the publisher keeps in memory; nothing of it was sent. Metadata: `limit_bytes`, `bytes`.
    PublisherFull, "PUBLISHER_FULL", true;
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// The one error that this client reports. Programs decide by [`Error::reason`]; the message is for people.
///
/// Its [source](std::error::Error::source) is what lies behind it: the `tonic::Status` of a call that failed, or why an
/// address or a certificate is none. The message has what that says.
#[derive(Debug, Clone)]
pub struct Error {
    reason: Reason,
    message: String,
    metadata: BTreeMap<String, String>,
    /// Shared, as an error is told to all who wait for the same thing.
    cause: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.reason, self.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.cause.as_deref().map(|cause| cause as _)
    }
}

impl Error {
    pub(crate) fn new(reason: Reason, message: impl Into<String>) -> Self {
        Self {
            reason,
            message: message.into(),
            metadata: BTreeMap::new(),
            cause: None,
        }
    }

    pub(crate) fn because(mut self, cause: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.cause = Some(Arc::new(cause));
        self
    }

    pub(crate) fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.metadata.insert(name.to_owned(), value.to_string());
        self
    }

    pub(crate) fn with_all(mut self, metadata: BTreeMap<String, String>) -> Self {
        self.metadata = metadata;
        self
    }

    pub(crate) fn closed(what: &str) -> Self {
        Self::new(Reason::ClientClosed, format!("{what} is closed"))
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(Reason::InvalidArgument, message)
    }

    /// `what` needs tasks or timers, and there is no runtime around the call.
    pub(crate) fn without_runtime(what: &str, cause: TryCurrentError) -> Self {
        Self::invalid(format!("{what}: {cause}")).because(cause)
    }

    pub(crate) fn topic_deleted(topic: &str) -> Self {
        Self::new(Reason::TopicDeleted, format!("topic {topic} was deleted")).with("topic", topic)
    }

    /// What went wrong.
    #[must_use]
    pub const fn reason(&self) -> Reason {
        self.reason
    }

    /// For people: names the thing, the limit and the value. May change between versions.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Values that belong to the reason, such as `limit_bytes`; [`Reason`] lists them.
    #[must_use]
    pub const fn metadata(&self) -> &BTreeMap<String, String> {
        &self.metadata
    }

    /// Whether the same request may succeed if it is sent again, unchanged, a little later.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        self.reason.is_retryable()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_found_by_its_name() {
        assert_eq!(Reason::from_name("BACKLOG_FULL"), Some(Reason::BacklogFull));
        assert_eq!(Reason::from_name("UNHEARD_OF"), None);
    }

    #[test]
    fn an_error_says_its_reason_first() {
        let error = Error::topic_deleted("orders");
        assert_eq!(error.to_string(), "TOPIC_DELETED: topic orders was deleted");
        assert_eq!(error.metadata()["topic"], "orders");
        assert!(!error.is_retryable());
    }
}
