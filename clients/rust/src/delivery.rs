//! A message and its lease.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use crate::closed::incomplete;
use crate::error::Error;
use crate::generated::playhead::v1 as wire;
use crate::lease::Lease;
use crate::message::Message;
use crate::position::duration_ms;
use crate::publish_request::size_in_request;
use crate::receipt::Receipt;
use crate::settlements::{Settlements, Settler};
use wire::settlement::Action;

/// A message and its lease: it is this worker's until it is settled or the lease runs out.
///
/// What becomes of it is handed over at the call; the receipt is what the broker says to that, once it is on disk. What
/// is settled while a request is under way travels together, and has its result in common where it is consecutive. To
/// drop a delivery settles nothing: it is delivered again when its lease has run out.
#[derive(Debug)]
pub struct Delivery {
    message: Message,
    lease: Arc<Lease>,
    /// Place among the deliveries of the lease.
    index: u32,
    /// Size in the response.
    bytes: u64,
    is_settled: AtomicBool,
    /// By the broker's clock; 0 unless it was extended.
    extended_deadline_ns: Arc<AtomicI64>,
    is_extended: AtomicBool,
    settler: Arc<dyn Settler>,
}

impl Delivery {
    /// The message.
    #[must_use]
    pub const fn message(&self) -> &Message {
        &self.message
    }

    /// The message, without its lease.
    #[must_use]
    pub fn into_message(self) -> Message {
        self.message
    }

    /// The how manieth delivery this is of the message; from 1.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.lease.attempt
    }

    /// Of the lease, which several deliveries may have in common.
    #[must_use]
    pub fn receipt(&self) -> i64 {
        self.lease.receipt
    }

    /// When the lease runs out, by the broker's clock; nanoseconds since 1970, UTC. An extension moves it.
    #[must_use]
    pub fn deadline_ns(&self) -> i64 {
        match self.extended_deadline_ns.load(Ordering::Relaxed) {
            0 => self.lease.deadline_ns,
            deadline_ns => deadline_ns,
        }
    }

    /// Whether it was acknowledged, given back or terminated here.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.is_settled.load(Ordering::Acquire)
    }

    /// Whether the lease went with the connection, with a seek, or because the consumption has ended.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.lease.lost().is_some()
    }

    /// Done.
    ///
    /// # Errors
    /// By the receipt: `CONFLICT` if the lease was lost or it is settled already; `UNREACHABLE` if the connection was lost
    /// meanwhile, and nobody knows.
    pub fn ack(&self) -> Receipt<()> {
        self.settle(Action::Ack(wire::Ack::default()))
    }

    /// Not done: deliver it again, as soon as the subscription's backoff says.
    ///
    /// # Errors
    /// As [`Delivery::ack`].
    pub fn nack(&self) -> Receipt<()> {
        self.settle(Action::Nack(wire::Nack::default()))
    }

    /// Not done: deliver it again after so long, at most 7 days.
    ///
    /// # Errors
    /// As [`Delivery::ack`].
    pub fn nack_after(&self, delay: Duration) -> Receipt<()> {
        match duration_ms("delay", delay) {
            Ok(delay_ms) => self.settle(Action::Nack(wire::Nack {
                delay_ms: Some(delay_ms),
                is_unseen: false,
            })),
            Err(error) => Receipt::refused(error),
        }
    }

    /// Never to be done: a dead letter at once. The reason has at most 1024 bytes.
    ///
    /// # Errors
    /// As [`Delivery::ack`].
    pub fn terminate(&self, reason: impl Into<String>) -> Receipt<()> {
        self.settle(Action::Terminate(wire::Terminate {
            reason: reason.into(),
        }))
    }

    /// Not done yet: keeps the lease for so long from now on, 1 ms to 7 days; none: for as long as the subscription says.
    /// The receipt is the new deadline, as that of [`Delivery::deadline_ns`].
    ///
    /// # Errors
    /// As [`Delivery::ack`].
    pub fn extend(&self, lease: Option<Duration>) -> Receipt<i64> {
        let lease_ms = match lease.map_or(Ok(0), |lease| duration_ms("lease", lease)) {
            Ok(lease_ms) => lease_ms,
            Err(error) => return Receipt::refused(error),
        };
        let receipt = self.settler.settlements().extend(self, lease_ms);
        Arc::clone(&self.settler).wake();
        receipt
    }

    /// Nobody has seen it: gives it back, and the delivery does not count.
    pub(crate) fn give_back_unseen(&self) {
        if self.is_settled() || self.is_lost() {
            return;
        }
        drop(self.settle(Action::Nack(wire::Nack {
            delay_ms: None,
            is_unseen: true,
        })));
    }

    pub(crate) const fn lease(&self) -> &Arc<Lease> {
        &self.lease
    }

    pub(crate) const fn index(&self) -> u32 {
        self.index
    }

    pub(crate) const fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(crate) const fn extended_deadline_ns(&self) -> &Arc<AtomicI64> {
        &self.extended_deadline_ns
    }

    pub(crate) fn is_extended(&self) -> bool {
        self.is_extended.load(Ordering::Relaxed)
    }

    pub(crate) fn mark_extended(&self) {
        self.is_extended.store(true, Ordering::Relaxed);
    }

    /// False if it was settled already.
    pub(crate) fn mark_settled(&self) -> bool {
        !self.is_settled.swap(true, Ordering::AcqRel)
    }

    pub(crate) fn is_over(&self) -> bool {
        self.lease.is_over(Instant::now())
    }

    fn settle(&self, action: Action) -> Receipt<()> {
        let receipt = self.settler.settlements().settle(self, action);
        Arc::clone(&self.settler).wake();
        receipt
    }
}

/// The messages of a response with their leases, which run out at that time.
#[derive(Debug)]
pub(crate) struct Deliveries {
    pub(crate) deliveries: Vec<Delivery>,
    pub(crate) leases: Vec<Arc<Lease>>,
}

impl Deliveries {
    /// An error unless the leases are those of the messages.
    pub(crate) fn new(
        settler: &Arc<dyn Settler>,
        topic: &Arc<str>,
        messages: Vec<wire::Message>,
        wire_leases: &[wire::Lease],
        expires_at: Option<Instant>,
    ) -> Result<Self, Error> {
        let mut messages = messages.into_iter();
        let mut deliveries = Vec::with_capacity(messages.len());
        let mut leases = Vec::with_capacity(wire_leases.len());
        for wire_lease in wire_leases {
            let lease = Lease::new(settler.settlements().next_lease(), wire_lease, expires_at);
            for index in 0..u32::try_from(wire_lease.message_count).unwrap_or(0) {
                let message = messages.next().ok_or_else(incomplete)?;
                let bytes = size_in_request(&message) as u64;
                lease.hold(bytes);
                deliveries.push(Delivery {
                    message: Message::from_wire(topic, message),
                    lease: Arc::clone(&lease),
                    index,
                    bytes,
                    is_settled: AtomicBool::new(false),
                    extended_deadline_ns: Arc::default(),
                    is_extended: AtomicBool::new(false),
                    settler: Arc::clone(settler),
                });
            }
            leases.push(lease);
        }
        if messages.next().is_some() {
            return Err(incomplete());
        }
        Ok(Self { deliveries, leases })
    }
}

impl Settlements {
    /// The number of the next lease.
    pub(crate) fn next_lease(&self) -> u64 {
        self.lease_count.fetch_add(1, Ordering::Relaxed)
    }
}
