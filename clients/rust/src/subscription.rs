//! Reads a topic, or the topics of a glob.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use tokio::sync::{mpsc, watch};
use tokio_util::task::AbortOnDropHandle;

use crate::channel::CHANNEL_PREFIX;
use crate::checksum::Checksum;
use crate::closed::{Closed, hex};
use crate::connection::Connection;
use crate::error::Error;
use crate::event::Event;
use crate::message::Message;
use crate::position::{Position, Until, int64};
use crate::subscribe_feed::{FeedItem, FeedRequest, SubscribeFeed, SubscriptionStart};

/// Responses that nobody has taken yet. One has about 256 KiB, so these are some 2 MiB; then the broker is held back.
const MAX_WAITING_RESPONSES: usize = 8;

/// What to subscribe to.
///
/// ```
/// use std::time::Duration;
/// use playhead::{Position, SubscribeOptions, Until};
///
/// let tail = SubscribeOptions::new().from(Position::Ago(Duration::from_secs(300)));
/// let page = SubscribeOptions::new().from(Position::Last(100)).until(Until::Now);
/// ```
#[derive(Debug, Clone, Default)]
pub struct SubscribeOptions {
    from: Option<Position>,
    until: Option<Until>,
    limit: Option<u64>,
}

impl SubscribeOptions {
    /// From what comes next, or from the first message of a channel; without an end.
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

    /// Where to end. Without it the subscription follows.
    #[must_use]
    pub fn until(mut self, until: impl Into<Until>) -> Self {
        self.until = Some(until.into());
        self
    }

    /// End after so many messages, at least 1.
    #[must_use]
    pub const fn limit(mut self, messages: u64) -> Self {
        self.limit = Some(messages);
        self
    }

    pub(crate) fn or_from(mut self, from: Position) -> Self {
        self.from.get_or_insert(from);
        self
    }
}

/// What a subscription knows of a channel that it has read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// Number of messages that were received.
    pub message_count: u64,
    /// MD5 over the values that were received, 32 hexadecimal digits. None unless a channel is read from its first message.
    pub checksum: Option<String>,
    /// Whether these are all messages ever written. None before the close marker, and if only a part was asked for.
    pub is_complete: Option<bool>,
    /// Whether, besides, the checksum is the writer's. None if there is none on either side.
    pub is_verified: Option<bool>,
}

/// Reads one topic, or all topics of a glob: a stream of messages, each once and in order.
///
/// It begins when it is made, keeps some 2 MiB that nobody has taken yet, and after a lost connection goes on behind
/// the last message, for as long as it takes unless told otherwise. As messages it ends at the close marker, the limit or
/// until, and with the error `TOPIC_DELETED` if the topic is deleted; [`Subscription::events`] tells what is between
/// messages, too. To drop it is to end it.
///
/// ```no_run
/// # use playhead::*;
/// # use futures_util::TryStreamExt;
/// # use std::time::Duration;
/// # async fn read(client: Client) -> Result<(), Error> {
/// let recent = SubscribeOptions::new().from(Position::Ago(Duration::from_secs(300)));
/// let mut subscription = client.subscribe("orders/*", recent)?;
/// while let Some(message) = subscription.try_next().await? {
///     println!("{} {}: {}", message.topic, message.timestamp_ns, message.text());
/// }
///
/// let mut subscription = client.subscribe("orders/eu", SubscribeOptions::new().from(Position::Earliest))?;
/// let mut events = subscription.events();
/// while let Some(event) = events.try_next().await? {
///     match event {
///         Event::Message(message) => println!("{}", message.text()),
///         Event::CaughtUp { next_timestamp_ns } => println!("all there is, before {next_timestamp_ns}"),
///         Event::Trimmed(trimmed) => println!("gone before {:?}", trimmed.first_timestamp_ns),
///         Event::Closed(closed) => println!("closed: {}", closed.reason),
///         Event::Deleted { topic } => println!("{topic} was deleted"),
///         _ => {}
///     }
/// }
///
/// let page = client.read("orders/eu", ReadOptions::new().from(Position::Last(100))).await?; // what is there now
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Subscription {
    topic: Arc<str>,
    is_glob: bool,
    items: mpsc::Receiver<Result<FeedItem, Error>>,
    start: watch::Receiver<Option<Result<SubscriptionStart, Error>>>,
    /// Of the response that is being handed out.
    batch: VecDeque<Message>,
    is_over: bool,
    message_count: u64,
    last_timestamp_ns: Option<i64>,
    closed: Option<Closed>,
    /// Only of a channel that is read from where it begins.
    checksum: Option<Checksum>,
    /// Whether it begins where the topic does.
    is_whole: bool,
    _feed: AbortOnDropHandle<()>,
}

impl Subscription {
    pub(crate) fn new(
        connection: &Arc<Connection>,
        topic: &str,
        options: &SubscribeOptions,
    ) -> Result<Self, Error> {
        connection.check_open()?;
        let from = options.from.unwrap_or(Position::Latest);
        if options.limit == Some(0) {
            return Err(Error::invalid("the limit of a subscription must not be 0"));
        }
        let limit = options.limit.map(|limit| int64("limit", limit));
        let topic: Arc<str> = topic.into();
        let request = FeedRequest {
            topic: Arc::clone(&topic),
            from: from.to_wire()?,
            until: options.until,
            limit: limit.transpose()?,
        };
        let (item_sender, items) = mpsc::channel(MAX_WAITING_RESPONSES);
        let (start_sender, start) = watch::channel(None);
        let feed = SubscribeFeed::new(Arc::clone(connection), request, item_sender, start_sender);
        let feed = connection.spawn(&format!("subscribe to {topic}"), feed.run())?;
        let is_glob = topic.contains('*');
        let is_whole = !is_glob && from.is_start();
        let is_channel = topic.starts_with(CHANNEL_PREFIX);
        Ok(Self {
            topic,
            is_glob,
            items,
            start,
            batch: VecDeque::new(),
            is_over: false,
            message_count: 0,
            last_timestamp_ns: None,
            closed: None,
            checksum: (is_whole && is_channel).then(Checksum::default),
            is_whole,
            _feed: AbortOnDropHandle::new(feed),
        })
    }

    /// Name or glob.
    #[must_use]
    pub fn topic(&self) -> &str {
        &self.topic
    }

    /// Waits until the broker has taken the subscription: what is published from then on is not missed.
    ///
    /// # Errors
    /// Why it ended before.
    pub async fn started(&self) -> Result<SubscriptionStart, Error> {
        let mut start = self.start.clone();
        match start.wait_for(Option::is_some).await.as_deref() {
            Ok(Some(outcome)) => outcome.clone(),
            _ => Err(Error::closed(&format!(
                "the subscription to {}",
                self.topic
            ))),
        }
    }

    /// Messages and what happens between them. A deleted topic is an event here, and no error.
    pub const fn events(&mut self) -> Events<'_> {
        Events { subscription: self }
    }

    /// Number of messages handed out.
    #[must_use]
    pub const fn message_count(&self) -> u64 {
        self.message_count
    }

    /// Timestamp of the last message handed out.
    #[must_use]
    pub const fn last_timestamp_ns(&self) -> Option<i64> {
        self.last_timestamp_ns
    }

    /// The close marker, once it has been reached. Not for a glob.
    #[must_use]
    pub const fn closed(&self) -> Option<&Closed> {
        self.closed.as_ref()
    }

    /// Compares what was received with what the writer of a channel has said.
    #[must_use]
    pub fn verify(&self) -> Verification {
        let digest = self.checksum.as_ref().map(Checksum::digest);
        let closed = self.closed.as_ref().filter(|_| self.is_whole);
        let is_complete = closed.map(|closed| closed.message_count == self.message_count);
        let written = closed.and_then(|closed| closed.checksum.as_deref());
        let is_same = digest
            .zip(written)
            .map(|(digest, written)| digest == written);
        Verification {
            message_count: self.message_count,
            checksum: digest.map(|digest| hex(&digest)),
            is_complete,
            is_verified: is_complete
                .zip(is_same)
                .map(|(complete, same)| complete && same),
        }
    }

    fn poll_event(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Event, Error>>> {
        loop {
            if let Some(message) = self.batch.pop_front() {
                self.note(&message);
                return Poll::Ready(Some(Ok(Event::Message(message))));
            }
            if self.is_over {
                return Poll::Ready(None);
            }
            match ready!(self.items.poll_recv(context)) {
                Some(Ok(FeedItem::Messages(messages))) => self.batch = messages.into(),
                Some(Ok(FeedItem::Event(event))) => {
                    if let Event::Closed(closed) = &event
                        && !self.is_glob
                    {
                        self.closed = Some(closed.clone());
                    }
                    return Poll::Ready(Some(Ok(event)));
                }
                Some(Err(error)) => {
                    self.is_over = true;
                    return Poll::Ready(Some(Err(error)));
                }
                None => self.is_over = true,
            }
        }
    }

    fn note(&mut self, message: &Message) {
        self.message_count += 1;
        self.last_timestamp_ns = Some(message.timestamp_ns);
        if let Some(checksum) = &mut self.checksum {
            checksum.update(&message.value);
        }
    }
}

impl Stream for Subscription {
    type Item = Result<Message, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            match ready!(self.poll_event(context)) {
                Some(Ok(Event::Message(message))) => return Poll::Ready(Some(Ok(message))),
                Some(Ok(Event::Deleted { topic })) if !self.is_glob => {
                    self.is_over = true;
                    return Poll::Ready(Some(Err(Error::topic_deleted(&topic))));
                }
                Some(Ok(_)) => {}
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

/// Messages and what happens between them, of [`Subscription::events`].
#[derive(Debug)]
pub struct Events<'a> {
    subscription: &'a mut Subscription,
}

impl Stream for Events<'_> {
    type Item = Result<Event, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.subscription.poll_event(context)
    }
}
