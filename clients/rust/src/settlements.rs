//! What became of deliveries and was not sent yet.

use std::fmt;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::credit::Amount;
use crate::delivery::Delivery;
use crate::error::Error;
use crate::generated::playhead::v1 as wire;
use crate::lease::{Lease, conflict};
use crate::position::{count, non_zero};
use crate::receipt::{Answer, Receipt};
use wire::settlement::Action;

/// Whoever sends what was settled.
pub(crate) trait Settler: fmt::Debug + Send + Sync {
    fn settlements(&self) -> &Settlements;

    /// There is something to send.
    fn wake(self: Arc<Self>);
}

#[derive(Debug)]
enum Waiter {
    Done(Answer<()>),
    /// For the new deadline, which the delivery gets, too.
    Deadline(Answer<i64>, Arc<AtomicI64>),
}

/// What becomes of consecutive deliveries of one lease, which have their result in common.
#[derive(Debug)]
struct Range {
    lease: Arc<Lease>,
    action: Action,
    first_index: u32,
    last_index: u32,
    first_timestamp_ns: i64,
    last_timestamp_ns: i64,
    /// Parts of a lease that were extended apart run out apart, and have results of their own.
    is_alone: bool,
    waiters: Vec<Waiter>,
}

impl Range {
    fn new(delivery: &Delivery, action: Action, waiter: Waiter) -> Self {
        let timestamp_ns = delivery.message().timestamp_ns;
        Self {
            lease: Arc::clone(delivery.lease()),
            is_alone: delivery.is_extended() || matches!(action, Action::Extend(_)),
            action,
            first_index: delivery.index(),
            last_index: delivery.index(),
            first_timestamp_ns: timestamp_ns,
            last_timestamp_ns: timestamp_ns,
            waiters: vec![waiter],
        }
    }

    /// Takes `next` in, if it follows without a gap and has the same fate; gives it back otherwise.
    fn join(&mut self, next: Self) -> Option<Self> {
        let follows = Arc::ptr_eq(&self.lease, &next.lease)
            && self.last_index + 1 == next.first_index
            && self.action == next.action
            && !self.is_alone
            && !next.is_alone;
        if !follows {
            return Some(next);
        }
        self.last_index = next.last_index;
        self.last_timestamp_ns = next.last_timestamp_ns;
        self.waiters.extend(next.waiters);
        None
    }
}

/// One settlement as it travels, and who waits for its result.
#[derive(Debug)]
pub(crate) struct SentSettlement {
    pub(crate) wire: wire::Settlement,
    lease: Arc<Lease>,
    waiters: Vec<Waiter>,
}

impl SentSettlement {
    /// Number of deliveries.
    pub(crate) const fn count(&self) -> u64 {
        self.waiters.len() as u64
    }

    /// Tells what came of it. `lease` is how long the subscription's leases are, where that is known.
    pub(crate) fn answer(self, result: wire::SettlementResult, lease: Option<Duration>) {
        if let Some(error) = result.error {
            self.fail(&Error::from(error));
            return;
        }
        if let Some(Action::Extend(wire::Extend { lease_ms })) = self.wire.action {
            let asked = non_zero(lease_ms).map(|ms| Duration::from_millis(count(ms)));
            if let Some(lease) = asked.or(lease) {
                self.lease.extend(Instant::now() + lease);
            }
        }
        for waiter in self.waiters {
            // Whoever dropped the receipt is not told.
            match waiter {
                Waiter::Done(answer) => drop(answer.send(Ok(()))),
                Waiter::Deadline(answer, deadline_ns) => {
                    deadline_ns.store(result.deadline_timestamp_ns, Ordering::Relaxed);
                    drop(answer.send(Ok(result.deadline_timestamp_ns)));
                }
            }
        }
    }

    pub(crate) fn fail(self, error: &Error) {
        fail(self.waiters, error);
    }
}

#[derive(Debug, Default)]
struct State {
    /// To extend comes before what ends a lease: the other way round it would be refused.
    extends: Vec<Range>,
    acks: Vec<Range>,
    /// Given back or terminated.
    others: Vec<Range>,
    /// What is held no longer and whose credit was not taken yet.
    released: Amount,
    /// Why nothing can be settled any more.
    closed: Option<&'static str>,
}

/// What became of deliveries and was not sent yet, consecutive ones as ranges. It is bounded by what is delivered.
#[derive(Debug, Default)]
pub(crate) struct Settlements {
    state: Mutex<State>,
    pub(crate) lease_count: AtomicU64,
}

impl Settlements {
    /// Notes what is to become of a delivery. Refused with `CONFLICT`, and nothing is changed, if that is settled or lost.
    pub(crate) fn settle(&self, delivery: &Delivery, action: Action) -> Receipt<()> {
        let (answer, receipt) = Receipt::new();
        let mut state = self.state();
        if let Some(lost) = state.refusal(delivery) {
            return Receipt::refused(lost);
        }
        if !delivery.mark_settled() {
            return Receipt::refused(settled_already(delivery));
        }
        let released = delivery.lease().release(delivery.bytes());
        state.released.add(released);
        let queue = match action {
            Action::Ack(_) => &mut state.acks,
            _ => &mut state.others,
        };
        push(queue, Range::new(delivery, action, Waiter::Done(answer)));
        receipt
    }

    /// Notes that a delivery is to be kept for so long from now on; 0: as the subscription says.
    pub(crate) fn extend(&self, delivery: &Delivery, lease_ms: i64) -> Receipt<i64> {
        let (answer, receipt) = Receipt::new();
        let mut state = self.state();
        if let Some(lost) = state.refusal(delivery) {
            return Receipt::refused(lost);
        }
        if delivery.is_settled() {
            return Receipt::refused(settled_already(delivery));
        }
        delivery.mark_extended();
        let deadline_ns = Arc::clone(delivery.extended_deadline_ns());
        let action = Action::Extend(wire::Extend { lease_ms });
        let waiter = Waiter::Deadline(answer, deadline_ns);
        state.extends.push(Range::new(delivery, action, waiter));
        receipt
    }

    /// Whether something waits to be taken.
    pub(crate) fn is_pending(&self) -> bool {
        let state = self.state();
        !(state.extends.is_empty() && state.acks.is_empty() && state.others.is_empty())
    }

    /// Up to `limit` settlements, in the order in which their results are expected.
    pub(crate) fn take(&self, limit: usize) -> Vec<SentSettlement> {
        let mut state = self.state();
        // Acknowledgements come from many places at once: in order, most of them are consecutive.
        state
            .acks
            .sort_by_key(|range| (range.lease.sequence, range.first_index));
        let acks = std::mem::take(&mut state.acks);
        for range in acks {
            push(&mut state.acks, range);
        }
        let State {
            extends,
            others,
            acks,
            ..
        } = &mut *state;
        let mut taken = Vec::new();
        for queue in [extends, others, acks] {
            let count = queue.len().min(limit - taken.len());
            taken.extend(queue.drain(..count).map(sent));
        }
        taken
    }

    /// What is held no longer since the last time.
    pub(crate) fn take_released(&self) -> Amount {
        std::mem::take(&mut self.state().released)
    }

    /// Fails what was not taken.
    pub(crate) fn clear(&self, how: &'static str) {
        let mut state = self.state();
        let State {
            extends,
            others,
            acks,
            ..
        } = &mut *state;
        let ranges: Vec<Range> = [extends, others, acks]
            .into_iter()
            .flat_map(std::mem::take)
            .collect();
        drop(state);
        for range in ranges {
            let error = conflict(&format!("the lease {how}"), range.lease.receipt);
            fail(range.waiters, &error);
        }
    }

    /// Fails what was not taken, and refuses the rest.
    pub(crate) fn close(&self, how: &'static str) {
        self.state().closed.get_or_insert(how);
        self.clear(how);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Why this delivery cannot be settled, unless that is because it is.
    fn refusal(&self, delivery: &Delivery) -> Option<Error> {
        let lease = delivery.lease();
        let closed = || {
            let how = self.closed?;
            Some(conflict(&format!("the lease {how}"), lease.receipt))
        };
        lease.lost().or_else(closed)
    }
}

fn settled_already(delivery: &Delivery) -> Error {
    conflict("the delivery is settled already", delivery.receipt())
}

/// Adds a range behind the others, to the last one if it follows that.
fn push(ranges: &mut Vec<Range>, range: Range) {
    let rest = match ranges.last_mut() {
        Some(last) => last.join(range),
        None => Some(range),
    };
    ranges.extend(rest);
}

fn sent(range: Range) -> SentSettlement {
    let is_single = range.first_index == range.last_index;
    SentSettlement {
        wire: wire::Settlement {
            receipt: range.lease.receipt,
            first_timestamp_ns: range.first_timestamp_ns,
            // A single one goes without.
            last_timestamp_ns: if is_single {
                0
            } else {
                range.last_timestamp_ns
            },
            action: Some(range.action),
        },
        lease: range.lease,
        waiters: range.waiters,
    }
}

fn fail(waiters: Vec<Waiter>, error: &Error) {
    for waiter in waiters {
        // Whoever dropped the receipt is not told.
        match waiter {
            Waiter::Done(answer) => drop(answer.send(Err(error.clone()))),
            Waiter::Deadline(answer, _) => drop(answer.send(Err(error.clone()))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::Deliveries;
    use crate::error::Reason;
    use crate::message::NewMessage;

    #[derive(Debug, Default)]
    struct Desk(Settlements);

    impl Settler for Desk {
        fn settlements(&self) -> &Settlements {
            &self.0
        }

        fn wake(self: Arc<Self>) {}
    }

    /// Leases of so many messages each, whose timestamps count from 1.
    fn deliver(desk: &Arc<Desk>, leases: &[i32]) -> Deliveries {
        let settler: Arc<dyn Settler> = Arc::clone(desk) as _;
        let total: i32 = leases.iter().sum();
        let messages = (1..=i64::from(total)).map(|timestamp_ns| wire::Message {
            timestamp_ns,
            ..NewMessage::new("x").into_wire()
        });
        let leases: Vec<wire::Lease> = (1..)
            .zip(leases)
            .map(|(receipt, message_count)| wire::Lease {
                receipt,
                message_count: *message_count,
                attempt: 1,
                deadline_timestamp_ns: 0,
            })
            .collect();
        let messages = messages.collect();
        Deliveries::new(&settler, &"orders".into(), messages, &leases, None).expect("deliveries")
    }

    /// Receipt, and first and last timestamp, of what would be sent.
    fn sent(desk: &Desk) -> Vec<(i64, i64, i64)> {
        let taken = desk.0.take(100).into_iter();
        taken
            .map(|sent| sent.wire)
            .map(|wire| {
                (
                    wire.receipt,
                    wire.first_timestamp_ns,
                    wire.last_timestamp_ns,
                )
            })
            .collect()
    }

    #[test]
    fn consecutive_deliveries_of_a_lease_travel_as_one_in_whatever_order_they_were_settled() {
        let desk = Arc::default();
        let Deliveries { deliveries, .. } = deliver(&desk, &[3, 2]);
        for index in [4, 1, 0, 2] {
            drop(deliveries[index].ack());
        }
        assert_eq!(sent(&desk), [(1, 1, 3), (2, 5, 0)]);
        assert!(!desk.0.is_pending());
        assert_eq!(desk.0.take_released().messages, 4);
    }

    #[test]
    fn what_has_another_fate_travels_apart() {
        let desk = Arc::default();
        let Deliveries { deliveries, .. } = deliver(&desk, &[4]);
        drop(deliveries[0].ack());
        drop(deliveries[1].nack());
        drop(deliveries[2].terminate("broken"));
        drop(deliveries[3].extend(None));
        assert_eq!(sent(&desk), [(1, 4, 0), (1, 2, 0), (1, 3, 0), (1, 1, 0)]);
    }

    #[tokio::test]
    async fn what_is_settled_twice_is_a_conflict() {
        let desk = Arc::default();
        let Deliveries { deliveries, .. } = deliver(&desk, &[1]);
        let first = deliveries[0].ack();
        let error = deliveries[0].nack().await.expect_err("settled");
        assert_eq!(error.reason(), Reason::Conflict);
        let taken = desk.0.take(100).pop().expect("a settlement");
        taken.answer(wire::SettlementResult::default(), None);
        assert!(first.await.is_ok());
    }

    #[tokio::test]
    async fn an_extension_moves_the_deadline() {
        let desk = Arc::default();
        let Deliveries { deliveries, .. } = deliver(&desk, &[1]);
        let receipt = deliveries[0].extend(Some(Duration::from_secs(5)));
        let taken = desk.0.take(100).pop().expect("a settlement");
        let result = wire::SettlementResult {
            deadline_timestamp_ns: 7,
            ..Default::default()
        };
        taken.answer(result, None);
        assert_eq!(receipt.await.expect("extended"), 7);
        assert_eq!(deliveries[0].deadline_ns(), 7);
    }

    #[tokio::test]
    async fn what_is_lost_is_not_settled_and_its_credit_comes_back_once() {
        let desk = Arc::default();
        let Deliveries { deliveries, leases } = deliver(&desk, &[2]);
        drop(deliveries[0].ack());
        assert_eq!(leases[0].lose("went with the connection").messages, 1);
        let error = deliveries[1].ack().await.expect_err("lost");
        assert_eq!(error.reason(), Reason::Conflict);
        assert_eq!(error.metadata()["receipt"], "1");
        assert_eq!(desk.0.take_released().messages, 1);
    }

    #[tokio::test]
    async fn what_was_not_sent_fails_when_the_worker_ends() {
        let desk: Arc<Desk> = Arc::default();
        let Deliveries { deliveries, .. } = deliver(&desk, &[2]);
        let waiting = deliveries[0].ack();
        desk.0.close("has ended with its worker");
        assert!(waiting.await.is_err());
        assert!(deliveries[1].ack().await.is_err());
    }

    #[test]
    fn leases_that_are_not_those_of_the_messages_are_refused() {
        let settler: Arc<dyn Settler> = Arc::new(Desk::default());
        let messages = vec![NewMessage::new("x").into_wire()];
        let topic = "orders".into();
        assert!(Deliveries::new(&settler, &topic, messages, &[], None).is_err());
    }
}
