"""Parallel-track coverage of an area with holes: lanes, and the order to fly them in.

Works in metres of a local frame. The area is cut by equidistant parallel lines; pieces that
continue each other from line to line form cells, each swept boustrophedon. Cells are visited
nearest corner first. Pieces of lanes never leave the area, so nothing forbidden is crossed in
them; the ways between are `routing`'s.
"""

import itertools
import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import affinity
from shapely.geometry.base import BaseGeometry

from mission_plans.lanes import Lane

__all__ = ["best_heading_deg", "cover", "covered_fraction"]

HEADING_STEP_DEG = 10
SHORTEST_LANE_M = 1.0


@dataclass(slots=True)
class _Piece:
    left: float
    right: float
    y: float


def _rotated(area: BaseGeometry, heading_deg: float) -> BaseGeometry:
    # Lanes run along the heading; turning the area by it (clockwise from north) lays them along x.
    return affinity.rotate(area, heading_deg - 90, origin=(0, 0))


def _rows(rotated: BaseGeometry, spacing_m: float) -> list[list[_Piece]]:
    left, bottom, right, top = rotated.bounds
    count = max(1, math.ceil((top - bottom) / spacing_m - 1e-9))
    step = (top - bottom) / count
    ys = bottom + (np.arange(count) + 0.5) * step
    lines = shapely.linestrings([[(left - 1, y), (right + 1, y)] for y in ys])
    rows: list[list[_Piece]] = []
    parts, row_of = shapely.get_parts(shapely.intersection(lines, rotated), return_index=True)
    bounds = shapely.bounds(parts)
    for row, y in enumerate(ys):
        pieces = [
            _Piece(float(west), float(east), float(y))
            for west, _, east, _ in bounds[row_of == row]
            if east - west >= SHORTEST_LANE_M
        ]
        rows.append(sorted(pieces, key=lambda piece: piece.left))
    return rows


def best_heading_deg(area: BaseGeometry, spacing_m: float, turn_cost_m: float = 25.0) -> float:
    """Return the lane heading (0..180) with the least track and turns; ties go to the smallest.

    `turn_cost_m` is the track an aircraft could have flown while it slows down for a turn.
    """
    best = (math.inf, 0.0)
    for heading in range(0, 180, HEADING_STEP_DEG):
        rows = _rows(_rotated(area, heading), spacing_m)
        cost = sum(p.right - p.left + turn_cost_m for row in rows for p in row)
        cost += sum(_connection_m(a, b) for a, b in itertools.pairwise(rows))
        # Rounding keeps headings that are equal but for the last bits in order.
        best = min(best, (round(cost, 1), float(heading)))
    return best[1]


def _connection_m(row: list[_Piece], following: list[_Piece]) -> float:
    """Return the track between the ends of two rows' pieces: slanted edges make it longer."""
    total = 0.0
    for piece in following:
        touching = [p for p in row if p.left < piece.right and piece.left < p.right]
        if touching:
            rise = piece.y - touching[0].y
            left = math.hypot(rise, piece.left - touching[0].left)
            right = math.hypot(rise, piece.right - touching[-1].right)
            total += (left + right) / 2
    return total


def _cells(rows: list[list[_Piece]]) -> list[list[_Piece]]:
    """Chain pieces of neighbouring rows that overlap one to one."""
    cells: list[list[_Piece]] = []
    open_cells: list[tuple[_Piece, list[_Piece]]] = []
    for row in rows:
        above: dict[int, list[int]] = {i: [] for i in range(len(row))}
        below: dict[int, list[int]] = {j: [] for j in range(len(open_cells))}
        for i, piece in enumerate(row):
            for j, (last, _) in enumerate(open_cells):
                if piece.left < last.right and last.left < piece.right:
                    above[i].append(j)
                    below[j].append(i)
        next_open: list[tuple[_Piece, list[_Piece]]] = []
        for i, piece in enumerate(row):
            if len(above[i]) == 1 and len(below[above[i][0]]) == 1:
                cell = open_cells[above[i][0]][1]
            else:
                cell = []
                cells.append(cell)
            cell.append(piece)
            next_open.append((piece, cell))
        open_cells = next_open
    return cells


def _sweep(cell: list[_Piece], from_top: bool, from_right: bool) -> list[Lane]:
    ordered = cell[::-1] if from_top else cell
    lanes: list[Lane] = []
    rightwards = not from_right
    for piece in ordered:
        lane = Lane(piece.left, piece.y, piece.right, piece.y)
        lanes.append(lane if rightwards else lane.reversed)
        rightwards = not rightwards
    return lanes


def cover(
    area: BaseGeometry, spacing_m: float, heading_deg: float, entry: tuple[float, float]
) -> list[Lane]:
    """Return all lanes in flying order, beginning with the cell corner nearest to `entry`.

    Args:
        area: polygon or multipolygon to search, metres; holes are not searched.
        spacing_m: largest distance between neighbouring lanes.
        heading_deg: lane direction clockwise from north.
        entry: where the aircraft come from, metres.
    """
    rotated = _rotated(area, heading_deg)
    turn = affinity.rotate(shapely.Point(entry), heading_deg - 90, origin=(0, 0))
    here = (turn.x, turn.y)
    cells = _cells(_rows(rotated, spacing_m))
    flown: list[Lane] = []
    while cells:
        options = [
            (math.dist(here, (lanes[0].x0, lanes[0].y0)), index, from_top, from_right)
            for index, cell in enumerate(cells)
            for from_top in (False, True)
            for from_right in (False, True)
            for lanes in [_sweep(cell, from_top, from_right)]
        ]
        _, index, from_top, from_right = min(options)
        lanes = _sweep(cells.pop(index), from_top, from_right)
        flown += lanes
        here = (lanes[-1].x1, lanes[-1].y1)
    back = math.radians(heading_deg - 90)
    cos, sin = math.cos(-back), math.sin(-back)

    def turned(x: float, y: float) -> tuple[float, float]:
        return x * cos - y * sin, x * sin + y * cos

    return [Lane(*turned(lane.x0, lane.y0), *turned(lane.x1, lane.y1)) for lane in flown]


def covered_fraction(
    area: BaseGeometry, lanes: list[Lane], footprint_m: float, cell_m: float | None = None
) -> float:
    """Return the share of the area within half a footprint of some lane, on a raster.

    Args:
        area: metres.
        lanes: flown lanes.
        footprint_m: swath width.
        cell_m: raster step; default gives about 20 000 cells.
    """
    if area.area <= 0 or not lanes:
        return 0.0
    step = cell_m or max(1.0, math.sqrt(area.area / 20_000))
    left, bottom, right, top = area.bounds
    x, y = np.meshgrid(
        np.arange(left + step / 2, right, step), np.arange(bottom + step / 2, top, step)
    )
    x, y = x.ravel(), y.ravel()
    inside = shapely.contains_xy(area, x, y)
    x, y = x[inside], y[inside]
    if x.size == 0:
        return 1.0
    seen = np.zeros(x.size, dtype=bool)
    for lane in lanes:
        seen |= _within(lane, footprint_m / 2, x, y)
    return float(seen.mean())


def _within(
    lane: Lane, reach_m: float, x: NDArray[np.float64], y: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Return which points are within `reach_m` of a lane."""
    dx, dy = lane.x1 - lane.x0, lane.y1 - lane.y0
    along = ((x - lane.x0) * dx + (y - lane.y0) * dy) / max(dx * dx + dy * dy, 1e-12)
    np.clip(along, 0.0, 1.0, out=along)
    return np.hypot(x - lane.x0 - along * dx, y - lane.y0 - along * dy) <= reach_m
