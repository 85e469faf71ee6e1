"""Contour search: round a peak along lines of equal height, from the top down.

IAMSAR manual, volume II, section 5.5.17.
"""

import math

import contourpy
import numpy as np
import shapely

from mission_plans.coverage.lanes import Lane
from mission_plans.ground.terrain_patch import TerrainPatch
from mission_plans.patterns.errors import PatternError
from mission_plans.patterns.path import polyline_lanes

__all__ = ["contour"]

Point = tuple[float, float]

CELL_M = 20.0
MOST_LEVELS = 60
SHORTEST_M = 60.0
TOP_SEARCH_M = 300.0
"""The peak is the highest ground this near to the given place."""


def contour(
    peak: Point, down_m: float, radius_m: float, spacing_m: float, patch: TerrainPatch
) -> list[Lane]:
    """Return circuits about a spacing apart over the ground, the highest first.

    Raises:
        PatternError: no line of equal height within `radius_m` is long enough to fly.
    """
    steps = np.arange(-radius_m, radius_m + CELL_M, CELL_M)
    x, y = peak[0] + steps, peak[1] + steps
    z = patch.elevation_m(*np.meshgrid(x, y))
    away = np.hypot(*np.meshgrid(steps, steps))
    top_m = float(z[away <= min(TOP_SEARCH_M, radius_m)].max())
    north, east = np.gradient(z, CELL_M)
    slope = np.hypot(north, east)[(z >= top_m - down_m) & (away <= radius_m)]
    step_m = spacing_m * math.sin(math.atan(float(np.median(slope)))) if slope.size else 0.0
    step_m = max(step_m, down_m / MOST_LEVELS, 1.0)
    disc = shapely.Point(peak).buffer(radius_m)
    generator = contourpy.contour_generator(x, y, z)
    lanes: list[Lane] = []
    here: Point | None = None
    for level in np.arange(top_m - step_m / 2, top_m - down_m - step_m / 2, -step_m):
        for ring in _rings(generator.lines(float(level)), disc, spacing_m):
            points = _from_nearest(ring, here)
            lanes += polyline_lanes(points)
            here = points[-1]
    if not lanes:
        raise PatternError(
            "peak",
            "该处附近没有可绕飞的等高线:请选在山峰或山脊上",
            "no contour near this place is long enough to fly: choose a peak or ridge",
        )
    return lanes


def _rings(lines: object, disc: shapely.Polygon, spacing_m: float) -> list[list[Point]]:
    found: list[list[Point]] = []
    for line in lines if isinstance(lines, list) else []:
        cut = shapely.intersection(shapely.LineString(line), disc).simplify(spacing_m / 10)
        merged = shapely.line_merge(cut)
        found += [
            [(float(a), float(b)) for a, b in shapely.get_coordinates(part)]
            for part in shapely.get_parts(merged)
            if part.length >= SHORTEST_M
        ]
    return found


def _from_nearest(points: list[Point], here: Point | None) -> list[Point]:
    if here is None:
        return points
    if points[0] == points[-1]:
        ring = points[:-1]
        first = min(range(len(ring)), key=lambda i: math.dist(here, ring[i]))
        return [*ring[first:], *ring[:first], ring[first]]
    return points[::-1] if math.dist(here, points[-1]) < math.dist(here, points[0]) else points
