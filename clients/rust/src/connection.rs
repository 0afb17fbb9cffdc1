//! The addresses of a broker and the connections to them.

use std::collections::HashMap;
use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout_at};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tonic::transport::{Channel, Endpoint};

use crate::backoff::Backoff;
use crate::client_options::{ClientOptions, RetryEvent};
use crate::error::{Error, Reason};
use crate::wire_error::from_status;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A broker whose machine is gone answers nothing, not even with a reset.
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(30);
const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(10);
/// So much of a stream a broker may send that nobody has read; the 64 KiB default caps a link of 10 ms at 6 MB/s.
const STREAM_WINDOW_BYTES: u32 = 4 * 1024 * 1024;
/// As large as it can be: what one stream has not read must not hold back another.
const CONNECTION_WINDOW_BYTES: u32 = (1 << 31) - 1;

/// Cancelling more than a thousand calls in a burst makes a broker cut their connection. Subscriptions are what users
/// cancel, so publishing has a connection of its own; and so have workers, whose settlements are not to wait behind
/// what a reader has not taken yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Lane {
    Publish,
    Subscribe,
    Consume,
}

/// A connection to one of the addresses, opened at its first use.
#[derive(Debug, Clone)]
pub(crate) struct Route {
    pub(crate) channel: Channel,
    pub(crate) address: String,
    index: usize,
}

/// The addresses of a broker and the connections to them. One address at a time is in use.
#[derive(Debug)]
pub(crate) struct Connection {
    addresses: Vec<(String, Endpoint)>,
    options: ClientOptions,
    current: AtomicUsize,
    channels: Mutex<HashMap<(Lane, usize), Channel>>,
    /// Fires when the client is closed: what is under way drains and ends.
    pub(crate) closing: CancellationToken,
    /// Fires when everything has drained: what still waits ends.
    pub(crate) closed: CancellationToken,
    /// What runs beside the callers, and ends before the client is closed.
    pub(crate) tasks: TaskTracker,
    close_failure: Mutex<Option<Error>>,
}

impl Connection {
    pub(crate) fn new(addresses: Vec<String>, options: ClientOptions) -> Result<Self, Error> {
        let addresses = addresses
            .into_iter()
            .map(|address| Ok((address.clone(), endpoint(&address, &options)?)))
            .collect::<Result<_, Error>>()?;
        Ok(Self {
            addresses,
            options,
            current: AtomicUsize::new(0),
            channels: Mutex::default(),
            closing: CancellationToken::new(),
            closed: CancellationToken::new(),
            tasks: TaskTracker::new(),
            close_failure: Mutex::default(),
        })
    }

    pub(crate) const fn options(&self) -> &ClientOptions {
        &self.options
    }

    /// Refuses what is begun after the client was closed.
    pub(crate) fn check_open(&self) -> Result<(), Error> {
        if self.closing.is_cancelled() {
            return Err(Error::closed("the client"));
        }
        Ok(())
    }

    /// Runs a task that ends before the client is closed. `what` needs it, for the error where there is no runtime.
    pub(crate) fn spawn(
        &self,
        what: &str,
        task: impl Future<Output = ()> + Send + 'static,
    ) -> Result<JoinHandle<()>, Error> {
        let runtime = Handle::try_current().map_err(|cause| Error::without_runtime(what, cause))?;
        Ok(self.tasks.spawn_on(task, &runtime))
    }

    /// Notes what could not be done while the client was closed. The first one is told.
    pub(crate) fn note_close_failure(&self, error: Error) {
        self.close_failure().get_or_insert(error);
    }

    pub(crate) fn take_close_failure(&self) -> Option<Error> {
        self.close_failure().take()
    }

    pub(crate) fn backoff(&self, give_up_after: Option<Duration>) -> Backoff {
        let options = &self.options;
        let limit = options.give_up_after.or(give_up_after);
        Backoff::new(options.initial_backoff, options.max_backoff, limit)
    }

    /// The connection to the address that is in use.
    pub(crate) fn route(&self, lane: Lane) -> Route {
        let index = self.current.load(Ordering::Relaxed);
        let (address, endpoint) = &self.addresses[index];
        let mut channels = self.channels();
        let channel = channels
            .entry((lane, index))
            .or_insert_with(|| endpoint.connect_lazy())
            .clone();
        Route {
            channel,
            address: address.clone(),
            index,
        }
    }

    /// Counts a failed try over `route`. The pause before the next, or none to give up.
    pub(crate) fn retry_delay(
        &self,
        backoff: &mut Backoff,
        error: &Error,
        route: &Route,
        operation: &str,
    ) -> Option<Duration> {
        let is_elsewhere_better =
            matches!(error.reason(), Reason::Unreachable | Reason::ShuttingDown);
        if is_elsewhere_better {
            // Several operations notice one outage: only the first of them turns to the next address.
            let next = (route.index + 1) % self.addresses.len();
            let order = Ordering::Relaxed;
            let _ = self
                .current
                .compare_exchange(route.index, next, order, order);
        }
        let addresses = if is_elsewhere_better {
            self.addresses.len()
        } else {
            1
        };
        let delay = backoff.fail(Instant::now(), addresses)?;
        if let Some(on_retry) = &self.options.on_retry {
            on_retry.tell(&RetryEvent {
                error: error.clone(),
                operation: operation.to_owned(),
                attempt: backoff.failures(),
                delay,
            });
        }
        Some(delay)
    }

    /// Waits; an error if the client is closed meanwhile.
    pub(crate) async fn pause(&self, delay: Duration) -> Result<(), Error> {
        tokio::select! {
            () = self.closed.cancelled() => Err(Error::closed("the client")),
            () = sleep(delay) => Ok(()),
        }
    }

    /// Makes one request and repeats it while its failures are retryable, within the request timeout in all.
    /// `operation` names it in errors.
    pub(crate) async fn request<T, F, C>(&self, operation: &str, call: F) -> Result<T, Error>
    where
        F: Fn(Channel) -> C,
        C: Future<Output = Result<tonic::Response<T>, tonic::Status>>,
    {
        self.repeat(operation, Duration::ZERO, &mut 0, call).await
    }

    /// As `request`, for one that the broker was asked to let wait for so long besides.
    pub(crate) async fn request_waiting<T, F, C>(
        &self,
        operation: &str,
        wait: Duration,
        call: F,
    ) -> Result<T, Error>
    where
        F: Fn(Channel) -> C,
        C: Future<Output = Result<tonic::Response<T>, tonic::Status>>,
    {
        self.repeat(operation, wait, &mut 0, call).await
    }

    /// As `request`, for one that removes something. That it is gone, told to a repeated request, only means that an
    /// earlier try, whose answer was lost, has removed it.
    pub(crate) async fn remove<T, F, C>(
        &self,
        operation: &str,
        gone: Reason,
        call: F,
    ) -> Result<(), Error>
    where
        F: Fn(Channel) -> C,
        C: Future<Output = Result<tonic::Response<T>, tonic::Status>>,
    {
        let mut failures = 0;
        match self
            .repeat(operation, Duration::ZERO, &mut failures, call)
            .await
        {
            Err(error) if failures == 0 || error.reason() != gone => Err(error),
            _ => Ok(()),
        }
    }

    async fn repeat<T, F, C>(
        &self,
        operation: &str,
        wait: Duration,
        failures: &mut u32,
        call: F,
    ) -> Result<T, Error>
    where
        F: Fn(Channel) -> C,
        C: Future<Output = Result<tonic::Response<T>, tonic::Status>>,
    {
        // Connections and timers panic without one.
        Handle::try_current().map_err(|cause| Error::without_runtime(operation, cause))?;
        let timeout = self.options.request_timeout + wait;
        let deadline = Instant::now() + timeout;
        let mut backoff = self.backoff(Some(timeout));
        loop {
            if self.closed.is_cancelled() {
                return Err(Error::closed("the client"));
            }
            let route = self.route(Lane::Publish);
            let outcome = tokio::select! {
                () = self.closed.cancelled() => return Err(Error::closed("the client")),
                outcome = timeout_at(deadline, call(route.channel.clone())) => outcome,
            };
            let error = match outcome {
                Ok(Ok(response)) => return Ok(response.into_inner()),
                Ok(Err(status)) => from_status(&status, &route.address),
                Err(_) => return Err(late(&route.address, operation, timeout)),
            };
            if !error.is_retryable() || error.reason() == Reason::DeadlineExceeded {
                return Err(error);
            }
            match self.retry_delay(&mut backoff, &error, &route, operation) {
                Some(delay) if Instant::now() + delay < deadline => self.pause(delay).await?,
                _ => return Err(error),
            }
            *failures = backoff.failures();
        }
    }

    /// Closes the connections once nobody uses them any more.
    pub(crate) fn disconnect(&self) {
        self.channels().clear();
    }

    fn channels(&self) -> MutexGuard<'_, HashMap<(Lane, usize), Channel>> {
        self.channels.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn close_failure(&self) -> MutexGuard<'_, Option<Error>> {
        self.close_failure
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

fn late(address: &str, operation: &str, timeout: Duration) -> Error {
    Error::new(
        Reason::DeadlineExceeded,
        format!("broker {address} did not answer within {timeout:?}: {operation}"),
    )
}

fn endpoint(address: &str, options: &ClientOptions) -> Result<Endpoint, Error> {
    let scheme = if options.is_tls() { "https" } else { "http" };
    let refuse = |error: tonic::transport::Error| {
        Error::invalid(format!("address \"{address}\": {error}")).because(error)
    };
    let endpoint = Endpoint::from_shared(format!("{scheme}://{address}"))
        .map_err(refuse)?
        .connect_timeout(CONNECT_TIMEOUT)
        .http2_keep_alive_interval(KEEPALIVE_INTERVAL)
        .keep_alive_timeout(KEEPALIVE_TIMEOUT)
        .initial_stream_window_size(STREAM_WINDOW_BYTES)
        .initial_connection_window_size(CONNECTION_WINDOW_BYTES);
    #[cfg(feature = "tls")]
    if let Some(tls) = &options.tls {
        return tls.apply(endpoint);
    }
    Ok(endpoint)
}
