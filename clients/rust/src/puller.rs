//! Pulls from one subscription, and settles what was pulled.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::runtime::Handle;

use crate::call::unary;
use crate::connection::Connection;
use crate::delivery::{Deliveries, Delivery};
use crate::error::{Error, Reason};
use crate::generated::playhead::v1 as wire;
use crate::position::{count, duration_ms, int32};
use crate::settlements::{SentSettlement, Settlements, Settler};
use wire::subscription_service_client::SubscriptionServiceClient;

/// What the broker takes in one Acknowledge.
const MAX_SETTLEMENTS: usize = 10_000;

/// What to pull. By default one message that is there now.
#[derive(Debug, Clone, Default)]
pub struct PullOptions {
    max: u32,
    max_bytes: u32,
    wait: Duration,
    lease: Duration,
}

impl PullOptions {
    /// The defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// At most so many messages; 1 by default, at most 10 000.
    #[must_use]
    pub const fn max(mut self, messages: u32) -> Self {
        self.max = messages;
        self
    }

    /// At most so many bytes, but at least one message; 1 MiB by default.
    #[must_use]
    pub const fn max_bytes(mut self, bytes: u32) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// Wait so long for the first message, at most 60 s; not at all by default.
    #[must_use]
    pub const fn wait(mut self, wait: Duration) -> Self {
        self.wait = wait;
        self
    }

    /// How long the lease is; as the subscription says by default.
    #[must_use]
    pub const fn lease(mut self, lease: Duration) -> Self {
        self.lease = lease;
        self
    }
}

/// What a pull has brought.
#[derive(Debug)]
pub struct Pulled {
    /// None if there was nothing.
    pub deliveries: Vec<Delivery>,
    /// Set if the topic is closed and everything in it is settled: why it was closed, in the words of who closed it. No
    /// message will come any more.
    pub drained_reason: Option<String>,
}

/// Pulls from one subscription, and settles what was pulled: what is settled while a request is under way goes together
/// in the next.
#[derive(Debug)]
pub(crate) struct Puller {
    connection: Arc<Connection>,
    topic: Arc<str>,
    subscription: String,
    settlements: Settlements,
    is_settling: AtomicBool,
    runtime: Handle,
}

impl Puller {
    /// It settles in this runtime.
    pub(crate) fn new(
        connection: Arc<Connection>,
        topic: Arc<str>,
        subscription: String,
        runtime: Handle,
    ) -> Self {
        Self {
            connection,
            topic,
            subscription,
            settlements: Settlements::default(),
            is_settling: AtomicBool::new(false),
            runtime,
        }
    }

    pub(crate) async fn pull(self: &Arc<Self>, options: PullOptions) -> Result<Pulled, Error> {
        let wait_ms = duration_ms("wait", options.wait)?;
        let request = wire::PullRequest {
            topic: self.topic.to_string(),
            subscription: self.subscription.clone(),
            max_messages: int32("max", options.max)?,
            max_bytes: int32("max_bytes", options.max_bytes)?,
            wait_ms: int32("wait", wait_ms)?,
            lease_ms: duration_ms("lease", options.lease)?,
        };
        let operation = format!("pull from {} of {}", self.subscription, self.topic);
        let wait = Duration::from_millis(count(wait_ms));
        let call = unary!(SubscriptionServiceClient.pull(request));
        let response = self
            .connection
            .request_waiting(&operation, wait, call)
            .await?;
        let settler: Arc<dyn Settler> = Arc::clone(self) as _;
        let (messages, leases) = (response.messages, &response.leases);
        let pulled = Deliveries::new(&settler, &self.topic, messages, leases, None)?;
        Ok(Pulled {
            deliveries: pulled.deliveries,
            drained_reason: response.drained.map(|drained| drained.reason),
        })
    }

    async fn settle(self: Arc<Self>) {
        loop {
            while self.settlements.is_pending() {
                self.send(self.settlements.take(MAX_SETTLEMENTS)).await;
            }
            self.is_settling.store(false, Ordering::SeqCst);
            // Something may have come between the look and the note that nobody looks any more.
            if !self.settlements.is_pending() || self.is_settling.swap(true, Ordering::SeqCst) {
                return;
            }
        }
    }

    async fn send(&self, sent: Vec<SentSettlement>) {
        let operation = format!("acknowledge to {} of {}", self.subscription, self.topic);
        let request = wire::AcknowledgeRequest {
            topic: self.topic.to_string(),
            subscription: self.subscription.clone(),
            settlements: sent.iter().map(|sent| sent.wire.clone()).collect(),
        };
        let call = unary!(SubscriptionServiceClient.acknowledge(request));
        match self.connection.request(&operation, call).await {
            Ok(response) if response.results.len() == sent.len() => {
                for (sent, result) in sent.into_iter().zip(response.results) {
                    sent.answer(result, None);
                }
            }
            Ok(_) => {
                let text = format!("the broker has no result for each settlement: {operation}");
                let error = Error::new(Reason::Internal, text);
                sent.into_iter().for_each(|sent| sent.fail(&error));
            }
            Err(error) => sent.into_iter().for_each(|sent| sent.fail(&error)),
        }
    }
}

impl Settler for Puller {
    fn settlements(&self) -> &Settlements {
        &self.settlements
    }

    fn wake(self: Arc<Self>) {
        if self.is_settling.swap(true, Ordering::SeqCst) {
            return;
        }
        let connection = Arc::clone(&self.connection);
        let runtime = self.runtime.clone();
        connection.tasks.spawn_on(self.settle(), &runtime);
    }
}
