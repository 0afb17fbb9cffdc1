//! Messages as they are published and as they are read.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;

use crate::generated::playhead::v1 as wire;

/// A timestamp of nine bytes on the wire: the room that the broker's stamp needs. So the broker stores messages where
/// they are, without copying them one by one.
const STAMP_ROOM: i64 = 1 << 56;

/// One name and value pair of a message. A name may occur more than once.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Header {
    /// Text.
    pub name: String,
    /// Any bytes.
    pub value: Bytes,
}

/// What can be published: a value, with or without a key and headers.
///
/// Made from text or bytes by `into()`, which every method that publishes does.
///
/// ```
/// use playhead::NewMessage;
///
/// let message = NewMessage::new(r#"{"total":12}"#).key("4711").header("kind", "order");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewMessage {
    pub(crate) key: Bytes,
    pub(crate) value: Bytes,
    pub(crate) headers: Vec<Header>,
}

impl NewMessage {
    /// A message with this value.
    #[must_use]
    pub fn new(value: impl Into<Payload>) -> Self {
        Self {
            value: value.into().0,
            ..Self::default()
        }
    }

    /// Sets the key: free for the publisher, for instance to name what the message is about.
    #[must_use]
    pub fn key(mut self, key: impl Into<Payload>) -> Self {
        self.key = key.into().0;
        self
    }

    /// Adds a header behind those that are there.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<Payload>) -> Self {
        self.headers.push(Header {
            name: name.into(),
            value: value.into().0,
        });
        self
    }

    pub(crate) fn into_wire(self) -> wire::Message {
        let headers = self.headers.into_iter().map(|header| wire::Header {
            name: header.name,
            value: header.value,
        });
        wire::Message {
            timestamp_ns: STAMP_ROOM,
            key: self.key,
            value: self.value,
            headers: headers.collect(),
            is_close: false,
        }
    }
}

impl<P: Into<Payload>> From<P> for NewMessage {
    fn from(value: P) -> Self {
        Self::new(value)
    }
}

/// Bytes of a key, a value or a header, made from what has bytes: text becomes UTF-8.
///
/// `Bytes`, `Vec<u8>`, `String` and what is static are taken over, anything else is copied.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Payload(Bytes);

impl From<Bytes> for Payload {
    fn from(bytes: Bytes) -> Self {
        Self(bytes)
    }
}

impl From<Vec<u8>> for Payload {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes.into())
    }
}

impl From<String> for Payload {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl From<&str> for Payload {
    fn from(text: &str) -> Self {
        Self(Bytes::copy_from_slice(text.as_bytes()))
    }
}

impl From<&[u8]> for Payload {
    fn from(bytes: &[u8]) -> Self {
        Self(Bytes::copy_from_slice(bytes))
    }
}

impl<const N: usize> From<&[u8; N]> for Payload {
    fn from(bytes: &[u8; N]) -> Self {
        Self(Bytes::copy_from_slice(bytes))
    }
}

/// A message as the broker has it.
///
/// Key, value and header values are views of the response that they came in, of about 256 KiB, and keep it in memory.
/// Copy what is to be kept for long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Name of the topic.
    pub topic: Arc<str>,
    /// Position on the tape: nanoseconds since 1970, UTC. Unique and strictly increasing over the whole broker.
    pub timestamp_ns: i64,
    /// Empty means no key.
    pub key: Bytes,
    /// The payload. May be empty.
    pub value: Bytes,
    /// In the publisher's order.
    pub headers: Vec<Header>,
}

impl Message {
    /// The value as text; what is not UTF-8 in it is replaced.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.value)
    }

    pub(crate) fn from_wire(topic: &Arc<str>, message: wire::Message) -> Self {
        let headers = message.headers.into_iter().map(|header| Header {
            name: header.name,
            value: header.value,
        });
        Self {
            topic: Arc::clone(topic),
            timestamp_ns: message.timestamp_ns,
            key: message.key,
            value: message.value,
            headers: headers.collect(),
        }
    }
}

/// The messages of a response, in order; `runs`, which only the response of a glob has, say whose they are.
pub(crate) fn from_response(
    topic: &Arc<str>,
    messages: Vec<wire::Message>,
    runs: &[wire::Run],
) -> Vec<Message> {
    let mut runs = runs.iter();
    let mut owner = Arc::clone(topic);
    let mut left = 0;
    let mut read = Vec::with_capacity(messages.len());
    for message in messages {
        if left == 0
            && let Some(run) = runs.next()
        {
            left = run.message_count;
            if *owner != *run.topic {
                owner = run.topic.as_str().into();
            }
        }
        left -= 1;
        read.push(Message::from_wire(&owner, message));
    }
    read
}

#[cfg(test)]
mod tests {
    use prost::Message as _;

    use super::*;

    #[test]
    fn a_message_has_room_for_the_stamp_in_front() {
        let bytes = NewMessage::new("hello")
            .key("k")
            .into_wire()
            .encode_to_vec();
        assert_eq!(
            bytes,
            b"\x08\x80\x80\x80\x80\x80\x80\x80\x80\x01\x12\x01k\x1a\x05hello"
        );
    }

    #[test]
    fn runs_say_whose_messages_these_are() {
        let message = |value: &str| NewMessage::from(value).into_wire();
        let run = |topic: &str, message_count| wire::Run {
            topic: topic.into(),
            message_count,
        };
        let read = from_response(
            &"*".into(),
            vec![message("a"), message("b"), message("c")],
            &[run("one", 2), run("two", 1)],
        );
        let topics: Vec<&str> = read.iter().map(|message| &*message.topic).collect();
        assert_eq!(topics, ["one", "one", "two"]);
    }
}
