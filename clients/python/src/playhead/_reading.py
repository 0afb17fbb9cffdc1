"""What is handed out of a subscription, and what that sums up to."""

from __future__ import annotations

from playhead._connection import ConnectionState
from playhead._handed_out import HandedOut
from playhead._subscribe_core import Item, SubscribeCore
from playhead.errors import Error, closed_error, deleted_error
from playhead.events import Closed, Deleted, SubscriptionStart
from playhead.position import Position, Until

CHANNEL_PREFIX = "chan/"


class Reading:
    """What subscriptions of threads and of asyncio have in common. Read once, in one of three ways."""

    def __init__(
        self,
        connection: ConnectionState,
        topic: str,
        start: Position,
        until: Until | None,
        limit: int | None,
    ) -> None:
        self.topic = topic
        self._core = SubscribeCore(connection, topic, start, until, limit)
        self._is_glob = "*" in topic
        # Whether it begins where the topic does.
        self._is_whole = not self._is_glob and start in ("earliest", 0)
        is_summed = self._is_whole and topic.startswith(CHANNEL_PREFIX)
        self._handed_out = HandedOut(is_summed=is_summed)
        self._is_taken = False
        self._closed: Closed | None = None

    @property
    def closed(self) -> Closed | None:
        """The close marker, once it has been reached. Not for a glob."""
        return self._closed

    @property
    def message_count(self) -> int:
        """Number of messages handed out."""
        return self._handed_out.count

    @property
    def last_timestamp_ns(self) -> int | None:
        """Timestamp of the last message handed out."""
        last = self._handed_out.last
        return None if last is None else last.timestamp_ns

    @property
    def checksum(self) -> str | None:
        """MD5 over the values handed out, 32 hexadecimal digits. Only for a channel that is read from `earliest`."""
        return self._handed_out.checksum

    @property
    def is_complete(self) -> bool | None:
        """Whether all messages ever written to the topic were handed out.

        None before the close marker, and if only a part was asked for.
        """
        if self._closed is None or not self._is_whole:
            return None
        return self.message_count == self._closed.message_count

    @property
    def is_verified(self) -> bool | None:
        """Whether, besides, the checksum is the writer's. None if there is none on either side."""
        if self.is_complete is None or self._closed is None or self._closed.checksum is None:
            return None
        checksum = self.checksum
        return None if checksum is None else self.is_complete and checksum == self._closed.checksum

    def _claim(self) -> None:
        if self._is_taken:
            raise ValueError(f"the subscription to {self.topic} is read already")
        self._is_taken = True

    def _note(self, item: Item) -> None:
        """Notes what is handed out next, if that is the close marker."""
        if isinstance(item, Closed) and not self._is_glob:
            self._closed = item

    def _check_deleted(self, item: Item) -> None:
        """Raises TOPIC_DELETED if that is what the item says, for those who want messages alone."""
        if isinstance(item, Deleted) and not self._is_glob:
            raise deleted_error(item.topic)

    def _started_or_raise(self) -> SubscriptionStart:
        start = self._core.start
        if start is None:
            raise self._core.error or closed_error(f"the subscription to {self.topic}")
        return start

    def _broken_off(self, address: str) -> Error:
        return Error(
            "UNREACHABLE",
            f"broker {address} ended the subscription to {self.topic} without a reason",
        )
