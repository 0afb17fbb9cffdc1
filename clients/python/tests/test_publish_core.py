"""What a publisher decides."""

from typing import Any

import pytest
from support import connection

from playhead import Error
from playhead._publish_core import PublishCore
from playhead._publish_future import PublishFuture
from playhead.topic import ServerInfo
from playhead.v1 import broker_pb2, error_pb2

LOST = Error("UNREACHABLE", "the connection is lost")


def core(name: str | None = None, **limits: int) -> "PublishCore[PublishFuture]":
    options: dict[str, Any] = {
        "max_batch_bytes": 1000,
        "max_in_flight": 2,
        "max_buffered_bytes": 10_000,
    }
    made: PublishCore[PublishFuture] = PublishCore(
        connection(give_up_after_ms=0 if name == "impatient" else None),
        "orders",
        name,
        new_future=PublishFuture,
        **{**options, **limits},
    )
    made.opened("a:1")
    return made


def values(data: bytes | None) -> list[bytes]:
    assert data is not None
    return [each.value for each in broker_pb2.PublishStreamRequest.FromString(data).messages]


def sequence(data: bytes | None) -> int:
    assert data is not None
    return broker_pb2.PublishStreamRequest.FromString(data).sequence


def ack(first: int, count: int = 1) -> broker_pb2.PublishResult:
    return broker_pb2.PublishResult(
        ack=broker_pb2.PublishAck(first_timestamp_ns=first, last_timestamp_ns=first + count - 1)
    )


def refusal(reason: error_pb2.ErrorReason) -> broker_pb2.PublishResult:
    return broker_pb2.PublishResult(error=error_pb2.Error(reason=reason, message="no"))


def receive(
    publisher: "PublishCore[PublishFuture]", *results: broker_pb2.PublishResult
) -> Error | None:
    return publisher.receive(broker_pb2.PublishStreamResponse(results=results).SerializeToString())


def test_what_is_handed_over_while_a_request_is_under_way_goes_out_together() -> None:
    publisher = core()
    futures = [publisher.add("a")]
    assert values(publisher.take()) == [b"a"]
    futures += [publisher.add("b"), publisher.add("c")]
    assert publisher.take() is None
    assert receive(publisher, ack(10)) is None
    assert values(publisher.take()) == [b"b", b"c"]
    receive(publisher, ack(20, 2))
    assert [each.result(0) for each in futures] == [10, 20, 21]
    assert publisher.buffered_bytes == 0


def test_full_requests_go_out_while_others_are_under_way_up_to_a_number() -> None:
    publisher = core()
    for _ in range(4):
        publisher.add("x" * 990)
    assert [publisher.take() is not None for _ in range(3)] == [True, True, False]
    receive(publisher, ack(1))
    assert publisher.take() is not None


def test_sequences_count_messages_and_stay_when_requests_are_sent_again() -> None:
    publisher = core()
    publisher.add("x" * 990)
    publisher.add("y" * 990)
    first, second = publisher.take(), publisher.take()
    assert (sequence(first), sequence(second)) == (1, 2)
    assert publisher.lost(LOST, "a:1") == 0
    publisher.opened("b:1")
    assert (publisher.take(), sequence(publisher.take())) == (first, 2)


def test_a_retryable_refusal_keeps_the_order() -> None:
    publisher = core()
    publisher.add("x" * 990)
    publisher.add("y" * 990)
    publisher.take()
    publisher.take()
    error = receive(publisher, refusal(error_pb2.ERROR_REASON_DISK_FULL), ack(5))
    assert error is not None
    assert publisher.lost(error, "a:1") is not None
    publisher.opened("a:1")
    assert values(publisher.take()) == [b"x" * 990]


def test_a_refusal_for_good_fails_its_request_alone() -> None:
    publisher = core()
    refused, stored = publisher.add("x" * 990), publisher.add("y" * 990)
    publisher.take()
    publisher.take()
    assert receive(publisher, refusal(error_pb2.ERROR_REASON_CONFLICT), ack(7)) is None
    assert stored.result(0) == 7
    with pytest.raises(Error) as caught:
        refused.result(0)
    assert caught.value.reason == "CONFLICT"


def test_a_deleted_topic_fails_everything_that_was_meant_for_it() -> None:
    publisher = core()
    futures = [publisher.add("a")]
    publisher.take()
    futures.append(publisher.add("b"))
    receive(publisher, refusal(error_pb2.ERROR_REASON_TOPIC_DELETED))
    reasons = [getattr(each.exception(0), "reason", None) for each in futures]
    assert reasons == ["TOPIC_DELETED", "TOPIC_DELETED"]
    assert not publisher.wants_stream


def test_a_publisher_gives_up_in_time() -> None:
    publisher = core("impatient")
    future = publisher.add("a")
    assert publisher.lost(LOST, "a:1") == 0
    assert publisher.lost(LOST, "b:1") is None
    assert isinstance(future.exception(0), Error)


def test_a_named_producer_goes_on_behind_its_last_sequence() -> None:
    publisher = core("shop")
    publisher.add("a")
    assert publisher.take() is None
    question = publisher.question()
    assert question is not None
    assert next(question).path.endswith("/GetProducer")
    with pytest.raises(StopIteration):
        question.send(41)
    assert sequence(publisher.take()) == 42


def test_a_request_over_the_brokers_limit_is_refused_here() -> None:
    publisher = core(max_batch_bytes=4 * 1024 * 1024, max_buffered_bytes=64 * 1024 * 1024)
    request = publisher.add_request(["x" * 3_000_000])
    question = publisher.question()
    assert question is not None
    next(question)
    with pytest.raises(StopIteration):
        question.send(ServerInfo("0", "fsync", 1_000_000, 2_000_000, 0, None))
    assert publisher.take() is None
    assert request.failure is not None
    assert request.failure.error.reason == "REQUEST_TOO_LARGE"


def test_a_large_message_goes_alone() -> None:
    publisher = core(max_batch_bytes=1_000_000, max_buffered_bytes=2_000_000)
    publisher.add("a")
    publisher.add("x" * 70_000)
    publisher.add("b")
    assert [len(values(publisher.take())) for _ in range(2)] == [1, 1]


def test_a_publisher_is_bounded() -> None:
    publisher = core()
    while not publisher.is_full:
        publisher.add("x" * 500)
    with pytest.raises(Error) as caught:
        publisher.check_accepting()
    assert caught.value.reason == "PUBLISHER_FULL"
    assert caught.value.metadata["limit_bytes"] == "10000"


def test_a_future_that_was_cancelled_hinders_nobody() -> None:
    publisher = core()
    cancelled, other = publisher.add("a"), publisher.add("b")
    cancelled.cancel()
    publisher.take()
    receive(publisher, ack(3, 2))
    assert other.result(0) == 4
