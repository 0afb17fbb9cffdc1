"""Both clients against a server of the test's."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
import trustme
from fake_broker import FakeBroker, serve

import playhead
from playhead import aio
from playhead.v1 import broker_pb2, broker_pb2_grpc, message_pb2

# Nothing listens there.
AWAY = "localhost:1"


def started() -> broker_pb2.SubscribeResponse:
    return broker_pb2.SubscribeResponse(started=broker_pb2.Started(from_timestamp_ns=1))


def two_calls(request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
    """A first call that is lost behind one message, and a second one that brings the other."""
    yield started()
    at = getattr(request, "from").timestamp_ns or 1
    yield broker_pb2.SubscribeResponse(messages=[message_pb2.Message(timestamp_ns=at, value=b"m")])
    if at == 1:
        context.abort(grpc.StatusCode.UNAVAILABLE, "cut")
    yield broker_pb2.SubscribeResponse(end=broker_pb2.End(reason=broker_pb2.END_REASON_LIMIT))


def silent(_: Any, context: grpc.ServicerContext) -> Iterator[Any]:
    """A call that brings nothing until it is cancelled."""
    over = threading.Event()
    context.add_callback(over.set)
    yield started()
    over.wait(10)


def never_acknowledged(requests: Iterator[Any], _: grpc.ServicerContext) -> Iterator[Any]:
    for _request in requests:
        yield broker_pb2.PublishStreamResponse()


def test_addresses_are_tried_in_turn() -> None:
    told: list[playhead.RetryEvent] = []
    with (
        serve(FakeBroker("second")) as port,
        playhead.connect([AWAY, f"localhost:{port}"], on_retry=told.append) as client,
    ):
        assert client.server_info().version == "second"
    assert [(each.error.reason, each.attempt, each.delay_ms) for each in told] == [
        ("UNREACHABLE", 1, 0)
    ]


async def test_addresses_are_tried_in_turn_with_asyncio() -> None:
    with serve(FakeBroker("second")) as port:
        async with aio.connect([AWAY, f"localhost:{port}"]) as client:
            assert (await client.server_info()).version == "second"


def failing(_: object) -> None:
    raise RuntimeError("the callback has failed")


def test_a_callback_that_fails_is_logged_and_nothing_ends_of_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    broker = FakeBroker()
    broker.subscribe = two_calls
    with (
        serve(broker) as port,
        playhead.connect([AWAY, f"localhost:{port}"], on_retry=failing) as client,
    ):
        assert client.server_info().version == "fake"
        found = [each.timestamp_ns for each in client.subscribe("t", start="earliest", limit=2)]
    assert found == [1, 2]
    assert {record.name for record in caplog.records} == {"playhead"}
    assert "the callback has failed" in caplog.text


async def test_a_callback_that_fails_is_logged_with_asyncio(
    caplog: pytest.LogCaptureFixture,
) -> None:
    broker = FakeBroker()
    broker.subscribe = two_calls
    with serve(broker) as port:
        async with aio.connect([AWAY, f"localhost:{port}"], on_retry=failing) as client:
            subscription = client.subscribe("t", start="earliest", limit=2)
            assert [each.timestamp_ns async for each in subscription] == [1, 2]
    assert "the callback has failed" in caplog.text


def test_a_request_gives_up() -> None:
    with (
        playhead.connect(AWAY, give_up_after_ms=0) as client,
        pytest.raises(playhead.Error) as caught,
    ):
        client.server_info()
    assert caught.value.reason == "UNREACHABLE"


def test_a_subscription_goes_on_after_a_lost_call() -> None:
    broker = FakeBroker()
    broker.subscribe = two_calls
    with serve(broker) as port, playhead.connect(f"localhost:{port}") as client:
        found = [each.timestamp_ns for each in client.subscribe("t", start="earliest", limit=2)]
    assert found == [1, 2]
    assert [each.max_messages for each in broker.calls] == [2, 1]


async def test_a_subscription_goes_on_after_a_lost_call_with_asyncio() -> None:
    broker = FakeBroker()
    broker.subscribe = two_calls
    with serve(broker) as port:
        async with aio.connect(f"localhost:{port}") as client:
            subscription = client.subscribe("t", start="earliest", limit=2)
            assert [each.timestamp_ns async for each in subscription] == [1, 2]


def test_closing_ends_whoever_reads() -> None:
    broker = FakeBroker()
    broker.subscribe = silent
    with serve(broker) as port, playhead.connect(f"localhost:{port}") as client:
        subscription = client.subscribe("t")
        subscription.started()
        threading.Timer(0.05, client.close).start()
        assert list(subscription) == []
        with pytest.raises(playhead.Error) as caught:
            client.subscribe("t")
    assert caught.value.reason == "CLIENT_CLOSED"


async def test_closing_ends_whoever_reads_with_asyncio() -> None:
    broker = FakeBroker()
    broker.subscribe = silent
    with serve(broker) as port:
        async with aio.connect(f"localhost:{port}") as client:
            subscription = client.subscribe("t")
            await subscription.started()
            asyncio.get_running_loop().call_later(
                0.05, lambda: asyncio.ensure_future(client.close())
            )
            assert [each async for each in subscription] == []


async def test_a_wait_for_a_message_can_be_cancelled_and_taken_up_again() -> None:
    broker = FakeBroker()
    published = threading.Event()

    def late(_: Any, __: grpc.ServicerContext) -> Iterator[Any]:
        yield started()
        published.wait(10)
        yield broker_pb2.SubscribeResponse(messages=[message_pb2.Message(timestamp_ns=5)])

    broker.subscribe = late
    with serve(broker) as port:
        async with aio.connect(f"localhost:{port}") as client:
            messages = aiter(client.subscribe("t"))
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(anext(messages), 0.05)
            published.set()
            assert (await anext(messages)).timestamp_ns == 5
    assert len(broker.calls) == 1


async def test_a_publish_beyond_the_memory_is_refused_with_asyncio() -> None:
    broker = FakeBroker()
    broker.publish_stream = never_acknowledged
    with serve(broker) as port:
        async with aio.connect(f"localhost:{port}", give_up_after_ms=0) as client:
            publisher = client.publisher("t", max_buffered_bytes=100)
            waiting = publisher.publish("x" * 200)
            with pytest.raises(playhead.Error) as caught:
                await publisher.publish("y")
            assert caught.value.reason == "PUBLISHER_FULL"
            with pytest.raises(playhead.Error):
                await publisher.close(timeout_ms=0)
            assert isinstance(waiting.exception(), playhead.Error)


def test_a_program_may_speak_the_protocol_itself_with_generated_stubs() -> None:
    with serve(FakeBroker()) as port, grpc.insecure_channel(f"localhost:{port}") as channel:
        stub = broker_pb2_grpc.BrokerServiceStub(channel)
        assert stub.GetServerInfo(broker_pb2.GetServerInfoRequest()).version == "fake"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def server_credentials(authority: trustme.CA, *, asks: bool) -> grpc.ServerCredentials:
    certificate = authority.issue_cert("localhost")
    pair = (
        certificate.private_key_pem.bytes(),
        b"".join(each.bytes() for each in certificate.cert_chain_pems),
    )
    roots = authority.cert_pem.bytes() if asks else None
    return grpc.ssl_server_credentials([pair], roots, require_client_auth=asks)


def test_tls_with_a_certificate_on_both_sides(authority: trustme.CA, tmp_path: Path) -> None:
    own = authority.issue_cert("client")
    paths = {name: tmp_path / name for name in ("ca", "certificate", "key")}
    authority.cert_pem.write_to_path(str(paths["ca"]))
    own.cert_chain_pems[0].write_to_path(str(paths["certificate"]))
    own.private_key_pem.write_to_path(str(paths["key"]))
    tls = playhead.Tls(
        ca_file=paths["ca"], certificate_file=paths["certificate"], key_file=paths["key"]
    )
    with (
        serve(FakeBroker(), server_credentials(authority, asks=True)) as port,
        playhead.connect(f"localhost:{port}", tls=tls) as client,
    ):
        assert client.server_info().version == "fake"


def test_a_broker_that_the_system_does_not_know_is_not_trusted(authority: trustme.CA) -> None:
    with (
        serve(FakeBroker(), server_credentials(authority, asks=False)) as port,
        playhead.connect(f"localhost:{port}", tls=True, give_up_after_ms=0) as client,
        pytest.raises(playhead.Error) as caught,
    ):
        client.server_info()
    assert caught.value.reason == "UNREACHABLE"
