//! Brings deliveries, and takes back what becomes of them.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, mpsc};
use tokio::time::{Instant, sleep_until, timeout, timeout_at};
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::Status;

use crate::backoff::Backoff;
use crate::call::Responses;
use crate::connection::{Connection, Lane, Route};
use crate::consumption::OnConsumptionEvent;
use crate::consumption_event::{ConsumptionEnd, ConsumptionEvent};
use crate::credit::{Amount, Credit};
use crate::delivery::Deliveries;
use crate::error::{Error, Reason};
use crate::generated::playhead::v1 as wire;
use crate::inbox::Inbox;
use crate::lease::Lease;
use crate::position::count;
use crate::settlements::{SentSettlement, Settlements, Settler};
use crate::wire_error::from_status;
use wire::consume_response::Event;
use wire::subscription_service_client::SubscriptionServiceClient;

/// Settlements of one request, as many as Acknowledge takes.
const MAX_SETTLEMENTS: usize = 10_000;
/// Requests that were not sent yet: what is settled meanwhile goes out together.
const MAX_REQUESTS: usize = 2;
/// How long close waits for the results of what was settled, and then for the broker to end its side.
const RESULTS_TIMEOUT: Duration = Duration::from_secs(5);
const END_TIMEOUT: Duration = Duration::from_secs(1);
/// Bounds of the pause between two looks at which leases have run out.
const MIN_SWEEP: Duration = Duration::from_millis(50);
const MAX_SWEEP: Duration = Duration::from_secs(60);
/// So many leases are not worth a look.
const MIN_HELD: usize = 256;
/// What becomes of the leases of a worker.
const ENDED: &str = "has ended with its worker";

/// What a consumption, its deliveries and its feed have in common.
#[derive(Debug)]
pub(crate) struct Desk {
    settlements: Settlements,
    pub(crate) inbox: Inbox,
    settled: Notify,
    /// Fires when the consumption is to end and what was settled is to be sent.
    pub(crate) closing: CancellationToken,
}

impl Desk {
    pub(crate) fn new(closing: CancellationToken) -> Self {
        Self {
            settlements: Settlements::default(),
            inbox: Inbox::default(),
            settled: Notify::new(),
            closing,
        }
    }
}

impl Settler for Desk {
    fn settlements(&self) -> &Settlements {
        &self.settlements
    }

    fn wake(self: Arc<Self>) {
        self.settled.notify_one();
    }
}

/// What to consume.
#[derive(Debug, Clone)]
pub(crate) struct ConsumeRequest {
    pub(crate) topic: Arc<str>,
    pub(crate) subscription: String,
    pub(crate) worker: String,
    pub(crate) max_in_flight: i32,
    pub(crate) max_bytes: i32,
    pub(crate) on_event: Option<OnConsumptionEvent>,
}

/// One Consume call.
struct Call {
    route: Route,
    requests: mpsc::Sender<wire::ConsumeRequest>,
    responses: Responses<wire::ConsumeResponse>,
}

/// Why a call was over.
enum Over {
    Ended(ConsumptionEnd),
    /// It was asked to close, here.
    Closing,
    Failed(Error),
}

/// Brings deliveries, and takes back what becomes of them, over as many Consume calls as it takes.
///
/// ```text
/// waiting ──▶ open ──End──▶ ended
///    ▲          │ lost, or End with a retryable error
///    └──pause───┘
/// ```
///
/// The broker sends no more than it has credit for, so that what waits here is bounded. Credit goes back as deliveries
/// are settled. With a call its leases go: what was delivered before is void.
pub(crate) struct ConsumeFeed {
    connection: Arc<Connection>,
    request: ConsumeRequest,
    desk: Arc<Desk>,
    backoff: Backoff,
    credit: Credit,
    held: Vec<Arc<Lease>>,
    /// So many leases are looked through for those that are settled.
    forget_at: usize,
    sweep_at: Option<Instant>,
    unanswered: VecDeque<SentSettlement>,
    /// What the broker has said that the end will be.
    coming_end: Option<ConsumptionEnd>,
}

impl ConsumeFeed {
    pub(crate) fn new(
        connection: Arc<Connection>,
        request: ConsumeRequest,
        desk: Arc<Desk>,
    ) -> Self {
        Self {
            backoff: connection.backoff(None),
            connection,
            credit: Credit::new(request.max_in_flight, request.max_bytes),
            request,
            desk,
            held: Vec::new(),
            forget_at: MIN_HELD,
            sweep_at: None,
            unanswered: VecDeque::new(),
            coming_end: None,
        }
    }

    /// Runs to the end.
    pub(crate) async fn run(mut self) {
        let closing = self.desk.closing.clone();
        loop {
            let opened_at = Instant::now();
            let mut call = self.open();
            let error = match self.follow(&mut call).await {
                Over::Ended(end) => return self.conclude(end),
                Over::Closing => return self.close(call).await,
                Over::Failed(error) => error,
            };
            self.desk.inbox.stop();
            self.void_all("went with the connection", &error);
            if let Some(end) = self.coming_end.take() {
                return self.conclude(end);
            }
            if opened_at.elapsed() > self.connection.options().max_backoff {
                self.backoff.succeed();
            }
            let delay = error.is_retryable().then(|| {
                let (backoff, operation) = (&mut self.backoff, self.request.operation());
                self.connection
                    .retry_delay(backoff, &error, &call.route, &operation)
            });
            let Some(delay) = delay.flatten() else {
                return self.conclude(ConsumptionEnd::Failed(error));
            };
            drop(call);
            self.tell(ConsumptionEvent::Disconnected(error));
            tokio::select! {
                _ = self.connection.pause(delay) => {}
                () = closing.cancelled() => return self.conclude(ConsumptionEnd::Closed),
            }
        }
    }

    fn open(&mut self) -> Call {
        let route = self.connection.route(Lane::Consume);
        let (requests, outgoing) = mpsc::channel(MAX_REQUESTS);
        let (credit_messages, credit_bytes) = self.credit.restart();
        // It has room: nothing was sent before.
        let _ = requests.try_send(wire::ConsumeRequest {
            start: Some(wire::ConsumeStart {
                topic: self.request.topic.to_string(),
                subscription: self.request.subscription.clone(),
                worker: self.request.worker.clone(),
            }),
            credit_messages,
            credit_bytes,
            ..Default::default()
        });
        let client = SubscriptionServiceClient::new(route.channel.clone());
        let mut client = client.max_decoding_message_size(usize::MAX);
        let opening = async move { client.consume(ReceiverStream::new(outgoing)).await };
        Call {
            route,
            requests,
            responses: Responses::new(opening),
        }
    }

    async fn follow(&mut self, call: &mut Call) -> Over {
        let desk = Arc::clone(&self.desk);
        // Set once the call takes no more requests: it is over, and its responses say why.
        let mut is_deaf = false;
        loop {
            self.credit.give_back(desk.settlements.take_released());
            let has_more = !is_deaf && self.has_more_to_send();
            let sweep_at = self.sweep_at.unwrap_or_else(Instant::now);
            tokio::select! {
                response = call.responses.next() => {
                    if let Some(over) = self.meet(response, &call.route.address) {
                        return over;
                    }
                }
                room = call.requests.reserve(), if has_more => match room {
                    Ok(room) => room.send(self.next_request()),
                    Err(_) => is_deaf = true,
                },
                () = desk.settled.notified() => {}
                () = sleep_until(sweep_at), if self.sweep_at.is_some() => self.sweep(),
                () = desk.closing.cancelled() => return Over::Closing,
            }
        }
    }

    fn has_more_to_send(&self) -> bool {
        self.credit.is_due() || self.desk.settlements.is_pending()
    }

    /// What was settled, and the credit that is free with it.
    fn next_request(&mut self) -> wire::ConsumeRequest {
        let sent = self.desk.settlements.take(MAX_SETTLEMENTS);
        self.credit.give_back(self.desk.settlements.take_released());
        let (credit_messages, credit_bytes) = self.credit.take();
        let settlements = sent.iter().map(|sent| sent.wire.clone()).collect();
        for sent in sent {
            self.credit.expect(sent.count());
            self.unanswered.push_back(sent);
        }
        wire::ConsumeRequest {
            credit_messages,
            credit_bytes,
            settlements,
            ..Default::default()
        }
    }

    fn meet(
        &mut self,
        response: Result<Option<wire::ConsumeResponse>, Status>,
        address: &str,
    ) -> Option<Over> {
        let response = match response {
            Ok(Some(response)) => response,
            Ok(None) => {
                let text = format!("broker {address} ended the stream");
                return Some(Over::Failed(Error::new(Reason::Unreachable, text)));
            }
            Err(status) => return Some(Over::Failed(from_status(&status, address))),
        };
        self.answer(response.results);
        if !response.messages.is_empty() {
            self.backoff.succeed();
            if let Err(error) = self.push(response.messages, &response.leases) {
                return Some(Over::Ended(ConsumptionEnd::Failed(error)));
            }
        }
        self.meet_event(response.event?, address)
    }

    fn answer(&mut self, results: Vec<wire::SettlementResult>) {
        let lease = self.desk.inbox.lease();
        for result in results {
            let Some(sent) = self.unanswered.pop_front() else {
                return;
            };
            self.backoff.succeed();
            self.credit.confirm(sent.count());
            sent.answer(result, lease);
        }
    }

    fn push(&mut self, messages: Vec<wire::Message>, leases: &[wire::Lease]) -> Result<(), Error> {
        // A lease that runs out meanwhile is noticed later than by the broker, never earlier.
        let expires_at = self.desk.inbox.lease().map(|lease| Instant::now() + lease);
        let settler: Arc<dyn Settler> = Arc::clone(&self.desk) as _;
        let topic = &self.request.topic;
        let pushed = Deliveries::new(&settler, topic, messages, leases, expires_at)?;
        if self.held.len() >= self.forget_at {
            // Of many short-lived leases; now and then, so that it costs little for each.
            self.held.retain(|lease| lease.is_held());
            self.forget_at = MIN_HELD.max(2 * self.held.len());
        }
        self.held.extend(pushed.leases);
        self.desk.inbox.push(pushed.deliveries);
        Ok(())
    }

    fn meet_event(&mut self, event: Event, address: &str) -> Option<Over> {
        match event {
            Event::Started(started) => {
                let lease = Duration::from_millis(count(started.lease_ms));
                let is_active = started.is_active;
                self.desk.inbox.start(is_active, lease);
                let pause = (lease / 4).clamp(MIN_SWEEP, MAX_SWEEP);
                self.sweep_at = Some(Instant::now() + pause);
                self.tell(ConsumptionEvent::Started { is_active, lease });
            }
            Event::Sought(wire::Sought { timestamp_ns }) => {
                self.desk.inbox.drain();
                let lost = self.lose_held("was fenced off by a seek");
                self.credit.give_back(lost);
                self.tell(ConsumptionEvent::Sought { timestamp_ns });
            }
            Event::Drained(wire::Drained { reason }) => {
                self.coming_end = Some(ConsumptionEnd::Drained { reason });
            }
            Event::Deleted(wire::SubscriptionDeleted { is_topic_deleted }) => {
                self.coming_end = Some(ConsumptionEnd::Deleted { is_topic_deleted });
            }
            Event::End(end) => return Some(self.over(end, address)),
        }
        None
    }

    fn over(&mut self, end: wire::End, address: &str) -> Over {
        match (end.reason(), self.coming_end.take()) {
            (wire::EndReason::Error, coming_end) => {
                self.coming_end = coming_end;
                let operation = self.request.operation();
                Over::Failed(end.error.map_or_else(
                    || {
                        let text = format!("broker {address} ended {operation} with an error");
                        Error::new(Reason::Internal, text)
                    },
                    Error::from,
                ))
            }
            (_, Some(coming_end)) => Over::Ended(coming_end),
            (wire::EndReason::Drained, None) => Over::Ended(ConsumptionEnd::Drained {
                reason: String::new(),
            }),
            (wire::EndReason::Deleted, None) => Over::Ended(ConsumptionEnd::Deleted {
                is_topic_deleted: false,
            }),
            _ => Over::Ended(ConsumptionEnd::Closed),
        }
    }

    /// Gives back the credit of leases that have run out, and forgets those of which nothing is held.
    fn sweep(&mut self) {
        let now = Instant::now();
        for lease in &self.held {
            if let Some(amount) = lease.expire(now) {
                self.credit.give_back(amount);
            }
        }
        self.held.retain(|lease| lease.is_held());
        let lease = self.desk.inbox.lease().unwrap_or(MAX_SWEEP);
        self.sweep_at = Some(now + (lease / 4).clamp(MIN_SWEEP, MAX_SWEEP));
    }

    /// Sends what was settled, waits for the results for a while, and ends the call: its leases are given back.
    async fn close(mut self, mut call: Call) {
        let deadline = Instant::now() + RESULTS_TIMEOUT;
        let leaving = wire::ConsumeRequest {
            is_leaving: true,
            ..Default::default()
        };
        let is_sent = timeout_at(deadline, call.requests.send(leaving)).await;
        for delivery in self.desk.inbox.drain() {
            delivery.give_back_unseen();
        }
        self.desk.inbox.end(ConsumptionEnd::Closed);
        if matches!(is_sent, Ok(Ok(()))) {
            // Whatever is not answered until then is told that nobody knows.
            let _ = timeout_at(deadline, self.settle_rest(&mut call)).await;
        }
        let Call {
            requests,
            mut responses,
            ..
        } = call;
        drop(requests);
        let rest = async { while let Ok(Some(_)) = responses.next().await {} };
        let _ = timeout(END_TIMEOUT, rest).await;
        self.conclude(ConsumptionEnd::Closed);
    }

    /// Sends what was settled, and reads until it is answered. Deliveries that were under way are given back.
    async fn settle_rest(&mut self, call: &mut Call) {
        while self.desk.settlements.is_pending() || !self.unanswered.is_empty() {
            let has_more = self.desk.settlements.is_pending();
            tokio::select! {
                response = call.responses.next() => {
                    if self.meet(response, &call.route.address).is_some() {
                        return;
                    }
                }
                room = call.requests.reserve(), if has_more => match room {
                    Ok(room) => room.send(self.next_request()),
                    Err(_) => return,
                },
            }
            for delivery in self.desk.inbox.drain() {
                delivery.give_back_unseen();
            }
        }
    }

    /// What was delivered by a call that is over.
    fn void_all(&mut self, how: &'static str, cause: &Error) {
        self.desk.inbox.drain();
        self.lose_held(how);
        self.desk.settlements.clear(how);
        for sent in self.unanswered.drain(..) {
            sent.fail(cause);
        }
    }

    /// What was held.
    fn lose_held(&mut self, how: &'static str) -> Amount {
        let mut lost = Amount::default();
        for lease in self.held.drain(..) {
            lost.add(lease.lose(how));
        }
        lost
    }

    /// Over, and for good.
    fn conclude(&mut self, end: ConsumptionEnd) {
        self.desk.settlements.close(ENDED);
        let text = format!(
            "{} ended before the broker answered",
            self.request.operation()
        );
        let unknown = match &end {
            ConsumptionEnd::Failed(error) => error.clone(),
            _ => Error::new(Reason::Unreachable, text),
        };
        self.void_all(ENDED, &unknown);
        if self.desk.inbox.end(end.clone()) || matches!(end, ConsumptionEnd::Closed) {
            self.tell(ConsumptionEvent::Ended(end));
        }
    }

    fn tell(&self, event: ConsumptionEvent) {
        if let Some(on_event) = &self.request.on_event {
            on_event.tell(&event);
        }
    }
}

/// Of a consumption that is dropped: what is settled from then on is refused, and nobody waits for ever.
impl Drop for ConsumeFeed {
    fn drop(&mut self) {
        if self.desk.inbox.ended().is_none() {
            self.conclude(ConsumptionEnd::Closed);
        }
    }
}

impl ConsumeRequest {
    pub(crate) fn operation(&self) -> String {
        format!("the consumption of {} by {}", self.topic, self.subscription)
    }
}
