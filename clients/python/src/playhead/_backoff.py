"""Pauses between tries."""

from __future__ import annotations

import random
import time
from collections.abc import Callable


class Backoff:
    """Doubling pauses, half of each random, so that many clients of a broker that restarts do not come back in step.

    The first tries, one for each further address, follow without a pause.
    """

    def __init__(
        self,
        initial_ms: float,
        max_ms: float,
        give_up_after_ms: float,
        now: Callable[[], float] = time.monotonic,
        randomness: Callable[[], float] = random.random,
    ) -> None:
        """`give_up_after_ms` counts from the first failure in a row; infinite: never."""
        self._initial_ms = initial_ms
        self._max_ms = max_ms
        self._give_up_after_ms = give_up_after_ms
        self._now = now
        self._random = randomness
        self._since = 0.0
        self.failures = 0
        """Number of failures since the last success."""

    def fail(self, addresses: int = 1) -> float | None:
        """Counts a failure. Returns the seconds to wait before the next try, or None when it is time to give up."""
        now = self._now()
        if self.failures == 0:
            self._since = now
        self.failures += 1
        if self.failures < addresses:
            return 0
        left_ms = self._give_up_after_ms - (now - self._since) * 1000
        if left_ms <= 0:
            return None
        doublings = min(self.failures - addresses, 30)
        full_ms = min(self._initial_ms * (1 << doublings), self._max_ms)
        # The last try is made at the end of the time, not given up before it.
        return min(full_ms * (0.5 + self._random() / 2), left_ms) / 1000

    def succeed(self) -> None:
        """The next failure is a first one again."""
        self.failures = 0
