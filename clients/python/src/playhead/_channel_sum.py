"""What the writer of a channel has stored."""

from __future__ import annotations

from collections.abc import Iterable

from playhead._batch import Batch, value_of
from playhead._checksum import Checksum
from playhead.errors import Error, deleted_error
from playhead.message import Publishable
from playhead.v1 import broker_pb2


class ChannelSum:
    """Sums up what was stored, so that the close marker can carry a checksum.

    It does only if this client was the only writer: a checksum over a part of the messages would tell every reader that
    something is wrong.
    """

    def __init__(self, topic: str) -> None:
        self._topic = topic
        self._checksum = Checksum()
        self._message_count = 0
        self.last_timestamp_ns = 0
        """Of the last message that was stored; 0 before the first."""

    @property
    def checksum(self) -> str:
        """MD5 over the values that were stored; 32 hexadecimal digits."""
        return self._checksum.digest().hex()

    def add(self, batch: Batch, last_timestamp_ns: int) -> None:
        """A batch was stored."""
        if batch.count > 0:
            self._message_count += batch.count
            self.last_timestamp_ns = last_timestamp_ns
            self._checksum.update(batch.values())

    def is_all(self, message_count: int) -> bool:
        """Whether a topic of so many messages has no other writer's."""
        return message_count == self._message_count

    def close(self, last: Iterable[Publishable], reason: str) -> broker_pb2.Close:
        """A close with the checksum over everything, these last messages included."""
        checksum = self._checksum.digest(value_of(message) for message in last)
        return broker_pb2.Close(reason=reason, checksum=checksum)

    def check_missing(self, error: Error) -> None:
        """Raises, when the topic was asked for, what it means that it is not there."""
        if error.reason != "TOPIC_NOT_FOUND":
            raise error
        # To close what somebody has deleted would make an empty channel of that name.
        if self._message_count > 0:
            raise deleted_error(self._topic)

    def check_conflict(self, error: Error) -> None:
        """Raises, of the refusal of a close with a checksum, all but that somebody else has written."""
        if error.reason != "CONFLICT":
            raise error
        if error.metadata.get("last_timestamp_ns") == "0" and self._message_count > 0:
            raise deleted_error(self._topic)
