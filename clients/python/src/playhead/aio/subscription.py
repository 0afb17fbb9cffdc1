"""Subscriptions, with asyncio."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from types import TracebackType
from typing import Any, Generic, TypeVar

import grpc
import grpc.aio

from playhead._handed_out import HandedOut
from playhead._reading import Reading
from playhead._subscribe_core import Item
from playhead.aio._connection import Connection
from playhead.errors import Error, closed_error
from playhead.events import Event, SubscriptionStart
from playhead.message import Message
from playhead.position import Position, Until

T = TypeVar("T")


class Subscription(Reading):
    """Reads one topic, or all topics of a glob. Read once, in one of three ways.

    It begins when it is made, and keeps one response that nobody has taken yet; the rest stays at the broker. After a
    lost connection it goes on behind the last message, for as long as it takes unless told otherwise. Waiting for the
    next message can be cancelled, and be taken up again.
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
        self._call: Any = None
        self._pending: list[Item] = []
        self._closed_event = asyncio.Event()
        # It is read ahead by one response: that wait is not the reader's, whose own wait may be cancelled.
        self._next: asyncio.Future[list[Item]] = asyncio.ensure_future(self._receive())

    async def started(self) -> SubscriptionStart:
        """Waits until the broker has taken the subscription: what is published from then on is not missed."""
        while self._core.start is None and not self._core.is_ended:
            await asyncio.wait([self._next])
            self._collect()
        return self._started_or_raise()

    def __aiter__(self) -> AsyncIterator[Message]:
        """Messages only. Ends at the close marker, the limit, until, or close().

        Raises an Error, TOPIC_DELETED among its reasons. Leaving the loop does not close the subscription. For a wait
        that ends in time: `asyncio.wait_for(anext(messages), seconds)`, with `messages = aiter(subscription)`.
        """
        self._claim()
        return _OneByOne(self, self._handed_out, self._take_batch)

    def batches(self) -> AsyncIterator[list[Message]]:
        """As the messages, as many at a time as have come together: the fastest way."""
        self._claim()
        return _Batches(self._handed_out, self._take_batch)

    def events(self) -> AsyncIterator[Event]:
        """Messages and what happens between them. A deleted topic is an event here, and no error."""
        self._claim()
        return _OneByOne(self, self._handed_out, self._take)

    @property
    def is_closed(self) -> bool:
        """Whether it is over."""
        return self._closed_event.is_set()

    async def close(self) -> None:
        """Ends the subscription, and whoever reads it, without an error. What nobody has taken is dropped."""
        if self._closed_event.is_set():
            return
        self._core.end()
        self._closed_event.set()
        self._pending.clear()
        self._next.cancel()
        await asyncio.wait([self._next])
        if self._on_closed is not None:
            self._on_closed(self)

    async def __aenter__(self) -> Subscription:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def _take(self) -> Item | None:
        """The next of everything, in order; None at the end. Raises the error it ended with."""
        while not self._pending:
            if self._closed_event.is_set():
                return None
            if self._core.is_ended and self._next.done():
                self._collect()
                if self._pending:
                    break
                error = self._core.error
                await self.close()
                if error is not None:
                    raise error
                return None
            await asyncio.wait([self._next])
            self._collect()
        item = self._pending.pop(0)
        self._note(item)
        return item

    async def _take_batch(self) -> list[Message] | None:
        while (item := await self._take()) is not None:
            if isinstance(item, list):
                return item
            try:
                self._check_deleted(item)
            except Error:
                await self.close()
                raise
        return None

    def _collect(self) -> None:
        """Takes what has come, and reads on."""
        if not self._next.done():
            return
        if self._next.cancelled():
            # With the event loop, or by close().
            self._core.end()
            return
        self._pending += self._next.result()
        done: asyncio.Future[list[Item]] = asyncio.get_running_loop().create_future()
        done.set_result([])
        self._next = done if self._core.is_ended else asyncio.ensure_future(self._receive())

    async def _receive(self) -> list[Item]:
        """Waits for a response with something to hand out, over as many calls as it takes; nothing behind the end."""
        items: list[Item] = []
        while not (items or self._core.is_ended):
            address = self._connection.address
            is_started = self._core.start is not None
            try:
                if self._call is None:
                    await self._open(address)
                data = await self._call.read()
                if data is grpc.aio.EOF:
                    raise self._broken_off(address)
                items = self._core.receive(data, address)
            except grpc.RpcError as cause:
                await self._lose(self._connection.explain(cause, address), address)
            except asyncio.CancelledError:
                if self._call is not None:
                    self._call.cancel()
                if not self._connection.is_closed or self._closed_event.is_set():
                    raise
                await self._lose(closed_error("the client"), address)
            except Error as error:
                await self._lose(error, address)
            if self._core.start is not None and not is_started:
                # Whoever waits for the start is to hear of it.
                break
        return items

    async def _open(self, address: str) -> None:
        question = self._core.question()
        if question is not None:
            await self._connection.run(question)
        self._call = self._connection.unary_stream(
            "subscribe", self._core.path, self._core.request(), address
        )

    async def _lose(self, error: Error, address: str) -> None:
        call, self._call = self._call, None
        if call is not None:
            call.cancel()
        if self._connection.is_closed:
            # A client that is closed ends its subscriptions without an error.
            self._core.end()
            return
        delay = self._core.lost(error, address)
        if not self._core.is_ended:
            await self._connection.pause(delay)


class _Batches(AsyncIterator[list[Message]]):
    """Messages that came together."""

    def __init__(self, handed_out: HandedOut, take: Callable[[], Any]) -> None:
        self._handed_out = handed_out
        self._take_next = take

    async def __anext__(self) -> list[Message]:
        taken: list[Message] | None = await self._take_next()
        if taken is None:
            raise StopAsyncIteration
        self._handed_out.add(taken)
        return taken


class _OneByOne(AsyncIterator[T], Generic[T]):
    """Messages one after the other, without a wait for those that came together, and what comes between them."""

    def __init__(
        self, subscription: Subscription, handed_out: HandedOut, take: Callable[[], Any]
    ) -> None:
        self._subscription = subscription
        self._handed_out = handed_out
        self._take_next = take
        self._rest: Iterator[Any] = iter(())

    async def __anext__(self) -> T:
        while not self._subscription.is_closed:
            message = next(self._rest, None)
            if message is not None:
                one: T = message
                return one
            taken = await self._take_next()
            if taken is None:
                break
            if not isinstance(taken, list):
                event: T = taken
                return event
            self._handed_out.begin(taken)
            self._rest = self._handed_out.rest
        raise StopAsyncIteration
