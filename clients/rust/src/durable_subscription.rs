//! Subscriptions that the broker keeps.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use tokio::runtime::Handle;

use crate::call::unary;
use crate::connection::Connection;
use crate::consumption::{ConsumeOptions, Consumption};
use crate::error::{Error, Reason};
use crate::generated::playhead::v1 as wire;
use crate::position::{Position, count, int64};
use crate::puller::{PullOptions, Pulled, Puller};
use crate::subscription_info::SubscriptionInfo;
use crate::subscription_settings::SubscriptionConfig;
use wire::seek_subscription_request::To;
use wire::subscription_service_client::SubscriptionServiceClient;

/// How a subscription is made. By default from the latest message, of a topic that exists, with the default settings.
#[derive(Debug, Clone, Default)]
pub struct CreateSubscriptionOptions {
    from: Option<Position>,
    config: SubscriptionConfig,
    create_topic: bool,
}

impl CreateSubscriptionOptions {
    /// The defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Where to begin. Of no effect if the subscription exists.
    #[must_use]
    pub fn from(mut self, from: impl Into<Position>) -> Self {
        self.from = Some(from.into());
        self
    }

    /// Its settings.
    #[must_use]
    pub fn config(mut self, config: SubscriptionConfig) -> Self {
        self.config = config;
        self
    }

    /// Make a topic that does not exist.
    #[must_use]
    pub const fn create_topic(mut self) -> Self {
        self.create_topic = true;
        self
    }
}

/// Where a subscription is moved to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SeekTarget {
    /// A place on the topic.
    Position(Position),
    /// A state from [`DurableSubscription::snapshot`], of a subscription of the same topic.
    Snapshot(Bytes),
}

impl<P: Into<Position>> From<P> for SeekTarget {
    fn from(position: P) -> Self {
        Self::Position(position.into())
    }
}

/// Which dead letters are published again, and where. By default all that are there, to the subscription's topic.
#[derive(Debug, Clone, Default)]
pub struct RedriveOptions {
    to: String,
    limit: u64,
}

impl RedriveOptions {
    /// The defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Where to publish them.
    #[must_use]
    pub fn to(mut self, topic: impl Into<String>) -> Self {
        self.to = topic.into();
        self
    }

    /// At most so many, the oldest first.
    #[must_use]
    pub const fn limit(mut self, messages: u64) -> Self {
        self.limit = messages;
        self
    }
}

/// A subscription that the broker keeps: a cursor on a topic, leases, and the number of times that each message was
/// delivered. The object is a name; nothing is requested before a method is called.
///
/// ```no_run
/// # use playhead::*;
/// # use futures_util::TryStreamExt;
/// # use std::time::Duration;
/// # async fn charge(message: &Message) -> Result<(), Error> { Ok(()) }
/// # async fn consume(client: Client) -> Result<(), Error> {
/// let billing = client.subscription("orders", "billing"); // a name; nothing is requested
/// let config = SubscriptionConfig::new().lease(Duration::from_secs(30)).max_attempts(5);
/// billing.create(CreateSubscriptionOptions::new().from(Position::Earliest).config(config)).await?;
///
/// let mut consumption = billing.consume(ConsumeOptions::new().max_in_flight(100))?;
/// while let Some(delivery) = consumption.try_next().await? {
///     match charge(delivery.message()).await {
///         Ok(()) => delivery.ack().await?,
///         Err(_) => delivery.nack_after(Duration::from_secs(5)).await?,
///     }
/// }
/// consumption.close().await;
///
/// let pulled = billing.pull(PullOptions::new().max(10).wait(Duration::from_secs(5))).await?; // without a stream
/// for delivery in &pulled.deliveries {
///     delivery.ack().await?;
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct DurableSubscription {
    connection: Arc<Connection>,
    topic: Arc<str>,
    name: Arc<str>,
    /// Made at the first pull. All clones settle through it.
    puller: Arc<OnceLock<Arc<Puller>>>,
}

impl DurableSubscription {
    pub(crate) fn new(connection: Arc<Connection>, topic: &str, name: &str) -> Self {
        Self {
            connection,
            topic: topic.into(),
            name: name.into(),
            puller: Arc::default(),
        }
    }

    /// Name of the topic.
    #[must_use]
    pub fn topic(&self) -> &str {
        &self.topic
    }

    /// Name of the subscription.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Answers with the subscription as it is now.
    ///
    /// # Errors
    /// `SUBSCRIPTION_EXISTS` if it exists with other settings; `TOPIC_NOT_FOUND`.
    pub async fn create(
        &self,
        options: CreateSubscriptionOptions,
    ) -> Result<SubscriptionInfo, Error> {
        let request = wire::CreateSubscriptionRequest {
            topic: self.topic.to_string(),
            subscription: self.name.to_string(),
            from: options.from.map(Position::to_wire).transpose()?,
            config: Some(options.config.to_wire()?),
            create_topic: options.create_topic,
        };
        let call = unary!(SubscriptionServiceClient.create_subscription(request));
        let operation = self.operation("create");
        let response = self.connection.request(&operation, call).await?;
        SubscriptionInfo::require(response.subscription)
    }

    /// Describes the subscription.
    ///
    /// # Errors
    /// `SUBSCRIPTION_NOT_FOUND` if there is none.
    pub async fn info(&self) -> Result<SubscriptionInfo, Error> {
        let request = wire::GetSubscriptionRequest {
            topic: self.topic.to_string(),
            subscription: self.name.to_string(),
        };
        let call = unary!(SubscriptionServiceClient.get_subscription(request));
        let operation = self.operation("look up");
        let response = self.connection.request(&operation, call).await?;
        SubscriptionInfo::require(response.subscription)
    }

    /// Changes what `config` sets, for deliveries from now on.
    ///
    /// # Errors
    /// `SUBSCRIPTION_NOT_FOUND`; `INVALID_ARGUMENT`.
    pub async fn update(&self, config: SubscriptionConfig) -> Result<SubscriptionInfo, Error> {
        let request = wire::UpdateSubscriptionRequest {
            topic: self.topic.to_string(),
            subscription: self.name.to_string(),
            config: Some(config.to_wire()?),
        };
        let call = unary!(SubscriptionServiceClient.update_subscription(request));
        let operation = self.operation("update");
        let response = self.connection.request(&operation, call).await?;
        SubscriptionInfo::require(response.subscription)
    }

    /// Forgets the subscription; its workers are told and end.
    ///
    /// # Errors
    /// `SUBSCRIPTION_NOT_FOUND` if there is none.
    pub async fn delete(&self) -> Result<(), Error> {
        let request = wire::DeleteSubscriptionRequest {
            topic: self.topic.to_string(),
            subscription: self.name.to_string(),
        };
        let call = unary!(SubscriptionServiceClient.delete_subscription(request));
        let operation = self.operation("delete");
        self.connection
            .remove(&operation, Reason::SubscriptionNotFound, call)
            .await
    }

    /// Moves the subscription while workers are connected; leases from before are void.
    ///
    /// # Errors
    /// `SUBSCRIPTION_NOT_FOUND`; `INVALID_ARGUMENT` for a timestamp in the future and what is no snapshot.
    pub async fn seek(&self, target: impl Into<SeekTarget>) -> Result<SubscriptionInfo, Error> {
        let to = match target.into() {
            SeekTarget::Position(position) => To::Position(position.to_wire()?),
            SeekTarget::Snapshot(snapshot) => To::Snapshot(snapshot),
        };
        let request = wire::SeekSubscriptionRequest {
            topic: self.topic.to_string(),
            subscription: self.name.to_string(),
            to: Some(to),
        };
        let call = unary!(SubscriptionServiceClient.seek_subscription(request));
        let operation = self.operation("seek");
        let response = self.connection.request(&operation, call).await?;
        SubscriptionInfo::require(response.subscription)
    }

    /// The state of the subscription, which a seek puts back. What is in it is the broker's own.
    ///
    /// # Errors
    /// `SUBSCRIPTION_NOT_FOUND` if there is none.
    pub async fn snapshot(&self) -> Result<Bytes, Error> {
        let request = wire::SnapshotSubscriptionRequest {
            topic: self.topic.to_string(),
            subscription: self.name.to_string(),
        };
        let call = unary!(SubscriptionServiceClient.snapshot_subscription(request));
        let operation = self.operation("take a snapshot of");
        let response = self.connection.request(&operation, call).await?;
        Ok(response.snapshot)
    }

    /// Publishes the dead letters to where they came from and removes them. Their number; after a lost answer, that of
    /// those that were left.
    ///
    /// # Errors
    /// `SUBSCRIPTION_NOT_FOUND` if there is none.
    pub async fn redrive(&self, options: RedriveOptions) -> Result<u64, Error> {
        let request = wire::RedriveDeadLettersRequest {
            topic: self.topic.to_string(),
            subscription: self.name.to_string(),
            target_topic: options.to,
            max_messages: int64("limit", options.limit)?,
        };
        let call = unary!(SubscriptionServiceClient.redrive_dead_letters(request));
        let operation = self.operation("redrive the dead letters of");
        let response = self.connection.request(&operation, call).await?;
        Ok(count(response.message_count))
    }

    /// Connects a worker, at once.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for options that make no sense; `CLIENT_CLOSED`.
    pub fn consume(&self, options: ConsumeOptions) -> Result<Consumption, Error> {
        Consumption::new(&self.connection, &self.topic, &self.name, options)
    }

    /// Leases messages without a stream. If the answer is lost, what was in it is delivered again once its lease has run
    /// out.
    ///
    /// # Errors
    /// `SUBSCRIPTION_NOT_FOUND` if there is none, `SUBSCRIPTION_DELETED` if it is deleted meanwhile.
    pub async fn pull(&self, options: PullOptions) -> Result<Pulled, Error> {
        let runtime = Handle::try_current()
            .map_err(|cause| Error::without_runtime(&self.operation("pull from"), cause))?;
        let puller = self.puller.get_or_init(|| {
            let connection = Arc::clone(&self.connection);
            let name = self.name.to_string();
            let topic = Arc::clone(&self.topic);
            Arc::new(Puller::new(connection, topic, name, runtime))
        });
        puller.pull(options).await
    }

    fn operation(&self, verb: &str) -> String {
        format!("{verb} subscription {} of {}", self.name, self.topic)
    }
}
