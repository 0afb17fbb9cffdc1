"""What requests have made and named."""

from __future__ import annotations

import asyncio
from typing import Any

from bridge import Bridge
from forms import Fields, end_fields, error_fields, event_fields, message_fields

import playhead

_CLOSE_S = 2.0


class Reader:
    """A subscription that is read, item by item, to its end."""

    def __init__(self, bridge: Bridge, subscription: Any) -> None:
        self.subscription = subscription
        self._bridge = bridge
        self._events = subscription.events()
        self._has_ended = False

    async def next(self, count: int, *, with_caught_up: bool) -> list[Fields]:
        """Waits until there are so many items, or the end."""
        items: list[Fields] = []
        while len(items) < count and not self._has_ended:
            item = await self._take()
            if with_caught_up or "caughtUp" not in item:
                items.append(item)
        return items

    async def _take(self) -> Fields:
        try:
            event = await self._bridge.next(self._events)
        except playhead.Error as error:
            self._has_ended = True
            return {"end": {"error": error_fields(error)}}
        if event is not None:
            return event_fields(event)
        self._has_ended = True
        return {"end": {}}


class Worker:
    """A consumption that is read."""

    def __init__(self, bridge: Bridge, consumption: Any) -> None:
        self.consumption = consumption
        self._bridge = bridge
        self._deliveries = bridge.iterate(consumption)
        self._has_ended = False

    async def next(self, count: int) -> list[Any]:
        """Waits until there are so many deliveries, or the end."""
        deliveries: list[Any] = []
        while len(deliveries) < count and not self._has_ended:
            try:
                delivery = await self._bridge.next(self._deliveries)
            except playhead.Error:
                # That is why it has ended.
                delivery = None
            if delivery is None:
                self._has_ended = True
            else:
                deliveries.append(delivery)
        return deliveries

    def ended(self) -> Fields:
        return end_fields(self.consumption.ended) if self._has_ended else {}


class Things:
    """Everything that has a name."""

    def __init__(self, bridge: Bridge) -> None:
        self.bridge = bridge
        self.clients: dict[str, Any] = {}
        self.publishers: dict[str, Any] = {}
        self.channels: dict[str, Any] = {}
        self.readers: dict[str, Reader] = {}
        self.workers: dict[str, Worker] = {}
        self.deliveries: dict[str, Any] = {}

    def client(self, request: Fields) -> Any:
        return self.clients[request["client"]]

    def durable(self, request: Fields) -> Any:
        return self.client(request).subscription(request["topic"], request["subscription"])

    def name_deliveries(self, deliveries: list[Any]) -> list[Fields]:
        """Makes up names."""
        named: list[Fields] = []
        for delivery in deliveries:
            name = f"delivery-{len(self.deliveries) + 1}"
            self.deliveries[name] = delivery
            message = message_fields(delivery.message)
            named.append({"delivery": name, "attempt": delivery.attempt, "message": message})
        return named

    async def close(self) -> None:
        """Closes all clients, without waiting for what cannot be flushed."""
        closing = [
            asyncio.ensure_future(self.bridge.call(client.close))
            for client in self.clients.values()
        ]
        if closing:
            await asyncio.wait(closing, timeout=_CLOSE_S)
