"""A wait that can end in time, for what waits without one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

T = TypeVar("T")


class ReadAhead(Generic[T]):
    """Calls a function in a thread of its own, one call at a time, and only when somebody wants its answer.

    gRPC's wait for the next response has no time; so who waits with one waits for this thread.
    """

    def __init__(self, receive: Callable[[], T], name: str) -> None:
        self._receive = receive
        self._asked: SimpleQueue[Callable[[], T] | None] = SimpleQueue()
        self._answers: SimpleQueue[T | Exception] = SimpleQueue()
        self.is_busy = False
        """Whether a call is under way, or its answer has not been taken."""
        threading.Thread(target=self._run, name=f"playhead {name}", daemon=True).start()

    def take(self, seconds: float | None) -> T | None:
        """Waits for an answer; None if it does not come in time. The next wait is for the same answer then."""
        if not self.is_busy:
            self.is_busy = True
            self._asked.put(self._receive)
        try:
            answer = self._answers.get(timeout=seconds)
        except Empty:
            return None
        self.is_busy = False
        if isinstance(answer, Exception):
            raise answer
        return answer

    def stop(self) -> None:
        """Ends the thread, once its call has."""
        self._asked.put(None)

    def _run(self) -> None:
        while (receive := self._asked.get()) is not None:
            try:
                self._answers.put(receive())
            except Exception as error:  # noqa: BLE001, PERF203 - whatever it is, it is for who waits
                self._answers.put(error)
