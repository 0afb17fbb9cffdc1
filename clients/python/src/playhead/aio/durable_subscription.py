"""Durable subscriptions, with asyncio."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterable
from typing import Any

from playhead import _requests as requests
from playhead._consume_core import DEFAULT_BYTES, DEFAULT_IN_FLIGHT
from playhead._consumption import unsettled
from playhead._settlement import ACK
from playhead.aio._connection import Connection
from playhead.aio._puller import Puller
from playhead.aio.consumption import Consumption, Delivery
from playhead.consumption_event import ConsumptionEvent
from playhead.delivery import make_deliveries
from playhead.position import Position
from playhead.subscription_info import SubscriptionConfig, SubscriptionInfo


class DurableSubscription:
    """A subscription that the broker keeps: a cursor on a topic, leases, and how often each message was delivered.

    The object is a name; nothing is requested before a method is called.
    """

    def __init__(
        self,
        connection: Connection,
        topic: str,
        name: str,
        on_consume: Callable[[DurableSubscription, dict[str, Any]], Consumption],
        on_busy: Callable[[Puller], None],
        on_idle: Callable[[Puller], None],
    ) -> None:
        """For `Client.subscription`."""
        self._puller = Puller(connection, topic, name, on_busy, on_idle)
        self.topic = topic
        self.name = name
        self._connection = connection
        self._on_consume = on_consume

    async def create(
        self,
        config: SubscriptionConfig | None = None,
        *,
        start: Position | None = None,
        create_topic: bool = False,
    ) -> SubscriptionInfo:
        """Makes the subscription, from `latest` unless told otherwise.

        SUBSCRIPTION_EXISTS if it exists with other settings.
        """
        return await self._connection.request(
            requests.create_subscription(
                self.topic, self.name, start, config, create_topic=create_topic
            )
        )

    async def info(self) -> SubscriptionInfo:
        """The subscription as it is now. SUBSCRIPTION_NOT_FOUND if there is none."""
        return await self._connection.request(requests.get_subscription(self.topic, self.name))

    async def update(self, config: SubscriptionConfig) -> SubscriptionInfo:
        """Changes those settings that are not None, for deliveries from now on."""
        return await self._connection.request(
            requests.update_subscription(self.topic, self.name, config)
        )

    async def delete(self) -> None:
        """Forgets the subscription; its workers are told and end."""
        await self._connection.request(requests.delete_subscription(self.topic, self.name))

    async def seek(
        self, position: Position | None = None, *, snapshot: bytes | None = None
    ) -> SubscriptionInfo:
        """Moves the subscription, to a position or to a snapshot, while workers are connected.

        Leases from before are void.
        """
        return await self._connection.request(
            requests.seek_subscription(self.topic, self.name, position=position, snapshot=snapshot)
        )

    async def snapshot(self) -> bytes:
        """The state of the subscription, which `seek` puts back. What is in it is the broker's own."""
        return await self._connection.request(requests.snapshot_subscription(self.topic, self.name))

    async def redrive(self, *, to: str = "", limit: int = 0) -> int:
        """Publishes the dead letters to where they came from, or to a topic, and removes them.

        At most so many, the oldest first; 0: all that are there. Returns their number; after a lost answer, the number
        of those that were left.
        """
        return await self._connection.request(requests.redrive(self.topic, self.name, to, limit))

    def consume(
        self,
        *,
        max_in_flight: int = DEFAULT_IN_FLIGHT,
        max_bytes: int = DEFAULT_BYTES,
        worker: str = "",
        on_event: Callable[[ConsumptionEvent], None] | None = None,
    ) -> Consumption:
        """Connects a worker, at once.

        `max_in_flight` and `max_bytes` bound what is here and not settled. `worker` is its name, for people. `on_event`
        is told, as soon as it is known, of what happens besides deliveries.
        """
        options = {
            "max_in_flight": max_in_flight,
            "max_bytes": max_bytes,
            "worker": worker,
            "on_event": on_event,
        }
        return self._on_consume(self, options)

    async def pull(
        self, limit: int = 1, *, max_bytes: int = 0, wait_ms: int = 0, lease_ms: int = 0
    ) -> list[Delivery]:
        """Leases at most so many messages without a stream; none if there are none.

        Waits up to `wait_ms`, at most a minute, for the first one. `lease_ms` 0: as the subscription says. If the
        answer is lost, what was in it is delivered again once its lease has run out.
        """
        request = requests.pull(self.topic, self.name, limit, max_bytes, wait_ms, lease_ms)
        pulled = await self._connection.request(request)
        return make_deliveries(
            list(pulled.messages), list(pulled.leases), self._puller, 0, math.inf
        )

    def ack_all(self, deliveries: Iterable[Delivery]) -> asyncio.Future[None]:
        """Acknowledges what of these pulled deliveries is not settled, in one request."""
        return self._puller.settle(unsettled(deliveries), ACK)
