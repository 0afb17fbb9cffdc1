"""Publishing, with asyncio."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Callable, Iterable
from types import TracebackType

from playhead._batch import Batch, check_messages
from playhead._closing import AFTER_ERROR_MS, log_failure
from playhead._publish_core import (
    DEFAULT_BATCH_BYTES,
    DEFAULT_BUFFERED_BYTES,
    DEFAULT_IN_FLIGHT,
    PublishCore,
)
from playhead._publish_request import PublishAck, PublishRequest, check_all
from playhead.aio._connection import Connection
from playhead.aio._publish_future import PublishFuture
from playhead.aio._runner import END_TIMEOUT_S, StreamRunner
from playhead.errors import Error
from playhead.message import Publishable
from playhead.v1 import broker_pb2


class Publisher:
    """Publishes to one topic, in the order of the calls.

    What is handed over in one go, or while a request is under way, goes out together; messages that went out in one
    request are stored or refused together. After a lost connection it sends again what was not acknowledged, for two
    minutes unless told otherwise; nothing is stored twice.
    """

    def __init__(
        self,
        connection: Connection,
        topic: str,
        name: str | None = None,
        *,
        max_batch_bytes: int = DEFAULT_BATCH_BYTES,
        max_in_flight: int = DEFAULT_IN_FLIGHT,
        max_buffered_bytes: int = DEFAULT_BUFFERED_BYTES,
        on_stored: Callable[[Batch, int], None] | None = None,
        on_closed: Callable[[Publisher], None] | None = None,
    ) -> None:
        """For `Client.publisher`."""
        self._loop = asyncio.get_running_loop()
        self._core: PublishCore[PublishFuture] = PublishCore(
            connection,
            topic,
            name,
            max_batch_bytes=max_batch_bytes,
            max_in_flight=max_in_flight,
            max_buffered_bytes=max_buffered_bytes,
            new_future=self._new_future,
            on_stored=on_stored,
        )
        self._runner = StreamRunner(connection, self._core)
        self._on_closed = on_closed

    @property
    def topic(self) -> str:
        """Name of the topic."""
        return self._core.topic

    @property
    def name(self) -> str:
        """Name of the producer, given or random."""
        return self._core.name

    @property
    def buffered_bytes(self) -> int:
        """Bytes handed over and not acknowledged yet; a message whose future is kept counts 200 more."""
        return self._core.buffered_bytes

    @property
    def has_room(self) -> bool:
        """Whether it is useful to publish more now. False some MiB before `max_buffered_bytes`."""
        return self._core.has_room

    def publish(
        self, message: Publishable, *, expected_last_timestamp_ns: int | None = None
    ) -> asyncio.Future[int]:
        """Hands a message over. The future, which may be awaited or kept, has its timestamp once it is stored.

        It fails with PUBLISHER_FULL, and nothing is sent, while `max_buffered_bytes` are not acknowledged. With
        `expected_last_timestamp_ns` the message goes alone, and is refused with CONFLICT unless that is the timestamp
        of the topic's last message; 0 stands for a topic without one.

        The future may be dropped: the next `flush` or `close` raises an error that nobody has looked at.
        """
        core = self._core
        try:
            core.check_accepting()
            if expected_last_timestamp_ns is not None:
                request = core.add_request([message], expected_last_timestamp_ns)
                future = self._new_future()
                request.wait_for_last(future)
            else:
                future = core.add(message)
        except Error as error:
            return self._refuse(error)
        self._send()
        return future

    async def publish_batch(
        self, messages: Iterable[Publishable], *, expected_last_timestamp_ns: int | None = None
    ) -> PublishAck:
        """Publishes messages in one request: all of them are stored, with consecutive timestamps, or none.

        REQUEST_TOO_LARGE if they are more than the broker takes at once.
        """
        check_messages(messages)
        settled = await self.request(list(messages), expected_last_timestamp_ns)
        return settled.acknowledged()

    async def publish_all(self, source: Iterable[Publishable] | AsyncIterable[Publishable]) -> int:
        """Publishes as fast as the broker takes it, without a future for each message.

        Returns the number of messages. Stops at the first error, waits for what is under way, and raises that error.
        """
        check_messages(source)
        requests: list[PublishRequest] = []
        count = 0
        if isinstance(source, AsyncIterable):
            async for message in source:
                count += 1
                if not await self._add_quietly(message, requests):
                    break
        else:
            for message in source:
                count += 1
                if not await self._add_quietly(message, requests):
                    break
        await self._await(requests)
        check_all(requests)
        return count

    async def ready(self) -> None:
        """Waits until it is useful to publish more."""
        while not (self._core.has_room or self._runner.is_stopped):
            await self._runner.progress()

    async def flush(self) -> None:
        """Waits for all that was handed over so far.

        Raises the first error of that, and of what failed before without anybody looking at its future; once.
        """
        requests = self._core.outstanding()
        self._runner.wake()
        await self._await(requests)
        self._check_failures(requests)

    async def close(self, *, timeout_ms: float | None = None) -> None:
        """Flushes, raising as `flush` does, then ends. Further publishes are refused with CLIENT_CLOSED.

        Waits no longer than `timeout_ms`, by default until what was handed over is stored or has failed. What is not
        acknowledged by then fails with CLIENT_CLOSED, and may be stored.
        """
        self._core.refuse()
        requests = self._core.outstanding()
        self._runner.wake()
        is_in_time = True
        try:
            is_in_time = await self._await(requests, timeout_ms)
            if not is_in_time:
                self._core.abandon(timeout_ms or 0)
            self._check_failures(requests)
        finally:
            self._core.end()
            self._runner.wake()
            await self._runner.join(END_TIMEOUT_S if is_in_time else 0)
            if self._on_closed is not None:
                self._on_closed(self)

    async def __aenter__(self) -> Publisher:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is None:
            await self.close()
            return
        try:
            await self.close(timeout_ms=AFTER_ERROR_MS)
        except Error as failure:
            log_failure(failure)

    async def request(
        self,
        messages: list[Publishable],
        expected_ns: int | None = None,
        close: broker_pb2.Close | None = None,
    ) -> PublishRequest:
        """Publishes messages, or a close, in one request, and waits until it is settled."""
        self._core.check_accepting()
        request = self._core.add_request(messages, expected_ns, close)
        self._send()
        done: asyncio.Future[PublishRequest] = self._loop.create_future()
        request.wait_for_all(done)
        return await done

    def _send(self) -> None:
        self._runner.start()
        self._runner.wake()

    async def _add_quietly(self, message: Publishable, requests: list[PublishRequest]) -> bool:
        """Hands a message over; false if one of the requests before has failed."""
        core = self._core
        if not core.has_room:
            await self.ready()
            while requests and requests[0].ack is not None:
                del requests[0]
            if any(request.failure is not None for request in requests):
                return False
        core.check_accepting()
        request = core.add_quietly(message)
        if not requests or requests[-1] is not request:
            requests.append(request)
            self._send()
            # A source that never waits is not to keep everybody else from their turn.
            await asyncio.sleep(0)
        return True

    async def _await(self, requests: list[PublishRequest], timeout_ms: float | None = None) -> bool:
        """Waits until all of them are settled. False if they are not in time."""
        settled: list[asyncio.Future[PublishRequest]] = []
        for request in requests:
            future: asyncio.Future[PublishRequest] = self._loop.create_future()
            request.wait_for_all(future)
            settled.append(future)
        if not settled:
            return True
        seconds = None if timeout_ms is None else timeout_ms / 1000
        _, pending = await asyncio.wait(settled, timeout=seconds)
        return not pending

    def _check_failures(self, requests: list[PublishRequest]) -> None:
        error = self._core.failures.take()
        if error is not None:
            raise error
        check_all(requests)

    def _new_future(self) -> PublishFuture:
        return PublishFuture(loop=self._loop)

    def _refuse(self, error: Error) -> PublishFuture:
        future = self._new_future()
        if error.reason == "CLIENT_CLOSED":
            # No flush comes that could tell. asyncio does, if nobody looks at it.
            future.set_exception(error)
        else:
            future.fail(self._core.failures.add(error))
        return future
