"""Errors of what was published that nobody was told of yet."""

from __future__ import annotations

import threading

from playhead.errors import Error

_MAX_KEPT = 16
"""Bounds what is kept for a flush that may never come; of more there is a number."""


class Failure:
    """Why a request has failed, and whether somebody was told."""

    __slots__ = ("_failures", "error", "is_told", "turn")

    def __init__(self, failures: Failures, error: Error, turn: int) -> None:
        """For `Failures.add`."""
        self.error = error
        self.turn = turn
        self.is_told = False
        self._failures = failures

    def tell(self) -> None:
        """Somebody has it: it is not for the next flush any more. May be called again, and by any thread."""
        self._failures.told(self)


class Failures:
    """The failures of a publisher since the last flush. Whoever looks at a future takes its failure out."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: list[Failure] = []
        self._further_count = 0
        self._further: Error | None = None
        # Counts what `take` has emptied, so that what it took is not taken out again.
        self._turn = 0

    def add(self, error: Error) -> Failure:
        """A request has failed, and nobody was told."""
        with self._lock:
            failure = Failure(self, error, self._turn)
            if len(self._kept) < _MAX_KEPT:
                self._kept.append(failure)
            else:
                self._further_count += 1
                self._further = error
            return failure

    def told(self, failure: Failure) -> None:
        """For `Failure.tell`."""
        with self._lock:
            if failure.is_told or failure.turn != self._turn:
                return
            failure.is_told = True
            if failure in self._kept:
                self._kept.remove(failure)
            else:
                self._further_count -= 1

    def take(self) -> Error | None:
        """The first error, which says how many there are besides. None if there is none. They are told with that."""
        with self._lock:
            kept, self._kept = self._kept, []
            further_count, self._further_count = self._further_count, 0
            further, self._further = self._further, None
            self._turn += 1
        count = len(kept) + further_count
        error = kept[0].error if kept else further
        if count == 0 or error is None:
            return None
        if count == 1:
            return error
        text = f"{error} (the first of {count} requests that failed and nobody has looked at)"
        summed = Error(error.reason, text, error.metadata)
        summed.__cause__ = error
        return summed
