"""Orbit and hover: a steady eye on one place."""

import math

from mission_plans.coverage.lanes import Lane

__all__ = ["hover", "orbit"]

Point = tuple[float, float]

CHORD_M = 2.0
FEWEST_SIDES = 12
HOVER_PIECE_S = 60.0
"""Hovering is cut into pieces of this length, so that aircraft can relieve each other."""


def orbit(
    centre: Point,
    radius_m: float,
    duration_s: float,
    cruise_ms: float,
    entry: Point,
    *,
    clockwise: bool,
) -> list[Lane]:
    """Return sides of a polygon round `centre`, repeated until the time is filled."""
    most_deg = 2 * math.degrees(math.acos(max(-1.0, 1 - CHORD_M / radius_m)))
    sides = max(FEWEST_SIDES, math.ceil(360 / max(most_deg, 1e-6)))
    begin = math.atan2(entry[0] - centre[0], entry[1] - centre[1]) if entry != centre else 0.0
    step = (1 if clockwise else -1) * 2 * math.pi / sides
    corners = [
        (
            centre[0] + radius_m * math.sin(begin + step * i),
            centre[1] + radius_m * math.cos(begin + step * i),
        )
        for i in range(sides)
    ]
    side_m = math.dist(corners[0], corners[1])
    count = max(sides, round(duration_s * cruise_ms / side_m))
    return [Lane(*corners[i % sides], *corners[(i + 1) % sides]) for i in range(count)]


def hover(point: Point, duration_s: float) -> list[Lane]:
    """Return stays at one place that add up to the duration."""
    pieces = max(1, math.ceil(duration_s / HOVER_PIECE_S))
    return [Lane(*point, *point, duration_s / pieces) for _ in range(pieces)]
