"""What a subscription meets between messages."""

from __future__ import annotations

from dataclasses import dataclass

from playhead.message import Message
from playhead.v1 import broker_pb2


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """Everything that was committed has been delivered."""

    next_timestamp_ns: int
    """The next message has this timestamp or a later one."""


@dataclass(frozen=True, slots=True)
class Trimmed:
    """What was asked for is gone, by trim or retention."""

    topic: str
    first_timestamp_ns: int | None
    """Timestamp of the first message that is left; None if none is."""


@dataclass(frozen=True, slots=True)
class Closed:
    """The close marker: the topic is complete."""

    topic: str
    timestamp_ns: int
    """Place of the marker on the tape, behind the last message; nanoseconds since 1970, UTC."""
    message_count: int
    """Number of messages ever appended, by all writers, trimmed ones included."""
    reason: str
    """Why, as the writer gave it. Empty if it gave none."""
    checksum: str | None
    """MD5 over the values, as the writer gave it; 32 hexadecimal digits."""


@dataclass(frozen=True, slots=True)
class Deleted:
    """The topic was deleted."""

    topic: str


Event = Message | CaughtUp | Trimmed | Closed | Deleted
"""What a subscription meets, in order."""


@dataclass(frozen=True, slots=True)
class SubscriptionStart:
    """How the broker understood a subscription."""

    from_timestamp_ns: int
    """Messages from this timestamp on are delivered."""
    until_timestamp_ns: int | None
    """The subscription ends before this timestamp."""


def closed_from_wire(closed: broker_pb2.Closed) -> Closed:
    """Decodes a close marker."""
    return Closed(
        topic=closed.topic,
        timestamp_ns=closed.timestamp_ns,
        message_count=closed.message_count,
        reason=closed.reason,
        checksum=closed.checksum.hex() or None,
    )


def trimmed_from_wire(trimmed: broker_pb2.Trimmed) -> Trimmed:
    """Decodes what is left behind a trim."""
    return Trimmed(trimmed.topic, trimmed.first_timestamp_ns or None)
