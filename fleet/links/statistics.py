"""What came over one way: frames, bytes, losses by sequence numbers, garbage. Pure."""

import math
from collections import deque

from fleet.mavlink import Message

__all__ = ["FLOOD_BYTES", "LinkStatistics"]

RATE_S = 5.0
"""Rates and shares are of so many last seconds."""
SLOT_S = 1.0
SOURCES_MOST = 64
GAP_MOST = 100
"""A larger gap is a sender that began anew, not a loss."""
FLOOD_BYTES = 20_000
"""Garbage of so many bytes within `RATE_S` is more than a damaged cable says."""


class LinkStatistics:
    """Figures of one link, or of one vehicle on it."""

    def __init__(self) -> None:
        self.frames = 0
        self.bytes = 0
        self.lost = 0
        """Frames that are missing by their sequence numbers."""
        self.garbage = 0
        """Stretches of bytes that are no frame."""
        self.heard_s = -math.inf
        self._next: dict[tuple[int, int], int] = {}
        self._slots: deque[list[float]] = deque()
        """Begin of a second; bytes, frames, frames lost, bytes of garbage in it."""

    def received(self, size: int, now_s: float) -> None:
        """Note bytes."""
        self.bytes += size
        self._slot(now_s)[1] += size

    def frame(self, message: Message, now_s: float, size: int = 0) -> None:
        """Note a whole frame and what is missing before it; `size` where its bytes are not yet."""
        self.frames += 1
        self.bytes += size
        self.heard_s = now_s
        slot = self._slot(now_s)
        slot[1] += size
        slot[2] += 1
        source = (message.get_srcSystem(), message.get_srcComponent())
        seq = message.get_seq()
        expected = self._next.get(source)
        if expected is None and len(self._next) >= SOURCES_MOST:
            self._next.pop(next(iter(self._next)))
        self._next[source] = (seq + 1) % 256
        if expected is not None:
            gap = (seq - expected) % 256
            if gap <= GAP_MOST:
                self.lost += gap
                slot[3] += gap

    def garbage_met(self, stretches: int, size: int, now_s: float) -> None:
        """Note bytes that are no frame."""
        self.garbage += stretches
        self._slot(now_s)[4] += size

    def bytes_per_s(self, now_s: float) -> float:
        """Return the present rate."""
        return self._sum(1, now_s) / RATE_S

    def lost_fraction(self, now_s: float) -> float | None:
        """Return the share of frames that went missing lately, None where none came."""
        frames, lost = self._sum(2, now_s), self._sum(3, now_s)
        return lost / (frames + lost) if frames else None

    def frames_lately(self, now_s: float) -> float:
        """Return how many frames came in the last seconds."""
        return self._sum(2, now_s)

    def flooded(self, now_s: float) -> bool:
        """Whether it is mostly garbage that comes, and much of it."""
        garbage = self._sum(4, now_s)
        return garbage >= FLOOD_BYTES and 2 * garbage >= self._sum(1, now_s)

    def _slot(self, now_s: float) -> list[float]:
        slots = self._slots
        if not slots or now_s - slots[-1][0] >= SLOT_S:
            slots.append([now_s, 0, 0, 0, 0])
            while now_s - slots[0][0] > RATE_S + SLOT_S:
                slots.popleft()
        return slots[-1]

    def _sum(self, index: int, now_s: float) -> float:
        return sum(slot[index] for slot in self._slots if now_s - slot[0] <= RATE_S)
