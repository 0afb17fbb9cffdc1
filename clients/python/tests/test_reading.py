"""What a subscription has handed out, in both clients, against a fake broker."""

import hashlib
import threading
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from fake_broker import FakeBroker, serve

import playhead
from playhead import aio
from playhead.v1 import broker_pb2, message_pb2

COUNT = 20
VALUES = [str(n).encode() for n in range(1, 2 * COUNT + 1)]


def messages(first: int) -> broker_pb2.SubscribeResponse:
    """COUNT messages that come together, with their number as timestamp and value."""
    return broker_pb2.SubscribeResponse(
        messages=[
            message_pb2.Message(timestamp_ns=n, value=VALUES[n - 1])
            for n in range(first, first + COUNT)
        ]
    )


def md5(values: list[bytes]) -> str:
    return hashlib.md5(b"".join(values), usedforsecurity=False).hexdigest()


def two_batches(_: Any, __: grpc.ServicerContext) -> Iterator[Any]:
    yield broker_pb2.SubscribeResponse(started=broker_pb2.Started(from_timestamp_ns=1))
    yield messages(1)
    yield messages(COUNT + 1)
    closed = broker_pb2.Closed(
        topic="chan/c", message_count=2 * COUNT, checksum=bytes.fromhex(md5(VALUES))
    )
    yield broker_pb2.SubscribeResponse(closed=closed)
    yield broker_pb2.SubscribeResponse(end=broker_pb2.End(reason=broker_pb2.END_REASON_CLOSED))


@pytest.fixture
def address() -> Iterator[str]:
    broker = FakeBroker()
    broker.subscribe = two_batches
    with serve(broker) as port:
        yield f"localhost:{port}"


class Gate:
    """A broker that sends its messages once it is opened."""

    def __init__(self) -> None:
        self.is_open = threading.Event()

    def subscribe(self, request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
        self.is_open.wait(10)
        yield from two_batches(request, context)


@pytest.fixture
def gate() -> Iterator[tuple[Gate, str]]:
    gate = Gate()
    broker = FakeBroker()
    broker.subscribe = gate.subscribe
    with serve(broker) as port:
        yield gate, f"localhost:{port}"
        gate.is_open.set()


def check(subscription: Any, count: int) -> None:
    """So many messages were handed out, and no more."""
    assert subscription.message_count == count
    assert subscription.last_timestamp_ns == count
    assert subscription.checksum == md5(VALUES[:count])


@pytest.mark.parametrize("kind", ["messages", "events", "next"])
def test_what_is_counted_are_the_messages_that_were_handed_out(address: str, kind: str) -> None:
    with playhead.connect(address) as client, client.channel("c").subscribe() as subscription:
        if kind == "next":
            reader: Iterator[Any] = iter(subscription.next, None)
        else:
            reader = iter(subscription) if kind == "messages" else subscription.events()
        assert (subscription.message_count, subscription.last_timestamp_ns) == (0, None)
        for count in range(1, 2 * COUNT + 1):
            next(reader)
            check(subscription, count)
        rest = list(reader)
        assert len(rest) == (1 if kind == "events" else 0)
        check(subscription, 2 * COUNT)
        assert subscription.is_verified


def test_a_batch_counts_as_a_whole(address: str) -> None:
    with playhead.connect(address) as client, client.channel("c").subscribe() as subscription:
        batches = subscription.batches()
        batch = next(batches)
        check(subscription, COUNT)
        # What becomes of the list does not change what it held.
        batch.clear()
        check(subscription, COUNT)
        assert len(next(batches)) == COUNT
        assert list(batches) == []
        assert subscription.is_verified


def test_what_is_left_of_a_batch_when_a_loop_is_left_does_not_count(address: str) -> None:
    with playhead.connect(address) as client:
        subscription = client.channel("c").subscribe()
        for message in subscription:
            if message.timestamp_ns == COUNT + 3:
                break
        check(subscription, COUNT + 3)
        assert subscription.is_closed
        assert subscription.next() is None
        check(subscription, COUNT + 3)


@pytest.mark.parametrize("kind", ["messages", "events"])
async def test_what_is_counted_are_the_messages_that_were_handed_out_with_asyncio(
    address: str, kind: str
) -> None:
    async with aio.connect(address) as client:
        subscription = client.channel("c").subscribe()
        reader: Any = aiter(subscription) if kind == "messages" else subscription.events()
        assert (subscription.message_count, subscription.last_timestamp_ns) == (0, None)
        for count in range(1, 2 * COUNT + 1):
            await anext(reader)
            check(subscription, count)
        rest = [each async for each in reader]
        assert len(rest) == (0 if kind == "messages" else 1)
        check(subscription, 2 * COUNT)
        assert subscription.is_verified


async def test_what_was_closed_meanwhile_does_not_count_with_asyncio(address: str) -> None:
    async with aio.connect(address) as client:
        subscription = client.channel("c").subscribe()
        reader = aiter(subscription)
        await anext(reader)
        await subscription.close()
        assert [each async for each in reader] == []
        check(subscription, 1)


def test_a_wait_for_a_message_ends_in_time_and_is_taken_up_again(gate: tuple[Gate, str]) -> None:
    broker, address = gate
    with playhead.connect(address) as client, client.channel("c").subscribe() as subscription:
        assert subscription.next(timeout_ms=0) is None
        assert subscription.next(timeout_ms=20) is None
        assert not subscription.is_closed
        broker.is_open.set()
        first = subscription.next(timeout_ms=10_000)
        assert first is not None
        assert first.timestamp_ns == 1
        # What a wait has left under way is the loop's.
        assert [each.timestamp_ns for each in subscription] == list(range(2, 2 * COUNT + 1))
        assert subscription.is_verified
        assert subscription.is_closed


def test_a_wait_for_a_message_ends_with_close(gate: tuple[Gate, str]) -> None:
    _, address = gate
    with playhead.connect(address) as client:
        subscription = client.channel("c").subscribe()
        threading.Timer(0.05, subscription.close).start()
        assert subscription.next(timeout_ms=60_000) is None
        assert subscription.is_closed


def test_a_wait_for_a_message_raises_what_the_subscription_ended_with() -> None:
    broker = FakeBroker()

    def deleted(_: Any, __: grpc.ServicerContext) -> Iterator[Any]:
        yield broker_pb2.SubscribeResponse(started=broker_pb2.Started(from_timestamp_ns=1))
        yield broker_pb2.SubscribeResponse(deleted=broker_pb2.Deleted(topic="t"))

    broker.subscribe = deleted
    with serve(broker) as port, playhead.connect(f"localhost:{port}") as client:
        subscription = client.subscribe("t")
        with pytest.raises(playhead.Error) as caught:
            subscription.next(timeout_ms=10_000)
        assert caught.value.reason == "TOPIC_DELETED"
        assert subscription.is_closed


def test_a_subscription_that_gives_up_raises_that_from_a_timed_wait() -> None:
    with playhead.connect("localhost:1", give_up_after_ms=0) as client:
        subscription = client.subscribe("t")
        with pytest.raises(playhead.Error) as caught:
            subscription.next(timeout_ms=10_000)
    assert caught.value.reason == "UNREACHABLE"


def test_a_subscription_is_read_in_one_way(address: str) -> None:
    with playhead.connect(address) as client, client.subscribe("t") as subscription:
        subscription.events()
        with pytest.raises(ValueError, match="is read already"):
            subscription.next()
    with playhead.connect(address) as client, client.subscribe("t") as subscription:
        subscription.next()
        iter(subscription)
        with pytest.raises(ValueError, match="is read already"):
            iter(subscription)
