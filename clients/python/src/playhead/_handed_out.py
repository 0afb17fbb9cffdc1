"""The messages that a subscription has handed out."""

from __future__ import annotations

from collections.abc import Iterator
from operator import length_hint

from playhead._checksum import Checksum
from playhead.message import Message


class HandedOut:
    """Counts and sums up messages as a reader takes them.

    Nothing is done for each of them: what a reader has taken of a batch is what its iterator has not any more.
    """

    def __init__(self, *, is_summed: bool) -> None:
        self._checksum = Checksum() if is_summed else None
        # Number of messages before the batch, the batch, and what is left of it: of one moment, also for other threads.
        self._state: tuple[int, list[Message], Iterator[Message]] = (0, [], iter(()))
        self._last_before: Message | None = None

    @property
    def count(self) -> int:
        """Number of messages."""
        count, batch, rest = self._state
        return count + len(batch) - length_hint(rest)

    @property
    def last(self) -> Message | None:
        """The last one."""
        taken = self._taken()
        return taken[-1] if taken else self._last_before

    @property
    def checksum(self) -> str | None:
        """MD5 over their values, 32 hexadecimal digits; None if they are not summed up."""
        if self._checksum is None:
            return None
        return self._checksum.digest(message.value for message in self._taken()).hex()

    @property
    def rest(self) -> Iterator[Message]:
        """What is left of the batch. A message that is taken from it has been handed out."""
        return self._state[2]

    def begin(self, batch: list[Message]) -> None:
        """The next batch, message by message. It must not be changed."""
        self._sum_up(self._taken())
        self._state = (self.count, batch, iter(batch))

    def add(self, batch: list[Message]) -> None:
        """A batch that is handed out as a whole, and is the reader's from then on."""
        self.begin([])
        self._sum_up(batch)
        self._state = (self.count + len(batch), [], iter(()))

    def _taken(self) -> list[Message]:
        _, batch, rest = self._state
        return batch[: len(batch) - length_hint(rest)]

    def _sum_up(self, taken: list[Message]) -> None:
        if not taken:
            return
        self._last_before = taken[-1]
        if self._checksum is not None:
            self._checksum.update(message.value for message in taken)
