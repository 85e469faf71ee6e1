"""Slowing down who asks again and again, so that others are answered as fast as before.

A program that asks anew as soon as it was answered gets as much of the server as everybody else
together. Its answers wait a moment instead, which costs the server nothing.
"""

from collections import OrderedDict

__all__ = ["Pacing"]


class Pacing:
    """Answers by source: a burst is given at once, then so many a second. On the event loop."""

    def __init__(
        self,
        *,
        burst: int,
        per_s: float,
        most_delay_s: float = 2.0,
        most_sources: int = 10_000,
    ) -> None:
        self._burst_s = burst / per_s
        self._step_s = 1 / per_s
        self._most_delay_s = most_delay_s
        self._most_sources = most_sources
        self._due_s: OrderedDict[str, float] = OrderedDict()
        """When the next answer to a source would be on time; the longest untouched first."""

    def delay_s(self, source: str, now_s: float) -> float:
        """Count one answer and return how long it waits."""
        due_s = max(self._due_s.pop(source, 0.0), now_s - self._burst_s)
        delay_s = min(self._most_delay_s, max(0.0, due_s - now_s))
        # A backlog longer than the longest delay is not paid off later by somebody else there.
        self._due_s[source] = min(due_s, now_s + self._most_delay_s) + self._step_s
        if len(self._due_s) > self._most_sources:
            self._due_s.popitem(last=False)
        return delay_s
