"""The futures of messages, for asyncio."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from contextvars import Context, copy_context
from typing import Any

from playhead._failures import Failure


class PublishFuture(asyncio.Future[int]):
    """Notes when somebody looks at why it has failed: what nobody has looked at is told by the next flush."""

    _callback_count = 0
    _failure: Failure | None = None

    def fail(self, failure: Failure) -> None:
        """Its request has failed."""
        self._failure = failure
        if self.done():
            # Who has cancelled it is told nothing.
            return
        self.set_exception(failure.error)
        # A flush tells what nobody looks at, and asyncio need not complain of it besides.
        super().exception()
        if self._callback_count > 0:
            failure.tell()

    def result(self) -> int:
        """As that of every future."""
        self._look()
        return super().result()

    def exception(self) -> BaseException | None:
        """As that of every future."""
        self._look()
        return super().exception()

    def add_done_callback(
        self, fn: Callable[[PublishFuture], object], /, *, context: Context | None = None
    ) -> None:
        """As that of every future. Whoever awaits it comes here, too."""
        self._callback_count += 1
        self._look()
        # None is no context for asyncio: the callback would run in that of whoever fails the future.
        super().add_done_callback(fn, context=copy_context() if context is None else context)

    def remove_done_callback(self, fn: Callable[[PublishFuture], object], /) -> int:
        """As that of every future."""
        count = super().remove_done_callback(fn)
        self._callback_count -= count
        return count

    def __await__(self) -> Generator[Any, None, int]:
        self._look()
        return super().__await__()

    __iter__ = __await__

    def _look(self) -> None:
        if self._failure is not None and not self.cancelled():
            self._failure.tell()
