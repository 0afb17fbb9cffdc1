//! A broker, or the first of several addresses that answers.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use crate::address::parse_addresses;
use crate::channel::{CHANNEL_PREFIX, Channel};
use crate::channel_writer::ChannelWriter;
use crate::client_options::{ClientOptions, OnRetry, RetryEvent};
use crate::connection::Connection;
use crate::durable_subscription::DurableSubscription;
use crate::error::Error;
use crate::page::{self, Page, ReadOptions};
use crate::publisher::{Publisher, PublisherOptions};
use crate::server_info::{self, ServerInfo};
use crate::subscription::{SubscribeOptions, Subscription};
use crate::subscriptions::Subscriptions;
use crate::topics::Topics;

/// A broker, or the first of several addresses that answers. Connects at the first use.
///
/// A client is a handle: its clones are the same client. Its methods that are not `async` start tasks, so they need a
/// Tokio runtime around them, too; whatever needs one and has none fails with `INVALID_ARGUMENT`.
///
/// Close it with [`Client::close`], which flushes and waits. To drop it, and what it has made, disconnects without
/// waiting; what publishers were handed over is still sent in the background while the runtime lasts.
#[derive(Debug, Clone)]
pub struct Client {
    connection: Arc<Connection>,
    /// The writers of channels by topic, while somebody holds such a channel.
    writers: Arc<Mutex<HashMap<String, Weak<ChannelWriter>>>>,
}

impl Client {
    /// A client of the broker at this address, such as `127.0.0.1:17777`, or of the first of several, parted by commas,
    /// that answers.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for what is no address.
    pub fn new(address: &str) -> Result<Self, Error> {
        Self::builder([address]).build()
    }

    /// A client with options, of one or more addresses that are tried in turn while one is away.
    #[must_use]
    pub fn builder<A: Into<String>>(addresses: impl IntoIterator<Item = A>) -> ClientBuilder {
        ClientBuilder {
            addresses: addresses.into_iter().map(Into::into).collect(),
            options: ClientOptions::default(),
        }
    }

    /// The channel of this name: the topic `chan/<name>`. Nothing is requested.
    #[must_use]
    pub fn channel(&self, name: &str) -> Channel {
        let topic = format!("{CHANNEL_PREFIX}{name}");
        let mut writers = self.writers.lock().unwrap_or_else(PoisonError::into_inner);
        let known = writers.get(&topic).and_then(Weak::upgrade);
        let writer = known.filter(|writer| !writer.is_closing());
        let writer = writer.unwrap_or_else(|| {
            // What nobody holds any more goes, so that the map has no more than there are channels.
            writers.retain(|_, writer| writer.strong_count() > 0);
            let writer = ChannelWriter::new(Arc::clone(&self.connection), topic.clone());
            let writer = Arc::new(writer);
            writers.insert(topic, Arc::downgrade(&writer));
            writer
        });
        Channel::new(name, Arc::clone(&self.connection), writer)
    }

    /// Deletes the channel; its readers end with `TOPIC_DELETED`, and the name is free again.
    ///
    /// # Errors
    /// `TOPIC_NOT_FOUND` if there is none.
    pub async fn delete_channel(&self, name: &str) -> Result<(), Error> {
        let topic = format!("{CHANNEL_PREFIX}{name}");
        self.topics().delete(&topic).await?;
        let mut writers = self.writers.lock().unwrap_or_else(PoisonError::into_inner);
        writers.remove(&topic);
        Ok(())
    }

    /// Opens a publisher to this topic.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for options that make no sense; `CLIENT_CLOSED`.
    pub fn publisher(&self, topic: &str, options: PublisherOptions) -> Result<Publisher, Error> {
        Publisher::new(&self.connection, topic, options, None)
    }

    /// Begins to read a topic, or the topics of a glob, from what comes next unless told otherwise.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for options that do not fit the wire; `CLIENT_CLOSED`.
    pub fn subscribe(
        &self,
        topic_or_glob: &str,
        options: SubscribeOptions,
    ) -> Result<Subscription, Error> {
        Subscription::new(&self.connection, topic_or_glob, &options)
    }

    /// Reads what is there now, up to a bound.
    ///
    /// # Errors
    /// `TOPIC_NOT_FOUND` if there is no such topic.
    pub async fn read(&self, topic_or_glob: &str, options: ReadOptions) -> Result<Page, Error> {
        page::read(&self.connection, topic_or_glob, options).await
    }

    /// The durable subscription of this name, whether it exists or not: nothing is requested.
    #[must_use]
    pub fn subscription(&self, topic: &str, name: &str) -> DurableSubscription {
        DurableSubscription::new(Arc::clone(&self.connection), topic, name)
    }

    /// Creates, describes, trims, closes and deletes topics.
    #[must_use]
    pub fn topics(&self) -> Topics {
        Topics::new(Arc::clone(&self.connection))
    }

    /// Lists durable subscriptions.
    #[must_use]
    pub fn subscriptions(&self) -> Subscriptions {
        Subscriptions::new(Arc::clone(&self.connection))
    }

    /// Asks the broker about itself.
    ///
    /// # Errors
    /// `UNREACHABLE` and the like.
    pub async fn server_info(&self) -> Result<ServerInfo, Error> {
        server_info::get(&self.connection).await
    }

    /// Flushes all publishers, sends what workers have settled, ends all subscriptions, disconnects.
    ///
    /// # Errors
    /// When all is closed, the first error of something that was flushed and whose receipt was dropped.
    pub async fn close(&self) -> Result<(), Error> {
        self.connection.closing.cancel();
        self.connection.tasks.close();
        self.connection.tasks.wait().await;
        self.connection.closed.cancel();
        self.connection.disconnect();
        self.connection.take_close_failure().map_or(Ok(()), Err)
    }
}

/// What a client is told when it is made.
///
/// ```no_run
/// # fn main() -> Result<(), playhead::Error> {
/// use std::time::Duration;
/// use playhead::Client;
///
/// let client = Client::builder(["one:17777", "two:17777"])
///     .request_timeout(Duration::from_secs(5))
///     .on_retry(|event| eprintln!("{}: {}, again in {:?}", event.operation, event.error, event.delay))
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct ClientBuilder {
    addresses: Vec<String>,
    options: ClientOptions,
}

impl ClientBuilder {
    /// For each single request, its retries included; 30 s by default.
    #[must_use]
    pub const fn request_timeout(mut self, timeout: Duration) -> Self {
        self.options.request_timeout = timeout;
        self
    }

    /// First and longest pause between two tries, 50 ms and 2 s by default. It doubles from try to try; half of it is random.
    #[must_use]
    pub const fn backoff(mut self, initial: Duration, max: Duration) -> Self {
        self.options.initial_backoff = initial;
        self.options.max_backoff = max;
        self
    }

    /// How long after its first failure in a row an operation fails; zero for at once, when each address was tried. By
    /// default a single request tries for its timeout, a publisher for two minutes, and a subscription for ever.
    #[must_use]
    pub const fn give_up_after(mut self, limit: Duration) -> Self {
        self.options.give_up_after = Some(limit);
        self
    }

    /// Connects over TLS.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn tls(mut self, tls: crate::tls::Tls) -> Self {
        self.options.tls = Some(tls);
        self
    }

    /// Is told of every try that failed and will be repeated, for logs.
    #[must_use]
    pub fn on_retry(mut self, callback: impl Fn(&RetryEvent) + Send + Sync + 'static) -> Self {
        self.options.on_retry = Some(OnRetry::new(callback));
        self
    }

    /// Makes the client. Nothing is requested.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for what is no address, and for certificates and keys that are none.
    pub fn build(self) -> Result<Client, Error> {
        let addresses = parse_addresses(&self.addresses)?;
        let connection = Connection::new(addresses, self.options)?;
        Ok(Client {
            connection: Arc::new(connection),
            writers: Arc::default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;
    use crate::consumption::ConsumeOptions;
    use crate::error::Reason;
    use crate::puller::PullOptions;

    fn reason<T>(outcome: Result<T, Error>) -> Option<Reason> {
        outcome.err().map(|error| error.reason())
    }

    fn reason_now<T>(outcome: impl Future<Output = Result<T, Error>>) -> Option<Reason> {
        reason(outcome.now_or_never()?)
    }

    #[test]
    fn what_needs_a_runtime_is_refused_without_one() -> Result<(), Error> {
        let client = Client::new("127.0.0.1:1")?;
        let refused = Some(Reason::InvalidArgument);
        assert_eq!(
            reason(client.publisher("orders", PublisherOptions::new())),
            refused
        );
        assert_eq!(
            reason(client.subscribe("orders", SubscribeOptions::new())),
            refused
        );
        let channel = client.channel("some_chan");
        assert_eq!(reason_now(channel.publish("hello")), refused);
        assert_eq!(reason(channel.subscribe(SubscribeOptions::new())), refused);
        let billing = client.subscription("orders", "billing");
        assert_eq!(reason(billing.consume(ConsumeOptions::new())), refused);
        assert_eq!(reason_now(billing.pull(PullOptions::new())), refused);
        assert_eq!(reason_now(client.server_info()), refused);
        assert_eq!(reason_now(client.topics().get("orders")), refused);
        assert_eq!(reason_now(client.close()), None);
        Ok(())
    }
}
