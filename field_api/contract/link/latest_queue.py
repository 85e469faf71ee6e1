"""Values of which only the newest matters, waiting to be sent.

A newer value of the same key replaces the waiting one. Frame boxes of different frames belong to
different pictures, so each stream keeps a short queue of them, from which the oldest fall.
"""

from collections import OrderedDict, deque
from dataclasses import dataclass, field

from field_api.contract.messages import FrameBoxes, LatestBody

__all__ = ["BOXES_QUEUE_LENGTH", "BOXES_USEFUL_MS", "LatestQueue"]

BOXES_QUEUE_LENGTH = 30
"""Two seconds of boxes at 15 frames/s."""

BOXES_USEFUL_MS = 3_000
"""Boxes older than this are of a frame that no player shows any more."""


@dataclass(slots=True)
class _Waiting:
    values: deque[tuple[int, LatestBody]] = field(default_factory=deque[tuple[int, LatestBody]])


class LatestQueue:
    """What to send next, one entry per key, in the order in which the keys became due."""

    def __init__(self, max_keys: int = 2000) -> None:
        self._max_keys = max_keys
        self._due: OrderedDict[str, _Waiting] = OrderedDict()
        self._known: OrderedDict[str, LatestBody] = OrderedDict()
        self.dropped = 0
        """Values replaced, or fallen out of a queue, before they were sent."""

    def __len__(self) -> int:
        return sum(len(waiting.values) for waiting in self._due.values())

    def put(self, message: LatestBody, now_ms: int) -> None:
        """Make `message` the newest value of its key."""
        waiting = self._due.setdefault(message.key, _Waiting())
        if isinstance(message, FrameBoxes):
            if len(waiting.values) >= BOXES_QUEUE_LENGTH:
                waiting.values.popleft()
                self.dropped += 1
        else:
            self.dropped += len(waiting.values)
            waiting.values.clear()
            self._known[message.key] = message
            self._known.move_to_end(message.key)
            while len(self._known) > self._max_keys:
                self._known.popitem(last=False)
        waiting.values.append((now_ms, message))
        while len(self._due) > self._max_keys:
            _, oldest = self._due.popitem(last=False)
            self.dropped += len(oldest.values)

    def take(self, count: int, now_ms: int) -> list[LatestBody]:
        """Remove and return up to `count` values; boxes that came too late are dropped."""
        taken: list[LatestBody] = []
        while self._due and len(taken) < count:
            key, waiting = next(iter(self._due.items()))
            queued_ms, message = waiting.values.popleft()
            if not waiting.values:
                del self._due[key]
            if isinstance(message, FrameBoxes) and now_ms - queued_ms > BOXES_USEFUL_MS:
                self.dropped += 1
            else:
                taken.append(message)
        return taken

    def renew(self, now_ms: int) -> None:
        """Make the newest known value of every key due again: a new session knows none of them."""
        for key, message in list(self._known.items()):
            if key not in self._due:
                self.put(message, now_ms)
