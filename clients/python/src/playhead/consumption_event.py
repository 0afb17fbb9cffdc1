"""What a consumption meets between deliveries."""

from __future__ import annotations

from dataclasses import dataclass

from playhead.errors import Error


@dataclass(frozen=True, slots=True)
class ConsumptionStarted:
    """The broker has taken the worker: first, after each lost connection, and when it gets its turn."""

    is_active: bool
    """False while another worker has an exclusive subscription."""
    lease_ms: int
    """How long leases are."""


@dataclass(frozen=True, slots=True)
class Disconnected:
    """The connection was lost, and is tried again: deliveries from before are void."""

    error: Error


@dataclass(frozen=True, slots=True)
class Sought:
    """The subscription was moved to this timestamp: deliveries from before are void."""

    timestamp_ns: int


@dataclass(frozen=True, slots=True)
class Drained:
    """The topic is closed, and everything in it is settled."""

    reason: str
    """As who closed it gave it."""


@dataclass(frozen=True, slots=True)
class SubscriptionDeleted:
    """The subscription was deleted, alone or with its topic."""

    is_topic_deleted: bool


@dataclass(frozen=True, slots=True)
class Left:
    """The consumption was closed from this side."""


@dataclass(frozen=True, slots=True)
class Failed:
    """It cannot go on."""

    error: Error


ConsumptionEnd = Drained | SubscriptionDeleted | Left | Failed
"""Why a consumption is over."""

ConsumptionEvent = ConsumptionStarted | Disconnected | Sought | ConsumptionEnd
"""What a consumption meets between deliveries."""
