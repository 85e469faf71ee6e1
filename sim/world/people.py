"""People who walk to and fro, as a pure function of time."""

import itertools
import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Walker", "Walking"]

STRIDE_M = 1.3
"""Two steps of a grown-up."""


@dataclass(frozen=True, slots=True)
class Walking:
    """One person at one moment; metres of the world's frame."""

    id: str
    x: float
    y: float
    heading_rad: float
    """Clockwise from north."""
    phase: float
    """Of the stride, 0..1."""
    moving: bool
    height_m: float
    jacket: str


@dataclass(frozen=True, slots=True)
class Walker:
    """A person and the path walked to and fro for ever."""

    id: str
    path: tuple[tuple[float, float], ...]
    """Metres of the world's frame."""
    speed_ms: float
    height_m: float
    jacket: str

    def at(self, t_s: float) -> Walking:
        """Return the person at `t_s` seconds of the world's time."""
        x, y, heading, travelled = _along(self.path, self.speed_ms * max(0.0, t_s))
        # People standing still look around; each faces somewhere of their own.
        rest = zlib.crc32(self.id.encode()) % 360
        moving = self.speed_ms > 0 and len(self.path) > 1
        return Walking(
            id=self.id,
            x=x,
            y=y,
            heading_rad=heading if moving else math.radians(rest),
            phase=(travelled / STRIDE_M) % 1.0 if moving else 0.0,
            moving=moving,
            height_m=self.height_m,
            jacket=self.jacket,
        )


def _along(
    path: Sequence[tuple[float, float]], distance_m: float
) -> tuple[float, float, float, float]:
    if len(path) == 1:
        return *path[0], 0.0, 0.0
    legs = list(itertools.pairwise(path))
    there = sum(math.dist(a, b) for a, b in legs)
    if there <= 0:
        return *path[0], 0.0, 0.0
    left = distance_m % (2 * there)
    back = left > there
    if back:
        left -= there
        legs = [(b, a) for a, b in reversed(legs)]
    for a, b in legs:
        length = math.dist(a, b)
        if left <= length and length > 0:
            part = left / length
            heading = math.atan2(b[0] - a[0], b[1] - a[1])
            return (
                a[0] + (b[0] - a[0]) * part,
                a[1] + (b[1] - a[1]) * part,
                heading,
                distance_m,
            )
        left -= length
    (ax, ay), (bx, by) = legs[-1]
    return bx, by, math.atan2(bx - ax, by - ay), distance_m
