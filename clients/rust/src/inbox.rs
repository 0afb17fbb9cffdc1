//! Deliveries that nobody has taken yet.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use crate::consumption_event::ConsumptionEnd;
use crate::delivery::Delivery;

#[derive(Debug, Default)]
struct State {
    queue: VecDeque<Delivery>,
    is_active: bool,
    lease: Option<Duration>,
    end: Option<ConsumptionEnd>,
    waker: Option<Waker>,
}

/// Deliveries that nobody has taken yet, and how the consumption stands. The credit that the broker has bounds it.
#[derive(Debug, Default)]
pub(crate) struct Inbox(Mutex<State>);

impl Inbox {
    pub(crate) fn push(&self, deliveries: Vec<Delivery>) {
        let mut state = self.state();
        state.queue.extend(deliveries);
        state.wake();
    }

    /// The next delivery, or none at the end. What waited here too long is somebody else's and left out.
    pub(crate) fn poll_take(&self, context: &mut Context<'_>) -> Poll<Option<Delivery>> {
        let mut state = self.state();
        while let Some(delivery) = state.queue.pop_front() {
            if !delivery.is_over() {
                return Poll::Ready(Some(delivery));
            }
        }
        if state.end.is_some() {
            return Poll::Ready(None);
        }
        state.waker = Some(context.waker().clone());
        Poll::Pending
    }

    /// Everything that nobody has taken.
    pub(crate) fn drain(&self) -> VecDeque<Delivery> {
        std::mem::take(&mut self.state().queue)
    }

    pub(crate) fn start(&self, is_active: bool, lease: Duration) {
        let mut state = self.state();
        state.is_active = is_active;
        state.lease = Some(lease);
    }

    pub(crate) fn stop(&self) {
        self.state().is_active = false;
    }

    /// False if it was over before.
    pub(crate) fn end(&self, end: ConsumptionEnd) -> bool {
        let mut state = self.state();
        if state.end.is_some() {
            return false;
        }
        state.end = Some(end);
        state.is_active = false;
        state.queue.clear();
        state.wake();
        true
    }

    pub(crate) fn ended(&self) -> Option<ConsumptionEnd> {
        self.state().end.clone()
    }

    pub(crate) fn is_active(&self) -> bool {
        self.state().is_active
    }

    /// How long leases are, as the broker said last.
    pub(crate) fn lease(&self) -> Option<Duration> {
        self.state().lease
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}
