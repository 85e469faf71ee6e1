"""Round a fire's edge on the side away from its smoke (story O10)."""

import itertools
import math
from collections.abc import Sequence

import shapely
from shapely.geometry.base import BaseGeometry

from mission_plans.coverage.lanes import Lane
from mission_plans.patterns.errors import PatternError
from mission_plans.patterns.path import polyline_lanes
from mission_plans.values.plan import Wind

__all__ = ["fire_perimeter", "smoke_area"]

Point = tuple[float, float]

CLOSED_WITHIN_M = 60.0
"""A drawn line whose ends meet this closely is an outline."""

SMOKE_REACH_M = 1500.0
SMOKE_SPREAD_DEG = 20.0
CALM_MS = 1.0
CHORD_M = 4.0
MARGIN_M = 1.0


def _edge(line: Sequence[Point]) -> list[shapely.LineString]:
    """Return the fire's edge in straight pieces, closed where its ends nearly meet."""
    closed = len(line) >= 3 and math.dist(line[0], line[-1]) <= CLOSED_WITHIN_M
    drawn = [*line, line[0]] if closed else line
    return [shapely.LineString(pair) for pair in itertools.pairwise(drawn)]


def smoke_area(line: Sequence[Point], wind: Wind) -> BaseGeometry:
    """Return where the smoke drifts: the fire's edge swept down-wind, widening to both sides."""
    swept: list[BaseGeometry] = []
    for piece in _edge(line):
        corners = shapely.get_coordinates(piece).tolist()
        for turn_deg in (-SMOKE_SPREAD_DEG, SMOKE_SPREAD_DEG):
            towards = math.radians(wind.from_deg + 180 + turn_deg)
            dx, dy = SMOKE_REACH_M * math.sin(towards), SMOKE_REACH_M * math.cos(towards)
            corners += [[x + dx, y + dy] for x, y in piece.coords]
        swept.append(shapely.MultiPoint(corners).convex_hull)
    return shapely.union_all(swept)


def fire_perimeter(
    line: Sequence[Point], standoff_m: float, laps: int, wind: Wind | None, entry: Point
) -> list[Lane]:
    """Return a track at `standoff_m` from the fire that never enters its smoke.

    In a calm the whole ring is flown; else the arc up-wind of the smoke, forth and back.

    Raises:
        PatternError: without the wind the smoke's side is not known, or nothing is left to fly.
    """
    if wind is None:
        raise PatternError(
            "wind", "火线环绕须给出风向风速", "flying round a fire needs wind direction and speed"
        )
    # Chords cut inside the circle: the ring lies outside by as much.
    reach_m = standoff_m + CHORD_M
    segments = max(8, math.ceil(math.pi / 4 / math.acos(1 - CHORD_M / reach_m)))
    # Piece by piece: GEOS may cut corners off the buffer of a line that touches itself.
    around = shapely.union_all(shapely.buffer(_edge(line), reach_m, quad_segs=segments))
    outline = max(shapely.get_parts(around), key=lambda part: part.area)
    edge = shapely.LinearRing(outline.exterior)
    if wind.speed_ms < CALM_MS:
        return polyline_lanes(_from_nearest(edge, entry)) * laps
    clear = shapely.difference(edge, smoke_area(line, wind).buffer(MARGIN_M))
    parts = shapely.get_parts(shapely.line_merge(clear))
    if not len(parts):
        raise PatternError(
            "line", "烟区覆盖整条火线,无处可飞", "smoke covers the whole line; nothing can be flown"
        )
    arc = _coordinates(max(parts, key=lambda part: part.length))
    if math.dist(entry, arc[-1]) < math.dist(entry, arc[0]):
        arc.reverse()
    lanes: list[Lane] = []
    for lap in range(laps):
        lanes += polyline_lanes(arc if lap % 2 == 0 else arc[::-1])
    return lanes


def _coordinates(line: BaseGeometry) -> list[Point]:
    return [(float(x), float(y)) for x, y in shapely.get_coordinates(line)]


def _from_nearest(ring: shapely.LinearRing, entry: Point) -> list[Point]:
    points = _coordinates(ring)[:-1]
    first = min(range(len(points)), key=lambda i: math.dist(entry, points[i]))
    return [*points[first:], *points[:first], points[first]]
