"""Channels, with threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import suppress

from playhead import _requests as requests
from playhead._batch import check_messages
from playhead._channel_sum import ChannelSum
from playhead._checksum import EMPTY_CHECKSUM
from playhead._reading import CHANNEL_PREFIX
from playhead._sync_connection import Connection
from playhead.errors import Error
from playhead.events import Closed, closed_from_wire
from playhead.message import Publishable
from playhead.position import Position, Until
from playhead.publisher import Publisher
from playhead.subscription import Subscription
from playhead.topic import TopicInfo
from playhead.v1 import broker_pb2


class ChannelWriter:
    """Writes one channel: publishes, sums up what was stored, and closes. One for each name and client."""

    def __init__(
        self, connection: Connection, topic: str, on_closed: Callable[[ChannelWriter], None]
    ) -> None:
        self.sum = ChannelSum(topic)
        self.publisher = Publisher(connection, topic, on_stored=self.sum.add)
        self._connection = connection
        self._on_closed = on_closed
        self._lock = threading.Lock()
        self._closed: Closed | None = None
        self.is_deleted = False
        """Whether this client has deleted the channel: who publishes from then on begins another one."""

    @property
    def is_closed(self) -> bool:
        """Whether it was closed, and that did not fail."""
        return self._closed is not None

    def delete(self) -> None:
        """The channel is deleted. What was still under way was meant for it, and nobody asks what became of that."""
        self.is_deleted = True
        with suppress(Error):
            self.publisher.close(timeout_ms=0)

    def close(self, messages: list[Publishable], reason: str) -> Closed:
        """Closes the channel behind these messages. Once more: answers as the first time."""
        with self._lock:
            if self._closed is None:
                self.publisher.flush()
                self._closed = self._close_summed(messages, reason) or self._end(
                    messages, broker_pb2.Close(reason=reason)
                )
                try:
                    self.publisher.close()
                finally:
                    self._on_closed(self)
            return self._closed

    def _close_summed(self, messages: list[Publishable], reason: str) -> Closed | None:
        """Closes with the checksum; None, and nothing done, if others have written too."""
        if not self.sum.is_all(self._count_stored()):
            return None
        close = self.sum.close(messages, reason)
        try:
            # Whoever writes from here on is noticed by the broker.
            return self._end(messages, close, self.sum.last_timestamp_ns)
        except Error as error:
            self.sum.check_conflict(error)
            return None

    def _count_stored(self) -> int:
        try:
            return self._connection.request(requests.get_topic(self.publisher.topic)).message_count
        except Error as error:
            self.sum.check_missing(error)
            return 0

    def _end(
        self, messages: list[Publishable], close: broker_pb2.Close, expected_ns: int | None = None
    ) -> Closed:
        request = self.publisher.request(messages, expected_ns, close)
        request.acknowledged()
        if request.closed is None:
            topic = self.publisher.topic
            raise Error("INTERNAL", f"the broker did not say that {topic} is closed")
        return closed_from_wire(request.closed)


class Channel:
    """A list of messages that is made to be closed: the topic `chan/NAME`. Any number of readers get all of it."""

    def __init__(
        self,
        connection: Connection,
        name: str,
        writer: Callable[[], ChannelWriter],
        subscribe: Callable[..., Subscription],
    ) -> None:
        """For `Client.channel`."""
        self.name = name
        self.topic = f"{CHANNEL_PREFIX}{name}"
        self._connection = connection
        self._new_writer = writer
        self._subscribe = subscribe
        self._writer: ChannelWriter | None = None

    @property
    def checksum(self) -> str:
        """MD5 over the values that this client published and that are stored; 32 hexadecimal digits."""
        return EMPTY_CHECKSUM if self._writer is None else self._writer.sum.checksum

    def publish(
        self, message: Publishable, *, expected_last_timestamp_ns: int | None = None
    ) -> Future[int]:
        """As `Publisher.publish`. CHANNEL_CLOSED once the channel is closed."""
        return self._open_writer().publisher.publish(
            message, expected_last_timestamp_ns=expected_last_timestamp_ns
        )

    def publish_all(self, source: Iterable[Publishable]) -> int:
        """As `Publisher.publish_all`."""
        return self._open_writer().publisher.publish_all(source)

    def flush(self) -> None:
        """As `Publisher.flush`."""
        if self._writer is not None:
            self._writer.publisher.flush()

    def close(self, *, messages: Iterable[Publishable] = (), reason: str = "") -> Closed:
        """Waits for what was published, then closes the channel for all its writers, durably.

        If something was refused and nobody has looked at its future, it raises that error, as `flush` does, and the
        channel is not closed: call it again to close it without that message.
        `messages` are stored in the same step: no reader sees them without the end. `reason`, for readers, has at most
        1024 bytes. Closing again is no error and answers as the first time. The checksum goes along if this client was
        the only writer.
        """
        check_messages(messages)
        writer = self._writer = self._writer or self._new_writer()
        return writer.close(list(messages), reason)

    def subscribe(
        self, *, start: Position = "earliest", until: Until | None = None, limit: int | None = None
    ) -> Subscription:
        """Reads from the first message to the close marker, unless told otherwise."""
        return self._subscribe(self.topic, start=start, until=until, limit=limit)

    def info(self) -> TopicInfo:
        """The topic of the channel. TOPIC_NOT_FOUND if nobody has written to it."""
        return self._connection.request(requests.get_topic(self.topic))

    def _open_writer(self) -> ChannelWriter:
        writer = self._writer
        if writer is None or writer.is_deleted:
            writer = self._writer = self._new_writer()
        if writer.is_closed:
            metadata = {"topic": self.topic}
            raise Error("CHANNEL_CLOSED", f"channel {self.name} is closed", metadata)
        return writer
