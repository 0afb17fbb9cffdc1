//! What the writer of a channel has stored.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::checksum::Checksum;
use crate::generated::playhead::v1 as wire;
use crate::publish_request::PublishRequest;

#[derive(Debug, Default)]
struct Sum {
    checksum: Checksum,
    message_count: u64,
    last_timestamp_ns: i64,
}

/// Sums up what the writer of a channel has stored. All who hold it see the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct ChannelSum(Arc<Mutex<Sum>>);

impl ChannelSum {
    /// Adds a request that was acknowledged.
    pub(crate) fn add(&self, request: &PublishRequest, ack: &wire::PublishAck) {
        if request.count() == 0 {
            return;
        }
        let mut sum = self.lock();
        for value in request.values() {
            sum.checksum.update(value);
            sum.message_count += 1;
        }
        sum.last_timestamp_ns = ack.last_timestamp_ns;
    }

    /// Of what is stored, and of `more` behind it.
    pub(crate) fn checksum<'a>(&self, more: impl Iterator<Item = &'a [u8]>) -> [u8; 16] {
        let mut checksum = self.lock().checksum.clone();
        for value in more {
            checksum.update(value);
        }
        checksum.digest()
    }

    pub(crate) fn message_count(&self) -> u64 {
        self.lock().message_count
    }

    /// Of the last message that was stored; 0 before the first.
    pub(crate) fn last_timestamp_ns(&self) -> i64 {
        self.lock().last_timestamp_ns
    }

    fn lock(&self) -> MutexGuard<'_, Sum> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
