"""Consuming a durable subscription, with threads."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from types import TracebackType
from typing import Any

from playhead._consume_core import DEFAULT_BYTES, DEFAULT_IN_FLIGHT
from playhead._consumption import ConsumptionState, unsettled
from playhead._runner import StreamRunner
from playhead._settlement import ACK, Action
from playhead._sync_connection import Connection
from playhead.consumption_event import ConsumptionEvent
from playhead.delivery import Delivery as GenericDelivery

Delivery = GenericDelivery[Future[None]]

_RESULTS_TIMEOUT_S = 5.0
"""How long close() waits for the results of what was settled."""


class Consumption(ConsumptionState["Future[None]"]):
    """A worker of a durable subscription. Its deliveries may be settled by any thread.

    Connects at once, has no more than `max_in_flight` deliveries that are not settled, and after a lost connection goes
    on, for as long as it takes unless told otherwise; what was delivered before is void then.
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
            new_future=Future,
        )
        self._on_closed = on_closed
        self._runner = StreamRunner(connection, self._core, self._core.operation)
        self._runner.start()

    def started(self) -> None:
        """Waits until the broker has taken the worker for the first time. Raises an Error if it ends before."""
        with self._runner.lock:
            self._runner.progress.wait_for(self._check_started)

    def next(self, timeout_ms: float | None = None) -> Delivery | None:
        """Waits for a delivery, no longer than so long. None if there is none in time, or behind the end.

        Raises an Error, SUBSCRIPTION_DELETED and TOPIC_DELETED among its reasons.
        """
        deadline = None if timeout_ms is None else time.monotonic() + timeout_ms / 1000
        runner = self._runner
        with runner.lock:
            while True:
                delivery = self._core.take_delivery()
                if delivery is not None or self._check_end():
                    return delivery
                left = None if deadline is None else deadline - time.monotonic()
                if left is not None and left <= 0:
                    return None
                expiry = self._core.expire()
                runner.wake()
                waits = [each for each in (left, expiry) if each is not None]
                runner.progress.wait(min(waits) if waits else None)

    def __iter__(self) -> Iterator[Delivery]:
        """One delivery after the other. Ends when the topic is drained, or with close().

        Raises as `next` does. Leaving the loop closes the consumption.
        """
        try:
            while (delivery := self.next()) is not None:
                yield delivery
        finally:
            self.close()

    def ack_all(self, deliveries: Iterable[Delivery]) -> Future[None]:
        """Acknowledges what of these deliveries is not settled, consecutive ones as one range.

        Resolves once all are on disk; fails, when all is answered, with the first error.
        """
        return self.settle(unsettled(deliveries), ACK)

    def close(self, *, timeout_ms: float | None = None) -> None:
        """Sends what was settled, waits for the results, and ends. The leases that are left are given back.

        Waits 5 seconds, unless told otherwise. What is not answered by then fails with UNREACHABLE, and may be done.
        """
        with self._runner.lock:
            self._core.leave()
            self._runner.wake()
        self._runner.join(_RESULTS_TIMEOUT_S if timeout_ms is None else timeout_ms / 1000)
        if self._on_closed is not None:
            self._on_closed(self)

    def settle(self, deliveries: list[GenericDelivery[Any]], action: Action, /) -> Future[None]:
        """For the deliveries' own methods."""
        with self._runner.lock:
            future = self._core.settle(deliveries, action)
            self._runner.wake()
        return future

    def __enter__(self) -> Consumption:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
