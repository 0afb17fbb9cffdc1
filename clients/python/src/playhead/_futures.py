"""The futures of threads and of asyncio, as far as both have the same methods."""

from __future__ import annotations

import asyncio
import concurrent.futures
from typing import Protocol, TypeVar

T = TypeVar("T")
T_contra = TypeVar("T_contra", contravariant=True)

# Whoever waits has cancelled the future.
_GIVEN_UP = (asyncio.InvalidStateError, concurrent.futures.InvalidStateError)


class FutureLike(Protocol[T_contra]):
    """A promise that this package keeps."""

    def set_result(self, result: T_contra, /) -> None:
        """Keeps it."""

    def set_exception(self, exception: BaseException, /) -> None:
        """Breaks it."""

    def exception(self) -> BaseException | None:
        """Why it was broken; asyncio then takes it that somebody knows."""


def resolve(future: FutureLike[T], result: T) -> None:
    """Resolves a future, unless whoever waits for it has given up."""
    # Not contextlib.suppress: this is done for each message.
    try:
        future.set_result(result)
    except _GIVEN_UP:
        return


def reject(future: FutureLike[T], error: BaseException) -> None:
    """Fails a future, unless whoever waits for it has given up. If nobody ever looks at it, nothing complains."""
    try:
        future.set_exception(error)
    except _GIVEN_UP:
        return
    future.exception()
