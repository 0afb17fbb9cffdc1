"""The client of threads against a real broker, if there is one that is built. The conformance cases do more."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import playhead
from playhead import aio

MAIN = Path(__file__).parents[3] / "dist" / "cli" / "main.js"

pytestmark = pytest.mark.skipif(
    not MAIN.exists() or shutil.which("node") is None, reason="no broker is built: npm run build"
)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    command = ["node", str(MAIN), "serve", "--memory", "--http-address", "off"]
    process = subprocess.Popen(
        [*command, "--grpc-address", "127.0.0.1:0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if line.startswith("{") and "grpcAddress" in (told := json.loads(line)):
                yield told["grpcAddress"]
                break
    finally:
        process.terminate()
        process.stdout.close()
        process.wait()


@pytest.fixture
def client(address: str) -> Iterator[playhead.Client]:
    with playhead.connect(address) as client:
        yield client


def test_a_channel_that_many_threads_write_is_read_as_it_was_written(
    client: playhead.Client,
) -> None:
    channel = client.channel("many")
    with ThreadPoolExecutor(4) as pool:
        written = list(pool.map(lambda n: channel.publish(str(n)).result(), range(200)))
    channel.close(messages=["last"])
    with channel.subscribe() as reader:
        read = [message.timestamp_ns for message in reader]
    assert read[:-1] == sorted(written)
    assert reader.is_verified


def test_publish_all_stops_at_the_first_error(client: playhead.Client) -> None:
    client.topics.create("small", playhead.TopicConfig(max_message_bytes=100))
    publisher = client.publisher("small")
    assert publisher.publish_all("x" for _ in range(1000)) == 1000
    with pytest.raises(playhead.Error) as caught:
        publisher.publish_all(["x" * 200])
    assert caught.value.reason == "MESSAGE_TOO_LARGE"


def test_a_worker_settles_from_other_threads_until_the_topic_is_drained(
    client: playhead.Client,
) -> None:
    jobs = client.subscription("jobs", "workers")
    jobs.create(start="earliest", create_topic=True)
    client.publisher("jobs").publish_all(str(n) for n in range(500))
    client.topics.close("jobs", reason="done")
    with jobs.consume(max_in_flight=50) as consumption, ThreadPoolExecutor(4) as pool:
        settled = [pool.submit(delivery.ack) for delivery in consumption]
    assert len(settled) == 500
    assert all(each.result().exception() is None for each in settled)
    assert consumption.ended == playhead.Drained("done")


def test_a_wait_for_a_delivery_ends_in_time(client: playhead.Client) -> None:
    idle = client.subscription("idle", "worker")
    idle.create(create_topic=True)
    with idle.consume() as consumption:
        consumption.started()
        assert consumption.next(timeout_ms=20) is None


def test_leases_that_run_out_give_their_credit_back(client: playhead.Client) -> None:
    slow = client.subscription("slow", "worker")
    config = playhead.SubscriptionConfig(lease_ms=100, max_attempts=1000)
    slow.create(config, start="earliest", create_topic=True)
    client.publisher("slow").publish_batch(["a", "b", "c"])
    with slow.consume(max_in_flight=1) as consumption:
        attempts = [consumption.next(timeout_ms=5000) for _ in range(4)]
    assert all(attempts)


def test_what_was_pulled_is_settled_without_a_stream(client: playhead.Client) -> None:
    pulled = client.subscription("pulled", "worker")
    pulled.create(start="earliest", create_topic=True)
    client.publisher("pulled").publish_batch(["a", "b", "c"])
    deliveries = pulled.pull(3, wait_ms=1000)
    assert pulled.ack_all(deliveries[:2]).result() is None
    deliveries[2].nack(delay_ms=0).result()
    assert [each.attempt for each in pulled.pull(3, wait_ms=1000)] == [2]
    with pytest.raises(playhead.Error) as caught:
        deliveries[0].ack().result()
    assert caught.value.reason == "CONFLICT"


def test_a_channel_with_a_refused_message_is_not_closed_as_complete(
    client: playhead.Client,
) -> None:
    channel = client.channel("refused")
    channel.publish("a")
    channel.publish(b"x" * 2_000_000)
    channel.publish("c").result()
    with pytest.raises(playhead.Error) as caught:
        channel.close()
    assert caught.value.reason == "MESSAGE_TOO_LARGE"
    assert channel.info().closed is None
    assert channel.close().message_count == 2


async def test_a_channel_with_a_refused_message_is_not_closed_as_complete_with_asyncio(
    address: str,
) -> None:
    async with aio.connect(address) as client:
        channel = client.channel("refused-with-asyncio")
        channel.publish("a")
        channel.publish(b"x" * 2_000_000)
        await channel.publish("c")
        with pytest.raises(playhead.Error) as caught:
            await channel.close()
        assert caught.value.reason == "MESSAGE_TOO_LARGE"
        assert (await channel.info()).closed is None
        assert (await channel.close()).message_count == 2


def test_what_is_published_to_a_channel_after_it_was_deleted_begins_another_one(
    address: str,
) -> None:
    with playhead.connect(address) as client:
        channel = client.channel("again")
        channel.publish("before").result()
        client.delete_channel("again")
        for _ in range(50):
            channel.publish("x" * 50_000)
    with playhead.connect(address) as client:
        assert client.channel("again").info().message_count == 50


async def test_what_is_published_to_a_channel_after_it_was_deleted_begins_another_one_with_asyncio(
    address: str,
) -> None:
    async with aio.connect(address) as client:
        channel = client.channel("again-with-asyncio")
        await channel.publish("before")
        await client.delete_channel("again-with-asyncio")
        for _ in range(50):
            channel.publish("x" * 50_000)
        await channel.close()
        assert (await channel.info()).message_count == 50
