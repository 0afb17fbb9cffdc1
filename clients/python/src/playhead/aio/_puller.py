"""Settles what was pulled, without a stream."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from playhead import _requests as requests
from playhead._settlement import Action
from playhead._settlement_queue import SettlementQueue
from playhead.aio._connection import Connection
from playhead.delivery import Delivery
from playhead.errors import Error

_MAX_SETTLEMENTS = 10_000
"""What the broker takes in one Acknowledge."""


class Puller:
    """What is settled in one turn of the event loop, or while a request is under way, travels in one request."""

    def __init__(
        self,
        connection: Connection,
        topic: str,
        subscription: str,
        on_busy: Callable[[Puller], None],
        on_idle: Callable[[Puller], None],
    ) -> None:
        """The client is told while there is something that it has to wait for when it is closed."""
        self._connection = connection
        self._topic = topic
        self._subscription = subscription
        self._on_busy = on_busy
        self._on_idle = on_idle
        self._settlements: SettlementQueue[asyncio.Future[None]] = SettlementQueue(
            asyncio.get_running_loop().create_future
        )
        self._sending: asyncio.Task[None] | None = None

    def settle(self, deliveries: list[Delivery[Any]], action: Action, /) -> asyncio.Future[None]:
        """For the deliveries' own methods."""
        future = self._settlements.settle(deliveries, action)
        if self._sending is None and len(self._settlements):
            self._on_busy(self)
            self._sending = asyncio.ensure_future(self._send())
        return future

    async def close(self, *, timeout_ms: float | None = None) -> None:
        """Waits until everything that was settled is answered, or so long."""
        if self._sending is not None:
            seconds = None if timeout_ms is None else timeout_ms / 1000
            await asyncio.wait([self._sending], timeout=seconds)

    async def _send(self) -> None:
        try:
            while len(self._settlements):
                await self._acknowledge()
        finally:
            self._sending = None
            self._on_idle(self)

    async def _acknowledge(self) -> None:
        taken = self._settlements.take(_MAX_SETTLEMENTS)
        request = requests.acknowledge(self._topic, self._subscription, [each for each, _ in taken])
        try:
            results = await self._connection.request(request)
        except Error as error:
            for _, sent in taken:
                sent.abandon(error)
            return
        for (_, sent), result in zip(taken, results, strict=True):
            sent.answer(result)
