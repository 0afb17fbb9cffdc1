"""The futures of messages, for threads."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from typing import Any

from playhead._failures import Failure


class PublishFuture(Future[int]):
    """Notes when somebody looks at why it has failed: what nobody has looked at is told by the next flush."""

    _has_callback = False
    _failure: Failure | None = None

    def fail(self, failure: Failure) -> None:
        """Its request has failed."""
        self._failure = failure
        try:
            self.set_exception(failure.error)
        except InvalidStateError:
            # Who has cancelled it is told nothing.
            return
        if self._has_callback:
            failure.tell()

    def result(self, timeout: float | None = None) -> int:
        """As that of every future."""
        try:
            return super().result(timeout)
        except Exception as error:
            self._look(error)
            raise

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """As that of every future."""
        error = super().exception(timeout)
        self._look(error)
        return error

    def add_done_callback(self, fn: Callable[[Future[int]], Any]) -> None:
        """As that of every future. The callback must not wait for what the publisher does; see `Publisher.publish`."""
        self._has_callback = True
        super().add_done_callback(fn)
        if self.done():
            self._look(None if self._failure is None else self._failure.error)

    def _look(self, error: BaseException | None) -> None:
        # Not, for instance, a wait that took too long.
        if self._failure is not None and error is self._failure.error:
            self._failure.tell()
