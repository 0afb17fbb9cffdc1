//! A consumption that is read.

use futures_util::StreamExt;
use playhead::{Consumption, ConsumptionEnd, Delivery};
use serde_json::{Value, json};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use crate::fault::error_json;

/// A consumption that is read.
#[derive(Debug)]
pub(crate) struct Worker {
    /// None once it was closed.
    consumption: Mutex<Option<Consumption>>,
    closing: CancellationToken,
}

impl Worker {
    pub(crate) fn new(consumption: Consumption) -> Self {
        Self {
            consumption: Mutex::new(Some(consumption)),
            closing: CancellationToken::new(),
        }
    }

    /// Waits until there are so many, or the end; then says which.
    pub(crate) async fn next(&self, count: usize) -> (Vec<Delivery>, Option<Value>) {
        let mut guard = self.consumption.lock().await;
        let Some(consumption) = guard.as_mut() else {
            return (Vec::new(), None);
        };
        let mut deliveries = Vec::new();
        while deliveries.len() < count {
            let next = tokio::select! {
                () = self.closing.cancelled() => None,
                next = consumption.next() => next,
            };
            match next {
                Some(Ok(delivery)) => deliveries.push(delivery),
                // Why it has ended is said below.
                Some(Err(_)) | None => break,
            }
        }
        (deliveries, consumption.ended().as_ref().and_then(end_json))
    }

    pub(crate) async fn close(&self) {
        self.closing.cancel();
        let consumption = self.consumption.lock().await.take();
        if let Some(consumption) = consumption {
            consumption.close().await;
        }
    }
}

fn end_json(end: &ConsumptionEnd) -> Option<Value> {
    match end {
        ConsumptionEnd::Drained { reason } => Some(json!({ "drained": { "reason": reason } })),
        ConsumptionEnd::Deleted { .. } => Some(json!({ "deleted": {} })),
        ConsumptionEnd::Failed(error) => Some(json!({ "failed": error_json(error) })),
        _ => None,
    }
}
