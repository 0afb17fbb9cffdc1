"""Subscriptions, with threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any

import grpc

from playhead._reading import Reading
from playhead._subscribe_core import Item
from playhead._sync_connection import Connection
from playhead.errors import Error
from playhead.events import Event, SubscriptionStart
from playhead.message import Message
from playhead.position import Position, Until


class Subscription(Reading):
    """Reads one topic, or all topics of a glob. Read by one thread, once, in one of three ways.

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
        # A failure to connect is for the one who reads.
        self._first_error: Error | None = None
        try:
            self._open()
        except Error as error:
            self._first_error = error

    def started(self) -> SubscriptionStart:
        """Waits until the broker has taken the subscription: what is published from then on is not missed.

        For the thread that reads.
        """
        while self._core.start is None and not self._core.is_ended:
            self._pending += self._receive()
        return self._started_or_raise()

    def __iter__(self) -> Iterator[Message]:
        """Messages only. Ends at the close marker, the limit, until, or close().

        Raises an Error, TOPIC_DELETED among its reasons. Leaving the loop closes the subscription.
        """
        for batch in self.batches():
            for message in batch:
                self._last = message
                yield message

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
        self._core.end()
        call = self._call
        if call is not None:
            call.cancel()
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

    def _batches(self) -> Iterator[list[Message]]:
        for item in self._items():
            if isinstance(item, list):
                self._last = item[-1]
                yield item
            else:
                self._check_deleted(item)

    def _events(self) -> Iterator[Event]:
        for item in self._items():
            if isinstance(item, list):
                for message in item:
                    self._last = message
                    yield message
            else:
                yield item

    def _items(self) -> Iterator[Item]:
        """Everything in order, to the end. Raises the error it ended with."""
        try:
            while True:
                items = self._pending
                self._pending = []
                for item in items:
                    if self._is_closed.is_set():
                        return
                    self._note(item)
                    yield item
                if self._core.is_ended and not self._pending:
                    break
                self._pending += self._receive()
            if self._core.error is not None and not self._is_closed.is_set():
                raise self._core.error
        finally:
            self.close()

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
