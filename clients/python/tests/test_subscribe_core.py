"""What a subscription decides."""

import pytest
from support import connection

from playhead import CaughtUp, Deleted, Error
from playhead._subscribe_core import SubscribeCore
from playhead.position import Until
from playhead.v1 import broker_pb2, error_pb2, message_pb2

LOST = Error("UNREACHABLE", "the connection is lost")


def core(until: Until | None = None, limit: int | None = None) -> SubscribeCore:
    return SubscribeCore(connection(), "orders", "earliest", until, limit)


def request(subscription: SubscribeCore) -> broker_pb2.SubscribeRequest:
    return broker_pb2.SubscribeRequest.FromString(subscription.request())


def receive(subscription: SubscribeCore, response: broker_pb2.SubscribeResponse) -> list[object]:
    return list(subscription.receive(response.SerializeToString(), "a:1"))


def started(until_ns: int = 0) -> broker_pb2.SubscribeResponse:
    return broker_pb2.SubscribeResponse(
        started=broker_pb2.Started(
            from_timestamp_ns=5, until_timestamp_ns=until_ns, topic_created_timestamp_ns=3
        )
    )


def messages(*timestamps: int) -> broker_pb2.SubscribeResponse:
    return broker_pb2.SubscribeResponse(
        messages=[message_pb2.Message(timestamp_ns=each, value=b"v") for each in timestamps]
    )


def test_it_goes_on_behind_the_last_message_on_the_same_topic() -> None:
    subscription = core(until="now", limit=10)
    first = request(subscription)
    assert (first.until_now, first.max_messages) == (True, 10)
    receive(subscription, started(until_ns=100))
    receive(subscription, messages(7, 9))
    assert subscription.lost(LOST, "a:1") == 0
    again = request(subscription)
    assert getattr(again, "from").timestamp_ns == 10
    assert (again.until_now, again.until_timestamp_ns, again.max_messages) == (False, 100, 8)
    assert again.topic_created_timestamp_ns == 3


def test_it_goes_on_where_it_has_caught_up() -> None:
    subscription = core()
    receive(subscription, started())
    caught_up = broker_pb2.SubscribeResponse(caught_up=broker_pb2.CaughtUp(next_timestamp_ns=50))
    assert receive(subscription, caught_up) == [CaughtUp(50)]
    assert getattr(request(subscription), "from").timestamp_ns == 50


def test_a_topic_that_comes_later_is_held_to_from_then_on() -> None:
    subscription = core()
    receive(subscription, broker_pb2.SubscribeResponse(started=broker_pb2.Started()))
    receive(subscription, started())
    assert request(subscription).topic_created_timestamp_ns == 3


def test_a_connection_that_is_lost_behind_the_limit_is_the_end() -> None:
    subscription = core(limit=1)
    receive(subscription, started())
    receive(subscription, messages(7))
    subscription.lost(LOST, "a:1")
    assert (subscription.is_ended, subscription.error) == (True, None)


def test_a_refusal_for_good_is_the_end() -> None:
    subscription = core()
    refused = Error("TOPIC_NOT_FOUND", "no")
    subscription.lost(refused, "a:1")
    assert subscription.error is refused


def test_an_end_with_an_error_that_is_retryable_is_none() -> None:
    subscription = core()
    end = broker_pb2.End(
        reason=broker_pb2.END_REASON_ERROR,
        error=error_pb2.Error(reason=error_pb2.ERROR_REASON_SHUTTING_DOWN),
    )
    with pytest.raises(Error) as caught:
        receive(subscription, broker_pb2.SubscribeResponse(end=end))
    subscription.lost(caught.value, "a:1")
    assert not subscription.is_ended


def test_a_deleted_topic_is_told_and_then_the_end() -> None:
    subscription = core()
    deleted = broker_pb2.SubscribeResponse(deleted=broker_pb2.Deleted(topic="orders"))
    assert receive(subscription, deleted) == [Deleted("orders")]
    end = broker_pb2.End(reason=broker_pb2.END_REASON_DELETED)
    receive(subscription, broker_pb2.SubscribeResponse(end=end))
    assert (subscription.is_ended, subscription.error) == (True, None)


def test_what_is_malformed_is_the_end() -> None:
    subscription = core()
    with pytest.raises(Error) as caught:
        subscription.receive(b"\x0a\xff", "a:1")
    assert caught.value.reason == "INTERNAL"
