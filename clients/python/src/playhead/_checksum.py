"""The checksum of a channel."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

EMPTY_CHECKSUM = hashlib.md5(usedforsecurity=False).hexdigest()


class Checksum:
    """MD5 over values in order, as the writer and the readers of a channel compute it."""

    def __init__(self) -> None:
        self._hash = hashlib.md5(usedforsecurity=False)

    def update(self, values: Iterable[bytes]) -> None:
        """Adds values. One call of the hash for many small ones: it costs more than what it hashes."""
        self._hash.update(b"".join(values))

    def digest(self, more: Iterable[bytes] = ()) -> bytes:
        """The checksum of what came so far, and of `more` behind it."""
        copy = self._hash.copy()
        copy.update(b"".join(more))
        return copy.digest()
