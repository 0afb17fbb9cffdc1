"""What a worker gives back to the broker as it settles deliveries."""

from __future__ import annotations

# A request gives back no more at once than fits its fields.
_MAX_INT32 = 2**31 - 1
# So many times what may be held may wait for its result, before credit is held back.
_UNCONFIRMED_FACTOR = 4


class Credit:
    """Never more than a worker may hold.

    While too much of what it settled has no result yet, it gives back nothing: what waits for a slow disk stays
    bounded.
    """

    def __init__(self, max_messages: int, max_bytes: int) -> None:
        for name, value in (("max_in_flight", max_messages), ("max_bytes", max_bytes)):
            if not 1 <= value <= _MAX_INT32:
                raise ValueError(f"{name} must be 1 to {_MAX_INT32}, not {value}")
        self._max_messages = max_messages
        self._max_bytes = max_bytes
        self._messages = 0
        self._bytes = 0
        self._unconfirmed = 0

    def restart(self) -> tuple[int, int]:
        """All of it, messages and bytes, for a new call."""
        self._messages = self._bytes = self._unconfirmed = 0
        return self._max_messages, self._max_bytes

    def give_back(self, messages: int, size: int) -> None:
        """So much is not held any more."""
        self._messages += messages
        self._bytes += size

    def expect(self, messages: int) -> None:
        """So many deliveries were settled and wait for their result."""
        self._unconfirmed += messages

    def confirm(self, messages: int) -> None:
        """So many have it."""
        self._unconfirmed -= messages

    def take(self) -> tuple[int, int]:
        """The messages and bytes that go back with this request; 0 and 0 if nothing does."""
        if self._unconfirmed > _UNCONFIRMED_FACTOR * self._max_messages:
            return 0, 0
        messages, size = self._messages, min(self._bytes, _MAX_INT32)
        self._messages = 0
        self._bytes -= size
        return messages, size
