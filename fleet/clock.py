"""A clock that nobody can set: UTC as it was at the start, counted on by the monotonic clock.

An order is refused when it is stale and a take-off waits for its time: a wall clock stepped by two
minutes would refuse every order until the link has measured its offset anew. The command post's
time is this clock's plus the link's offset, so it does not matter how wrong the start was.
"""

import time
from collections.abc import Callable

__all__ = ["SteadyClock"]


class SteadyClock:
    """Milliseconds since 1970, never stepping."""

    def __init__(
        self,
        wall_ns: Callable[[], int] = time.time_ns,
        monotonic_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._monotonic_ns = monotonic_ns
        self._began_ns = wall_ns() - monotonic_ns()

    def __call__(self) -> int:
        """Return now."""
        return self.ns() // 1_000_000

    def ns(self) -> int:
        """Return now in nanoseconds since 1970."""
        return self._began_ns + self._monotonic_ns()
