//! What was handed over to a publisher and is not acknowledged.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::channel_sum::ChannelSum;
use crate::error::{Error, Reason};
use crate::generated::playhead::v1 as wire;
use crate::message::NewMessage;
use crate::publish_request::PublishRequest;
use crate::receipt::{Answer, Receipt};

const MIB: usize = 1024 * 1024;
/// What is handed over beyond this does not make publishing faster, only the memory larger.
const ROOM_BYTES: usize = 4 * MIB;
/// A larger message goes alone: if it is over a limit, it is refused without its neighbours.
const SOLO_BYTES: usize = 64 * 1024;

/// What an outbox holds and for how long.
#[derive(Debug, Clone)]
pub(crate) struct OutboxLimits {
    pub(crate) linger: Duration,
    pub(crate) max_batch_bytes: usize,
    pub(crate) max_buffered_bytes: usize,
    pub(crate) max_in_flight: usize,
}

/// What the pipeline may send now.
#[derive(Debug)]
pub(crate) enum Next {
    Request(PublishRequest),
    /// Something is being filled, and may go then.
    At(Instant),
    Nothing,
}

/// Waits until what was handed over before it is settled.
#[derive(Debug)]
struct Flusher {
    last_number: u64,
    left: usize,
    error: Option<Error>,
    answer: Answer<()>,
}

#[derive(Debug, Default)]
struct State {
    /// The request that is being filled, and since when.
    open: Option<(PublishRequest, Instant)>,
    /// What is to be sent, in order.
    queue: VecDeque<PublishRequest>,
    buffered_bytes: usize,
    solo_bytes: usize,
    last_number: u64,
    /// Requests that are not settled, sent or not.
    outstanding: usize,
    flushers: Vec<Flusher>,
    /// The first error whose receipt was dropped, for the next flush.
    untold: Option<Error>,
    /// Why nothing more is taken.
    refusal: Option<Error>,
}

/// What was handed over to a publisher and is not acknowledged, up to a bound. Publishers add to it; its pipeline takes
/// requests from it and settles them.
#[derive(Debug)]
pub(crate) struct Outbox {
    topic: String,
    limits: OutboxLimits,
    room_bytes: usize,
    sum: Option<ChannelSum>,
    closing: CancellationToken,
    state: Mutex<State>,
    changed: Notify,
    room: Notify,
}

impl Outbox {
    /// `closing` fires when the client is closed: nothing more is taken from then on.
    pub(crate) fn new(
        topic: &str,
        limits: OutboxLimits,
        sum: Option<ChannelSum>,
        closing: CancellationToken,
    ) -> Self {
        let useful_bytes = ROOM_BYTES.max(2 * limits.max_in_flight * limits.max_batch_bytes);
        Self {
            topic: topic.to_owned(),
            room_bytes: useful_bytes.min(limits.max_buffered_bytes),
            limits,
            sum,
            closing,
            state: Mutex::new(State {
                solo_bytes: SOLO_BYTES,
                ..State::default()
            }),
            changed: Notify::new(),
            room: Notify::new(),
        }
    }

    /// Adds a message to the request that is being filled.
    pub(crate) fn add(&self, message: NewMessage) -> Receipt<i64> {
        let mut state = self.state();
        if let Err(error) = self.check(&state) {
            return Receipt::refused(error);
        }
        let about_bytes = message.value.len();
        let is_solo = about_bytes > state.solo_bytes;
        let is_full = |open: &PublishRequest| {
            is_solo || open.encoded_bytes() + about_bytes > self.limits.max_batch_bytes
        };
        if state.open.as_ref().is_some_and(|(open, _)| is_full(open)) {
            state.seal();
        }
        let (mut request, since) = state.take_open();
        let before_bytes = request.buffered_bytes();
        request.push(message);
        let receipt = request.last_timestamp();
        state.buffered_bytes += request.buffered_bytes() - before_bytes;
        let is_done = is_solo || request.encoded_bytes() >= self.limits.max_batch_bytes;
        state.open = Some((request, since));
        if is_done {
            state.seal();
        }
        drop(state);
        self.changed.notify_one();
        receipt
    }

    /// Adds a request behind what was handed over before.
    pub(crate) fn add_alone<T>(
        &self,
        fill: impl FnOnce(&mut PublishRequest) -> Receipt<T>,
    ) -> Receipt<T> {
        let mut state = self.state();
        if let Err(error) = self.check(&state) {
            return Receipt::refused(error);
        }
        state.seal();
        let mut request = state.create();
        let receipt = fill(&mut request);
        state.buffered_bytes += request.buffered_bytes();
        state.queue.push_back(request);
        drop(state);
        self.changed.notify_one();
        receipt
    }

    /// Whether it is useful to publish more now.
    pub(crate) fn has_room(&self) -> bool {
        self.state().buffered_bytes < self.room_bytes
    }

    /// Waits for room.
    pub(crate) async fn room(&self) -> Result<(), Error> {
        loop {
            let mut room = std::pin::pin!(self.room.notified());
            // Enabled before the look, so that nothing between the two is missed.
            room.as_mut().enable();
            if let Some(refusal) = self.state().refusal.clone() {
                return Err(refusal);
            }
            if self.has_room() {
                return Ok(());
            }
            room.await;
        }
    }

    /// Waits for all that was handed over so far.
    pub(crate) fn flush(&self) -> Receipt<()> {
        let mut state = self.state();
        state.seal();
        let (answer, receipt) = Receipt::new();
        let error = state.untold.take();
        let flusher = Flusher {
            last_number: state.last_number,
            left: state.outstanding,
            error,
            answer,
        };
        state.flushers.push(flusher);
        let done = state.finished_flushers();
        drop(state);
        tell(done);
        self.changed.notify_one();
        receipt
    }

    /// Takes nothing more. The first reason stays.
    pub(crate) fn refuse(&self, error: Error) {
        let mut state = self.state();
        state.refusal.get_or_insert(error);
        state.seal();
        drop(state);
        self.changed.notify_one();
        self.room.notify_waiters();
    }

    /// Waits until something is handed over, or refused.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// What may be sent now. A request that is not full goes only while nothing is under way.
    pub(crate) fn next(&self, is_idle: bool) -> Next {
        let mut state = self.state();
        if let Some(request) = state.queue.pop_front() {
            return Next::Request(request);
        }
        let Some((_, since)) = state.open.as_ref().filter(|_| is_idle) else {
            return Next::Nothing;
        };
        let due = *since + self.limits.linger;
        if due > Instant::now() {
            return Next::At(due);
        }
        state.seal();
        state.queue.pop_front().map_or(Next::Nothing, Next::Request)
    }

    /// Puts back what could not be sent yet.
    pub(crate) fn put_back(&self, request: PublishRequest) {
        self.state().queue.push_front(request);
    }

    /// Whether nothing more comes, and everything is settled.
    pub(crate) fn is_finished(&self) -> bool {
        let state = self.state();
        state.refusal.is_some() && state.outstanding == 0
    }

    /// The first error that nobody was told.
    pub(crate) fn take_untold(&self) -> Option<Error> {
        self.state().untold.take()
    }

    /// Ends a request that `next` has given.
    pub(crate) fn settle(&self, request: PublishRequest, outcome: Result<wire::PublishAck, Error>) {
        if let (Some(sum), Ok(ack)) = (&self.sum, &outcome) {
            sum.add(&request, ack);
        }
        let number = request.number;
        let buffered_bytes = request.buffered_bytes();
        let error = outcome.as_ref().err().cloned();
        let untold = request.settle(outcome);
        let mut state = self.state();
        state.buffered_bytes -= buffered_bytes;
        state.outstanding -= 1;
        if let Some(limit_bytes) = error.as_ref().and_then(message_limit_bytes) {
            state.solo_bytes = state.solo_bytes.min(limit_bytes);
        }
        let mut is_awaited = false;
        for flusher in &mut state.flushers {
            if number <= flusher.last_number {
                flusher.left -= 1;
                flusher.error = flusher.error.take().or_else(|| error.clone());
                is_awaited = true;
            }
        }
        if !is_awaited {
            state.untold = state.untold.take().or(untold);
        }
        let done = state.finished_flushers();
        let has_room = state.buffered_bytes <= self.room_bytes / 2;
        drop(state);
        tell(done);
        if has_room {
            self.room.notify_waiters();
        }
    }

    /// Ends everything that was not taken yet.
    pub(crate) fn fail_all(&self, error: &Error) {
        self.state().seal();
        loop {
            // Of the lock nothing is held while a request is settled.
            let request = self.state().queue.pop_front();
            let Some(request) = request else { return };
            self.settle(request, Err(error.clone()));
        }
    }

    fn check(&self, state: &State) -> Result<(), Error> {
        if let Some(refusal) = &state.refusal {
            return Err(refusal.clone());
        }
        if self.closing.is_cancelled() {
            return Err(Error::closed("the client"));
        }
        let limit_bytes = self.limits.max_buffered_bytes;
        let bytes = state.buffered_bytes;
        if bytes < limit_bytes {
            return Ok(());
        }
        let text = format!(
            "the publisher of {} holds {bytes} bytes that are not acknowledged, its limit is {limit_bytes}: \
             await the receipts or ready(), or use publish_all()",
            self.topic
        );
        Err(Error::new(Reason::PublisherFull, text)
            .with("limit_bytes", limit_bytes)
            .with("bytes", bytes))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn create(&mut self) -> PublishRequest {
        self.last_number += 1;
        self.outstanding += 1;
        PublishRequest::new(self.last_number)
    }

    fn take_open(&mut self) -> (PublishRequest, Instant) {
        match self.open.take() {
            Some(open) => open,
            None => (self.create(), Instant::now()),
        }
    }

    /// The next message begins another request.
    fn seal(&mut self) {
        self.queue
            .extend(self.open.take().map(|(request, _)| request));
    }

    fn finished_flushers(&mut self) -> Vec<Flusher> {
        self.flushers
            .extract_if(.., |flusher| flusher.left == 0)
            .collect()
    }
}

fn tell(flushers: Vec<Flusher>) {
    for flusher in flushers {
        // Whoever gave up waiting is not told.
        let _ = flusher.answer.send(flusher.error.map_or(Ok(()), Err));
    }
}

/// What a topic takes at most, if that is why a message was refused.
fn message_limit_bytes(error: &Error) -> Option<usize> {
    if error.reason() != Reason::MessageTooLarge {
        return None;
    }
    error.metadata().get("limit_bytes")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outbox(linger: Duration) -> Outbox {
        let limits = OutboxLimits {
            linger,
            max_batch_bytes: 100,
            max_buffered_bytes: 2000,
            max_in_flight: 1,
        };
        Outbox::new("orders", limits, None, CancellationToken::new())
    }

    /// Number of messages of each request that may be sent now.
    fn counts(outbox: &Outbox) -> Vec<usize> {
        let mut counts = Vec::new();
        while let Next::Request(request) = outbox.next(true) {
            counts.push(request.count());
            outbox.settle(request, Ok(wire::PublishAck::default()));
        }
        counts
    }

    #[tokio::test]
    async fn what_is_handed_over_meanwhile_goes_out_together_up_to_a_size() {
        let outbox = outbox(Duration::ZERO);
        for _ in 0..3 {
            drop(outbox.add("x".repeat(30).into()));
        }
        assert!(matches!(outbox.next(false), Next::Request(_)));
        assert!(matches!(outbox.next(false), Next::Nothing));
        assert_eq!(counts(&outbox), [1]);
    }

    #[tokio::test]
    async fn a_request_of_its_own_keeps_its_place() {
        let outbox = outbox(Duration::ZERO);
        drop(outbox.add("a".into()));
        drop(outbox.add_alone(|request| {
            request.push("b".into());
            request.push("c".into());
            request.acknowledgement()
        }));
        drop(outbox.add("d".into()));
        assert_eq!(counts(&outbox), [1, 2, 1]);
    }

    #[tokio::test]
    async fn a_message_waits_for_others_as_long_as_it_is_told_to() {
        let outbox = outbox(Duration::from_millis(10));
        drop(outbox.add("a".into()));
        let Next::At(due) = outbox.next(true) else {
            panic!("goes at once");
        };
        tokio::time::sleep_until(due).await;
        assert_eq!(counts(&outbox), [1]);
    }

    #[tokio::test]
    async fn what_does_not_fit_is_refused_until_something_is_settled() {
        let outbox = outbox(Duration::ZERO);
        let receipts: Vec<_> = (0..10).map(|_| outbox.add("x".repeat(90).into())).collect();
        assert!(!outbox.has_room());
        let mut refused = 0;
        assert!(!counts(&outbox).is_empty());
        for receipt in receipts {
            if let Err(error) = receipt.await {
                assert_eq!(error.reason(), Reason::PublisherFull);
                refused += 1;
            }
        }
        assert!(refused > 0 && outbox.has_room());
        assert!(outbox.room().await.is_ok());
    }

    #[tokio::test]
    async fn a_flush_waits_for_what_was_handed_over_before_and_tells_its_error() {
        let outbox = outbox(Duration::ZERO);
        drop(outbox.add("a".into()));
        let flush = outbox.flush();
        drop(outbox.add("b".into()));
        let Next::Request(request) = outbox.next(true) else {
            panic!("nothing to send");
        };
        outbox.settle(request, Err(Error::topic_deleted("orders")));
        let error = flush.await.expect_err("refused");
        assert_eq!(error.reason(), Reason::TopicDeleted);
        assert_eq!(counts(&outbox), [1]);
        assert!(outbox.flush().await.is_ok());
    }

    #[tokio::test]
    async fn an_error_whose_receipt_was_dropped_is_told_by_the_next_flush_once() {
        let outbox = outbox(Duration::ZERO);
        drop(outbox.add("a".into()));
        outbox.fail_all(&Error::topic_deleted("orders"));
        assert!(outbox.flush().await.is_err());
        assert!(outbox.flush().await.is_ok());
    }

    #[tokio::test]
    async fn nothing_is_taken_behind_the_close() {
        let outbox = outbox(Duration::ZERO);
        drop(outbox.add("a".into()));
        outbox.refuse(Error::closed("the publisher"));
        let error = outbox.add("b".into()).await.expect_err("closed");
        assert_eq!(error.reason(), Reason::ClientClosed);
        assert!(!outbox.is_finished());
        assert_eq!(counts(&outbox), [1]);
        assert!(outbox.is_finished());
    }
}
