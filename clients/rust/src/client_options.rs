//! What a client is told when it is made.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::error::Error;

/// What a client is told, all of it decided.
#[derive(Debug, Clone)]
pub(crate) struct ClientOptions {
    pub(crate) request_timeout: Duration,
    pub(crate) initial_backoff: Duration,
    pub(crate) max_backoff: Duration,
    /// None: each kind of operation has its own.
    pub(crate) give_up_after: Option<Duration>,
    pub(crate) on_retry: Option<OnRetry>,
    #[cfg(feature = "tls")]
    pub(crate) tls: Option<crate::tls::Tls>,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            request_timeout: Duration::from_secs(30),
            initial_backoff: Duration::from_millis(50),
            max_backoff: Duration::from_secs(2),
            give_up_after: None,
            on_retry: None,
            #[cfg(feature = "tls")]
            tls: None,
        }
    }
}

impl ClientOptions {
    pub(crate) const fn is_tls(&self) -> bool {
        #[cfg(feature = "tls")]
        return self.tls.is_some();
        #[cfg(not(feature = "tls"))]
        return false;
    }
}

/// A try that failed and will be repeated.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RetryEvent {
    /// Why it failed.
    pub error: Error,
    /// What is repeated, such as `publish to orders`.
    pub operation: String,
    /// Number of tries that failed in a row.
    pub attempt: u32,
    /// The pause before the next one.
    pub delay: Duration,
}

/// Whoever is told of tries that failed.
#[derive(Clone)]
pub(crate) struct OnRetry(Arc<dyn Fn(&RetryEvent) + Send + Sync>);

impl OnRetry {
    pub(crate) fn new(callback: impl Fn(&RetryEvent) + Send + Sync + 'static) -> Self {
        Self(Arc::new(callback))
    }

    pub(crate) fn tell(&self, event: &RetryEvent) {
        (self.0)(event);
    }
}

impl fmt::Debug for OnRetry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("OnRetry")
    }
}
