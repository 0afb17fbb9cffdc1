//! What becomes of something that was handed over.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::sync::oneshot;

use crate::error::Error;

/// Tells whoever has the [`Receipt`].
pub(crate) type Answer<T> = oneshot::Sender<Result<T, Error>>;

/// The answer to something that was handed over already: a future that need not be polled for it to happen.
///
/// To drop it is to not wait for the answer. What was handed over goes its way nevertheless.
#[derive(Debug)]
#[must_use = "an error is told here"]
pub struct Receipt<T> {
    answer: oneshot::Receiver<Result<T, Error>>,
}

impl<T> Receipt<T> {
    pub(crate) fn new() -> (Answer<T>, Self) {
        let (sender, answer) = oneshot::channel();
        (sender, Self { answer })
    }

    /// The receipt of what was refused before it was handed over.
    pub(crate) fn refused(error: Error) -> Self {
        let (sender, receipt) = Self::new();
        // It cannot fail: the other end is in our hand.
        drop(sender.send(Err(error)));
        receipt
    }
}

impl<T> Future for Receipt<T> {
    type Output = Result<T, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.answer).poll(context).map(|answer| {
            // Nobody is left to answer when the runtime of the client has ended.
            answer.unwrap_or_else(|_| Err(Error::closed("the client")))
        })
    }
}
