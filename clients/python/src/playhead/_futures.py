"""The futures of threads and of asyncio, as far as both have the same methods."""

from __future__ import annotations

import asyncio
import concurrent.futures
from typing import Any, Protocol, TypeVar

T = TypeVar("T")
Contra = TypeVar("Contra", contravariant=True)


class FutureLike(Protocol[Contra]):
    """A promise that this package keeps."""

    def set_result(self, result: Contra, /) -> None:
        """Keeps it."""

    def set_exception(self, exception: BaseException, /) -> None:
        """Breaks it."""

    def exception(self) -> BaseException | None:
        """Why it was broken; asyncio then takes it that somebody knows."""


class NewFuture(Protocol):
    """Makes futures."""

    def __call__(self) -> Any:
        """A new future, which this package alone resolves."""


def resolve(future: FutureLike[T], result: T) -> None:
    """Resolves a future, unless whoever waits for it has given up."""
    try:
        future.set_result(result)
    except (asyncio.InvalidStateError, concurrent.futures.InvalidStateError):
        pass


def reject(future: FutureLike[T], error: BaseException, *, is_told: bool) -> None:
    """Fails a future. `is_told`: it is nothing to complain about if nobody ever looks at it."""
    try:
        future.set_exception(error)
    except (asyncio.InvalidStateError, concurrent.futures.InvalidStateError):
        return
    if is_told:
        future.exception()
