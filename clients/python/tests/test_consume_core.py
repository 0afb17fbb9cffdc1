"""What a worker decides."""

from concurrent.futures import Future
from typing import Any

import pytest
from support import connection

from playhead import (
    ConsumptionEvent,
    ConsumptionStarted,
    Disconnected,
    Drained,
    Error,
    Left,
    Sought,
)
from playhead._consume_core import ConsumeCore
from playhead._settlement import Action
from playhead.delivery import Delivery
from playhead.v1 import broker_pb2, error_pb2, message_pb2
from playhead.v1 import subscription_pb2 as pb

LOST = Error("UNREACHABLE", "the connection is lost")


class Worker:
    """A core, and what it has told."""

    def __init__(self, max_in_flight: int = 10) -> None:
        self.events: list[ConsumptionEvent] = []
        self.core: ConsumeCore[Future[None]] = ConsumeCore(
            connection(),
            pb.ConsumeStart(topic="orders", subscription="billing"),
            max_in_flight=max_in_flight,
            max_bytes=1000,
            new_future=Future,
            settler=self,
            on_event=self.events.append,
        )
        self.core.opened("a:1")
        self.start = self.take()
        self.receive(started=pb.ConsumeStarted(is_active=True, lease_ms=30_000))

    def settle(self, deliveries: list[Delivery[Any]], action: Action, /) -> "Future[None]":
        return self.core.settle(deliveries, action)

    def take(self) -> pb.ConsumeRequest:
        data = self.core.take()
        assert data is not None
        return pb.ConsumeRequest.FromString(data)

    def receive(self, **fields: Any) -> Error | None:
        return self.core.receive(pb.ConsumeResponse(**fields).SerializeToString())

    def deliver(self, *counts: int) -> "list[Delivery[Future[None]]]":
        """Delivers so many messages under each of several leases."""
        messages = [message_pb2.Message(timestamp_ns=n + 1, value=b"v") for n in range(sum(counts))]
        leases = [
            pb.Lease(receipt=100 + i, message_count=count, attempt=1)
            for i, count in enumerate(counts)
        ]
        assert self.receive(messages=messages, leases=leases) is None
        taken = [self.core.take_delivery() for _ in range(sum(counts))]
        return [each for each in taken if each is not None]


def test_it_starts_with_all_of_its_credit() -> None:
    worker = Worker()
    assert worker.start.start.subscription == "billing"
    assert (worker.start.credit_messages, worker.start.credit_bytes) == (10, 1000)
    assert worker.events == [ConsumptionStarted(is_active=True, lease_ms=30_000)]


def test_consecutive_acknowledgements_travel_as_one_range_and_credit_goes_back() -> None:
    worker = Worker()
    deliveries = worker.deliver(3, 2)
    futures = [each.ack() for each in reversed(deliveries)]
    request = worker.take()
    ranges = [
        (each.receipt, each.first_timestamp_ns, each.last_timestamp_ns)
        for each in request.settlements
    ]
    assert ranges == [(100, 1, 3), (101, 4, 5)]
    assert request.credit_messages == 5
    assert worker.core.take() is None
    conflict = error_pb2.Error(reason=error_pb2.ERROR_REASON_CONFLICT)
    worker.receive(results=[pb.SettlementResult(), pb.SettlementResult(error=conflict)])
    assert [future.exception(0) is None for future in futures] == [False, False, True, True, True]


def test_different_fates_travel_apart() -> None:
    worker = Worker()
    a, b, c, d = worker.deliver(4)
    a.nack(delay_ms=5)
    b.nack()
    c.terminate("broken")
    d.extend(lease_ms=9)
    settlements = worker.take().settlements
    kinds = [each.WhichOneof("action") for each in settlements]
    assert kinds == ["extend", "nack", "nack", "terminate"]
    assert settlements[1].nack.delay_ms == 5
    assert not settlements[2].nack.HasField("delay_ms")


def test_an_extension_moves_the_deadline_and_keeps_the_delivery() -> None:
    worker = Worker()
    (delivery,) = worker.deliver(1)
    extended = delivery.extend(lease_ms=60_000)
    worker.take()
    worker.receive(results=[pb.SettlementResult(deadline_timestamp_ns=77)])
    assert extended.result(0) is None
    assert (delivery.deadline_ns, delivery.is_settled) == (77, False)


def test_what_is_settled_twice_is_a_conflict() -> None:
    worker = Worker()
    (delivery,) = worker.deliver(1)
    delivery.ack()
    with pytest.raises(Error) as caught:
        delivery.ack().result(0)
    assert caught.value.reason == "CONFLICT"
    assert caught.value.metadata == {"receipt": "100"}


def test_a_lost_connection_voids_what_was_delivered() -> None:
    worker = Worker()
    first, second, third = worker.deliver(3)
    under_way = first.ack()
    worker.take()
    not_sent = second.ack()
    assert worker.core.lost(LOST, "a:1") == 0
    assert under_way.exception(0) is LOST
    assert getattr(not_sent.exception(0), "reason", "") == "CONFLICT"
    assert third.is_lost
    assert getattr(third.ack().exception(0), "reason", "") == "CONFLICT"
    assert worker.events[-1] == Disconnected(LOST)
    worker.core.opened("b:1")
    assert worker.take().credit_messages == 10


def test_a_seek_voids_what_was_delivered_and_gives_credit_back() -> None:
    worker = Worker()
    worker.deliver(2)
    worker.receive(sought=pb.Sought(timestamp_ns=9))
    assert worker.events[-1] == Sought(9)
    assert worker.take().credit_messages == 2


def test_a_drained_topic_is_the_end() -> None:
    worker = Worker()
    worker.receive(drained=pb.Drained(reason="done"))
    worker.receive(end=broker_pb2.End(reason=broker_pb2.END_REASON_DRAINED))
    assert worker.core.end == Drained("done")
    assert worker.core.is_over


def test_a_worker_that_leaves_gives_back_what_nobody_has_seen() -> None:
    worker = Worker()
    messages = [message_pb2.Message(timestamp_ns=n) for n in (1, 2)]
    worker.receive(messages=messages, leases=[pb.Lease(receipt=5, message_count=2)])
    worker.core.leave()
    request = worker.take()
    assert request.is_leaving
    assert request.settlements[0].nack.is_unseen
    assert request.credit_messages == 0
    assert not worker.core.is_done_sending
    worker.receive(results=[pb.SettlementResult()])
    assert worker.core.is_done_sending
    worker.receive(end=broker_pb2.End(reason=broker_pb2.END_REASON_LEFT))
    assert worker.core.end == Left()


def test_leases_that_do_not_fit_their_messages_are_a_fault_of_the_broker() -> None:
    worker = Worker()
    error = worker.receive(leases=[pb.Lease(message_count=2)], messages=[message_pb2.Message()])
    assert error is not None
    assert error.reason == "INTERNAL"


def test_an_observer_that_fails_is_logged_and_the_worker_goes_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    worker = Worker()

    def fail(_: ConsumptionEvent) -> None:
        raise RuntimeError("the observer has failed")

    worker.core._on_event = fail
    assert worker.receive(sought=pb.Sought(timestamp_ns=1)) is None
    assert len(worker.deliver(1)) == 1
    assert "the observer has failed" in caplog.text
