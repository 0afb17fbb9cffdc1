"""How fast both clients publish and read, against a broker that runs already.

`python bench/throughput.py [address]`; messages of 100 bytes.
"""

from __future__ import annotations

import asyncio
import sys
import time

import playhead
import playhead.aio

COUNT = 400_000
VALUE = b"x" * 100


def report(what: str, count: int, begun: float) -> None:
    """Prints a rate."""
    print(f"{what:42} {count / (time.perf_counter() - begun):>10,.0f} messages/s")


def with_threads(address: str) -> None:
    """The client of threads."""
    with playhead.connect(address) as client:
        topic = f"bench/threads-{time.time_ns()}"
        publisher = client.publisher(topic)
        begun = time.perf_counter()
        publisher.publish_all(VALUE for _ in range(COUNT))
        report("threads: publish_all", COUNT, begun)
        begun = time.perf_counter()
        futures = [publisher.publish(VALUE) for _ in range(COUNT)]
        futures[-1].result()
        report("threads: publish, a future for each", COUNT, begun)
        begun = time.perf_counter()
        with client.subscribe(topic, start="earliest", until="now") as subscription:
            size = sum(len(message.value) for message in subscription)
        report("threads: read, each value looked at", size // len(VALUE), begun)


async def with_asyncio(address: str) -> None:
    """The client of asyncio."""
    async with playhead.aio.connect(address) as client:
        topic = f"bench/asyncio-{time.time_ns()}"
        publisher = client.publisher(topic)
        begun = time.perf_counter()
        await publisher.publish_all(VALUE for _ in range(COUNT))
        report("asyncio: publish_all", COUNT, begun)
        begun = time.perf_counter()
        futures: list[asyncio.Future[int]] = []
        for _ in range(COUNT):
            if not publisher.has_room:
                await publisher.ready()
            futures.append(publisher.publish(VALUE))
        await publisher.flush()
        report("asyncio: publish, a future for each", COUNT, begun)
        begun = time.perf_counter()
        size = 0
        async with client.subscribe(topic, start="earliest", until="now") as subscription:
            async for message in subscription:
                size += len(message.value)
        report("asyncio: read, each value looked at", size // len(VALUE), begun)


if __name__ == "__main__":
    broker = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:17777"
    with_threads(broker)
    asyncio.run(with_asyncio(broker))
