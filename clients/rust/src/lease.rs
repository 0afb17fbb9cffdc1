//! A lease as this client knows it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

use crate::credit::Amount;
use crate::error::{Error, Reason};
use crate::generated::playhead::v1 as wire;

/// What changes about a lease.
#[derive(Debug, Default)]
struct Held {
    /// Deliveries that are not settled.
    amount: Amount,
    /// No earlier than at the broker. None if nobody looks at it.
    expires_at: Option<Instant>,
    /// Whether the credit of what was held was given back, because the lease ran out.
    is_expired: bool,
    /// Why nothing of it can be settled any more.
    lost: Option<&'static str>,
}

/// A lease as this client knows it: consecutive deliveries that have a receipt in common.
#[derive(Debug)]
pub(crate) struct Lease {
    /// Orders the leases of a worker.
    pub(crate) sequence: u64,
    pub(crate) receipt: i64,
    pub(crate) attempt: u32,
    /// By the broker's clock; where a delivery was extended, that holds instead.
    pub(crate) deadline_ns: i64,
    held: Mutex<Held>,
}

impl Lease {
    pub(crate) fn new(
        sequence: u64,
        lease: &wire::Lease,
        expires_at: Option<Instant>,
    ) -> Arc<Self> {
        Arc::new(Self {
            sequence,
            receipt: lease.receipt,
            attempt: u32::try_from(lease.attempt).unwrap_or(0),
            deadline_ns: lease.deadline_timestamp_ns,
            held: Mutex::new(Held {
                expires_at,
                ..Held::default()
            }),
        })
    }

    /// One more delivery, of this size.
    pub(crate) fn hold(&self, bytes: u64) {
        self.held().amount.add(Amount { messages: 1, bytes });
    }

    /// A delivery of this size is settled. The credit that is free with it: none, if it was given back already.
    pub(crate) fn release(&self, bytes: u64) -> Amount {
        let mut held = self.held();
        held.amount.messages = held.amount.messages.saturating_sub(1);
        held.amount.bytes = held.amount.bytes.saturating_sub(bytes);
        if held.is_expired {
            return Amount::default();
        }
        Amount { messages: 1, bytes }
    }

    /// Whether something of it is held, and counts.
    pub(crate) fn is_held(&self) -> bool {
        let held = self.held();
        held.amount.messages > 0 && !held.is_expired
    }

    /// Notes that it runs out no earlier than this.
    pub(crate) fn extend(&self, expires_at: Instant) {
        let mut held = self.held();
        held.expires_at = held.expires_at.map(|before| before.max(expires_at));
    }

    /// If it has run out: what was held. The broker alone says whether something of it can still be settled.
    pub(crate) fn expire(&self, now: Instant) -> Option<Amount> {
        let mut held = self.held();
        if held.is_expired || held.expires_at.is_none_or(|at| at > now) {
            return None;
        }
        held.is_expired = true;
        Some(held.amount)
    }

    /// Nothing of it can be settled any more. What was held.
    pub(crate) fn lose(&self, how: &'static str) -> Amount {
        let mut held = self.held();
        held.lost.get_or_insert(how);
        if std::mem::replace(&mut held.is_expired, true) {
            return Amount::default();
        }
        held.amount
    }

    /// Why nothing of it can be settled any more.
    pub(crate) fn lost(&self) -> Option<Error> {
        let how = self.held().lost?;
        Some(conflict(&format!("the lease {how}"), self.receipt))
    }

    /// Whether it is lost or has run out: what nobody has looked at yet is delivered to somebody else.
    pub(crate) fn is_over(&self, now: Instant) -> bool {
        let held = self.held();
        held.lost.is_some() || held.expires_at.is_some_and(|at| at <= now)
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) fn conflict(text: &str, receipt: i64) -> Error {
    Error::new(Reason::Conflict, text).with("receipt", receipt)
}
