//! Brings what a subscription asks for.

use std::sync::Arc;

use tokio::sync::{mpsc, watch};

use crate::backoff::Backoff;
use crate::call::Responses;
use crate::closed::Closed;
use crate::connection::{Connection, Lane};
use crate::error::{Error, Reason};
use crate::event::Event;
use crate::generated::playhead::v1 as wire;
use crate::message::{Message, from_response};
use crate::position::{Until, non_zero};
use crate::wire_error::from_status;
use wire::broker_service_client::BrokerServiceClient;
use wire::subscribe_response::Event as WireEvent;

/// What to subscribe to.
#[derive(Debug, Clone)]
pub(crate) struct FeedRequest {
    pub(crate) topic: Arc<str>,
    pub(crate) from: wire::Position,
    pub(crate) until: Option<Until>,
    pub(crate) limit: Option<i64>,
}

/// How the broker understood a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SubscriptionStart {
    /// Messages from this timestamp on are delivered; nanoseconds since 1970, UTC.
    pub from_timestamp_ns: i64,
    /// The subscription ends before this timestamp; none if it has no such bound.
    pub until_timestamp_ns: Option<i64>,
}

/// What comes of a feed, in order. It ends with the channel, or with an error.
#[derive(Debug)]
pub(crate) enum FeedItem {
    Messages(Vec<Message>),
    Event(Event),
}

pub(crate) type FeedSender = mpsc::Sender<Result<FeedItem, Error>>;

/// Whether, and how, the broker has taken the subscription.
pub(crate) type StartSender = watch::Sender<Option<Result<SubscriptionStart, Error>>>;

/// Why a call was over.
enum Over {
    /// The subscription is over, too.
    Ended,
    /// Nobody reads it any more.
    Abandoned,
    Failed(Error),
}

/// Brings what a subscription asks for, in order and each message once, over as many Subscribe calls as it takes.
///
/// ```text
/// waiting ──▶ open ──End──▶ ended
///    ▲          │ lost, or End with a retryable error
///    └──pause───┘
/// ```
///
/// It goes on at the timestamp behind the last message it received, with what is left of the limit, up to the time
/// that the first call resolved `until` to, and only on the topic that it began with.
pub(crate) struct SubscribeFeed {
    connection: Arc<Connection>,
    request: FeedRequest,
    items: FeedSender,
    start: StartSender,
    backoff: Backoff,
    started: Option<wire::Started>,
    until_timestamp_ns: Option<i64>,
    resume_timestamp_ns: Option<i64>,
    received: i64,
}

impl SubscribeFeed {
    pub(crate) fn new(
        connection: Arc<Connection>,
        request: FeedRequest,
        items: FeedSender,
        start: StartSender,
    ) -> Self {
        Self {
            backoff: connection.backoff(None),
            connection,
            request,
            items,
            start,
            started: None,
            until_timestamp_ns: None,
            resume_timestamp_ns: None,
            received: 0,
        }
    }

    /// Runs to the end. A client that is closed ends its subscriptions without an error.
    pub(crate) async fn run(mut self) {
        let closing = self.connection.closing.clone();
        let outcome = tokio::select! {
            () = closing.cancelled() => Ok(()),
            outcome = self.bring() => outcome,
        };
        let end = outcome.as_ref().err().cloned();
        self.start.send_if_modified(|start| {
            let closed = || Error::closed(&format!("the subscription to {}", self.request.topic));
            let is_open = start.is_none();
            start.get_or_insert_with(|| Err(end.unwrap_or_else(closed)));
            is_open
        });
        if let Err(error) = outcome {
            // Of a subscription that was dropped nobody wants to know.
            let _ = self.items.send(Err(error)).await;
        }
    }

    async fn bring(&mut self) -> Result<(), Error> {
        if let Some(until) = self.request.until {
            self.until_timestamp_ns = until.resolve(&self.connection).await?;
        }
        loop {
            let route = self.connection.route(Lane::Subscribe);
            let client = BrokerServiceClient::new(route.channel.clone());
            let mut client = client.max_decoding_message_size(usize::MAX);
            let request = self.next_request();
            let responses = Responses::new(async move { client.subscribe(request).await });
            let error = match self.follow(responses, &route.address).await {
                Over::Failed(error) => error,
                Over::Ended | Over::Abandoned => return Ok(()),
            };
            if !error.is_retryable() {
                return Err(error);
            }
            if self.has_all() {
                return Ok(());
            }
            let operation = format!("subscribe to {}", self.request.topic);
            let delay = self
                .connection
                .retry_delay(&mut self.backoff, &error, &route, &operation);
            self.connection.pause(delay.ok_or(error)?).await?;
        }
    }

    fn next_request(&self) -> wire::SubscribeRequest {
        let resume = |timestamp_ns| wire::Position {
            at: Some(wire::position::At::TimestampNs(timestamp_ns)),
        };
        let from = self.resume_timestamp_ns.map(resume);
        let is_first = self.started.is_none();
        wire::SubscribeRequest {
            topic: self.request.topic.to_string(),
            from: Some(from.unwrap_or(self.request.from)),
            until_timestamp_ns: self.until_timestamp_ns,
            until_now: is_first && self.request.until == Some(Until::Now),
            max_messages: self.request.limit.map_or(0, |limit| limit - self.received),
            topic_created_timestamp_ns: self
                .started
                .as_ref()
                .map_or(0, |started| started.topic_created_timestamp_ns),
        }
    }

    /// Whether what was lost was no more than the end.
    fn has_all(&self) -> bool {
        let is_limit_reached = self
            .request
            .limit
            .is_some_and(|limit| self.received >= limit);
        let is_until_reached = match (self.until_timestamp_ns, self.resume_timestamp_ns) {
            (Some(until), Some(resume)) => resume >= until,
            _ => false,
        };
        is_limit_reached || is_until_reached
    }

    async fn follow(
        &mut self,
        mut responses: Responses<wire::SubscribeResponse>,
        address: &str,
    ) -> Over {
        loop {
            let response = match responses.next().await {
                Ok(Some(response)) => response,
                Ok(None) => {
                    let text = format!("broker {address} ended the subscription without a reason");
                    return Over::Failed(Error::new(Reason::Unreachable, text));
                }
                Err(status) => return Over::Failed(from_status(&status, address)),
            };
            if let Some(over) = self.receive(response, address).await {
                return over;
            }
        }
    }

    async fn receive(&mut self, response: wire::SubscribeResponse, address: &str) -> Option<Over> {
        if let Some(last) = response.messages.last() {
            self.received += i64::try_from(response.messages.len()).unwrap_or(0);
            self.resume_timestamp_ns = Some(last.timestamp_ns + 1);
            self.backoff.succeed();
            let messages = from_response(&self.request.topic, response.messages, &response.runs);
            if self.push(FeedItem::Messages(messages)).await.is_err() {
                return Some(Over::Abandoned);
            }
        }
        let event = match response.event? {
            WireEvent::Started(started) => {
                self.take_start(started);
                return None;
            }
            WireEvent::End(end) => return Some(over(end, address)),
            WireEvent::CaughtUp(wire::CaughtUp { next_timestamp_ns }) => {
                self.resume_timestamp_ns = self.resume_timestamp_ns.max(Some(next_timestamp_ns));
                self.backoff.succeed();
                Event::CaughtUp { next_timestamp_ns }
            }
            WireEvent::Trimmed(trimmed) => Event::Trimmed(trimmed.into()),
            WireEvent::Closed(closed) => Event::Closed(Closed::from(closed)),
            WireEvent::Deleted(wire::Deleted { topic }) => Event::Deleted { topic },
        };
        let pushed = self.push(FeedItem::Event(event)).await;
        pushed.err().map(|()| Over::Abandoned)
    }

    /// Waits while whoever reads is behind: that is what holds the broker back.
    async fn push(&self, item: FeedItem) -> Result<(), ()> {
        self.items.send(Ok(item)).await.map_err(drop)
    }

    fn take_start(&mut self, started: wire::Started) {
        if let Some(before) = &mut self.started {
            // A topic that did not exist at first has its time of creation from a later call.
            if before.topic_created_timestamp_ns == 0 {
                before.topic_created_timestamp_ns = started.topic_created_timestamp_ns;
            }
            return;
        }
        let until_timestamp_ns = non_zero(started.until_timestamp_ns);
        self.resume_timestamp_ns
            .get_or_insert(started.from_timestamp_ns);
        self.until_timestamp_ns = until_timestamp_ns.or(self.until_timestamp_ns);
        self.start.send_replace(Some(Ok(SubscriptionStart {
            from_timestamp_ns: started.from_timestamp_ns,
            until_timestamp_ns,
        })));
        self.started = Some(started);
    }
}

fn over(end: wire::End, address: &str) -> Over {
    if end.reason() != wire::EndReason::Error {
        return Over::Ended;
    }
    Over::Failed(end.error.map_or_else(
        || {
            let text = format!("broker {address} ended the subscription with an error");
            Error::new(Reason::Internal, text)
        },
        Error::from,
    ))
}
