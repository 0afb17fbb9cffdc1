"""The client of threads."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any

from playhead import _requests as requests
from playhead._closing import Closable, close_behind
from playhead._publish_core import (
    DEFAULT_BATCH_BYTES,
    DEFAULT_BUFFERED_BYTES,
    DEFAULT_IN_FLIGHT,
)
from playhead._reading import CHANNEL_PREFIX
from playhead._requests import Page
from playhead._sync_connection import Connection
from playhead.channel import Channel, ChannelWriter
from playhead.consumption import Consumption
from playhead.durable_subscription import DurableSubscription
from playhead.options import (
    DEFAULT_ADDRESS,
    ClientOptions,
    RetryEvent,
    Tls,
    parse_addresses,
)
from playhead.position import Position, Until
from playhead.publisher import Publisher
from playhead.subscription import Subscription
from playhead.topic import ServerInfo
from playhead.topics import Subscriptions, Topics


class Client:
    """A broker, or the first of several addresses that answers. Connects at the first use. For all threads."""

    def __init__(self, addresses: tuple[str, ...], options: ClientOptions) -> None:
        """For `connect`."""
        self._connection = Connection(addresses, options)
        self._lock = threading.Lock()
        self._open: set[Closable] = set()
        self._subscriptions: set[Subscription] = set()
        self._writers: dict[str, ChannelWriter] = {}
        self.topics = Topics(self._connection)
        self.subscriptions = Subscriptions(self._connection)

    @property
    def addresses(self) -> tuple[str, ...]:
        """The addresses that are tried."""
        return self._connection.addresses

    def channel(self, name: str) -> Channel:
        """The channel of this name: the topic `chan/NAME`. Nothing is requested."""
        topic = f"{CHANNEL_PREFIX}{name}"
        return Channel(self._connection, name, lambda: self._writer(topic), self.subscribe)

    def delete_channel(self, name: str) -> None:
        """Deletes a channel; its readers end with TOPIC_DELETED, and the name is free again."""
        topic = f"{CHANNEL_PREFIX}{name}"
        self.topics.delete(topic)
        with self._lock:
            writer = self._writers.pop(topic, None)
        if writer is not None:
            writer.delete()

    def publisher(
        self,
        topic: str,
        *,
        name: str | None = None,
        max_batch_bytes: int = DEFAULT_BATCH_BYTES,
        max_in_flight: int = DEFAULT_IN_FLIGHT,
        max_buffered_bytes: int = DEFAULT_BUFFERED_BYTES,
    ) -> Publisher:
        """Publishes to a topic.

        With a name, 1 to 255 bytes and for one program at a time, it goes on behind the last message that was stored
        under it, also after a restart. A request is sent when it has `max_batch_bytes`; `max_in_flight` requests are
        under way; `max_buffered_bytes` are kept in memory until they are acknowledged.
        """
        self._connection.check_open()
        publisher = Publisher(
            self._connection,
            topic,
            name,
            max_batch_bytes=max_batch_bytes,
            max_in_flight=max_in_flight,
            max_buffered_bytes=max_buffered_bytes,
            on_closed=self._forget,
        )
        self._keep(publisher)
        return publisher

    def subscribe(
        self,
        topic: str,
        *,
        start: Position = "latest",
        until: Until | None = None,
        limit: int | None = None,
    ) -> Subscription:
        """Begins to read a topic, or the topics of a glob: `*` stands for one token, `**` for any number.

        It ends before `until` and after `limit` messages; without them it follows.
        """
        self._connection.check_open()
        subscription = Subscription(
            self._connection, topic, start, until, limit, self._forget_subscription
        )
        with self._lock:
            self._subscriptions.add(subscription)
        return subscription

    def read(
        self,
        topic: str,
        *,
        start: Position = "earliest",
        until: Until = "now",
        limit: int | None = None,
        max_bytes: int | None = None,
    ) -> Page:
        """Reads what is there now, at most 1000 messages and 1 MiB unless told otherwise. It never waits.

        TOPIC_NOT_FOUND if there is no such topic.
        """
        return self._connection.run(requests.read(topic, start, until, limit, max_bytes))

    def subscription(self, topic: str, name: str) -> DurableSubscription:
        """The durable subscription of this name, whether it exists or not: nothing is requested."""
        return DurableSubscription(self._connection, topic, name, self._consume)

    def server_info(self) -> ServerInfo:
        """What the broker says of itself."""
        return self._connection.request(requests.get_server_info())

    def close(self, *, timeout_ms: float | None = None) -> None:
        """Flushes all publishers, sends what workers have settled, ends all subscriptions, disconnects.

        Waits no longer than `timeout_ms`, by default until what was handed over is stored or has failed; what is not
        acknowledged by then fails with CLIENT_CLOSED, and may be stored. Raises, when all is closed, the first error of
        what was still to be flushed, or had failed without anybody looking.
        """
        with self._lock:
            subscriptions = list(self._subscriptions)
            opened: list[Closable] = list(self._open)
            opened += [writer.publisher for writer in self._writers.values()]
            self._writers.clear()
        for subscription in subscriptions:
            subscription.close()
        deadline = math.inf if timeout_ms is None else time.monotonic() + timeout_ms / 1000
        errors: list[Exception] = []
        for each in opened:
            left_ms = max(deadline - time.monotonic(), 0) * 1000
            try:
                each.close(timeout_ms=None if timeout_ms is None else left_ms)
            except Exception as error:  # noqa: BLE001 - the others are to be closed, too
                errors.append(error)
        self._connection.close()
        if errors:
            raise errors[0]

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        close_behind(self, error)

    def _keep(self, opened: Closable) -> None:
        with self._lock:
            self._open.add(opened)

    def _forget(self, closed: Closable) -> None:
        with self._lock:
            self._open.discard(closed)

    def _forget_subscription(self, closed: Subscription) -> None:
        with self._lock:
            self._subscriptions.discard(closed)

    def _consume(self, subscription: DurableSubscription, options: dict[str, Any]) -> Consumption:
        self._connection.check_open()
        consumption = Consumption(
            self._connection,
            subscription.topic,
            subscription.name,
            on_closed=self._forget,
            **options,
        )
        self._keep(consumption)
        return consumption

    def _writer(self, topic: str) -> ChannelWriter:
        """The one writer of a channel, so that all Channel objects of one name publish and sum up together."""
        self._connection.check_open()
        with self._lock:
            writer = self._writers.get(topic)
            if writer is None:
                writer = self._writers[topic] = ChannelWriter(
                    self._connection, topic, self._forget_writer
                )
            return writer

    def _forget_writer(self, closed: ChannelWriter) -> None:
        with self._lock:
            topic = closed.publisher.topic
            if self._writers.get(topic) is closed:
                del self._writers[topic]


def connect(
    address: str | Sequence[str] = DEFAULT_ADDRESS,
    *,
    tls: Tls | bool = False,
    request_timeout_ms: float = 30_000,
    initial_backoff_ms: float = 50,
    max_backoff_ms: float = 2000,
    give_up_after_ms: float | None = None,
    on_retry: Callable[[RetryEvent], None] | None = None,
) -> Client:
    """A client of the broker at `address`, to be closed, for instance by `with`.

    Several addresses, as a list or separated by commas, are tried in turn while one is away. `tls=True` trusts the
    roots of the system. A single request takes at most `request_timeout_ms`, its retries included. A broker that is
    away is tried after pauses that double from `initial_backoff_ms` to `max_backoff_ms`; `give_up_after_ms` after its
    first failure in a row an operation fails: by default a publisher after two minutes, a subscription never.
    `on_retry` is told of every try that failed and will be repeated; what it raises is logged.
    """
    options = ClientOptions(
        tls=(Tls() if tls else None) if isinstance(tls, bool) else tls,
        request_timeout_ms=request_timeout_ms,
        initial_backoff_ms=initial_backoff_ms,
        max_backoff_ms=max_backoff_ms,
        give_up_after_ms=give_up_after_ms,
        on_retry=on_retry,
    )
    return Client(parse_addresses(address), options)
