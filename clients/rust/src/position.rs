//! Places on the tape.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::connection::Connection;
use crate::error::Error;
use crate::generated::playhead::v1 as wire;
use crate::server_info;

/// Where reading begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Position {
    /// With the first retained message.
    Earliest,
    /// Behind the last message: with what comes from now on.
    Latest,
    /// With the first message of this time or later; nanoseconds since 1970, UTC. A time in the future is waited for.
    TimestampNs(i64),
    /// With the first message that is no older than this, by the broker's clock.
    Ago(Duration),
    /// With the last so many messages, at least 1; with fewer if fewer are retained.
    Last(u64),
}

impl From<SystemTime> for Position {
    fn from(time: SystemTime) -> Self {
        Self::TimestampNs(timestamp_ns(time))
    }
}

impl Position {
    pub(crate) fn to_wire(self) -> Result<wire::Position, Error> {
        use wire::position::At;
        let at = match self {
            Self::Earliest => At::Edge(wire::Edge::Earliest.into()),
            Self::Latest => At::Edge(wire::Edge::Latest.into()),
            Self::TimestampNs(timestamp_ns) => At::TimestampNs(timestamp_ns),
            Self::Ago(ago) => At::AgoNs(duration_ns("ago", ago)?),
            Self::Last(count) => At::LastMessages(int64("last", count)?),
        };
        Ok(wire::Position { at: Some(at) })
    }

    /// Whether reading begins where the topic does.
    pub(crate) const fn is_start(self) -> bool {
        matches!(self, Self::Earliest | Self::TimestampNs(0))
    }
}

/// Where reading ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Until {
    /// Behind what is there when reading begins.
    Now,
    /// Before this time; nanoseconds since 1970, UTC. A time in the future is waited for.
    TimestampNs(i64),
    /// Before so long ago, by the broker's clock.
    Ago(Duration),
}

impl From<SystemTime> for Until {
    fn from(time: SystemTime) -> Self {
        Self::TimestampNs(timestamp_ns(time))
    }
}

impl Until {
    /// The timestamp that it stands for now, by the broker's clock and not by this machine's; none for `Now`.
    pub(crate) async fn resolve(self, connection: &Connection) -> Result<Option<i64>, Error> {
        match self {
            Self::Now => Ok(None),
            Self::TimestampNs(timestamp_ns) => Ok(Some(timestamp_ns)),
            Self::Ago(ago) => {
                let ago_ns = duration_ns("ago", ago)?;
                let info = server_info::get(connection).await?;
                Ok(Some((info.clock_ns - ago_ns).max(0)))
            }
        }
    }
}

/// Nanoseconds since 1970, UTC; negative before.
fn timestamp_ns(time: SystemTime) -> i64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_nanos()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_nanos()).map_or(i64::MIN, |ns| -ns),
    }
}

fn duration_ns(name: &str, duration: Duration) -> Result<i64, Error> {
    int64(name, duration.as_nanos())
}

/// Whole milliseconds, as the wire has durations; part of one counts as one, so that little is never nothing.
pub(crate) fn duration_ms(name: &str, duration: Duration) -> Result<i64, Error> {
    int64(name, duration.as_nanos().div_ceil(1_000_000))
}

pub(crate) fn int64(name: &str, value: impl TryInto<i64>) -> Result<i64, Error> {
    value
        .try_into()
        .map_err(|_| Error::invalid(format!("{name} does not fit into 64 bits")))
}

pub(crate) fn int32(name: &str, value: impl TryInto<i32>) -> Result<i32, Error> {
    value
        .try_into()
        .map_err(|_| Error::invalid(format!("{name} does not fit into 32 bits")))
}

/// What the wire has as 0 where there is none.
pub(crate) const fn non_zero(value: i64) -> Option<i64> {
    if value == 0 { None } else { Some(value) }
}

/// A count, which the wire has as a signed number.
pub(crate) fn count(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_the_system_is_a_timestamp() {
        let time = UNIX_EPOCH + Duration::from_nanos(1_790_000_000_123_456_789);
        assert_eq!(
            Position::from(time),
            Position::TimestampNs(1_790_000_000_123_456_789)
        );
        let before = UNIX_EPOCH - Duration::from_nanos(5);
        assert_eq!(Until::from(before), Until::TimestampNs(-5));
    }

    #[test]
    fn what_does_not_fit_the_wire_is_refused() {
        assert!(Position::Ago(Duration::MAX).to_wire().is_err());
        assert!(Position::Last(u64::MAX).to_wire().is_err());
    }

    #[test]
    fn a_part_of_a_millisecond_counts_as_one() {
        assert_eq!(duration_ms("lease", Duration::from_micros(1)).ok(), Some(1));
        assert_eq!(duration_ms("lease", Duration::ZERO).ok(), Some(0));
    }
}
