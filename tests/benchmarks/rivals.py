"""Simpler ways to share a search, timed over flat ground: what our plans are held against.

Times are metres over speed, three seconds a lane end, straight transits: the same for all.
"""

import math
from collections.abc import Sequence

import numpy as np
import shapely
from shapely import affinity
from shapely.geometry.base import BaseGeometry

from mission_plans.coverage.cells import cells_of
from mission_plans.coverage.lanes import Lane
from mission_plans.coverage.tours import short_tour

__all__ = ["LANE_END_S", "equal_areas", "even_lanes", "flown_s"]

Point = tuple[float, float]

LANE_END_S = 3.0


def flown_s(lanes: Sequence[Lane], launch: Point, speed_ms: float) -> float:
    """Return the seconds from launch over all lanes and back."""
    here, metres = launch, 0.0
    for lane in lanes:
        metres += math.dist(here, lane.start) + lane.length_m
        here = lane.end
    return (metres + math.dist(here, launch)) / speed_ms + LANE_END_S * max(0, len(lanes) - 1)


def even_lanes(
    area: BaseGeometry, spacing_m: float, launches: Sequence[Point], speeds_ms: Sequence[float]
) -> float:
    """Return the longest sortie of one heading's lanes dealt out in equal numbers.

    As a QGroundControl survey is split by hand: one angle (north, or along the long axis, whichever
    is shorter), lanes over holes since a survey knows none, swept boustrophedon.
    """
    outline = shapely.union_all(
        [shapely.Polygon(part.exterior) for part in shapely.get_parts(area)]
    )
    box = shapely.get_coordinates(shapely.minimum_rotated_rectangle(outline))
    edges = np.diff(box, axis=0)[:2]
    long = edges[int(np.argmax(np.hypot(*edges.T)))]
    best = math.inf
    for heading in (0.0, math.degrees(math.atan2(long[0], long[1])) % 180):
        lanes = _transects(outline, spacing_m, heading)
        shares = np.array_split(np.arange(len(lanes)), len(launches))
        worst = max(
            flown_s([lanes[i] for i in share], launch, speed)
            for share, launch, speed in zip(shares, launches, speeds_ms, strict=True)
        )
        best = min(best, worst)
    return best


def _transects(outline: BaseGeometry, spacing_m: float, heading_deg: float) -> list[Lane]:
    turned = affinity.rotate(outline, heading_deg - 90, origin=(0, 0))
    west, south, east, north = turned.bounds
    lanes: list[Lane] = []
    back = math.radians(90 - heading_deg)
    cos, sin = math.cos(back), math.sin(back)
    for number, y in enumerate(np.arange(south + spacing_m / 2, north, spacing_m)):
        line = shapely.LineString([(west - 1, y), (east + 1, y)])
        pieces = [p.bounds for p in shapely.get_parts(line.intersection(turned)) if p.length > 1]
        for x0, _, x1, _ in sorted(pieces, reverse=bool(number % 2)):
            a, b = (x1, x0) if number % 2 else (x0, x1)
            lanes.append(
                Lane(a * cos - y * sin, a * sin + y * cos, b * cos - y * sin, b * sin + y * cos)
            )
    return lanes


def equal_areas(
    area: BaseGeometry, spacing_m: float, launches: Sequence[Point], speeds_ms: Sequence[float]
) -> float:
    """Return the longest sortie when the area is first divided, then each part swept on its own.

    After Maza and Ollero, "Multiple UAV cooperative searching operation using polygon area
    decomposition and efficient coverage algorithms" (Distributed Autonomous Robotic Systems 6,
    2007): parts in proportion to speed by parallel cuts across the long axis, each with the sweep
    direction of its own smallest width. Nearest aircraft take the nearest parts.
    """
    box = shapely.get_coordinates(shapely.minimum_rotated_rectangle(area))
    edges = np.diff(box, axis=0)[:2]
    long = edges[int(np.argmax(np.hypot(*edges.T)))]
    angle = math.degrees(math.atan2(long[1], long[0]))
    turned = affinity.rotate(area, -angle, origin=(0, 0))
    west, south, east, north = turned.bounds
    total = sum(speeds_ms)
    order = sorted(
        range(len(launches)),
        key=lambda i: affinity.rotate(shapely.Point(launches[i]), -angle, origin=(0, 0)).x,
    )
    left, taken, worst = west, 0.0, 0.0
    for index in order:
        taken += speeds_ms[index] / total
        low, high = left, east
        for _ in range(40):
            middle = (low + high) / 2
            if turned.intersection(shapely.box(west, south, middle, north)).area < (
                taken * turned.area
            ):
                low = middle
            else:
                high = middle
        part = affinity.rotate(
            turned.intersection(shapely.box(left, south, high, north)), angle, origin=(0, 0)
        )
        left = high
        if part.area < 1:
            continue
        heading = _smallest_width_heading_deg(part)
        cells = cells_of(part, spacing_m, heading)
        lanes = short_tour(cells, launches[index]).lanes
        worst = max(worst, flown_s(lanes, launches[index], speeds_ms[index]))
    return worst


def _smallest_width_heading_deg(part: BaseGeometry) -> float:
    widths = []
    for heading in range(0, 180, 5):
        _, south, _, north = affinity.rotate(part, heading - 90, origin=(0, 0)).bounds
        widths.append((north - south, heading))
    return float(min(widths)[1])
