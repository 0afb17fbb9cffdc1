//! A batch and everybody who waits for it.

use prost::Message as _;

use crate::closed::Closed;
use crate::error::Error;
use crate::generated::playhead::v1 as wire;
use crate::message::NewMessage;
use crate::receipt::{Answer, Receipt};

/// What a message, and a receipt that waits for it, take besides the bytes.
const OVERHEAD_BYTES: usize = 300;

/// What the broker stored of one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishAck {
    /// Timestamp of the first message; the others follow by one nanosecond each.
    pub first_timestamp_ns: i64,
    /// Timestamp of the last message.
    pub last_timestamp_ns: i64,
    /// Whether an earlier try had been stored: the timestamps are those of the first time.
    pub is_duplicate: bool,
}

#[derive(Debug)]
enum Waiter {
    /// For the timestamp of the message with this index.
    Message(usize, Answer<i64>),
    Batch(Answer<PublishAck>),
    Close(Answer<Closed>),
}

/// A batch and everybody who waits for it. It is filled, sent, perhaps sent again, and settled once, with an
/// acknowledgement or an error.
#[derive(Debug, Default)]
pub(crate) struct PublishRequest {
    /// Orders the requests of a publisher.
    pub(crate) number: u64,
    /// The producer's number of the first message; 0 until it is sent first. From then on it stays.
    pub(crate) sequence: i64,
    messages: Vec<wire::Message>,
    expected_last_timestamp_ns: Option<i64>,
    close: Option<wire::Close>,
    encoded_bytes: usize,
    waiters: Vec<Waiter>,
}

impl PublishRequest {
    pub(crate) fn new(number: u64) -> Self {
        Self {
            number,
            ..Self::default()
        }
    }

    /// Number of messages.
    pub(crate) const fn count(&self) -> usize {
        self.messages.len()
    }

    /// Size of the encoded messages.
    pub(crate) const fn encoded_bytes(&self) -> usize {
        self.encoded_bytes
    }

    /// What it counts for in the publisher's memory.
    pub(crate) const fn buffered_bytes(&self) -> usize {
        self.encoded_bytes + self.messages.len() * OVERHEAD_BYTES
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &[u8]> {
        self.messages.iter().map(|message| &message.value[..])
    }

    pub(crate) fn push(&mut self, message: NewMessage) {
        let message = message.into_wire();
        self.encoded_bytes += size_in_request(&message);
        self.messages.push(message);
    }

    pub(crate) const fn expect(&mut self, last_timestamp_ns: i64) {
        self.expected_last_timestamp_ns = Some(last_timestamp_ns);
    }

    /// The timestamp of the message that was added last.
    pub(crate) fn last_timestamp(&mut self) -> Receipt<i64> {
        let (answer, receipt) = Receipt::new();
        self.waiters
            .push(Waiter::Message(self.messages.len() - 1, answer));
        receipt
    }

    pub(crate) fn acknowledgement(&mut self) -> Receipt<PublishAck> {
        let (answer, receipt) = Receipt::new();
        self.waiters.push(Waiter::Batch(answer));
        receipt
    }

    /// The request also closes the topic.
    pub(crate) fn closing(&mut self, close: wire::Close) -> Receipt<Closed> {
        let (answer, receipt) = Receipt::new();
        self.close = Some(close);
        self.waiters.push(Waiter::Close(answer));
        receipt
    }

    /// The request as it travels. Made again from the same messages it is the same to the byte, by which the broker
    /// knows it. Topic and producer go with the first request of a stream only.
    pub(crate) fn to_wire(&self, names: Option<(&str, &str)>) -> wire::PublishStreamRequest {
        let (topic, producer) = names.unwrap_or_default();
        wire::PublishStreamRequest {
            topic: topic.to_owned(),
            messages: self.messages.clone(),
            producer: producer.to_owned(),
            sequence: self.sequence,
            expected_last_timestamp_ns: self.expected_last_timestamp_ns,
            close: self.close.clone(),
        }
    }

    /// Tells everybody who waits. The error, if there was nobody to tell it to.
    pub(crate) fn settle(self, outcome: Result<wire::PublishAck, Error>) -> Option<Error> {
        let mut is_told = !self.waiters.is_empty();
        for waiter in self.waiters {
            let outcome = outcome.clone();
            is_told &= match waiter {
                Waiter::Message(index, answer) => {
                    let index = i64::try_from(index).unwrap_or(0);
                    let timestamp_ns = outcome.map(|ack| ack.first_timestamp_ns + index);
                    answer.send(timestamp_ns).is_ok()
                }
                Waiter::Batch(answer) => answer.send(outcome.map(publish_ack)).is_ok(),
                Waiter::Close(answer) => answer.send(outcome.and_then(closed)).is_ok(),
            };
        }
        outcome.err().filter(|_| !is_told)
    }
}

fn publish_ack(ack: wire::PublishAck) -> PublishAck {
    PublishAck {
        first_timestamp_ns: ack.first_timestamp_ns,
        last_timestamp_ns: ack.last_timestamp_ns,
        is_duplicate: ack.duplicate,
    }
}

fn closed(ack: wire::PublishAck) -> Result<Closed, Error> {
    Closed::require(ack.closed)
}

/// Tag and length included.
pub(crate) fn size_in_request(message: &wire::Message) -> usize {
    let bytes = message.encoded_len();
    1 + prost::length_delimiter_len(bytes) + bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Reason;

    #[tokio::test]
    async fn messages_of_a_request_have_consecutive_timestamps() {
        let mut request = PublishRequest::default();
        request.push("a".into());
        let first = request.last_timestamp();
        request.push("b".into());
        let second = request.last_timestamp();
        let ack = wire::PublishAck {
            first_timestamp_ns: 7,
            ..Default::default()
        };
        assert!(request.settle(Ok(ack)).is_none());
        assert_eq!(first.await.expect("stored"), 7);
        assert_eq!(second.await.expect("stored"), 8);
    }

    #[test]
    fn an_error_that_nobody_waits_for_is_left_to_whoever_flushes() {
        let mut request = PublishRequest::default();
        request.push("a".into());
        drop(request.last_timestamp());
        let left = request.settle(Err(Error::topic_deleted("orders")));
        assert_eq!(left.map(|error| error.reason()), Some(Reason::TopicDeleted));
    }

    #[test]
    fn the_size_of_messages_is_that_of_the_request() {
        let mut request = PublishRequest::default();
        request.push(NewMessage::new("x".repeat(300)).key("k").header("h", "v"));
        request.push("".into());
        assert_eq!(request.encoded_bytes(), request.to_wire(None).encoded_len());
    }
}
