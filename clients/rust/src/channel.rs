//! Channels: lists of messages that are made to be closed.

use std::sync::Arc;

use futures_core::Stream;

use crate::channel_writer::ChannelWriter;
use crate::closed::{Closed, hex};
use crate::connection::Connection;
use crate::error::{Error, Reason};
use crate::message::NewMessage;
use crate::position::Position;
use crate::publish_request::PublishAck;
use crate::publisher::{PublishSummary, Publisher};
use crate::receipt::Receipt;
use crate::subscription::{SubscribeOptions, Subscription};
use crate::topic::TopicInfo;
use crate::topics::Topics;

/// The topics of channels.
pub(crate) const CHANNEL_PREFIX: &str = "chan/";

/// How a channel is closed.
#[derive(Debug, Clone, Default)]
pub struct CloseOptions {
    messages: Vec<NewMessage>,
    reason: String,
}

impl CloseOptions {
    /// Without last messages and without a reason.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a last message. Those are stored in the same step: no reader sees them without the end.
    #[must_use]
    pub fn message(mut self, message: impl Into<NewMessage>) -> Self {
        self.messages.push(message.into());
        self
    }

    /// Why, for readers; at most 1024 bytes.
    #[must_use]
    pub fn reason(mut self, reason: impl Into<String>) -> Self {
        self.reason = reason.into();
        self
    }
}

/// A list of messages that is made to be closed: the topic `chan/<name>`. Any number of readers get all of it.
///
/// The channels of one name that a client has made and not dropped publish and sum up together. To drop a channel does
/// not close it; what was published is still sent in the background.
#[derive(Debug, Clone)]
pub struct Channel {
    name: String,
    connection: Arc<Connection>,
    writer: Arc<ChannelWriter>,
}

impl Channel {
    pub(crate) fn new(name: &str, connection: Arc<Connection>, writer: Arc<ChannelWriter>) -> Self {
        Self {
            name: name.to_owned(),
            connection,
            writer,
        }
    }

    /// Name of the channel.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Name of its topic.
    #[must_use]
    pub fn topic(&self) -> &str {
        self.writer.topic()
    }

    /// As [`Publisher::publish`].
    ///
    /// # Errors
    /// By the receipt: `CHANNEL_CLOSED` once the channel is closed, and those of [`Publisher::publish`].
    pub fn publish(&self, message: impl Into<NewMessage>) -> Receipt<i64> {
        match self.publisher() {
            Ok(publisher) => publisher.publish(message),
            Err(error) => Receipt::refused(error),
        }
    }

    /// As [`Publisher::publish_batch`].
    ///
    /// # Errors
    /// As [`Channel::publish`], and those of [`Publisher::publish_batch`].
    pub fn publish_batch<M: Into<NewMessage>>(
        &self,
        messages: impl IntoIterator<Item = M>,
    ) -> Receipt<PublishAck> {
        match self.publisher() {
            Ok(publisher) => publisher.publish_batch(messages),
            Err(error) => Receipt::refused(error),
        }
    }

    /// As [`Publisher::publish_all`].
    ///
    /// # Errors
    /// As [`Channel::publish`].
    pub async fn publish_all<M: Into<NewMessage>>(
        &self,
        messages: impl Stream<Item = M>,
    ) -> Result<PublishSummary, Error> {
        self.publisher()?.publish_all(messages).await
    }

    /// As [`Publisher::ready`].
    ///
    /// # Errors
    /// As [`Publisher::ready`].
    pub async fn ready(&self) -> Result<(), Error> {
        self.publisher()?.ready().await
    }

    /// As [`Publisher::flush`].
    ///
    /// # Errors
    /// As [`Publisher::flush`].
    pub async fn flush(&self) -> Result<(), Error> {
        self.publisher()?.flush().await
    }

    /// MD5 over the values that this client has published and that are stored; 32 hexadecimal digits.
    #[must_use]
    pub fn checksum(&self) -> String {
        hex(&self.writer.checksum())
    }

    /// Waits for what was published, then closes the channel for all its writers, durably. Closing again is no error and
    /// answers as the first time. The checksum goes along if this client was the only writer. If the future is dropped before,
    /// the channel may be closed nevertheless, or is open as it was, and can be closed again.
    ///
    /// # Errors
    /// What went wrong with something that was published; then the channel stays open. `TOPIC_DELETED` if somebody has
    /// deleted it meanwhile.
    pub async fn close(&self, options: CloseOptions) -> Result<Closed, Error> {
        self.writer.close(options.messages, options.reason).await
    }

    /// Reads from the first message to the close marker, unless told otherwise.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for options that do not fit the wire; `CLIENT_CLOSED`.
    pub fn subscribe(&self, options: SubscribeOptions) -> Result<Subscription, Error> {
        let options = options.or_from(Position::Earliest);
        Subscription::new(&self.connection, self.topic(), &options)
    }

    /// Describes the channel's topic.
    ///
    /// # Errors
    /// `TOPIC_NOT_FOUND` if nobody has written to the channel.
    pub async fn stat(&self) -> Result<TopicInfo, Error> {
        Topics::new(Arc::clone(&self.connection))
            .get(self.topic())
            .await
    }

    fn publisher(&self) -> Result<&Publisher, Error> {
        if self.writer.is_closing() {
            let text = format!("channel {} is closed", self.name);
            return Err(Error::new(Reason::ChannelClosed, text).with("topic", self.topic()));
        }
        self.writer.publisher()
    }
}
