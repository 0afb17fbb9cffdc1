//! Errors as the broker tells them: in the status of a call, and inside streams.

use std::error::Error as _;

use prost::Message as _;
use tonic::{Code, Status};

use crate::error::{Error, Reason};
use crate::generated::google::rpc;
use crate::generated::playhead::v1 as wire;

const DOMAIN: &str = "playhead";
const ERROR_INFO_URL: &str = "type.googleapis.com/google.rpc.ErrorInfo";

impl From<wire::Error> for Error {
    fn from(error: wire::Error) -> Self {
        let reason = error
            .reason()
            .as_str_name()
            .strip_prefix("ERROR_REASON_")
            .and_then(Reason::from_name)
            .unwrap_or(Reason::Internal);
        Self::new(reason, error.message).with_all(error.metadata)
    }
}

/// The status of a call that failed.
pub(crate) fn from_status(status: &Status, address: &str) -> Error {
    if let Some((reason, info)) = error_info(status.details()) {
        return Error::new(reason, status.message())
            .with_all(info.metadata)
            .because(status.clone());
    }
    let reason = reason_of_status(status);
    let message = if reason == Reason::Unreachable {
        format!("broker {address} is unreachable: {}", innermost(status))
    } else {
        format!(
            "broker {address} answered {:?}: {}",
            status.code(),
            status.message()
        )
    };
    Error::new(reason, message).because(status.clone())
}

/// What playhead says in `grpc-status-details-bin`. Something else there is some proxy's: then the code has to do.
fn error_info(details: &[u8]) -> Option<(Reason, rpc::ErrorInfo)> {
    let status = rpc::Status::decode(details).ok()?;
    status
        .details
        .iter()
        .filter(|any| any.type_url == ERROR_INFO_URL)
        .filter_map(|any| rpc::ErrorInfo::decode(any.value.as_slice()).ok())
        .filter(|info| info.domain == DOMAIN)
        .find_map(|info| Some((Reason::from_name(&info.reason)?, info)))
}

fn reason_of_status(status: &Status) -> Reason {
    match status.code() {
        // tonic reports a lost connection as any of these; with a source, the status is its own and not the broker's.
        Code::Unavailable | Code::Cancelled | Code::Unknown => Reason::Unreachable,
        Code::Internal if status.source().is_some() || is_cut_off(status) => Reason::Unreachable,
        Code::DeadlineExceeded => Reason::DeadlineExceeded,
        Code::InvalidArgument => Reason::InvalidArgument,
        // The transport itself refuses what is over its own limit, before the broker sees it.
        Code::ResourceExhausted if status.message().contains("larger than max") => {
            Reason::RequestTooLarge
        }
        Code::ResourceExhausted => Reason::Overloaded,
        Code::DataLoss => Reason::DataLoss,
        _ => Reason::Internal,
    }
}

/// A response that ended without a status, or within a message: the connection went while it was under way.
fn is_cut_off(status: &Status) -> bool {
    let message = status.message();
    message.contains("grpc-status") || message.contains("Unexpected EOF")
}

/// The cause, without what the layers above say around it.
fn innermost(status: &Status) -> String {
    let mut text = status.message().to_owned();
    let mut source = status.source();
    while let Some(error) = source {
        text = error.to_string();
        source = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(domain: &str, reason: &str) -> Status {
        let info = rpc::ErrorInfo {
            reason: reason.into(),
            domain: domain.into(),
            metadata: [("topic".to_owned(), "orders".to_owned())].into(),
        };
        let any = any(info.encode_to_vec());
        let details = rpc::Status {
            code: 5,
            message: "gone".into(),
            details: vec![any],
        };
        Status::with_details(Code::NotFound, "gone", details.encode_to_vec().into())
    }

    fn any(value: Vec<u8>) -> prost_types::Any {
        prost_types::Any {
            type_url: ERROR_INFO_URL.into(),
            value,
        }
    }

    #[test]
    fn the_details_of_a_status_give_reason_and_metadata() {
        let error = from_status(&refusal("playhead", "TOPIC_NOT_FOUND"), "there:1");
        assert_eq!(error.reason(), Reason::TopicNotFound);
        assert_eq!(error.message(), "gone");
        assert_eq!(error.metadata()["topic"], "orders");
    }

    #[test]
    fn details_of_another_domain_are_not_the_brokers() {
        let error = from_status(&refusal("elsewhere", "TOPIC_NOT_FOUND"), "there:1");
        assert_eq!(error.reason(), Reason::Internal);
    }

    #[test]
    fn a_broker_that_is_away_is_unreachable() {
        let error = from_status(&Status::unavailable("gone away"), "there:1");
        assert_eq!(error.reason(), Reason::Unreachable);
        assert_eq!(error.message(), "broker there:1 is unreachable: gone away");
    }

    #[test]
    fn an_error_of_a_status_has_it_as_its_source() {
        for status in [
            Status::unavailable("gone away"),
            refusal("playhead", "TOPIC_NOT_FOUND"),
        ] {
            let error = from_status(&status, "there:1");
            let source = error
                .source()
                .and_then(|source| source.downcast_ref::<Status>());
            assert_eq!(source.map(Status::code), Some(status.code()));
        }
    }

    #[test]
    fn an_error_in_a_stream_keeps_its_reason() {
        let error = Error::from(wire::Error {
            reason: wire::ErrorReason::ChannelClosed.into(),
            message: "closed".into(),
            metadata: Default::default(),
        });
        assert_eq!(error.reason(), Reason::ChannelClosed);
    }

    #[test]
    fn a_reason_from_a_later_version_is_internal() {
        let error = Error::from(wire::Error {
            reason: 4711,
            ..Default::default()
        });
        assert_eq!(error.reason(), Reason::Internal);
    }
}
