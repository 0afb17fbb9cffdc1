//! Publishes to one topic.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use futures_core::Stream;
use tokio_util::sync::CancellationToken;

use crate::channel_sum::ChannelSum;
use crate::closed::Closed;
use crate::connection::Connection;
use crate::error::Error;
use crate::generated::playhead::v1 as wire;
use crate::message::NewMessage;
use crate::outbox::{Outbox, OutboxLimits};
use crate::publish_pipeline::PublishPipeline;
use crate::publish_request::{PublishAck, PublishRequest};
use crate::receipt::Receipt;

const KIB: usize = 1024;

/// How a publisher works. Each setting has a default that suits most.
///
/// ```
/// use std::time::Duration;
/// use playhead::PublisherOptions;
///
/// let options = PublisherOptions::new().name("shop-1").linger(Duration::from_millis(5));
/// ```
#[derive(Debug, Clone)]
pub struct PublisherOptions {
    name: Option<String>,
    limits: OutboxLimits,
}

impl Default for PublisherOptions {
    fn default() -> Self {
        Self {
            name: None,
            limits: OutboxLimits {
                linger: Duration::ZERO,
                max_batch_bytes: 256 * KIB,
                max_buffered_bytes: 64 * KIB * KIB,
                max_in_flight: 32,
            },
        }
    }
}

impl PublisherOptions {
    /// The defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Name of the producer, 1 to 255 bytes, for one program at a time: after a restart its publishes go on behind the
    /// last one that was stored. Without a name a random one makes retries safe while the publisher lives.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// How long a message waits for others to go out with. Zero, the default: only while a request is under way.
    #[must_use]
    pub const fn linger(mut self, linger: Duration) -> Self {
        self.limits.linger = linger;
        self
    }

    /// A request is sent when it has this size; 256 KiB by default.
    #[must_use]
    pub const fn max_batch_bytes(mut self, bytes: usize) -> Self {
        self.limits.max_batch_bytes = bytes;
        self
    }

    /// Requests under way; 32 by default. A broker remembers no more than the last 1024 of a producer after a lost connection.
    #[must_use]
    pub const fn max_in_flight(mut self, requests: usize) -> Self {
        self.limits.max_in_flight = requests;
        self
    }

    /// What is kept in memory, sent or not, until it is acknowledged; 64 MiB by default.
    #[must_use]
    pub const fn max_buffered_bytes(mut self, bytes: usize) -> Self {
        self.limits.max_buffered_bytes = bytes;
        self
    }

    fn check(&self) -> Result<(), Error> {
        if self.name.as_deref() == Some("") {
            return Err(Error::invalid("the name of a publisher must not be empty"));
        }
        let limits = &self.limits;
        if limits.max_in_flight == 0
            || limits.max_batch_bytes == 0
            || limits.max_buffered_bytes == 0
        {
            return Err(Error::invalid("the limits of a publisher must not be zero"));
        }
        Ok(())
    }
}

/// What [`Publisher::publish_all`] stored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PublishSummary {
    /// Number of messages.
    pub message_count: u64,
    /// Timestamp of the first message; none without messages.
    pub first_timestamp_ns: Option<i64>,
    /// Timestamp of the last message; none without messages.
    pub last_timestamp_ns: Option<i64>,
}

/// Publishes to one topic, in the order of the calls.
///
/// What is handed over while a request is under way goes out together; messages that went out in one request are stored
/// or refused together. After a lost connection it sends again what was not acknowledged, for two minutes unless told
/// otherwise; nothing is stored twice.
///
/// To drop it is to close it without waiting: what was handed over is still sent in the background, while the runtime
/// lasts. [`Publisher::close`] waits, and tells of errors.
///
/// ```no_run
/// # use playhead::*;
/// # use futures_util::StreamExt;
/// # async fn publish(client: Client, values: Vec<String>) -> Result<(), Error> {
/// let publisher = client.publisher("orders/eu", PublisherOptions::new().name("shop-1"))?;
/// let order = NewMessage::new(r#"{"total":12}"#).key("4711").header("kind", "order");
/// let timestamp_ns = publisher.publish(order).await?;
///
/// publisher.publish_batch(["a", "b"]).await?; // both, with consecutive timestamps, or none
/// publisher.publish_after(timestamp_ns, "c").await?; // CONFLICT if somebody was faster
/// publisher.publish_all(futures_util::stream::iter(&values).map(String::as_str)).await?; // any Stream
///
/// for value in values {
///     publisher.ready().await?; // waits for room
///     drop(publisher.publish(value));
/// }
/// publisher.flush().await?; // tells of errors whose receipt was dropped
/// # publisher.close().await
/// # }
/// ```
#[derive(Debug)]
pub struct Publisher {
    topic: String,
    name: String,
    outbox: Arc<Outbox>,
    /// Fires when everything is settled and the stream has ended.
    ended: CancellationToken,
}

impl Publisher {
    pub(crate) fn new(
        connection: &Arc<Connection>,
        topic: &str,
        options: PublisherOptions,
        sum: Option<ChannelSum>,
    ) -> Result<Self, Error> {
        connection.check_open()?;
        options.check()?;
        let PublisherOptions { name, limits } = options;
        let is_named = name.is_some();
        let name = name.unwrap_or_else(random_name);
        let max_in_flight = limits.max_in_flight;
        let outbox = Arc::new(Outbox::new(topic, limits, sum, connection.closing.clone()));
        let pipeline = PublishPipeline::new(
            Arc::clone(connection),
            Arc::clone(&outbox),
            topic.to_owned(),
            name.clone(),
            is_named,
            max_in_flight,
        );
        let ended = CancellationToken::new();
        let guard = ended.clone().drop_guard();
        connection.spawn(&format!("publish to {topic}"), async move {
            pipeline.run().await;
            drop(guard);
        })?;
        Ok(Self {
            topic: topic.to_owned(),
            name,
            outbox,
            ended,
        })
    }

    /// Name of the topic.
    #[must_use]
    pub fn topic(&self) -> &str {
        &self.topic
    }

    /// Name of the producer, given or random.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Hands a message over, at once; the receipt is its timestamp once it is stored.
    ///
    /// # Errors
    /// By the receipt: `PUBLISHER_FULL`, and nothing is sent, if `max_buffered_bytes` are reached; `CHANNEL_CLOSED`;
    /// `TOPIC_DELETED`; `MESSAGE_TOO_LARGE` and others.
    pub fn publish(&self, message: impl Into<NewMessage>) -> Receipt<i64> {
        self.outbox.add(message.into())
    }

    /// As [`Publisher::publish`], but stores the message only if this is the timestamp of the topic's last message; 0
    /// stands for a topic without one. The message goes out in a request of its own.
    ///
    /// # Errors
    /// By the receipt: `CONFLICT` if it is not, with the actual `last_timestamp_ns`.
    pub fn publish_after(
        &self,
        expected_last_timestamp_ns: i64,
        message: impl Into<NewMessage>,
    ) -> Receipt<i64> {
        self.outbox.add_alone(|request| {
            request.push(message.into());
            request.expect(expected_last_timestamp_ns);
            request.last_timestamp()
        })
    }

    /// Hands messages over in one request: all of them are stored, with consecutive timestamps, or none.
    ///
    /// # Errors
    /// By the receipt: `REQUEST_TOO_LARGE` if they are more than the broker takes at once, `INVALID_ARGUMENT` if there is
    /// none, and those of [`Publisher::publish`].
    pub fn publish_batch<M: Into<NewMessage>>(
        &self,
        messages: impl IntoIterator<Item = M>,
    ) -> Receipt<PublishAck> {
        let mut messages = messages.into_iter().peekable();
        if messages.peek().is_none() {
            return Receipt::refused(Error::invalid("a batch needs at least one message"));
        }
        self.outbox.add_alone(|request| {
            fill(request, messages);
            request.acknowledgement()
        })
    }

    /// Publishes as fast as the broker takes it, and returns when all is stored.
    ///
    /// # Errors
    /// Stops at the first error, which is that of [`Publisher::publish`]; what was handed over before may be stored.
    pub async fn publish_all<M: Into<NewMessage>>(
        &self,
        messages: impl Stream<Item = M>,
    ) -> Result<PublishSummary, Error> {
        let mut messages = pin!(messages);
        let mut waiting = Waiting::default();
        loop {
            // Timestamps are taken as they come, so that an error stops it even if the source is slow.
            let message = tokio::select! {
                biased;
                stored = waiting.next(), if !waiting.receipts.is_empty() => { stored?; continue },
                message = next(&mut messages) => message,
            };
            let Some(message) = message else { break };
            self.ready().await?;
            waiting.receipts.push_back(self.publish(message));
        }
        while !waiting.receipts.is_empty() {
            waiting.next().await?;
        }
        Ok(waiting.summary)
    }

    /// Whether it is useful to hand over more now. False some MiB before `max_buffered_bytes`.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.outbox.has_room()
    }

    /// Waits until it is useful to hand over more.
    ///
    /// # Errors
    /// `CLIENT_CLOSED` if the publisher was closed.
    pub async fn ready(&self) -> Result<(), Error> {
        self.outbox.room().await
    }

    /// Waits for all that was handed over so far.
    ///
    /// # Errors
    /// The first error of that, or of something before whose receipt was dropped.
    pub async fn flush(&self) -> Result<(), Error> {
        self.outbox.flush().await
    }

    /// Flushes, then ends. Further publishes are refused with `CLIENT_CLOSED`.
    ///
    /// # Errors
    /// As [`Publisher::flush`].
    pub async fn close(&self) -> Result<(), Error> {
        self.refuse();
        let flushed = self.flush().await;
        self.ended.cancelled().await;
        flushed
    }

    /// Publishes last messages, or none, and closes the topic in one step.
    pub(crate) fn publish_closing(
        &self,
        messages: Vec<NewMessage>,
        close: wire::Close,
        expected_last_timestamp_ns: Option<i64>,
    ) -> Receipt<Closed> {
        self.outbox.add_alone(|request| {
            fill(request, messages);
            if let Some(timestamp_ns) = expected_last_timestamp_ns {
                request.expect(timestamp_ns);
            }
            request.closing(close)
        })
    }

    fn refuse(&self) {
        let what = format!("the publisher of {}", self.topic);
        self.outbox.refuse(Error::closed(&what));
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        self.refuse();
    }
}

/// Receipts of what was published, in order, and what came of it.
#[derive(Default)]
struct Waiting {
    receipts: VecDeque<Receipt<i64>>,
    summary: PublishSummary,
}

impl Waiting {
    /// Waits for the first of them. A wait that is given up loses nothing.
    async fn next(&mut self) -> Result<(), Error> {
        let Some(receipt) = self.receipts.front_mut() else {
            return Ok(());
        };
        let timestamp_ns = receipt.await?;
        self.receipts.pop_front();
        self.summary.message_count += 1;
        self.summary.first_timestamp_ns.get_or_insert(timestamp_ns);
        self.summary.last_timestamp_ns = Some(timestamp_ns);
        Ok(())
    }
}

fn fill<M: Into<NewMessage>>(request: &mut PublishRequest, messages: impl IntoIterator<Item = M>) {
    for message in messages {
        request.push(message.into());
    }
}

fn next<S: Stream>(stream: &mut Pin<&mut S>) -> impl Future<Output = Option<S::Item>> {
    std::future::poll_fn(|context| stream.as_mut().poll_next(context))
}

fn random_name() -> String {
    let random = std::iter::repeat_with(fastrand::alphanumeric).take(20);
    format!("auto-{}", random.collect::<String>())
}
