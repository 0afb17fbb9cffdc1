"""What a worker decides, without input and output."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from google.protobuf.message import DecodeError

from playhead._connection import ConnectionState, Flow, Lane
from playhead._credit import Credit
from playhead._futures import FutureLike
from playhead._log import call_back
from playhead._response import make_messages, size_in_response, split_messages
from playhead._settlement import UNSEEN, Action
from playhead._settlement_queue import SentSettlement, SettlementQueue
from playhead.consumption_event import (
    ConsumptionEnd,
    ConsumptionEvent,
    ConsumptionStarted,
    Disconnected,
    Drained,
    Failed,
    Left,
    Sought,
    SubscriptionDeleted,
)
from playhead.delivery import Delivery, Lease, Settler, make_deliveries
from playhead.errors import Error, from_wire
from playhead.v1 import broker_pb2
from playhead.v1 import subscription_pb2 as pb

F = TypeVar("F", bound=FutureLike[None])

DEFAULT_IN_FLIGHT = 1000
DEFAULT_BYTES = 32 * 1024 * 1024
_MAX_SETTLEMENTS = 10_000
"""Settlements of one request, as many as Acknowledge takes."""
_ENDED = "has ended with its worker"


class ConsumeCore(Generic[F]):
    """Brings deliveries, and takes back what becomes of them, over as many Consume calls as it takes.

    ```
    waiting ──▶ open ──End──▶ over
       ▲          │ lost, or End with a retryable error
       └──pause───┘
    ```

    The broker sends no more than it has credit for, so that the queue is bounded. Credit goes back as deliveries are
    settled. With a call its leases go: what was delivered before is void.
    """

    lane: Lane = "consume"
    path = "/playhead.v1.SubscriptionService/Consume"

    def __init__(
        self,
        connection: ConnectionState,
        start: pb.ConsumeStart,
        *,
        max_in_flight: int,
        max_bytes: int,
        new_future: Callable[[], F],
        settler: Settler[F],
        on_event: Callable[[ConsumptionEvent], None] | None,
    ) -> None:
        self.end: ConsumptionEnd | None = None
        self.is_active = False
        self.lease_ms: int | None = None
        self._connection = connection
        self._start = start
        self._settler = settler
        self._on_event = on_event
        self._backoff = connection.create_backoff()
        self._credit = Credit(max_in_flight, max_bytes)
        self._settlements = SettlementQueue(new_future, self._released)
        self._queue: deque[Delivery[F]] = deque()
        self._held: dict[int, Lease] = {}
        self._lease_count = 0
        self._unanswered: deque[SentSettlement[F]] = deque()
        self._is_start_due = True
        self._is_leaving = False
        self._is_leave_due = False
        self._coming_end: ConsumptionEnd | None = None
        self._opened = 0.0

    @property
    def operation(self) -> str:
        """Names it in errors."""
        return f"the consumption of {self._start.topic} by {self._start.subscription}"

    # What the worker asks for.

    def take_delivery(self) -> Delivery[F] | None:
        """The next delivery, if there is one now."""
        now = time.monotonic()
        while self._queue:
            delivery = self._queue.popleft()
            # What waited here too long is somebody else's; its credit goes back with the lease.
            if delivery._lease.lost is None and delivery._lease.expires > now:
                return delivery
        return None

    def settle(self, deliveries: list[Delivery[Any]], action: Action) -> F:
        """Queues what becomes of deliveries."""
        return self._settlements.settle(deliveries, action)

    def expire(self) -> float | None:
        """Gives back the credit of leases that ran out. Returns the seconds until the next one does."""
        now = time.monotonic()
        nearest = math.inf
        for lease in list(self._held.values()):
            if lease.expires > now:
                nearest = min(nearest, lease.expires)
                continue
            # The broker alone says whether something of it can still be settled.
            lease.is_expired = True
            del self._held[lease.sequence]
            self._credit.give_back(lease.held_count, lease.held_bytes)
        return None if nearest is math.inf else nearest - now

    def leave(self) -> None:
        """Sends what was settled, gives back what nobody has seen, and ends once all is answered."""
        if self._is_leaving or self.is_over:
            return
        self._is_leaving = self._is_leave_due = True
        given_back = [each for each in self._queue if not each.is_settled and not each.is_lost]
        self._queue.clear()
        self._settlements.settle(given_back, UNSEEN)
        if self._is_start_due:
            self._conclude(Left())

    # What its stream asks for.

    @property
    def is_over(self) -> bool:
        return self.end is not None

    @property
    def wants_stream(self) -> bool:
        return self.end is None

    @property
    def is_done_sending(self) -> bool:
        if self.end is not None:
            return True
        is_settled = not self._unanswered and not len(self._settlements)
        return self._is_leaving and not self._is_leave_due and is_settled

    def question(self) -> Flow[None] | None:
        return None

    def opened(self, address: str) -> None:  # noqa: ARG002 - part of the protocol
        self._is_start_due = True
        self._opened = time.monotonic()

    def take(self) -> bytes | None:
        if self.end is not None:
            return None
        request = pb.ConsumeRequest()
        if self._is_start_due:
            self._is_start_due = False
            request.start.CopyFrom(self._start)
            request.credit_messages, request.credit_bytes = self._credit.restart()
            return request.SerializeToString()
        if self._is_leave_due:
            self._is_leave_due = False
            request.is_leaving = True
        for settlement, sent in self._settlements.take(_MAX_SETTLEMENTS):
            request.settlements.append(settlement)
            self._unanswered.append(sent)
            self._credit.expect(sent.count)
        if not self._is_leaving:
            request.credit_messages, request.credit_bytes = self._credit.take()
        # An empty request would say nothing.
        return request.SerializeToString() or None

    def receive(self, data: bytes) -> Error | None:
        try:
            encoded, rest = split_messages(data)
            response = pb.ConsumeResponse.FromString(rest)
        except (ValueError, DecodeError):
            return Error("INTERNAL", "the broker sent a response that is not well-formed")
        if len(response.results) > len(self._unanswered):
            return Error("INTERNAL", "the broker sent a result of what nobody has settled")
        for result in response.results:
            sent = self._unanswered.popleft()
            self._credit.confirm(sent.count)
            sent.answer(result)
            self._backoff.succeed()
        if encoded and not self._is_leaving:
            try:
                self._push(encoded, response)
            except Error as error:
                return error
        return self._meet(response)

    def lost(self, error: Error, address: str) -> float | None:
        self.is_active = False
        self._is_start_due = True
        self._void("went with the connection", error)
        if self._is_leaving:
            self._conclude(Left())
        elif self._coming_end is not None:
            self._conclude(self._coming_end)
        if self.end is not None:
            return None
        # A call that was good for a while is no failure in a row.
        if time.monotonic() - self._opened > self._connection.options.max_backoff_ms / 1000:
            self._backoff.succeed()
        delay = self._connection.retry_delay(self._backoff, error, address, self.operation)
        if delay is None:
            self._conclude(Failed(error))
            return None
        self._tell(Disconnected(error))
        return delay

    def fail(self, error: Error) -> None:
        self._conclude(Left() if error.reason == "CLIENT_CLOSED" else Failed(error))

    # How it does that.

    def _push(self, encoded: list[bytes], response: pb.ConsumeResponse) -> None:
        self._backoff.succeed()
        # A lease that runs out meanwhile is noticed later than by the broker, never earlier.
        expires = math.inf if self.lease_ms is None else time.monotonic() + self.lease_ms / 1000
        messages = make_messages(self._start.topic, encoded)
        deliveries = make_deliveries(
            messages, list(response.leases), self._settler, self._lease_count, expires
        )
        self._lease_count += len(response.leases)
        for delivery in deliveries:
            lease = delivery._lease
            lease.held_count += 1
            lease.held_bytes += size_in_response(delivery.message)
            self._held[lease.sequence] = lease
        self._queue.extend(deliveries)

    def _meet(self, response: pb.ConsumeResponse) -> Error | None:
        match response.WhichOneof("event"):
            case "started":
                self.is_active = response.started.is_active
                self.lease_ms = response.started.lease_ms
                self._tell(ConsumptionStarted(self.is_active, self.lease_ms))
            case "sought":
                self._queue.clear()
                for lease in self._lose("was fenced off by a seek"):
                    self._credit.give_back(lease.held_count, lease.held_bytes)
                self._tell(Sought(response.sought.timestamp_ns))
            case "drained":
                self._coming_end = Drained(response.drained.reason)
            case "deleted":
                self._coming_end = SubscriptionDeleted(response.deleted.is_topic_deleted)
            case "end":
                return self._meet_end(response.end)
        return None

    def _meet_end(self, end: broker_pb2.End) -> Error | None:
        if end.reason == broker_pb2.END_REASON_ERROR:
            if end.HasField("error"):
                return from_wire(end.error)
            return Error("INTERNAL", f"the broker ended {self.operation} with an error")
        by_reason: dict[int, ConsumptionEnd] = {
            broker_pb2.END_REASON_DRAINED: Drained(""),
            broker_pb2.END_REASON_DELETED: SubscriptionDeleted(is_topic_deleted=False),
        }
        self._conclude(self._coming_end or by_reason.get(end.reason, Left()))
        return None

    def _released(self, delivery: Delivery[Any], size: int) -> None:
        lease = delivery._lease
        lease.held_count -= 1
        lease.held_bytes -= size
        if lease.held_count == 0:
            self._held.pop(lease.sequence, None)
        if not lease.is_expired:
            self._credit.give_back(1, size)

    def _lose(self, how: str) -> list[Lease]:
        lost = list(self._held.values())
        for lease in lost:
            lease.lost = how
        self._held.clear()
        return lost

    def _void(self, how: str, cause: Error) -> None:
        """What was delivered by a call that is over."""
        self._queue.clear()
        self._lose(how)
        self._settlements.clear(Error("CONFLICT", f"the lease {how}"))
        # Of these nobody knows what came.
        while self._unanswered:
            self._unanswered.popleft().abandon(cause)

    def _conclude(self, end: ConsumptionEnd) -> None:
        if self.end is not None:
            return
        cause = end.error if isinstance(end, Failed) else None
        self._void(_ENDED, cause or Error("UNREACHABLE", f"{self.operation} is over"))
        self.is_active = False
        self._tell(end)
        self.end = end

    def _tell(self, event: ConsumptionEvent) -> None:
        if self._on_event is not None:
            call_back(self._on_event, event)
