"""A batch and everybody who waits for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from playhead._batch import Batch
from playhead._futures import FutureLike, reject, resolve
from playhead.errors import Error
from playhead.v1 import broker_pb2


@dataclass(frozen=True, slots=True)
class PublishAck:
    """What the broker stored of one request."""

    first_timestamp_ns: int
    """Timestamp of the first message; the others follow by one nanosecond each."""
    last_timestamp_ns: int
    is_duplicate: bool
    """True if an earlier try had been stored: the timestamps are those of the first time."""


class PublishRequest:
    """It is filled, sent, perhaps sent again, and settled once, with an ack or an error."""

    __slots__ = (
        "_waiters",
        "_whole",
        "ack",
        "batch",
        "buffered_bytes",
        "closed",
        "error",
        "is_adopted",
        "is_settled",
        "sequence",
    )

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self.buffered_bytes = 0
        """What it counts for in the publisher's memory."""
        self.sequence = 0
        """The producer's number of the first message; 0 until it is sent first. From then on it stays."""
        self.is_adopted = False
        """Somebody else reports its error: nothing complains then about a future that nobody looks at."""
        self.is_settled = False
        self.ack: PublishAck | None = None
        self.error: Error | None = None
        self.closed: broker_pb2.Closed | None = None
        """The close marker, if the request has set it."""
        # By the index of the message; shorter if nobody waits for the last ones.
        self._waiters: list[FutureLike[int] | None] = []
        self._whole: list[FutureLike[Any]] = []

    def wait_for_last(self, future: FutureLike[int]) -> None:
        """Resolves a future with the timestamp of the message that was added last."""
        waiters = self._waiters
        missing = self.batch.count - 1 - len(waiters)
        if missing:
            waiters.extend([None] * missing)
        waiters.append(future)

    def wait_for_all(self, future: FutureLike[PublishRequest]) -> None:
        """Resolves a future with this request once it is settled; its error is for that one to report."""
        self.is_adopted = True
        if self.is_settled:
            resolve(future, self)
        else:
            self._whole.append(future)

    def stored(self, ack: broker_pb2.PublishAck) -> None:
        """The broker has stored it."""
        if ack.HasField("closed"):
            self.closed = ack.closed
        timestamp_ns = ack.first_timestamp_ns
        self.ack = PublishAck(timestamp_ns, ack.last_timestamp_ns, ack.duplicate)
        for waiter in self._waiters:
            if waiter is not None:
                resolve(waiter, timestamp_ns)
            timestamp_ns += 1
        self._settled()

    def failed(self, error: Error) -> None:
        """It is not stored, as far as is known."""
        self.error = error
        for waiter in self._waiters:
            if waiter is not None:
                reject(waiter, error, is_told=self.is_adopted)
        self._settled()

    def acknowledged(self) -> PublishAck:
        """What was stored of a request that is settled. Raises its error."""
        if self.error is not None:
            raise self.error
        if self.ack is None:
            raise Error("INTERNAL", "the request is not settled yet")
        return self.ack

    def _settled(self) -> None:
        self.is_settled = True
        for future in self._whole:
            resolve(future, self)
        self._waiters.clear()
        self._whole.clear()
