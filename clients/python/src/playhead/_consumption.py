"""What consumptions of threads and of asyncio have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar

from playhead._connection import ConnectionState
from playhead._consume_core import ConsumeCore
from playhead._futures import FutureLike
from playhead._settlement import Action
from playhead.consumption_event import ConsumptionEnd, ConsumptionEvent, Failed, SubscriptionDeleted
from playhead.delivery import Delivery
from playhead.errors import Error, closed_error, deleted_error
from playhead.v1 import subscription_pb2 as pb

F = TypeVar("F", bound=FutureLike[None])


class ConsumptionState(Generic[F]):
    """A worker of a durable subscription."""

    def __init__(
        self,
        connection: ConnectionState,
        topic: str,
        subscription: str,
        *,
        worker: str,
        max_in_flight: int,
        max_bytes: int,
        on_event: Callable[[ConsumptionEvent], None] | None,
        new_future: Callable[[], F],
    ) -> None:
        self.topic = topic
        self.subscription = subscription
        start = pb.ConsumeStart(topic=topic, subscription=subscription, worker=worker)
        self._core: ConsumeCore[F] = ConsumeCore(
            connection,
            start,
            max_in_flight=max_in_flight,
            max_bytes=max_bytes,
            new_future=new_future,
            settler=self,
            on_event=on_event,
        )

    @property
    def ended(self) -> ConsumptionEnd | None:
        """Why it is over, once it is."""
        return self._core.end

    @property
    def is_active(self) -> bool:
        """False while another worker has an exclusive subscription, and while there is no connection."""
        return self._core.is_active

    @property
    def lease_ms(self) -> int | None:
        """How long leases are, as the broker said last; None before it has."""
        return self._core.lease_ms

    def settle(self, deliveries: list[Delivery[Any]], action: Action, /) -> F:
        """For the deliveries' own methods."""
        raise NotImplementedError

    def _check_end(self) -> bool:
        """Whether it is over. Raises the error it ended with."""
        match self._core.end:
            case None:
                return False
            case Failed(error):
                raise error
            case SubscriptionDeleted(is_topic_deleted):
                raise self._deleted_error(is_topic_deleted=is_topic_deleted)
            case _:
                return True

    def _check_started(self) -> bool:
        """Whether the broker has taken the worker. Raises an Error if it ended before."""
        if self._core.lease_ms is not None:
            return True
        if self._check_end():
            raise closed_error(self._core.operation)
        return False

    def _deleted_error(self, *, is_topic_deleted: bool) -> Error:
        if is_topic_deleted:
            return deleted_error(self.topic)
        return Error(
            "SUBSCRIPTION_DELETED",
            f"subscription {self.subscription} of {self.topic} was deleted",
            {"topic": self.topic, "subscription": self.subscription},
        )


def unsettled(deliveries: Iterable[Delivery[Any]]) -> list[Delivery[Any]]:
    """Those of which nothing has become yet."""
    return [delivery for delivery in deliveries if not delivery.is_settled]
