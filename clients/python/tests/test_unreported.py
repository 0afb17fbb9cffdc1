"""Messages that were refused, and whose futures nobody has kept: both clients tell of them, against a fake broker."""

import asyncio
import gc
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from fake_broker import FakeBroker, serve

import playhead
from playhead import aio
from playhead.v1 import broker_pb2, error_pb2

REFUSED = "MESSAGE_TOO_LARGE"


def refusing(requests: Iterator[Any], _: grpc.ServicerContext) -> Iterator[Any]:
    """Stores all but what begins with `bad`."""
    stamp = 0
    for request in requests:
        if any(message.value.startswith(b"bad") for message in request.messages):
            error = error_pb2.Error(
                reason=error_pb2.ERROR_REASON_MESSAGE_TOO_LARGE, message="too large"
            )
            result = broker_pb2.PublishResult(error=error)
        else:
            first, stamp = stamp + 1, stamp + len(request.messages)
            ack = broker_pb2.PublishAck(first_timestamp_ns=first, last_timestamp_ns=stamp)
            result = broker_pb2.PublishResult(ack=ack)
        yield broker_pb2.PublishStreamResponse(results=[result])


@pytest.fixture
def address() -> Iterator[str]:
    broker = FakeBroker()
    broker.publish_stream = refusing
    with serve(broker) as port:
        yield f"localhost:{port}"


# Goes alone, so that its neighbours are stored.
BAD = b"bad" + b"x" * 70_000


def settle(publisher: playhead.Publisher) -> None:
    """Waits, without a flush, until what was handed over is settled."""
    publisher.publish("last").result(10)


def reason_of(caught: "pytest.ExceptionInfo[playhead.Error]") -> str:
    return caught.value.reason


def test_a_flush_tells_of_a_message_that_was_refused_before_and_only_once(address: str) -> None:
    with playhead.connect(address) as client:
        publisher = client.publisher("t")
        publisher.publish("a")
        publisher.publish(BAD)
        settle(publisher)
        with pytest.raises(playhead.Error) as caught:
            publisher.flush()
        publisher.flush()
    assert reason_of(caught) == REFUSED


@pytest.mark.parametrize("of_client", [False, True])
def test_close_tells_of_a_message_that_was_refused_before(address: str, *, of_client: bool) -> None:
    client = playhead.connect(address)
    publisher = client.publisher("t")
    publisher.publish(BAD)
    settle(publisher)
    with pytest.raises(playhead.Error) as caught:
        (client if of_client else publisher).close()
    client.close()
    assert reason_of(caught) == REFUSED


def test_what_somebody_was_told_is_not_told_again(address: str) -> None:
    with playhead.connect(address) as client:
        publisher = client.publisher("t")
        refused = publisher.publish(BAD)
        with pytest.raises(playhead.Error):
            refused.result(10)
        with pytest.raises(playhead.Error):
            publisher.publish_batch([BAD])
        with pytest.raises(playhead.Error):
            publisher.publish_all([BAD, BAD, BAD])
        with pytest.raises(playhead.Error):
            publisher.publish(BAD, expected_last_timestamp_ns=0).result(10)
        publisher.flush()


def test_an_expecting_publish_that_nobody_looks_at_is_told(address: str) -> None:
    with playhead.connect(address) as client:
        publisher = client.publisher("t")
        publisher.publish(BAD, expected_last_timestamp_ns=0)
        settle(publisher)
        with pytest.raises(playhead.Error):
            publisher.flush()


def test_what_a_source_that_fails_has_handed_over_is_told_by_a_flush(address: str) -> None:
    def source() -> Iterator[bytes]:
        yield from [BAD] * 256
        raise OSError("the source has failed")

    with playhead.connect(address) as client:
        publisher = client.publisher("t")
        with pytest.raises(OSError, match="source"):
            publisher.publish_all(source())
        settle(publisher)
        with pytest.raises(playhead.Error) as caught:
            publisher.flush()
    assert "the first of 256 requests" in caught.value.message


def test_what_comes_before_what_is_no_message_is_published(address: str) -> None:
    messages: list[Any] = ["a", None]
    with playhead.connect(address) as client:
        publisher = client.publisher("t")
        with pytest.raises(TypeError):
            publisher.publish_all(messages)
        publisher.flush()
        assert publisher.buffered_bytes == 0


async def test_a_flush_tells_of_a_message_that_was_refused_before_with_asyncio(
    address: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with aio.connect(address) as client:
        publisher = client.publisher("t")
        publisher.publish("a")
        publisher.publish(BAD)
        await publisher.publish("last")
        with pytest.raises(playhead.Error) as caught:
            await publisher.flush()
        await publisher.flush()
        gc.collect()
    assert reason_of(caught) == REFUSED
    # Not a second time as an exception that was never retrieved.
    assert caplog.records == []


@pytest.mark.parametrize("of_client", [False, True])
async def test_close_tells_of_a_message_that_was_refused_before_with_asyncio(
    address: str, *, of_client: bool
) -> None:
    client = aio.connect(address)
    publisher = client.publisher("t")
    publisher.publish(BAD)
    await publisher.publish("last")
    with pytest.raises(playhead.Error) as caught:
        await (client if of_client else publisher).close()
    await client.close()
    assert reason_of(caught) == REFUSED


async def test_what_somebody_was_told_is_not_told_again_with_asyncio(address: str) -> None:
    async with aio.connect(address) as client:
        publisher = client.publisher("t")
        with pytest.raises(playhead.Error):
            await publisher.publish(BAD)
        gathered = await asyncio.gather(publisher.publish(BAD), return_exceptions=True)
        assert isinstance(gathered[0], playhead.Error)
        await asyncio.wait([publisher.publish(BAD)])
        with pytest.raises(playhead.Error):
            await publisher.publish_batch([BAD])
        with pytest.raises(playhead.Error):
            await publisher.publish_all([BAD, BAD, BAD])
        with pytest.raises(playhead.Error):
            await publisher.publish(BAD, expected_last_timestamp_ns=0)
        await publisher.flush()


async def test_a_publish_beyond_the_memory_that_nobody_awaits_is_told_by_a_flush(
    address: str,
) -> None:
    async with aio.connect(address) as client:
        publisher = client.publisher("t", max_buffered_bytes=100)
        publisher.publish("x" * 200)
        publisher.publish("y")
        with pytest.raises(playhead.Error) as caught:
            await publisher.flush()
        await publisher.flush()
    assert reason_of(caught) == "PUBLISHER_FULL"


async def test_a_flush_that_is_given_up_leaves_the_error_to_the_next_one(address: str) -> None:
    async with aio.connect(address) as client:
        publisher = client.publisher("t")
        publisher.publish(BAD)
        flush = asyncio.ensure_future(publisher.flush())
        await asyncio.sleep(0)
        flush.cancel()
        with pytest.raises(playhead.Error):
            await publisher.flush()
