"""Consuming a durable subscription, with asyncio."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any

from playhead._consume_core import DEFAULT_BYTES, DEFAULT_IN_FLIGHT
from playhead._consumption import ConsumptionState, unsettled
from playhead._settlement import ACK, Action
from playhead.aio._connection import Connection
from playhead.aio._runner import StreamRunner
from playhead.consumption_event import ConsumptionEvent
from playhead.delivery import Delivery as GenericDelivery

Delivery = GenericDelivery["asyncio.Future[None]"]

_RESULTS_TIMEOUT_S = 5.0
"""How long close() waits for the results of what was settled."""


class Consumption(ConsumptionState["asyncio.Future[None]"]):
    """A worker of a durable subscription, and an iterator over its deliveries.

    Connects at once, has no more than `max_in_flight` deliveries that are not settled, and after a lost connection goes
    on, for as long as it takes unless told otherwise; what was delivered before is void then. What is settled in one
    turn of the event loop travels together. Waiting for the next delivery can be cancelled, and be taken up again.
    """

    def __init__(
        self,
        connection: Connection,
        topic: str,
        subscription: str,
        *,
        worker: str = "",
        max_in_flight: int = DEFAULT_IN_FLIGHT,
        max_bytes: int = DEFAULT_BYTES,
        on_event: Callable[[ConsumptionEvent], None] | None = None,
        on_closed: Callable[[Consumption], None] | None = None,
    ) -> None:
        """For `DurableSubscription.consume`."""
        super().__init__(
            connection,
            topic,
            subscription,
            worker=worker,
            max_in_flight=max_in_flight,
            max_bytes=max_bytes,
            on_event=on_event,
            new_future=asyncio.get_running_loop().create_future,
        )
        self._on_closed = on_closed
        self._runner = StreamRunner(connection, self._core)
        self._runner.start()

    async def started(self) -> None:
        """Waits until the broker has taken the worker for the first time. Raises an Error if it ends before."""
        while not self._check_started():
            await self._runner.progress()

    def __aiter__(self) -> Consumption:
        """One delivery after the other. Ends when the topic is drained, or with close()."""
        return self

    async def __anext__(self) -> Delivery:
        """Raises an Error, SUBSCRIPTION_DELETED and TOPIC_DELETED among its reasons."""
        while (delivery := self._core.take_delivery()) is None:
            if self._check_end():
                raise StopAsyncIteration
            expiry = self._core.expire()
            self._runner.wake()
            await self._runner.progress(expiry)
        return delivery

    def ack_all(self, deliveries: Iterable[Delivery]) -> asyncio.Future[None]:
        """Acknowledges what of these deliveries is not settled, consecutive ones as one range.

        Resolves once all are on disk; fails, when all is answered, with the first error.
        """
        return self.settle(unsettled(deliveries), ACK)

    async def close(self, *, timeout_ms: float | None = None) -> None:
        """Sends what was settled, waits for the results, and ends. The leases that are left are given back.

        Waits 5 seconds, unless told otherwise. What is not answered by then fails with UNREACHABLE, and may be done.
        """
        self._core.leave()
        self._runner.wake()
        await self._runner.join(_RESULTS_TIMEOUT_S if timeout_ms is None else timeout_ms / 1000)
        if self._on_closed is not None:
            self._on_closed(self)

    def settle(
        self, deliveries: list[GenericDelivery[Any]], action: Action, /
    ) -> asyncio.Future[None]:
        """For the deliveries' own methods."""
        future = self._core.settle(deliveries, action)
        self._runner.wake()
        return future

    async def __aenter__(self) -> Consumption:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()
