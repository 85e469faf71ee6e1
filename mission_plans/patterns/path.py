"""Patterns along a path: track line and corridor."""

import itertools
import math
from collections.abc import Sequence

import shapely

from mission_plans.coverage.lanes import Lane
from mission_plans.patterns.errors import PatternError

__all__ = ["along_path", "corridor", "polyline_lanes"]

Point = tuple[float, float]

CHORD_M = 1.0
SHORTEST_M = 1.0


def polyline_lanes(points: Sequence[Point]) -> list[Lane]:
    """Return one lane for each piece of a polyline."""
    return [Lane(*a, *b) for a, b in itertools.pairwise(points) if a != b]


def along_path(path: Sequence[Point], passes: int, spacing_m: float, entry: Point) -> list[Lane]:
    """Return lanes along a path: one pass on it, two on either side of it, or more.

    Raises:
        PatternError: the path has no length.
    """
    offsets = [(i - (passes - 1) / 2) * spacing_m for i in range(passes)]
    return _swept(path, offsets, entry)


def corridor(path: Sequence[Point], width_m: float, spacing_m: float, entry: Point) -> list[Lane]:
    """Return as many passes along a path as cover a strip of `width_m`, evenly spread.

    Raises:
        PatternError: the path has no length.
    """
    passes = max(1, math.ceil(width_m / spacing_m - 1e-9))
    step_m = width_m / passes
    offsets = [-width_m / 2 + (i + 0.5) * step_m for i in range(passes)]
    return _swept(path, offsets, entry)


def _swept(path: Sequence[Point], offsets: Sequence[float], entry: Point) -> list[Lane]:
    line = shapely.LineString(path)
    if line.length < SHORTEST_M:
        raise PatternError("path", "路径长度为零", "the path has no length")
    passes = [_offset(line, offset) for offset in offsets]
    passes = [points for points in passes if points]
    if not passes:
        raise PatternError(
            "path", "路径转弯太急,无法平行飞行", "the path bends too sharply to fly beside it"
        )
    ends = [(math.dist(entry, passes[i][j]), i, j) for i in (0, len(passes) - 1) for j in (0, -1)]
    _, first, end = min(ends)
    if first:
        passes.reverse()
    lanes: list[Lane] = []
    turned = end == -1
    for points in passes:
        ordered = points[::-1] if turned else points
        lanes += polyline_lanes(ordered)
        turned = not turned
    return lanes


def _offset(line: shapely.LineString, offset_m: float) -> list[Point]:
    """Return a parallel of the line; where bends cut it into pieces, the pieces are joined."""
    if abs(offset_m) < 1e-6:
        shifted = line
    else:
        segments = max(4, math.ceil(math.pi / 4 / math.acos(max(0.0, 1 - CHORD_M / abs(offset_m)))))
        shifted = shapely.offset_curve(line, offset_m, quad_segs=segments, join_style="round")
    pieces = [part for part in shapely.get_parts(shifted) if part.length >= SHORTEST_M]
    pieces.sort(key=lambda part: line.project(shapely.Point(part.coords[0])))
    return [(float(x), float(y)) for part in pieces for x, y in part.coords]
