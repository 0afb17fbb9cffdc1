//! A subscription that is read, item by item, to its end.

use futures_util::StreamExt;
use playhead::{Error, Event, Subscription};
use serde_json::{Value, json};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use crate::fault::{Fault, error_json};
use crate::forms::{closed_json, message_json, timestamp, without_nulls};

#[derive(Debug)]
struct State {
    /// None once it was unsubscribed.
    subscription: Option<Subscription>,
    has_ended: bool,
}

/// A subscription that is read, item by item, to its end.
#[derive(Debug)]
pub(crate) struct Reader {
    state: Mutex<State>,
    closing: CancellationToken,
}

impl Reader {
    pub(crate) fn new(subscription: Subscription) -> Self {
        Self {
            state: Mutex::new(State {
                subscription: Some(subscription),
                has_ended: false,
            }),
            closing: CancellationToken::new(),
        }
    }

    /// When the broker has taken it.
    pub(crate) async fn started(&self) -> Result<Value, Fault> {
        let state = self.state.lock().await;
        let Some(subscription) = &state.subscription else {
            return Err(Fault::Driver("the subscription has ended".to_owned()));
        };
        let start = subscription.started().await?;
        Ok(json!({ "fromTimestampNs": start.from_timestamp_ns.to_string() }))
    }

    /// Waits until there are so many, or the end.
    pub(crate) async fn next(&self, count: usize, with_caught_up: bool) -> Vec<Value> {
        let mut state = self.state.lock().await;
        let mut items = Vec::new();
        while items.len() < count && !state.has_ended {
            let next = match &mut state.subscription {
                Some(subscription) => {
                    let mut events = subscription.events();
                    tokio::select! {
                        () = self.closing.cancelled() => None,
                        next = events.next() => next,
                    }
                }
                None => None,
            };
            state.has_ended = !matches!(next, Some(Ok(_)));
            let item = item_json(next);
            if with_caught_up || item.get("caughtUp").is_none() {
                items.push(item);
            }
        }
        items
    }

    pub(crate) async fn close(&self) {
        self.closing.cancel();
        self.state.lock().await.subscription = None;
    }

    pub(crate) async fn verify(&self) -> Result<Value, Fault> {
        let state = self.state.lock().await;
        let Some(subscription) = &state.subscription else {
            return Err(Fault::Driver("the subscription has ended".to_owned()));
        };
        let verification = subscription.verify();
        Ok(without_nulls(json!({
            "messageCount": verification.message_count,
            "checksum": verification.checksum,
            "isComplete": verification.is_complete,
            "isVerified": verification.is_verified,
        })))
    }
}

fn item_json(next: Option<Result<Event, Error>>) -> Value {
    match next {
        None => json!({ "end": {} }),
        Some(Err(error)) => json!({ "end": { "error": error_json(&error) } }),
        Some(Ok(Event::Message(message))) => json!({ "message": message_json(&message) }),
        Some(Ok(Event::CaughtUp { next_timestamp_ns })) => {
            json!({ "caughtUp": { "nextTimestampNs": next_timestamp_ns.to_string() } })
        }
        Some(Ok(Event::Trimmed(trimmed))) => json!({ "trimmed": without_nulls(json!({
            "topic": trimmed.topic,
            "firstTimestampNs": timestamp(trimmed.first_timestamp_ns),
        })) }),
        Some(Ok(Event::Closed(closed))) => json!({ "closed": closed_json(&closed) }),
        Some(Ok(Event::Deleted { topic })) => json!({ "deleted": { "topic": topic } }),
        Some(Ok(other)) => json!({ "unknown": format!("{other:?}") }),
    }
}
