//! Reads what is there now.

use std::sync::Arc;

use crate::call::unary;
use crate::closed::Closed;
use crate::connection::Connection;
use crate::error::Error;
use crate::event::Trimmed;
use crate::generated::playhead::v1 as wire;
use crate::message::{Message, from_response};
use crate::position::{Position, Until, int32};
use wire::broker_service_client::BrokerServiceClient;

/// What to read. By default: from the earliest message, 1000 messages or 1 MiB of what is there now.
#[derive(Debug, Clone, Default)]
pub struct ReadOptions {
    from: Option<Position>,
    until: Option<Until>,
    limit: u32,
    max_bytes: u32,
}

impl ReadOptions {
    /// The defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Where to begin.
    #[must_use]
    pub fn from(mut self, from: impl Into<Position>) -> Self {
        self.from = Some(from.into());
        self
    }

    /// Where to end. What is not there yet is not waited for.
    #[must_use]
    pub fn until(mut self, until: impl Into<Until>) -> Self {
        self.until = Some(until.into());
        self
    }

    /// At most so many messages, at most 100 000.
    #[must_use]
    pub const fn limit(mut self, messages: u32) -> Self {
        self.limit = messages;
        self
    }

    /// At most so many bytes, but at least one message.
    #[must_use]
    pub const fn max_bytes(mut self, bytes: u32) -> Self {
        self.max_bytes = bytes;
        self
    }
}

/// A part of a topic, or of the topics of a glob.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// In order.
    pub messages: Vec<Message>,
    /// Where the next page begins, for [`Position::TimestampNs`].
    pub next_timestamp_ns: i64,
    /// Whether the page reaches the end of what was there, or until.
    pub is_caught_up: bool,
    /// Set if the page begins later than asked for, because that is trimmed.
    pub trimmed: Option<Trimmed>,
    /// Set if the page reaches the close marker: there is no more, ever. Not for a glob.
    pub closed: Option<Closed>,
}

pub(crate) async fn read(
    connection: &Connection,
    topic: &str,
    options: ReadOptions,
) -> Result<Page, Error> {
    let from = options.from.unwrap_or(Position::Earliest);
    let until = options.until.unwrap_or(Until::Now);
    let request = wire::ReadRequest {
        topic: topic.to_owned(),
        from: Some(from.to_wire()?),
        until_timestamp_ns: until.resolve(connection).await?,
        max_messages: int32("limit", options.limit)?,
        max_bytes: int32("max_bytes", options.max_bytes)?,
    };
    let call = unary!(BrokerServiceClient.read(request));
    let page = connection.request(&format!("read {topic}"), call).await?;
    let topic: Arc<str> = topic.into();
    Ok(Page {
        messages: from_response(&topic, page.messages, &page.runs),
        next_timestamp_ns: page.next_timestamp_ns,
        is_caught_up: page.is_caught_up,
        trimmed: page.trimmed.map(Trimmed::from),
        closed: page.closed.map(Closed::from),
    })
}
