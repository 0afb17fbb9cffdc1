//! Sends what is handed over to a publisher.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

use crate::backoff::Backoff;
use crate::call::{Responses, unary};
use crate::connection::{Connection, Lane, Route};
use crate::error::{Error, Reason};
use crate::generated::playhead::v1 as wire;
use crate::outbox::{Next, Outbox};
use crate::publish_request::PublishRequest;
use crate::server_info;
use wire::broker_service_client::BrokerServiceClient;
use wire::publish_result::Outcome;

const GIVE_UP_AFTER: Duration = Duration::from_secs(120);
/// Every broker takes a request of this size; the limit of larger ones is asked for first.
const UNCHECKED_BYTES: usize = 1024 * 1024;
/// How long the broker may take to end its side of a stream that has nothing left to answer.
const END_TIMEOUT: Duration = Duration::from_secs(1);

/// One PublishStream call.
struct Call {
    route: Route,
    requests: mpsc::Sender<wire::PublishStreamRequest>,
    responses: Responses<wire::PublishStreamResponse>,
    /// Whether the stream knows topic and producer.
    has_sent: bool,
}

/// Sends requests in order and keeps each until it has its result.
///
/// ```text
///         next                    result
/// outbox ──────▶ in flight ───────────────▶ settled
///           (at most max_in_flight)   │
///                       stream breaks, or a retryable result
///                                     │
///                          pause, new stream, sent again in order
/// ```
///
/// A request keeps its sequence and its messages for ever, so that the broker knows it again. Of a retryable result
/// everything behind it is sent again as well: the broker ends the stream there and has taken nothing that follows.
pub(crate) struct PublishPipeline {
    connection: Arc<Connection>,
    outbox: Arc<Outbox>,
    topic: String,
    producer: String,
    max_in_flight: usize,
    in_flight: VecDeque<PublishRequest>,
    call: Option<Call>,
    /// None while a broker may know a sequence of the producer and was not asked.
    next_sequence: Option<i64>,
    max_request_bytes: Option<usize>,
    backoff: Backoff,
}

impl PublishPipeline {
    /// `is_named` says whether the producer's name outlives the publisher.
    pub(crate) fn new(
        connection: Arc<Connection>,
        outbox: Arc<Outbox>,
        topic: String,
        producer: String,
        is_named: bool,
        max_in_flight: usize,
    ) -> Self {
        Self {
            backoff: connection.backoff(Some(GIVE_UP_AFTER)),
            connection,
            outbox,
            topic,
            producer,
            max_in_flight,
            in_flight: VecDeque::new(),
            call: None,
            next_sequence: (!is_named).then_some(1),
            max_request_bytes: None,
        }
    }

    /// Runs until nothing more is handed over and everything is settled.
    pub(crate) async fn run(mut self) {
        let connection = Arc::clone(&self.connection);
        let closing = connection.closing.cancelled();
        tokio::pin!(closing);
        let mut is_closing = false;
        while !self.outbox.is_finished() {
            let linger = self.send_what_may_go().await;
            if self.outbox.is_finished() {
                break;
            }
            tokio::select! {
                () = self.outbox.changed() => {}
                () = sleep_until(linger.unwrap_or_else(Instant::now)), if linger.is_some() => {}
                response = next_response(&mut self.call), if self.call.is_some() => {
                    self.meet(response).await;
                }
                () = &mut closing, if !is_closing => {
                    is_closing = true;
                    self.outbox.refuse(Error::closed("the client"));
                }
            }
        }
        self.end().await;
        if is_closing && let Some(error) = self.outbox.take_untold() {
            self.connection.note_close_failure(error);
        }
    }

    /// Sends what may be sent now. When to look again for what is being filled.
    async fn send_what_may_go(&mut self) -> Option<Instant> {
        while self.in_flight.len() < self.max_in_flight {
            let request = match self.outbox.next(self.in_flight.is_empty()) {
                Next::Request(request) => request,
                Next::At(due) => return Some(due),
                Next::Nothing => return None,
            };
            match self.prepare(&request).await {
                Ok(()) => self.send_next(request),
                Err(error) if error.reason() == Reason::RequestTooLarge => {
                    self.outbox.settle(request, Err(error));
                }
                Err(error) => {
                    self.outbox.put_back(request);
                    self.fail(&error);
                }
            }
        }
        None
    }

    /// Finds out what sending needs to know.
    async fn prepare(&mut self, request: &PublishRequest) -> Result<(), Error> {
        if self.next_sequence.is_none() {
            self.next_sequence = Some(self.ask_sequence().await?);
        }
        let bytes = request.encoded_bytes();
        if bytes <= UNCHECKED_BYTES {
            return Ok(());
        }
        let limit_bytes = match self.max_request_bytes {
            Some(limit_bytes) => limit_bytes,
            None => self.ask_limit().await?,
        };
        self.max_request_bytes = Some(limit_bytes);
        if bytes > limit_bytes {
            return Err(too_large(bytes, limit_bytes));
        }
        Ok(())
    }

    fn send_next(&mut self, mut request: PublishRequest) {
        if request.sequence == 0 {
            let sequence = self.next_sequence.unwrap_or(1);
            request.sequence = sequence;
            self.next_sequence = Some(sequence + i64::try_from(request.count()).unwrap_or(0));
        }
        self.in_flight.push_back(request);
        if self.call.is_none() {
            self.open();
        } else if let (Some(call), Some(request)) = (&mut self.call, self.in_flight.back()) {
            call.send(request, &self.topic, &self.producer);
        }
    }

    /// Opens a stream and sends what is in flight.
    fn open(&mut self) {
        let route = self.connection.route(Lane::Publish);
        // Room for all that can be in flight: what is sent never waits here.
        let (requests, outgoing) = mpsc::channel(self.max_in_flight);
        let mut client =
            BrokerServiceClient::new(route.channel.clone()).max_decoding_message_size(usize::MAX);
        let opening = async move { client.publish_stream(ReceiverStream::new(outgoing)).await };
        let mut call = Call {
            route,
            requests,
            responses: Responses::new(opening),
            has_sent: false,
        };
        for request in &self.in_flight {
            call.send(request, &self.topic, &self.producer);
        }
        self.call = Some(call);
    }

    async fn meet(&mut self, response: Result<Option<wire::PublishStreamResponse>, Status>) {
        let Some(route) = self.call.as_ref().map(|call| call.route.clone()) else {
            return;
        };
        let error = match response {
            Ok(Some(response)) => match self.settle(response.results) {
                Ok(()) => return,
                Err(error) => error,
            },
            Ok(None) => {
                let text = format!("broker {} ended the stream", route.address);
                Error::new(Reason::Unreachable, text)
            }
            Err(status) => crate::wire_error::from_status(&status, &route.address),
        };
        self.call = None;
        self.retry(error, &route).await;
    }

    /// Settles what these are the results of, up to one that is to be sent again, which is the error.
    fn settle(&mut self, results: Vec<wire::PublishResult>) -> Result<(), Error> {
        for result in results {
            let outcome = match result.outcome {
                Some(Outcome::Ack(ack)) => Ok(ack),
                Some(Outcome::Error(error)) => Err(Error::from(error)),
                None => Err(Error::new(
                    Reason::Internal,
                    "the broker sent a result that this client does not know",
                )),
            };
            if let Err(error) = &outcome {
                if error.is_retryable() {
                    return Err(error.clone());
                }
                if error.reason() == Reason::TopicDeleted {
                    // Whatever was handed over before this is known was meant for the topic that is gone. On a new
                    // stream it would create another one of that name.
                    self.fail(error);
                    return Ok(());
                }
            }
            let Some(request) = self.in_flight.pop_front() else {
                break;
            };
            self.backoff.succeed();
            self.outbox.settle(request, outcome);
        }
        Ok(())
    }

    /// The stream is gone. Sends again what is in flight, after a pause, or gives up.
    async fn retry(&mut self, error: Error, route: &Route) {
        if self.in_flight.is_empty() {
            return;
        }
        if !error.is_retryable() {
            // The broker refused the stream before it took anything from it.
            for request in self.in_flight.drain(..) {
                self.outbox.settle(request, Err(error.clone()));
            }
            return;
        }
        match self.pause(&error, route).await {
            Ok(()) => self.open(),
            Err(error) => self.fail(&error),
        }
    }

    /// Pauses before the next try. The error, if there is to be none.
    async fn pause(&mut self, error: &Error, route: &Route) -> Result<(), Error> {
        let operation = format!("publish to {}", self.topic);
        let delay = self
            .connection
            .retry_delay(&mut self.backoff, error, route, &operation)
            .ok_or_else(|| error.clone())?;
        self.connection.pause(delay).await
    }

    /// Settles everything with an error.
    fn fail(&mut self, error: &Error) {
        self.call = None;
        for request in self.in_flight.drain(..) {
            self.outbox.settle(request, Err(error.clone()));
        }
        self.outbox.fail_all(error);
        self.backoff.succeed();
    }

    /// Asks, until there is an answer, behind which sequence the producer goes on.
    async fn ask_sequence(&mut self) -> Result<i64, Error> {
        let operation = format!("look up producer {} of {}", self.producer, self.topic);
        loop {
            let route = self.connection.route(Lane::Publish);
            let call = unary!(BrokerServiceClient.get_producer(wire::GetProducerRequest {
                topic: self.topic.clone(),
                producer: self.producer.clone(),
            }));
            match self.connection.request(&operation, call).await {
                Ok(producer) => return Ok(producer.last_sequence + 1),
                Err(error) if error.is_retryable() => self.pause(&error, &route).await?,
                Err(error) => return Err(error),
            }
        }
    }

    /// Asks, until there is an answer, how large a request may be.
    async fn ask_limit(&mut self) -> Result<usize, Error> {
        loop {
            let route = self.connection.route(Lane::Publish);
            match server_info::get(&self.connection).await {
                Ok(info) => return Ok(info.max_request_bytes),
                Err(error) if error.is_retryable() => self.pause(&error, &route).await?,
                Err(error) => return Err(error),
            }
        }
    }

    /// Ends a stream that has all its results, and waits a little for the broker to agree.
    async fn end(&mut self) {
        let Some(Call {
            requests,
            mut responses,
            ..
        }) = self.call.take()
        else {
            return;
        };
        drop(requests);
        // Whatever comes of it, there is nothing left to lose.
        let _ = timeout(END_TIMEOUT, responses.next()).await;
    }
}

impl Call {
    fn send(&mut self, request: &PublishRequest, topic: &str, producer: &str) {
        let names = (!self.has_sent).then_some((topic, producer));
        self.has_sent = true;
        // It has room, so it fails only on a stream that has broken: its responses tell.
        let _ = self.requests.try_send(request.to_wire(names));
    }
}

async fn next_response(
    call: &mut Option<Call>,
) -> Result<Option<wire::PublishStreamResponse>, Status> {
    match call {
        Some(call) => call.responses.next().await,
        None => std::future::pending().await,
    }
}

fn too_large(bytes: usize, limit_bytes: usize) -> Error {
    let text = format!(
        "a request of {bytes} bytes is over the broker's limit of {limit_bytes}: publish it in parts"
    );
    Error::new(Reason::RequestTooLarge, text)
        .with("limit_bytes", limit_bytes)
        .with("bytes", bytes)
}
