//! What went wrong with a request.

use playhead::Error;
use serde_json::{Value, json};

/// What went wrong with a request: what the client has reported, or a fault of the driver or of the case.
#[derive(Debug)]
pub(crate) enum Fault {
    Client(Error),
    Driver(String),
}

impl Fault {
    pub(crate) fn to_json(&self) -> Value {
        match self {
            Self::Client(error) => error_json(error),
            Self::Driver(message) => json!({ "reason": "DRIVER", "message": message }),
        }
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Client(error)
    }
}

pub(crate) fn error_json(error: &Error) -> Value {
    json!({
        "reason": error.reason().as_str(),
        "message": error.message(),
        "retryable": error.is_retryable(),
        "metadata": error.metadata(),
    })
}
