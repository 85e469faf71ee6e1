"""Lanes: the straight pieces of search track every pattern is made of."""

import math
from dataclasses import dataclass

__all__ = ["Lane"]


@dataclass(frozen=True, slots=True)
class Lane:
    """One straight piece of search track, flown from start to end; metres east, north."""

    x0: float
    y0: float
    x1: float
    y1: float
    hold_s: float = 0.0
    """Seconds to stay at the end."""

    @property
    def start(self) -> tuple[float, float]:
        """Where the lane begins."""
        return self.x0, self.y0

    @property
    def end(self) -> tuple[float, float]:
        """Where the lane ends."""
        return self.x1, self.y1

    @property
    def length_m(self) -> float:
        """Length over ground."""
        return math.hypot(self.x1 - self.x0, self.y1 - self.y0)

    @property
    def reversed(self) -> "Lane":
        """The same lane flown the other way."""
        return Lane(self.x1, self.y1, self.x0, self.y0, self.hold_s)

    def part(self, start: float, end: float) -> "Lane":
        """Return the piece between two fractions of the length."""
        dx, dy = self.x1 - self.x0, self.y1 - self.y0
        return Lane(
            self.x0 + dx * start,
            self.y0 + dy * start,
            self.x0 + dx * end,
            self.y0 + dy * end,
            self.hold_s if end >= 1 else 0.0,
        )
