//! What a broker says of itself.

use crate::call::unary;
use crate::connection::Connection;
use crate::error::Error;
use crate::generated::playhead::v1 as wire;
use crate::position::non_zero;
use wire::broker_service_client::BrokerServiceClient;

/// When a publish is acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Durability {
    /// Once it is on disk.
    Fsync,
    /// Once the operating system has it: survives a crash of the broker, not of the machine.
    Os,
    /// Once it is in the broker's memory: everything is gone when the broker ends.
    Memory,
    /// In a way that this version does not know.
    Unknown,
}

/// What a broker says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerInfo {
    /// Version of the broker.
    pub version: String,
    /// When a publish is acknowledged.
    pub durability: Durability,
    /// Largest message, as the length of its protobuf encoding, where the topic does not set its own.
    pub max_message_bytes: usize,
    /// Largest request.
    pub max_request_bytes: usize,
    /// The broker's clock: nanoseconds since 1970, UTC.
    pub clock_ns: i64,
    /// Timestamp of the last message of all topics; none if there never was one.
    pub last_timestamp_ns: Option<i64>,
}

pub(crate) async fn get(connection: &Connection) -> Result<ServerInfo, Error> {
    let call = unary!(BrokerServiceClient.get_server_info(wire::GetServerInfoRequest {}));
    let info = connection
        .request("ask the broker about itself", call)
        .await?;
    Ok(ServerInfo {
        durability: match info.durability() {
            wire::Durability::Fsync => Durability::Fsync,
            wire::Durability::Os => Durability::Os,
            wire::Durability::Memory => Durability::Memory,
            wire::Durability::Unspecified => Durability::Unknown,
        },
        version: info.version,
        max_message_bytes: usize::try_from(info.max_message_bytes).unwrap_or(0),
        max_request_bytes: usize::try_from(info.max_request_bytes).unwrap_or(0),
        clock_ns: info.clock_ns,
        last_timestamp_ns: non_zero(info.last_timestamp_ns),
    })
}
