"""How long closing takes while no broker answers, for both clients."""

import time
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from fake_broker import FakeBroker, serve

import playhead
import playhead._closing
import playhead.aio.client
import playhead.aio.publisher
from playhead import aio
from playhead.v1 import broker_pb2

# Nothing listens there: a publisher would try for two minutes.
AWAY = "localhost:1"
SOON_S = 10


def never_acknowledged(requests: Iterator[Any], _: grpc.ServicerContext) -> Iterator[Any]:
    for _request in requests:
        yield broker_pb2.PublishStreamResponse()


@pytest.fixture(params=["away", "silent"])
def address(request: pytest.FixtureRequest) -> Iterator[str]:
    broker = FakeBroker()
    broker.publish_stream = never_acknowledged
    if request.param == "away":
        yield AWAY
        return
    with serve(broker) as port:
        yield f"localhost:{port}"


@pytest.fixture
def after_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A block that an exception leaves waits no 5 seconds here."""
    for module in (playhead._closing, playhead.aio.client, playhead.aio.publisher):
        monkeypatch.setattr(module, "AFTER_ERROR_MS", 50)


@pytest.mark.parametrize("of_client", [False, True])
def test_close_waits_no_longer_than_it_is_told(address: str, *, of_client: bool) -> None:
    client = playhead.connect(address)
    publisher = client.publisher("t")
    future = publisher.publish("a")
    begun = time.monotonic()
    with pytest.raises(playhead.Error) as caught:
        (client if of_client else publisher).close(timeout_ms=50)
    client.close()
    assert time.monotonic() - begun < SOON_S
    assert caught.value.reason == "CLIENT_CLOSED"
    assert "1 messages" in caught.value.message
    assert future.exception(0) is caught.value


@pytest.mark.parametrize("of_client", [False, True])
async def test_close_waits_no_longer_than_it_is_told_with_asyncio(
    address: str, *, of_client: bool
) -> None:
    client = aio.connect(address)
    publisher = client.publisher("t")
    future = publisher.publish("a")
    begun = time.monotonic()
    with pytest.raises(playhead.Error) as caught:
        await (client if of_client else publisher).close(timeout_ms=50)
    await client.close()
    assert time.monotonic() - begun < SOON_S
    assert caught.value.reason == "CLIENT_CLOSED"
    assert future.exception() is caught.value


def test_several_publishers_are_closed_within_one_time() -> None:
    client = playhead.connect(AWAY)
    futures = [client.publisher(f"t{n}").publish("a") for n in range(20)]
    begun = time.monotonic()
    with pytest.raises(playhead.Error):
        client.close(timeout_ms=1000)
    assert time.monotonic() - begun < SOON_S
    assert all(isinstance(each.exception(0), playhead.Error) for each in futures)


def test_a_publisher_that_still_asks_for_its_sequence_is_closed_in_time() -> None:
    client = playhead.connect(AWAY)
    publisher = client.publisher("t", name="shop")
    publisher.publish("a")
    begun = time.monotonic()
    with pytest.raises(playhead.Error) as caught:
        publisher.close(timeout_ms=50)
    client.close()
    assert time.monotonic() - begun < SOON_S
    assert caught.value.reason == "CLIENT_CLOSED"


def leave_block(address: str) -> None:
    with playhead.connect(address) as client:
        client.channel("c").publish("a")
        raise KeyError("the block")


@pytest.mark.usefixtures("after_error")
def test_a_block_that_an_exception_leaves_is_closed_soon_and_logs_what_is_lost(
    address: str, caplog: pytest.LogCaptureFixture
) -> None:
    begun = time.monotonic()
    with pytest.raises(KeyError) as caught:
        leave_block(address)
    assert caught.value.__context__ is None
    assert time.monotonic() - begun < SOON_S
    (record,) = caplog.records
    assert (record.name, record.levelname) == ("playhead", "WARNING")
    assert "the publisher of chan/c was closed within" in record.getMessage()


async def leave_block_with_asyncio(address: str) -> None:
    async with aio.connect(address) as client:
        client.channel("c").publish("a")
        raise KeyError("the block")


@pytest.mark.usefixtures("after_error")
async def test_a_block_that_an_exception_leaves_is_closed_soon_with_asyncio(
    address: str, caplog: pytest.LogCaptureFixture
) -> None:
    begun = time.monotonic()
    with pytest.raises(KeyError):
        await leave_block_with_asyncio(address)
    assert time.monotonic() - begun < SOON_S
    assert [record.name for record in caplog.records] == ["playhead"]


def test_a_consumption_is_closed_within_its_time() -> None:
    client = playhead.connect(AWAY)
    consumption = client.subscription("t", "worker").consume()
    begun = time.monotonic()
    consumption.close(timeout_ms=10)
    assert time.monotonic() - begun < SOON_S
    assert consumption.ended == playhead.Left()
    client.close()
