"""Subscriptions, with threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any

import grpc

from playhead._read_ahead import ReadAhead
from playhead._reading import Reading
from playhead._subscribe_core import Item
from playhead._sync_connection import Connection
from playhead.errors import Error
from playhead.events import Event, SubscriptionStart
from playhead.message import Message
from playhead.position import Position, Until


class Subscription(Reading):
    """Reads one topic, or all topics of a glob.

    It is read by one thread, once, in one of three ways: as messages, as batches, as events.
    It begins when it is made. What nobody takes stays at the broker, but for what the connection holds. After a lost
    connection it goes on behind the last message, for as long as it takes unless told otherwise.
    """

    def __init__(
        self,
        connection: Connection,
        topic: str,
        start: Position = "latest",
        until: Until | None = None,
        limit: int | None = None,
        on_closed: Callable[[Subscription], None] | None = None,
    ) -> None:
        """For `Client.subscribe`."""
        super().__init__(connection, topic, start, until, limit)
        self._connection = connection
        self._on_closed = on_closed
        self._address = ""
        self._call: Any = None
        self._pending: list[Item] = []
        self._is_closed = threading.Event()
        # As that, and quicker to look at behind each message.
        self._is_over = False
        self._is_by_message = False
        self._is_looped = False
        # Made once somebody waits with a time.
        self._ahead: ReadAhead[list[Item]] | None = None
        # A failure to connect is for the one who reads.
        self._first_error: Error | None = None
        try:
            self._open()
        except Error as error:
            self._first_error = error

    @property
    def is_closed(self) -> bool:
        """Whether it is over."""
        return self._is_closed.is_set()

    def started(self) -> SubscriptionStart:
        """Waits until the broker has taken the subscription: what is published from then on is not missed.

        For the thread that reads.
        """
        while self._core.start is None and not self._core.is_ended:
            self._pending += self._wait(None) or []
        return self._started_or_raise()

    def next(self, timeout_ms: float | None = None) -> Message | None:
        """Waits for a message, no longer than so long. None if there is none in time, or behind the end.

        `is_closed` tells one from the other. Raises as the loop over messages does, which may follow.
        """
        if not self._is_by_message:
            self._claim()
            self._is_by_message = True
        deadline = None if timeout_ms is None else time.monotonic() + timeout_ms / 1000
        while not self._is_over:
            message = next(self._handed_out.rest, None)
            if message is not None:
                return message
            batch = self._take_batch(deadline)
            if batch is None:
                break
            self._handed_out.begin(batch)
        return None

    def __iter__(self) -> Iterator[Message]:
        """Messages only. Ends at the close marker, the limit, until, or close().

        Raises an Error, TOPIC_DELETED among its reasons. Leaving the loop closes the subscription.
        """
        if self._is_looped or not self._is_by_message:
            self._claim()
        self._is_looped = self._is_by_message = True
        return self._messages()

    def batches(self) -> Iterator[list[Message]]:
        """As the messages, as many at a time as have come together: the fastest way."""
        self._claim()
        return self._batches()

    def events(self) -> Iterator[Event]:
        """Messages and what happens between them. A deleted topic is an event here, and no error."""
        self._claim()
        return self._events()

    def close(self) -> None:
        """Ends the subscription, and whoever reads it, without an error. What nobody has taken is dropped."""
        if self._is_closed.is_set():
            return
        self._is_closed.set()
        self._is_over = True
        self._core.end()
        call = self._call
        if call is not None:
            call.cancel()
        if self._ahead is not None:
            self._ahead.stop()
        if self._on_closed is not None:
            self._on_closed(self)

    def __enter__(self) -> Subscription:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _messages(self) -> Iterator[Message]:
        handed_out = self._handed_out
        try:
            while not self._is_over:
                for message in handed_out.rest:
                    yield message
                    if self._is_over:
                        return
                batch = self._take_batch()
                if batch is None:
                    return
                handed_out.begin(batch)
        finally:
            self.close()

    def _batches(self) -> Iterator[list[Message]]:
        try:
            while (batch := self._take_batch()) is not None:
                self._handed_out.add(batch)
                yield batch
        finally:
            self.close()

    def _events(self) -> Iterator[Event]:
        try:
            while (item := self._take()) is not None:
                if not isinstance(item, list):
                    yield item
                    continue
                self._handed_out.begin(item)
                for message in self._handed_out.rest:
                    yield message
                    if self._is_over:
                        return
        finally:
            self.close()

    def _take_batch(self, deadline: float | None = None) -> list[Message] | None:
        """The next messages that came together. None at the end, and if they do not come in time."""
        while (item := self._take(deadline)) is not None:
            if isinstance(item, list):
                return item
            try:
                self._check_deleted(item)
            except Error:
                self.close()
                raise
        return None

    def _take(self, deadline: float | None = None) -> Item | None:
        """The next of everything, in order. None at the end, and if it does not come in time.

        Raises the error it ended with.
        """
        while not (self._pending or self._is_over):
            if self._core.is_ended and not (self._ahead and self._ahead.is_busy):
                self.close()
                if self._core.error is not None:
                    raise self._core.error
                return None
            received = self._wait(deadline)
            if received is None:
                return None
            self._pending += received
        if self._is_over:
            return None
        item = self._pending.pop(0)
        self._note(item)
        return item

    def _wait(self, deadline: float | None) -> list[Item] | None:
        """Waits for a response; None if it does not come in time."""
        if deadline is None and not (self._ahead and self._ahead.is_busy):
            return self._receive()
        if self._ahead is None:
            self._ahead = ReadAhead(self._receive, self._core.operation)
        return self._ahead.take(None if deadline is None else max(deadline - time.monotonic(), 0))

    def _receive(self) -> list[Item]:
        """Waits for a response; what it held, or nothing if the call was lost and is to be made again."""
        address = self._address
        try:
            if self._first_error is not None:
                error, self._first_error = self._first_error, None
                raise error
            if self._call is None:
                self._open()
                address = self._address
            data = next(self._call, None)
            if data is None:
                raise self._broken_off(address)
            return self._core.receive(data, address)
        except grpc.RpcError as cause:
            self._lose(self._connection.explain(cause, address), address)
        except Error as error:
            self._lose(error, address)
        return []

    def _open(self) -> None:
        self._address = self._connection.address
        question = self._core.question()
        if question is not None:
            self._connection.run(question)
        call = self._connection.unary_stream(
            "subscribe", self._core.path, self._core.request(), self._address
        )
        self._call = call
        if self._is_closed.is_set():
            call.cancel()

    def _lose(self, error: Error, address: str) -> None:
        call, self._call = self._call, None
        if call is not None:
            call.cancel()
        if self._is_closed.is_set() or self._connection.is_closed:
            # A client that is closed ends its subscriptions without an error.
            self._core.end()
            return
        delay = self._core.lost(error, address)
        if not self._core.is_ended:
            self._is_closed.wait(delay)
