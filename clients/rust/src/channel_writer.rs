//! Writes one channel.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use tokio::sync::Mutex;

use crate::channel_sum::ChannelSum;
use crate::closed::Closed;
use crate::connection::Connection;
use crate::error::{Error, Reason};
use crate::generated::playhead::v1 as wire;
use crate::message::NewMessage;
use crate::publisher::{Publisher, PublisherOptions};
use crate::topics::Topics;

/// Writes one channel: publishes, sums up what was stored, and closes.
#[derive(Debug)]
pub(crate) struct ChannelWriter {
    connection: Arc<Connection>,
    topic: String,
    /// Made at the first use: who only reads has none.
    publisher: OnceLock<Publisher>,
    sum: ChannelSum,
    is_closing: AtomicBool,
    /// How the first close ended, for those that come later.
    closed: Mutex<Option<Closed>>,
}

/// A close that is under way. To drop it takes it back, unless it has succeeded: a close that fails, or whose future is
/// dropped, leaves the channel open.
struct Closing<'a> {
    is_closing: &'a AtomicBool,
    is_done: bool,
}

impl<'a> Closing<'a> {
    fn begin(is_closing: &'a AtomicBool) -> Self {
        is_closing.store(true, Ordering::Release);
        Self {
            is_closing,
            is_done: false,
        }
    }

    fn succeed(mut self) {
        self.is_done = true;
    }
}

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        if !self.is_done {
            self.is_closing.store(false, Ordering::Release);
        }
    }
}

impl ChannelWriter {
    pub(crate) fn new(connection: Arc<Connection>, topic: String) -> Self {
        Self {
            connection,
            topic,
            publisher: OnceLock::new(),
            sum: ChannelSum::default(),
            is_closing: AtomicBool::new(false),
            closed: Mutex::new(None),
        }
    }

    pub(crate) fn topic(&self) -> &str {
        &self.topic
    }

    pub(crate) fn checksum(&self) -> [u8; 16] {
        self.sum.checksum(std::iter::empty())
    }

    /// Whether a close is under way, or has succeeded.
    pub(crate) fn is_closing(&self) -> bool {
        self.is_closing.load(Ordering::Acquire)
    }

    pub(crate) fn publisher(&self) -> Result<&Publisher, Error> {
        if self.publisher.get().is_none() {
            let options = PublisherOptions::new();
            let sum = Some(self.sum.clone());
            let publisher = Publisher::new(&self.connection, &self.topic, options, sum)?;
            // If somebody else was faster, this one ends without having been used.
            let _ = self.publisher.set(publisher);
        }
        self.publisher
            .get()
            .ok_or_else(|| Error::closed("the channel"))
    }

    pub(crate) async fn close(
        &self,
        last: Vec<NewMessage>,
        reason: String,
    ) -> Result<Closed, Error> {
        let mut closed = self.closed.lock().await;
        if let Some(closed) = &*closed {
            return Ok(closed.clone());
        }
        // Behind the lock, so that who gives up waiting for it does not open what another closes.
        let closing = Closing::begin(&self.is_closing);
        let publisher = self.publisher()?;
        let marker = self.close_once(publisher, last, reason).await?;
        // Before the publisher ends, which may be given up as well: there is nothing to go back to.
        *closed = Some(marker.clone());
        closing.succeed();
        publisher.close().await?;
        Ok(marker)
    }

    async fn close_once(
        &self,
        publisher: &Publisher,
        last: Vec<NewMessage>,
        reason: String,
    ) -> Result<Closed, Error> {
        publisher.flush().await?;
        let verified = self
            .close_verified(publisher, last.clone(), &reason)
            .await?;
        match verified {
            Some(closed) => Ok(closed),
            None => {
                let checksum = Bytes::new();
                let close = wire::Close { reason, checksum };
                publisher.publish_closing(last, close, None).await
            }
        }
    }

    /// Closes with the checksum; none, and nothing done, if others have written too: a checksum over a part of the
    /// messages would tell every reader that something is wrong.
    async fn close_verified(
        &self,
        publisher: &Publisher,
        last: Vec<NewMessage>,
        reason: &str,
    ) -> Result<Option<Closed>, Error> {
        if self.count_stored().await? != self.sum.message_count() {
            return Ok(None);
        }
        let values = last.iter().map(|message| &message.value[..]);
        let close = wire::Close {
            reason: reason.to_owned(),
            checksum: Bytes::copy_from_slice(&self.sum.checksum(values)),
        };
        // Whoever writes from here on is noticed by the broker.
        let expected = Some(self.sum.last_timestamp_ns());
        match publisher.publish_closing(last, close, expected).await {
            Ok(closed) => Ok(Some(closed)),
            Err(error) if error.reason() != Reason::Conflict => Err(error),
            Err(error)
                if error
                    .metadata()
                    .get("last_timestamp_ns")
                    .is_some_and(|ns| ns == "0") =>
            {
                Err(Error::topic_deleted(&self.topic))
            }
            Err(_) => Ok(None),
        }
    }

    async fn count_stored(&self) -> Result<u64, Error> {
        let topics = Topics::new(Arc::clone(&self.connection));
        match topics.get(&self.topic).await {
            Ok(topic) => Ok(topic.message_count),
            Err(error) if error.reason() != Reason::TopicNotFound => Err(error),
            // To close what somebody has deleted would make an empty channel of that name.
            Err(_) if self.sum.message_count() > 0 => Err(Error::topic_deleted(&self.topic)),
            Err(_) => Ok(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures_util::FutureExt;

    use crate::channel::{Channel, CloseOptions};
    use crate::client::Client;
    use crate::error::{Error, Reason};

    /// A channel to which something was published that no broker takes: to close it waits.
    fn channel_of_nowhere() -> Result<Channel, Error> {
        let channel = Client::new("127.0.0.1:1")?.channel("some_chan");
        drop(channel.publish("hello"));
        Ok(channel)
    }

    /// The reason for which a message is not taken; none if it is.
    fn refusal(channel: &Channel) -> Option<Reason> {
        let answer = channel.publish("more").now_or_never()?;
        answer.err().map(|error| error.reason())
    }

    #[tokio::test]
    async fn a_close_that_is_given_up_leaves_the_channel_open() -> Result<(), Error> {
        let channel = channel_of_nowhere()?;
        assert!(channel.close(CloseOptions::new()).now_or_never().is_none());
        assert_eq!(refusal(&channel), None);
        Ok(())
    }

    #[tokio::test]
    async fn a_close_that_is_given_up_does_not_open_what_another_closes() -> Result<(), Error> {
        let channel = channel_of_nowhere()?;
        {
            let mut first = pin!(channel.close(CloseOptions::new()));
            assert!(first.as_mut().now_or_never().is_none());
            assert!(channel.close(CloseOptions::new()).now_or_never().is_none());
            assert_eq!(refusal(&channel), Some(Reason::ChannelClosed));
        }
        assert_eq!(refusal(&channel), None);
        Ok(())
    }
}
