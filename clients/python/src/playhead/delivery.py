"""Deliveries: messages and their leases."""

from __future__ import annotations

import math
from typing import Any, Generic, Protocol, TypeVar

from playhead._settlement import ACK, Action, Extend, Nack, Terminate
from playhead.errors import Error
from playhead.message import Message
from playhead.v1 import subscription_pb2 as pb

F = TypeVar("F")
F_co = TypeVar("F_co", covariant=True)


class Settler(Protocol[F_co]):
    """Brings to the broker what becomes of deliveries."""

    def settle(self, deliveries: list[Delivery[Any]], action: Action, /) -> F_co:
        """Settles deliveries; the future is resolved once that is durable."""


class Lease:
    """What consecutive deliveries have in common: a receipt, and how long they are the worker's."""

    __slots__ = (
        "attempt",
        "deadline_ns",
        "expires",
        "held_bytes",
        "held_count",
        "is_expired",
        "lost",
        "receipt",
        "sequence",
    )

    def __init__(self, lease: pb.Lease, sequence: int, expires: float = math.inf) -> None:
        self.receipt = lease.receipt
        self.attempt = lease.attempt
        self.deadline_ns = lease.deadline_timestamp_ns
        self.sequence = sequence
        """Orders the leases of a consumption."""
        self.expires = expires
        """When it runs out, by time.monotonic, and no earlier than at the broker."""
        self.held_count = 0
        self.held_bytes = 0
        self.is_expired = False
        """Set once the credit of what was held was given back, because the lease ran out."""
        self.lost: str | None = None
        """Why nothing of it can be settled any more."""


class Delivery(Generic[F]):
    """A message and its lease.

    What is settled resolves a future once the broker has that on disk. It fails with CONFLICT if the lease was lost or
    the delivery is settled already; nothing complains if nobody looks at it.
    """

    __slots__ = ("_deadline_ns", "_index", "_is_settled", "_lease", "_settler", "message")

    def __init__(self, message: Message, lease: Lease, index: int, settler: Settler[F]) -> None:
        self.message = message
        self._lease = lease
        self._index = index
        self._settler = settler
        self._is_settled = False
        self._deadline_ns: int | None = None

    @property
    def attempt(self) -> int:
        """The how manieth delivery this is of the message; from 1."""
        return self._lease.attempt

    @property
    def receipt(self) -> int:
        """Of the lease, which several deliveries may have in common."""
        return self._lease.receipt

    @property
    def deadline_ns(self) -> int:
        """When the lease runs out, by the broker's clock, in nanoseconds since 1970. An extension moves it."""
        return self._deadline_ns or self._lease.deadline_ns

    @property
    def is_settled(self) -> bool:
        """Whether it was acknowledged, given back or terminated here."""
        return self._is_settled

    @property
    def is_lost(self) -> bool:
        """Whether the lease went with the connection, with a seek, or because the consumption has ended."""
        return self._lease.lost is not None

    def ack(self) -> F:
        """Done."""
        return self._settler.settle([self], ACK)

    def nack(self, *, delay_ms: int | None = None) -> F:
        """Not done: deliver it again, after so long (0: at once), by default as the subscription's backoff says."""
        return self._settler.settle([self], Nack(delay_ms))

    def extend(self, *, lease_ms: int = 0) -> F:
        """Not done yet: keeps the lease for so long from now on, by default (0) as long as the subscription says."""
        return self._settler.settle([self], Extend(lease_ms))

    def terminate(self, reason: str = "") -> F:
        """Never to be done: a dead letter at once. `reason` has at most 1024 bytes."""
        return self._settler.settle([self], Terminate(reason))

    def __repr__(self) -> str:
        return f"<Delivery {self.attempt} of {self.message!r}>"


def make_deliveries(
    messages: list[Message],
    leases: list[pb.Lease],
    settler: Settler[F],
    sequence: int,
    expires: float,
) -> list[Delivery[F]]:
    """The deliveries of a response. Raises an Error unless the leases are those of the messages."""
    count = sum(lease.message_count for lease in leases)
    if count != len(messages):
        text = f"the broker sent leases of {count} messages with {len(messages)} messages"
        raise Error("INTERNAL", text)
    deliveries: list[Delivery[F]] = []
    for offset, wire in enumerate(leases):
        lease = Lease(wire, sequence + offset, expires)
        part = messages[len(deliveries) : len(deliveries) + wire.message_count]
        deliveries += [Delivery(message, lease, i, settler) for i, message in enumerate(part)]
    return deliveries
