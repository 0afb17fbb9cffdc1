"""Publishing, with threads."""

from __future__ import annotations

import concurrent.futures
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from itertools import islice
from types import TracebackType

from playhead._batch import Batch, check_messages
from playhead._closing import close_behind
from playhead._publish_core import (
    DEFAULT_BATCH_BYTES,
    DEFAULT_BUFFERED_BYTES,
    DEFAULT_IN_FLIGHT,
    PublishCore,
)
from playhead._publish_future import PublishFuture
from playhead._publish_request import PublishAck, PublishRequest, check_all
from playhead._runner import END_TIMEOUT_S, StreamRunner
from playhead._sync_connection import Connection
from playhead.message import Publishable
from playhead.v1 import broker_pb2

_CHUNK = 256
"""Messages that publish_all hands over at a time."""


class Publisher:
    """Publishes to one topic, in the order of the calls. May be used by many threads.

    What is handed over while a request is under way goes out together; messages that went out in one request are stored
    or refused together. After a lost connection it sends again what was not acknowledged, for two minutes unless told
    otherwise; nothing is stored twice.
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
        self._core: PublishCore[PublishFuture] = PublishCore(
            connection,
            topic,
            name,
            max_batch_bytes=max_batch_bytes,
            max_in_flight=max_in_flight,
            max_buffered_bytes=max_buffered_bytes,
            new_future=PublishFuture,
            on_stored=on_stored,
        )
        self._runner = StreamRunner(connection, self._core, f"publisher of {topic}")
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

    def publish(
        self, message: Publishable, *, expected_last_timestamp_ns: int | None = None
    ) -> Future[int]:
        """Hands a message over. The future has its timestamp once it is stored.

        Waits while `max_buffered_bytes` are not acknowledged. With `expected_last_timestamp_ns` the message goes alone,
        and is refused with CONFLICT unless that is the timestamp of the topic's last message; 0 stands for a topic
        without one.

        The future may be dropped: the next `flush` or `close` raises an error that nobody has looked at. A callback of
        it runs in the publisher's thread, which waits for its end: it must not wait for another publish.
        """
        runner = self._runner
        with runner.lock:
            if expected_last_timestamp_ns is not None:
                request = self._hand_over([message], expected_last_timestamp_ns)
                expecting = PublishFuture()
                request.wait_for_last(expecting)
                return expecting
            if self._core.is_full:
                self._wait_for_room()
            self._core.check_accepting()
            future = self._core.add(message)
            if runner.is_begun:
                runner.wake()
            else:
                runner.start()
        return future

    def publish_batch(
        self, messages: Iterable[Publishable], *, expected_last_timestamp_ns: int | None = None
    ) -> PublishAck:
        """Publishes messages in one request and waits: all of them are stored, with consecutive timestamps, or none.

        REQUEST_TOO_LARGE if they are more than the broker takes at once.
        """
        check_messages(messages)
        return self.request(list(messages), expected_last_timestamp_ns).acknowledged()

    def publish_all(self, source: Iterable[Publishable]) -> int:
        """Publishes as fast as the broker takes it, without a future for each message, and waits.

        Returns the number of messages. Stops at the first error, waits for what is under way, and raises that error.
        """
        core, runner = self._core, self._runner
        check_messages(source)
        requests: list[PublishRequest] = []
        count = 0
        iterator = iter(source)
        is_over = False
        while not is_over:
            # The source may wait for something: the lock is not held meanwhile.
            chunk = list(islice(iterator, _CHUNK))
            is_over = len(chunk) < _CHUNK
            with runner.lock:
                self._wait_for_room()
                core.check_accepting()
                try:
                    for message in chunk:
                        request = core.add_quietly(message)
                        if not requests or requests[-1] is not request:
                            requests.append(request)
                finally:
                    # What was handed over goes out, also if what follows is no message.
                    runner.start()
                    runner.wake()
                count += len(chunk)
            requests = _without_stored(requests)
            is_over = is_over or any(request.failure is not None for request in requests)
        self._await(requests, None)
        check_all(requests)
        return count

    def flush(self) -> None:
        """Waits for all that was handed over so far.

        Raises the first error of that, and of what failed before without anybody looking at its future; once.
        """
        with self._runner.lock:
            requests = self._core.outstanding()
            self._runner.wake()
        self._await(requests, None)
        self._check_failures(requests)

    def close(self, *, timeout_ms: float | None = None) -> None:
        """Flushes, raising as `flush` does, then ends. Further publishes are refused with CLIENT_CLOSED.

        Waits no longer than `timeout_ms`, by default until what was handed over is stored or has failed. What is not
        acknowledged by then fails with CLIENT_CLOSED, and may be stored.
        """
        runner = self._runner
        with runner.lock:
            self._core.refuse()
            requests = self._core.outstanding()
            runner.wake()
        is_in_time = True
        try:
            is_in_time = self._await(requests, timeout_ms)
            if not is_in_time:
                with runner.lock:
                    self._core.abandon(timeout_ms or 0)
            self._check_failures(requests)
        finally:
            with runner.lock:
                self._core.end()
                runner.wake()
            runner.join(END_TIMEOUT_S if is_in_time else 0)
            if self._on_closed is not None:
                self._on_closed(self)

    def __enter__(self) -> Publisher:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        close_behind(self, error)

    def request(
        self,
        messages: list[Publishable],
        expected_ns: int | None = None,
        close: broker_pb2.Close | None = None,
    ) -> PublishRequest:
        """Publishes messages, or a close, in one request, and waits until it is settled."""
        request = self._hand_over(messages, expected_ns, close)
        done: Future[PublishRequest] = Future()
        with self._runner.lock:
            request.wait_for_all(done)
        return done.result()

    def _hand_over(
        self,
        messages: list[Publishable],
        expected_ns: int | None = None,
        close: broker_pb2.Close | None = None,
    ) -> PublishRequest:
        with self._runner.lock:
            self._wait_for_room()
            self._core.check_accepting()
            request = self._core.add_request(messages, expected_ns, close)
            self._runner.start()
            self._runner.wake()
        return request

    def _wait_for_room(self) -> None:
        core = self._core
        self._runner.progress.wait_for(lambda: core.has_room or self._runner.is_stopped)

    def _await(self, requests: list[PublishRequest], timeout_ms: float | None) -> bool:
        """Waits until all of them are settled. False if they are not in time."""
        settled: list[Future[PublishRequest]] = []
        with self._runner.lock:
            for request in requests:
                future: Future[PublishRequest] = Future()
                request.wait_for_all(future)
                settled.append(future)
        timeout = None if timeout_ms is None else timeout_ms / 1000
        return not concurrent.futures.wait(settled, timeout).not_done

    def _check_failures(self, requests: list[PublishRequest]) -> None:
        with self._runner.lock:
            error = self._core.failures.take()
        if error is not None:
            raise error
        check_all(requests)


def _without_stored(requests: list[PublishRequest]) -> list[PublishRequest]:
    """What is still to be waited for, from the first that is not stored on."""
    for at, request in enumerate(requests):
        if request.ack is None:
            return requests[at:]
    return []
