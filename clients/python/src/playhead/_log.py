"""What the client has to say to nobody in particular."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

LOGGER = logging.getLogger("playhead")


def call_back(callback: Callable[[T], object], event: T) -> None:
    """Calls what the user has given. What it raises is logged: neither a stream nor a request is to end of it."""
    try:
        callback(event)
    except Exception:
        LOGGER.exception("a callback failed at %r", event)
