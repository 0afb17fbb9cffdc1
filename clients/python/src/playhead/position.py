"""Places on the tape."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Literal

from playhead.v1 import message_pb2

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


@dataclass(frozen=True, slots=True)
class Last:
    """The last so many messages, fewer if fewer are retained."""

    count: int

    def __post_init__(self) -> None:
        if self.count < 1:
            raise ValueError(f"the last {self.count} messages are no place to begin")


Time = int | datetime | timedelta
"""Nanoseconds since 1970 (UTC), an aware datetime, or how long ago by the broker's clock."""

Position = Literal["earliest", "latest"] | Time | Last
"""Where reading begins: with the first retained message, with the next one to come, with the first one of a time or
later, or with the last so many."""

Until = Literal["now"] | Time
"""Where reading ends: behind what is there when it begins, or before a time; one in the future is waited for."""


def position_to_wire(position: Position) -> message_pb2.Position:
    """Encodes a position. Raises a ValueError or TypeError for what is none."""
    match position:
        case "earliest":
            return message_pb2.Position(edge=message_pb2.EDGE_EARLIEST)
        case "latest":
            return message_pb2.Position(edge=message_pb2.EDGE_LATEST)
        case Last(count):
            return message_pb2.Position(last_messages=count)
        case timedelta():
            return message_pb2.Position(ago_ns=duration_ns(position))
        case int() | datetime():
            return message_pb2.Position(timestamp_ns=timestamp_ns(position))
    raise TypeError(f"{position!r} is no place on the tape")


def timestamp_ns(time: int | datetime) -> int:
    """Nanoseconds since 1970, UTC. Raises a ValueError for a datetime without a time zone."""
    if isinstance(time, datetime):
        if time.tzinfo is None:
            raise ValueError(f"{time} has no time zone")
        return duration_ns(time - _EPOCH)
    if isinstance(time, int):
        return time
    raise TypeError(f"{time!r} is no time")


def duration_ns(duration: timedelta) -> int:
    """Nanoseconds, without a detour over floating point."""
    return (duration // timedelta(microseconds=1)) * 1000


def check_until(until: Until) -> Until:
    """Raises a ValueError or TypeError for what is no end."""
    if until != "now" and not isinstance(until, timedelta):
        timestamp_ns(until)
    return until
