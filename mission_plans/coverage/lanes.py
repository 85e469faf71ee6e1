"""Lanes: the straight pieces of search track every pattern is made of."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Lane", "inserted", "swept_length_m", "with_lead_in"]


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
    def heading_deg(self) -> float:
        """Direction of flight, 0..360 clockwise from north; 0 for a stay."""
        return math.degrees(math.atan2(self.x1 - self.x0, self.y1 - self.y0)) % 360

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


def swept_length_m(lanes: Sequence[Lane], spacing_m: float) -> float:
    """Return the length of all lanes and of the turns between neighbours."""
    total = sum(lane.length_m for lane in lanes)
    for a, b in itertools.pairwise(lanes):
        step_m = math.dist(a.end, b.start)
        if step_m <= 3 * spacing_m:
            total += step_m
    return total


def with_lead_in(lane: Lane, ahead_m: float) -> Lane:
    """Return a lane flown that much earlier, for a camera that looks ahead by it."""
    if lane.length_m == 0:
        return lane
    dx = (lane.x1 - lane.x0) / lane.length_m * ahead_m
    dy = (lane.y1 - lane.y0) / lane.length_m * ahead_m
    return Lane(lane.x0 - dx, lane.y0 - dy, lane.x1 - dx, lane.y1 - dy, lane.hold_s)


def inserted(lanes: Sequence[Lane], more: Sequence[Lane]) -> list[Lane]:
    """Return `lanes` with every lane of `more` put where it lengthens the way least."""
    order = list(lanes)
    for lane in more:
        best = (math.inf, len(order), lane)
        for index in range(len(order) + 1):
            before = order[index - 1].end if index else None
            after = order[index].start if index < len(order) else None
            for way in (lane, lane.reversed):
                extra = 0.0
                if before is not None:
                    extra += math.dist(before, way.start)
                if after is not None:
                    extra += math.dist(way.end, after)
                if before is not None and after is not None:
                    extra -= math.dist(before, after)
                if extra < best[0] - 1e-6:
                    best = (extra, index, way)
        order.insert(best[1], best[2])
    return order
