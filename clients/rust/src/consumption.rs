//! A worker of a subscription.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_core::Stream;
use tokio_util::task::AbortOnDropHandle;

use crate::connection::Connection;
use crate::consume_feed::{ConsumeFeed, ConsumeRequest, Desk};
use crate::consumption_event::{ConsumptionEnd, ConsumptionEvent};
use crate::delivery::Delivery;
use crate::error::{Error, Reason};
use crate::position::int32;

const DEFAULT_IN_FLIGHT: u32 = 1000;
const DEFAULT_BYTES: u32 = 32 * 1024 * 1024;

/// How a worker consumes.
#[derive(Debug, Clone)]
pub struct ConsumeOptions {
    max_in_flight: u32,
    max_bytes: u32,
    worker: String,
    on_event: Option<OnConsumptionEvent>,
}

impl Default for ConsumeOptions {
    fn default() -> Self {
        Self {
            max_in_flight: DEFAULT_IN_FLIGHT,
            max_bytes: DEFAULT_BYTES,
            worker: String::new(),
            on_event: None,
        }
    }
}

impl ConsumeOptions {
    /// The defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Most deliveries that are here and not settled; 1000 by default. Some 10 000 are fastest.
    #[must_use]
    pub const fn max_in_flight(mut self, deliveries: u32) -> Self {
        self.max_in_flight = deliveries;
        self
    }

    /// Most bytes of them, which the last one may exceed; 32 MiB by default.
    #[must_use]
    pub const fn max_bytes(mut self, bytes: u32) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// Name of the worker, for people; at most 255 bytes.
    #[must_use]
    pub fn worker(mut self, name: impl Into<String>) -> Self {
        self.worker = name.into();
        self
    }

    /// Is told of what happens besides deliveries, as soon as it is known.
    #[must_use]
    pub fn on_event(
        mut self,
        callback: impl Fn(&ConsumptionEvent) + Send + Sync + 'static,
    ) -> Self {
        self.on_event = Some(OnConsumptionEvent(Arc::new(callback)));
        self
    }
}

/// Whoever is told of events.
#[derive(Clone)]
pub(crate) struct OnConsumptionEvent(Arc<dyn Fn(&ConsumptionEvent) + Send + Sync>);

impl OnConsumptionEvent {
    pub(crate) fn tell(&self, event: &ConsumptionEvent) {
        (self.0)(event);
    }
}

impl fmt::Debug for OnConsumptionEvent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("OnConsumptionEvent")
    }
}

/// A worker of a subscription: a stream of deliveries.
///
/// It connects at once, has no more than `max_in_flight` deliveries that are not settled, and after a lost connection
/// goes on, for as long as it takes unless told otherwise; what was delivered before is void then. The stream ends when
/// the topic is drained and with the client, and with the error `SUBSCRIPTION_DELETED`, `TOPIC_DELETED` or why it cannot go
/// on. [`Consumption::close`] sends what was settled; to drop it gives the leases back at once.
#[derive(Debug)]
pub struct Consumption {
    topic: Arc<str>,
    subscription: String,
    desk: Arc<Desk>,
    is_over: bool,
    feed: AbortOnDropHandle<()>,
}

impl Consumption {
    pub(crate) fn new(
        connection: &Arc<Connection>,
        topic: &Arc<str>,
        subscription: &str,
        options: ConsumeOptions,
    ) -> Result<Self, Error> {
        connection.check_open()?;
        let request = ConsumeRequest {
            topic: Arc::clone(topic),
            subscription: subscription.to_owned(),
            worker: options.worker,
            max_in_flight: positive("max_in_flight", options.max_in_flight)?,
            max_bytes: positive("max_bytes", options.max_bytes)?,
            on_event: options.on_event,
        };
        let desk = Arc::new(Desk::new(connection.closing.child_token()));
        let operation = request.operation();
        let feed = ConsumeFeed::new(Arc::clone(connection), request, Arc::clone(&desk));
        let feed = connection.spawn(&operation, feed.run())?;
        Ok(Self {
            topic: Arc::clone(topic),
            subscription: subscription.to_owned(),
            desk,
            is_over: false,
            feed: AbortOnDropHandle::new(feed),
        })
    }

    /// Why it is over, once it is.
    #[must_use]
    pub fn ended(&self) -> Option<ConsumptionEnd> {
        self.desk.inbox.ended()
    }

    /// False while another worker has an exclusive subscription, and while there is no connection.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.desk.inbox.is_active()
    }

    /// How long leases are, as the broker said last; none before it has.
    #[must_use]
    pub fn lease(&self) -> Option<Duration> {
        self.desk.inbox.lease()
    }

    /// Sends what was settled, waits some seconds at most for the results, and ends. What was delivered and not settled is
    /// given back; of what nobody has taken the delivery does not count.
    pub async fn close(self) {
        self.desk.closing.cancel();
        // A feed that panicked has nothing left to send.
        let _ = self.feed.await;
    }

    fn end_error(&self, end: ConsumptionEnd) -> Option<Error> {
        match end {
            ConsumptionEnd::Failed(error) => Some(error),
            ConsumptionEnd::Deleted {
                is_topic_deleted: true,
            } => Some(Error::topic_deleted(&self.topic)),
            ConsumptionEnd::Deleted {
                is_topic_deleted: false,
            } => {
                let Self {
                    topic,
                    subscription,
                    ..
                } = self;
                let text = format!("subscription {subscription} of {topic} was deleted");
                let error = Error::new(Reason::SubscriptionDeleted, text);
                Some(
                    error
                        .with("topic", topic)
                        .with("subscription", subscription),
                )
            }
            ConsumptionEnd::Drained { .. } | ConsumptionEnd::Closed => None,
        }
    }
}

impl Stream for Consumption {
    type Item = Result<Delivery, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(delivery) = ready!(self.desk.inbox.poll_take(context)) {
            return Poll::Ready(Some(Ok(delivery)));
        }
        if std::mem::replace(&mut self.is_over, true) {
            return Poll::Ready(None);
        }
        let end = self.ended();
        Poll::Ready(end.and_then(|end| self.end_error(end)).map(Err))
    }
}

fn positive(name: &str, value: u32) -> Result<i32, Error> {
    match int32(name, value)? {
        0 => Err(Error::invalid(format!("{name} must not be 0"))),
        value => Ok(value),
    }
}
