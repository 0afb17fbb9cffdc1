"""A batch and everybody who waits for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from playhead._batch import Batch
from playhead._failures import Failure, Failures
from playhead._futures import FutureLike, resolve
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


class MessageFuture(FutureLike[int], Protocol):
    """The future of one message, of threads or of asyncio."""

    def fail(self, failure: Failure, /) -> None:
        """Breaks it, and notes when somebody looks."""


class PublishRequest:
    """It is filled, sent, perhaps sent again, and settled once, with an ack or an error."""

    __slots__ = (
        "_waiters",
        "_whole",
        "ack",
        "batch",
        "buffered_bytes",
        "closed",
        "failure",
        "is_settled",
        "sequence",
    )

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self.buffered_bytes = 0
        """What it counts for in the publisher's memory."""
        self.sequence = 0
        """The producer's number of the first message; 0 until it is sent first. From then on it stays."""
        self.is_settled = False
        self.ack: PublishAck | None = None
        self.failure: Failure | None = None
        self.closed: broker_pb2.Closed | None = None
        """The close marker, if the request has set it."""
        # By the index of the message; shorter if nobody waits for the last ones.
        self._waiters: list[MessageFuture | None] = []
        self._whole: list[FutureLike[Any]] = []

    def wait_for_last(self, future: MessageFuture) -> None:
        """Resolves a future with the timestamp of the message that was added last."""
        waiters = self._waiters
        missing = self.batch.count - 1 - len(waiters)
        if missing:
            waiters.extend([None] * missing)
        waiters.append(future)

    def wait_for_all(self, future: FutureLike[PublishRequest]) -> None:
        """Resolves a future with this request once it is settled."""
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

    def failed(self, error: Error, failures: Failures) -> None:
        """It is not stored, as far as is known. `failures` has its error until somebody is told."""
        self.failure = failures.add(error)
        for waiter in self._waiters:
            if waiter is not None:
                waiter.fail(self.failure)
        self._settled()

    def acknowledged(self) -> PublishAck:
        """What was stored of a request that is settled. Raises its error."""
        if self.failure is not None:
            self.failure.tell()
            raise self.failure.error
        if self.ack is None:
            raise Error("INTERNAL", "the request is not settled yet")
        return self.ack

    def _settled(self) -> None:
        self.is_settled = True
        for future in self._whole:
            resolve(future, self)
        self._waiters.clear()
        self._whole.clear()


def check_all(requests: Iterable[PublishRequest]) -> None:
    """Raises the first error of requests that are settled; with it all of them are told."""
    failures = [request.failure for request in requests if request.failure is not None]
    for failure in failures:
        failure.tell()
    if failures:
        raise failures[0].error
