"""What a publisher decides, without input and output."""

from __future__ import annotations

import base64
import os
from collections import deque
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from google.protobuf.message import DecodeError

from playhead import _requests as requests
from playhead._batch import Batch
from playhead._connection import ConnectionState, Flow, Lane
from playhead._failures import Failures
from playhead._publish_request import MessageFuture, PublishRequest
from playhead.errors import Error, closed_error, deleted_error, from_wire
from playhead.message import NewMessage, Publishable
from playhead.v1 import broker_pb2

F = TypeVar("F", bound=MessageFuture)

_MIB = 1024 * 1024
DEFAULT_BATCH_BYTES = 256 * 1024
DEFAULT_IN_FLIGHT = 32
DEFAULT_BUFFERED_BYTES = 64 * _MIB
_ROOM_BYTES = 4 * _MIB
"""What is handed over beyond this does not make publishing faster, only the memory larger."""
_SOLO_BYTES = 64 * 1024
"""A larger message goes alone: if it is over a limit, it is refused without its neighbours."""
_FUTURE_BYTES = 200
"""About what a future takes."""
_UNCHECKED_BYTES = _MIB
"""Below this a request is sent without asking for the broker's limit."""
_GIVE_UP_AFTER_MS = 120_000


class PublishCore(Generic[F]):
    """The messages of one topic, in the order in which they are handed over.

    ```
    open ──full, or nothing is under way──▶ queue ──take()──▶ in flight ──result──▶ settled
                                                                 ▲  │
                                                                 └──┘ sent again over the next call
    ```
    """

    lane: Lane = "publish"
    path = "/playhead.v1.BrokerService/PublishStream"

    def __init__(
        self,
        connection: ConnectionState,
        topic: str,
        name: str | None,
        *,
        max_batch_bytes: int,
        max_in_flight: int,
        max_buffered_bytes: int,
        new_future: Callable[[], F],
        on_stored: Callable[[Batch, int], None] | None = None,
    ) -> None:
        if name == "":
            raise ValueError("the name of a publisher must not be empty")
        if min(max_batch_bytes, max_in_flight, max_buffered_bytes) < 1:
            raise ValueError("the limits of a publisher must be more than 0")
        self.topic = topic
        self.name = name or f"auto-{base64.urlsafe_b64encode(os.urandom(12)).decode()}"
        self.buffered_bytes = 0
        self.failures = Failures()
        """What nobody was told of."""
        self._connection = connection
        self._backoff = connection.create_backoff(_GIVE_UP_AFTER_MS)
        self._prefix = Batch.encode_prefix(topic, self.name)
        self._max_batch_bytes = max_batch_bytes
        self._max_in_flight = max_in_flight
        self._max_buffered_bytes = max_buffered_bytes
        room = max(_ROOM_BYTES, 2 * max_in_flight * max_batch_bytes)
        self._room_bytes = min(max_buffered_bytes, room)
        self._new_future = new_future
        self._on_stored = on_stored
        self._solo_bytes = _SOLO_BYTES
        self._open: PublishRequest | None = None
        self._queue: deque[PublishRequest] = deque()
        self._in_flight: deque[PublishRequest] = deque()
        # How many of those in flight this call has carried, and whether it knows topic and producer.
        self._sent = 0
        self._is_first = True
        self._next_sequence = 1 if name is None else None
        self._max_request_bytes: int | None = None
        self._refusal: Error | None = None
        self._is_ending = False

    # What the publisher's user asks for.

    @property
    def has_room(self) -> bool:
        """Whether it is useful to hand over more now."""
        return self.buffered_bytes < self._room_bytes

    @property
    def is_full(self) -> bool:
        """Whether no more is taken."""
        return self.buffered_bytes >= self._max_buffered_bytes

    def check_accepting(self) -> None:
        """Raises why nothing more is taken."""
        if self._refusal is not None:
            raise self._refusal
        if self.is_full:
            raise Error(
                "PUBLISHER_FULL",
                f"the publisher of {self.topic} holds {self.buffered_bytes} bytes that are not acknowledged, its limit "
                f"is {self._max_buffered_bytes}",
                {"limit_bytes": str(self._max_buffered_bytes), "bytes": str(self.buffered_bytes)},
            )

    def add(self, message: Publishable) -> F:
        """Hands a message over. The future has its timestamp."""
        request = self._append(message, _FUTURE_BYTES)
        future = self._new_future()
        request.wait_for_last(future)
        if request is not self._open:
            return future
        self._seal_full()
        return future

    def add_quietly(self, message: Publishable) -> PublishRequest:
        """Hands a message over for which nobody waits alone."""
        request = self._append(message, 0)
        if request is self._open:
            self._seal_full()
        return request

    def add_request(
        self,
        messages: Iterable[Publishable],
        expected_last_timestamp_ns: int | None = None,
        close: broker_pb2.Close | None = None,
    ) -> PublishRequest:
        """Hands over messages that are stored together, or not at all, with what a request may have besides."""
        request = PublishRequest(Batch(self._prefix))
        for message in messages:
            request.batch.add(message)
        if request.batch.count == 0 and close is None:
            raise ValueError("a batch needs at least one message")
        if expected_last_timestamp_ns is not None or close is not None:
            request.batch.add_terms(expected_last_timestamp_ns, close)
        request.buffered_bytes = request.batch.byte_length + _FUTURE_BYTES
        self.buffered_bytes += request.buffered_bytes
        self._seal()
        self._queue.append(request)
        return request

    def outstanding(self) -> list[PublishRequest]:
        """All that is not settled, in order. What is being filled is sent."""
        self._seal()
        return [*self._in_flight, *self._queue]

    def refuse(self) -> None:
        """Takes no more from here on."""
        if self._refusal is None:
            self._refusal = closed_error(f"the publisher of {self.topic}")

    def end(self) -> None:
        """Ends the call once everything is settled."""
        self._is_ending = True

    def abandon(self, timeout_ms: float) -> None:
        """Gives up what was not acknowledged in the time that there was for it."""
        left = self.outstanding()
        count = sum(request.batch.count for request in left)
        text = (
            f"the publisher of {self.topic} was closed within {timeout_ms:g} ms, in which {count} messages "
            f"({self.buffered_bytes} bytes) were not acknowledged"
        )
        self.fail(Error("CLIENT_CLOSED", text))

    # What its stream asks for.

    @property
    def is_over(self) -> bool:
        return self._is_ending and not self.wants_stream

    @property
    def wants_stream(self) -> bool:
        return bool(self._in_flight or self._queue or self._open)

    @property
    def is_done_sending(self) -> bool:
        return self.is_over

    def question(self) -> Flow[None] | None:
        if self._next_sequence is None:
            return self._ask_sequence()
        if self._max_request_bytes is None and self._queue:
            first = self._queue[0]
            if first.sequence == 0 and first.batch.byte_length > _UNCHECKED_BYTES:
                return self._ask_limit()
        return None

    def opened(self, address: str) -> None:  # noqa: ARG002 - part of the protocol
        self._sent = 0
        self._is_first = True

    def take(self) -> bytes | None:
        if self._sent < len(self._in_flight):
            return self._encode(self._in_flight[self._sent])
        if len(self._in_flight) >= self._max_in_flight or self.question() is not None:
            return None
        if not self._in_flight and not self._queue:
            self._seal()
        while self._queue:
            request = self._queue.popleft()
            size = request.batch.byte_length
            if self._max_request_bytes is not None and size > self._max_request_bytes:
                self._fail(request, _too_large(size, self._max_request_bytes))
                continue
            if self._next_sequence is not None:
                request.sequence = self._next_sequence
                self._next_sequence += request.batch.count
            self._in_flight.append(request)
            return self._encode(request)
        return None

    def receive(self, data: bytes) -> Error | None:
        try:
            results = broker_pb2.PublishStreamResponse.FromString(data).results
        except DecodeError:
            return Error("INTERNAL", "the broker sent results that are not well-formed")
        for result in results:
            if not self._in_flight:
                break
            request = self._in_flight[0]
            if result.HasField("ack"):
                self._settle_first()
                self._store(request, result.ack)
                continue
            error = from_wire(result.error)
            if error.retryable:
                # The order is kept: everything from this request on is sent again.
                return error
            if error.reason == "TOPIC_DELETED":
                # Whatever was handed over before this is known was meant for the topic that is gone. On a new stream
                # it would create another one of that name.
                self.fail(deleted_error(self.topic))
                return error
            self._settle_first()
            self._fail(request, error)
        return None

    def lost(self, error: Error, address: str) -> float | None:
        if not self.wants_stream:
            return 0
        if not error.retryable:
            # The broker refused the call before it took anything from it.
            for request in self._drain_in_flight():
                self._fail(request, error)
            return 0
        operation = f"publish to {self.topic}"
        delay = self._connection.retry_delay(self._backoff, error, address, operation)
        if delay is None:
            self.fail(error)
        return delay

    def fail(self, error: Error) -> None:
        if error.reason == "CLIENT_CLOSED":
            self.refuse()
        self._seal()
        requests = [*self._drain_in_flight(), *self._queue]
        self._queue.clear()
        for request in requests:
            self._fail(request, error)
        self._backoff.succeed()

    # How it does that.

    def _append(self, message: Publishable, overhead: int) -> PublishRequest:
        size = _rough_length(message)
        is_solo = size > self._solo_bytes
        request = self._open
        if request is not None and (
            is_solo or request.batch.byte_length + size > self._max_batch_bytes
        ):
            self._seal()
            request = None
        if request is None:
            request = PublishRequest(Batch(self._prefix))
        added = request.batch.add(message) + overhead
        self._open = request
        request.buffered_bytes += added
        self.buffered_bytes += added
        if is_solo:
            self._seal()
        return request

    def _seal_full(self) -> None:
        if self._open is not None and self._open.batch.byte_length >= self._max_batch_bytes:
            self._seal()

    def _seal(self) -> None:
        if self._open is not None:
            self._queue.append(self._open)
            self._open = None

    def _encode(self, request: PublishRequest) -> bytes:
        encoded = request.batch.encode(request.sequence, is_first=self._is_first)
        self._is_first = False
        self._sent += 1
        return encoded

    def _settle_first(self) -> None:
        self._in_flight.popleft()
        self._sent -= 1
        self._backoff.succeed()

    def _drain_in_flight(self) -> list[PublishRequest]:
        drained = list(self._in_flight)
        self._in_flight.clear()
        self._sent = 0
        return drained

    def _store(self, request: PublishRequest, ack: broker_pb2.PublishAck) -> None:
        self.buffered_bytes -= request.buffered_bytes
        # First the sum, then whoever waits: what is acknowledged is in the checksum.
        if self._on_stored is not None:
            self._on_stored(request.batch, ack.last_timestamp_ns)
        request.stored(ack)

    def _fail(self, request: PublishRequest, error: Error) -> None:
        self.buffered_bytes -= request.buffered_bytes
        if error.reason == "MESSAGE_TOO_LARGE":
            limit = int(error.metadata.get("limit_bytes", "0"))
            if limit > 0:
                self._solo_bytes = min(self._solo_bytes, limit)
        request.failed(error, self.failures)

    def _ask_sequence(self) -> Flow[None]:
        last_sequence = yield requests.get_producer(self.topic, self.name)
        self._next_sequence = last_sequence + 1

    def _ask_limit(self) -> Flow[None]:
        info = yield requests.get_server_info()
        self._max_request_bytes = info.max_request_bytes


def _rough_length(message: Publishable) -> int:
    """About the size of a message, without encoding it. What is no message at all is refused when it is encoded."""
    value = message.value if isinstance(message, NewMessage) else message
    try:
        return len(value)
    except TypeError:
        return 0


def _too_large(size: int, limit: int) -> Error:
    return Error(
        "REQUEST_TOO_LARGE",
        f"a request of {size} bytes is over the broker's limit of {limit}: publish it in parts",
        {"limit_bytes": str(limit), "bytes": str(size)},
    )
