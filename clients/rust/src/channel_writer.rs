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

    /// Whether close() was called, and did not fail.
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
        self.is_closing.store(true, Ordering::Release);
        let mut closed = self.closed.lock().await;
        if let Some(closed) = &*closed {
            return Ok(closed.clone());
        }
        match self.close_once(last, reason).await {
            Ok(marker) => Ok(closed.insert(marker).clone()),
            Err(error) => {
                self.is_closing.store(false, Ordering::Release);
                Err(error)
            }
        }
    }

    async fn close_once(&self, last: Vec<NewMessage>, reason: String) -> Result<Closed, Error> {
        let publisher = self.publisher()?;
        publisher.flush().await?;
        let closed = match self
            .close_verified(publisher, last.clone(), &reason)
            .await?
        {
            Some(closed) => closed,
            None => {
                let checksum = Bytes::new();
                let close = wire::Close { reason, checksum };
                publisher.publish_closing(last, close, None).await?
            }
        };
        publisher.close().await?;
        Ok(closed)
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
