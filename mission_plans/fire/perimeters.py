"""Observed fire lines: area, length, and how a fire grew from one to the next.

A line is an outline (closed) or a part of the front (open). Only an outline has an area. How far a
line may be off is part of it (`error_m`, one standard deviation), and of every figure made of it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from mission_plans.ground.geodesy import bearing_deg
from mission_plans.ground.local_frame import LocalFrame
from mission_plans.values.base import GeoPoint

__all__ = ["FireLine", "Growth", "LineFigures", "figures_of", "growth_between", "predecessor"]

SAME_FIRE_M = 200.0
"""Lines farther apart than this are taken for different fires."""

SHORTEST_MINUTES = 1.0
"""Between lines of nearly the same time no rate means anything."""

SAMPLE_M = 10.0


@dataclass(frozen=True, slots=True)
class FireLine:
    """A fire line as somebody saw it."""

    id: str
    t_ms: int
    """When it was seen."""
    points: Sequence[GeoPoint]
    """Of an outline without the closing point."""
    closed: bool
    error_m: float
    holes: Sequence[Sequence[GeoPoint]] = ()
    """Islands that do not burn."""


@dataclass(frozen=True, slots=True)
class LineFigures:
    """What a line measures."""

    length_m: float
    """Of an outline its perimeter."""
    area_m2: float | None
    """None for an open line."""
    area_error_m2: float | None
    """Half the difference between outlines one error farther out and farther in."""


@dataclass(frozen=True, slots=True)
class Growth:
    """How a fire grew between two outlines."""

    from_id: str
    minutes: float
    area_m2_h: float
    area_error_m2_h: float
    advance_m: float
    """How far the front went at most beyond the earlier outline."""
    advance_m_min: float
    advance_error_m_min: float
    side_deg: float | None
    """Where that was, from the middle of the earlier outline; None where nothing lies beyond it."""


def _frame(line: FireLine) -> LocalFrame:
    return LocalFrame(line.points[0])


def _shape(line: FireLine, frame: LocalFrame) -> BaseGeometry:
    def metres(points: Sequence[GeoPoint]) -> list[tuple[float, float]]:
        x, y = frame.to_metres([p.lat_deg for p in points], [p.lon_deg for p in points])
        return list(zip(x.tolist(), y.tolist(), strict=True))

    if not line.closed:
        return LineString(metres(line.points))
    return Polygon(metres(line.points), [metres(hole) for hole in line.holes])


def figures_of(line: FireLine) -> LineFigures:
    """Return what a line measures, on the ellipsoid's local plane (slopes are not added)."""
    shape = _shape(line, _frame(line))
    if not line.closed:
        return LineFigures(length_m=float(shape.length), area_m2=None, area_error_m2=None)
    # Finer than a hand's breadth nobody draws, and buffers of next to nothing are not exact.
    error_m = line.error_m if line.error_m > 0.1 else 0.0
    outer, inner = (shape.buffer(by).area if by else shape.area for by in (error_m, -error_m))
    return LineFigures(
        length_m=float(shape.length),
        area_m2=float(shape.area),
        area_error_m2=float(outer - inner) / 2,
    )


def predecessor(line: FireLine, others: Sequence[FireLine]) -> FireLine | None:
    """Return the last outline before this one that belongs to the same fire, None without one."""
    if not line.closed:
        return None
    earlier = [
        other
        for other in others
        if other.closed
        and other.id != line.id
        and (line.t_ms - other.t_ms) / 60_000 >= SHORTEST_MINUTES
    ]
    frame = _frame(line)
    shape = _shape(line, frame)
    for other in sorted(earlier, key=lambda each: (each.t_ms, each.id), reverse=True):
        if shape.distance(_shape(other, frame)) <= SAME_FIRE_M:
            return other
    return None


def growth_between(before: FireLine, after: FireLine) -> Growth:
    """Return how a fire grew from one outline to a later one.

    Raises:
        ValueError: one is open, or they are less than a minute apart.
    """
    minutes = (after.t_ms - before.t_ms) / 60_000
    if not (before.closed and after.closed) or minutes < SHORTEST_MINUTES:
        raise ValueError("growth needs two outlines, the second at least a minute later")
    frame = _frame(before)
    old, new = _shape(before, frame), _shape(after, frame)
    old_figures, new_figures = figures_of(before), figures_of(after)
    error_m2 = math.hypot(old_figures.area_error_m2 or 0, new_figures.area_error_m2 or 0)
    corners = shapely.get_coordinates(shapely.segmentize(new.boundary, SAMPLE_M))
    ways = np.asarray(shapely.distance(shapely.points(corners), old), dtype=np.float64)
    farthest = int(ways.argmax())
    advance_m = float(ways[farthest])
    side_deg = None
    if advance_m > 0:
        middle, (east, north) = old.centroid, corners[farthest]
        there = frame.point(float(east), float(north))
        side_deg = bearing_deg(frame.point(middle.x, middle.y), there)
    return Growth(
        from_id=before.id,
        minutes=minutes,
        area_m2_h=(new.area - old.area) / minutes * 60,
        area_error_m2_h=error_m2 / minutes * 60,
        advance_m=advance_m,
        advance_m_min=advance_m / minutes,
        advance_error_m_min=math.hypot(before.error_m, after.error_m) / minutes,
        side_deg=side_deg,
    )
