//! Calls as tonic makes them.

use std::future::Future;
use std::pin::Pin;

use tonic::{Response, Status, Streaming};

/// A request of this client as what can be made again and again, on whichever channel it is given. Responses are as large as
/// the broker likes.
macro_rules! unary {
    ($client:ident.$method:ident($request:expr)) => {{
        let request = $request;
        move |channel| {
            let request = request.clone();
            let mut client = $client::new(channel).max_decoding_message_size(usize::MAX);
            async move { client.$method(request).await }
        }
    }};
}
pub(crate) use unary;

type Opening<T> = Pin<Box<dyn Future<Output = Result<Response<Streaming<T>>, Status>> + Send>>;

/// The responses of a call. A broker may answer nothing, not even its headers, before it was sent something: so the
/// opening is part of what is waited for, and not something to wait for first.
pub(crate) enum Responses<T> {
    Opening(Opening<T>),
    Open(Box<Streaming<T>>),
}

impl<T> Responses<T> {
    pub(crate) fn new(
        opening: impl Future<Output = Result<Response<Streaming<T>>, Status>> + Send + 'static,
    ) -> Self {
        Self::Opening(Box::pin(opening))
    }

    /// The next response; none if the broker has ended the call. A wait that is given up loses nothing.
    pub(crate) async fn next(&mut self) -> Result<Option<T>, Status> {
        loop {
            match self {
                Self::Opening(opening) => *self = Self::Open(Box::new(opening.await?.into_inner())),
                Self::Open(responses) => return responses.message().await,
            }
        }
    }
}
