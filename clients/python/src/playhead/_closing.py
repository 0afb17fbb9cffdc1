"""The end of a `with` block."""

from __future__ import annotations

from typing import Protocol

from playhead._log import LOGGER
from playhead.errors import Error

AFTER_ERROR_MS = 5000
"""How long a block that an exception leaves waits for what was handed over before."""


class Closable(Protocol):
    """What is closed within a time."""

    def close(self, *, timeout_ms: float | None = None) -> None:
        """Closes it."""


def close_behind(closable: Closable, error: BaseException | None) -> None:
    """Closes at the end of a block. If an exception leaves the block, that is the one which is seen outside."""
    if error is None:
        closable.close()
        return
    try:
        closable.close(timeout_ms=AFTER_ERROR_MS)
    except Error as failure:
        log_failure(failure)


def log_failure(failure: Error) -> None:
    """Of a close behind an exception."""
    LOGGER.warning("what was handed over before an exception is lost: %s", failure)
