"""Durable subscriptions, with threads."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import Any

from playhead import _requests as requests
from playhead._consume_core import DEFAULT_BYTES, DEFAULT_IN_FLIGHT
from playhead._consumption import unsettled
from playhead._settlement import ACK, Action
from playhead._settlement_queue import SettlementQueue
from playhead._sync_connection import Connection
from playhead.consumption import Consumption, Delivery
from playhead.consumption_event import ConsumptionEvent
from playhead.delivery import Delivery as GenericDelivery
from playhead.delivery import make_deliveries
from playhead.errors import Error
from playhead.position import Position
from playhead.subscription_info import SubscriptionConfig, SubscriptionInfo

_MAX_SETTLEMENTS = 10_000
"""What the broker takes in one Acknowledge."""


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
    ) -> None:
        """For `Client.subscription`."""
        self.topic = topic
        self.name = name
        self._connection = connection
        self._on_consume = on_consume

    def create(
        self,
        config: SubscriptionConfig | None = None,
        *,
        start: Position | None = None,
        create_topic: bool = False,
    ) -> SubscriptionInfo:
        """Makes the subscription, from `latest` unless told otherwise.

        SUBSCRIPTION_EXISTS if it exists with other settings.
        """
        return self._connection.request(
            requests.create_subscription(
                self.topic, self.name, start, config, create_topic=create_topic
            )
        )

    def info(self) -> SubscriptionInfo:
        """The subscription as it is now. SUBSCRIPTION_NOT_FOUND if there is none."""
        return self._connection.request(requests.get_subscription(self.topic, self.name))

    def update(self, config: SubscriptionConfig) -> SubscriptionInfo:
        """Changes those settings that are not None, for deliveries from now on."""
        return self._connection.request(requests.update_subscription(self.topic, self.name, config))

    def delete(self) -> None:
        """Forgets the subscription; its workers are told and end."""
        self._connection.request(requests.delete_subscription(self.topic, self.name))

    def seek(
        self, position: Position | None = None, *, snapshot: bytes | None = None
    ) -> SubscriptionInfo:
        """Moves the subscription, to a position or to a snapshot, while workers are connected.

        Leases from before are void.
        """
        return self._connection.request(
            requests.seek_subscription(self.topic, self.name, position=position, snapshot=snapshot)
        )

    def snapshot(self) -> bytes:
        """The state of the subscription, which `seek` puts back. What is in it is the broker's own."""
        return self._connection.request(requests.snapshot_subscription(self.topic, self.name))

    def redrive(self, *, to: str = "", limit: int = 0) -> int:
        """Publishes the dead letters to where they came from, or to a topic, and removes them.

        At most so many, the oldest first; 0: all that are there. Returns their number; after a lost answer, the number
        of those that were left.
        """
        return self._connection.request(requests.redrive(self.topic, self.name, to, limit))

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
        is told, in another thread and for a short time, of what happens besides deliveries.
        """
        options = {
            "max_in_flight": max_in_flight,
            "max_bytes": max_bytes,
            "worker": worker,
            "on_event": on_event,
        }
        return self._on_consume(self, options)

    def pull(
        self, limit: int = 1, *, max_bytes: int = 0, wait_ms: int = 0, lease_ms: int = 0
    ) -> list[Delivery]:
        """Leases at most so many messages without a stream; none if there are none.

        Waits up to `wait_ms`, at most a minute, for the first one. `lease_ms` 0: as the subscription says. If the
        answer is lost, what was in it is delivered again once its lease has run out.
        """
        request = requests.pull(self.topic, self.name, limit, max_bytes, wait_ms, lease_ms)
        pulled = self._connection.request(request)
        return make_deliveries(list(pulled.messages), list(pulled.leases), self, 0, math.inf)

    def ack_all(self, deliveries: Iterable[Delivery]) -> Future[None]:
        """Acknowledges what of these pulled deliveries is not settled, in one request."""
        return self.settle(unsettled(deliveries), ACK)

    def settle(self, deliveries: list[GenericDelivery[Any]], action: Action, /) -> Future[None]:
        """For the pulled deliveries' own methods: waits for the broker, so that the future is done."""
        settlements: SettlementQueue[Future[None]] = SettlementQueue(Future)
        future = settlements.settle(deliveries, action)
        while len(settlements):
            taken = settlements.take(_MAX_SETTLEMENTS)
            try:
                results = self._connection.request(
                    requests.acknowledge(self.topic, self.name, [each for each, _ in taken])
                )
            except Error as error:
                for _, sent in taken:
                    sent.abandon(error)
                continue
            for (_, sent), result in zip(taken, results, strict=True):
                sent.answer(result)
        return future
