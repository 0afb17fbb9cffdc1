//! The close marker.

use std::fmt::Write as _;

use bytes::Bytes;

use crate::error::{Error, Reason};
use crate::generated::playhead::v1 as wire;
use crate::position::count;

/// The close marker: the topic is complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// Name of the topic.
    pub topic: String,
    /// Place of the marker on the tape, behind the last message; nanoseconds since 1970, UTC.
    pub timestamp_ns: i64,
    /// Number of messages ever appended to the topic, by all its writers, trimmed ones included.
    pub message_count: u64,
    /// Why, as the writer gave it. Empty if it gave none.
    pub reason: String,
    /// MD5 over the values in order, 16 bytes, as the writer gave it. None if it gave none.
    pub checksum: Option<Bytes>,
}

impl Closed {
    /// The checksum as 32 hexadecimal digits.
    #[must_use]
    pub fn checksum_hex(&self) -> Option<String> {
        self.checksum.as_deref().map(hex)
    }

    pub(crate) fn require(wire: Option<wire::Closed>) -> Result<Self, Error> {
        wire.map(Self::from).ok_or_else(incomplete)
    }
}

impl From<wire::Closed> for Closed {
    fn from(closed: wire::Closed) -> Self {
        Self {
            topic: closed.topic,
            timestamp_ns: closed.timestamp_ns,
            message_count: count(closed.message_count),
            reason: closed.reason,
            checksum: Some(closed.checksum).filter(|checksum| !checksum.is_empty()),
        }
    }
}

/// An answer without what it is asked for.
pub(crate) fn incomplete() -> Error {
    Error::new(
        Reason::Internal,
        "the broker sent an answer without its contents",
    )
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
