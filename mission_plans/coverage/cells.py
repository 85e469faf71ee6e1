"""Parallel-track coverage of an area with holes: cells of lanes.

Works in metres of a local frame. The area is cut into strips as wide as the lane spacing; a lane
runs along the middle of each for as long as any part of the strip holds ground to search, so that
slanted edges and tips are seen too. Pieces that continue each other from strip to strip form cells,
each swept boustrophedon (Choset, "Coverage of known spaces: the boustrophedon cellular
decomposition", Autonomous Robots 9, 2000). Lanes keep off forbidden ground; the order of cells is
`tours`', the ways between are `routing`'s.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import affinity
from shapely.geometry.base import BaseGeometry

from mission_plans.coverage.lanes import Lane

__all__ = ["Cell", "cells_of", "creeping_heading_deg", "lane_extents"]

SHORTEST_LANE_M = 1.0
SUB_LINES = 5
"""Parallels per strip along which its ground is measured."""

WORTH_A_LANE_M = 8.0
"""Ground that only a strip's edge holds is searched when it is longer than this."""

WORTH_A_LANE_M2 = 50.0
"""The same for ground between the parallels, where a narrow area runs askew."""

JOIN_M = 5.0
"""Lanes of one strip closer than this are one."""


@dataclass(frozen=True, slots=True)
class Cell:
    """Lanes that continue each other side by side, all pointing the same way."""

    lanes: tuple[Lane, ...]

    def sweep(self, corner: int) -> list[Lane]:
        """Return the lanes in flying order from one of four corners (0..3)."""
        ordered = self.lanes[::-1] if corner & 1 else self.lanes
        turned = bool(corner & 2)
        swept: list[Lane] = []
        for lane in ordered:
            swept.append(lane.reversed if turned else lane)
            turned = not turned
        return swept

    def entry(self, corner: int) -> tuple[float, float]:
        """Return where a sweep from that corner begins."""
        lane = self.lanes[-1 if corner & 1 else 0]
        return lane.end if corner & 2 else lane.start

    def exit(self, corner: int) -> tuple[float, float]:
        """Return where a sweep from that corner ends."""
        lane = self.lanes[0 if corner & 1 else -1]
        turned = bool(corner & 2) ^ (len(self.lanes) % 2 == 0)
        return lane.start if turned else lane.end


@dataclass(slots=True)
class _Piece:
    left: float
    right: float
    y: float


Interval = tuple[float, float]


def _rotated(shape: BaseGeometry, heading_deg: float) -> BaseGeometry:
    # Lanes run along the heading; turning the area by it (clockwise from north) lays them along x.
    return affinity.rotate(shape, heading_deg - 90, origin=(0, 0))


def _along(lines_y: NDArray[np.floating], shape: BaseGeometry) -> list[list[Interval]]:
    """Return the pieces of every horizontal line inside `shape`, west to east."""
    left, _, right, _ = shape.bounds
    lines = shapely.linestrings([[(left - 1, y), (right + 1, y)] for y in lines_y])
    parts, line_of = shapely.get_parts(shapely.intersection(lines, shape), return_index=True)
    found: list[list[Interval]] = [[] for _ in lines_y]
    bounds = shapely.bounds(parts)
    for line, (west, _, east, _) in zip(line_of, bounds, strict=True):
        if east > west:
            found[int(line)].append((float(west), float(east)))
    for pieces in found:
        pieces.sort()
    return found


def _union(intervals: Sequence[Interval], gap: float) -> list[Interval]:
    merged: list[Interval] = []
    for left, right in sorted(intervals):
        if merged and left - merged[-1][1] <= gap:
            merged[-1] = (merged[-1][0], max(merged[-1][1], right))
        else:
            merged.append((left, right))
    return merged


def _without(intervals: Sequence[Interval], holes: Sequence[Interval]) -> list[Interval]:
    left_over: list[Interval] = []
    for left, right in intervals:
        here = left
        for west, east in holes:
            if east <= here or west >= right:
                continue
            if west > here:
                left_over.append((here, west))
            here = max(here, east)
        if here < right:
            left_over.append((here, right))
    return left_over


def _shortened(
    intervals: Sequence[Interval], by: float, keep: Sequence[Interval]
) -> list[Interval]:
    """Take `by` off both ends, but never what the middle line itself holds of the area."""
    cut = [(left + by, right - by) for left, right in intervals if right - left > 2 * by]
    return _union([*cut, *keep], 0.0)


@dataclass(frozen=True, slots=True)
class _Strip:
    """One strip of an area, as wide as the lane spacing or less."""

    y: float
    """Of its middle line."""
    subs: list[list[Interval]]
    """Ground along each of its parallels."""
    wanted: list[Interval]
    """All ground in it that is worth a lane."""


def _strips(rotated: BaseGeometry, spacing_m: float) -> tuple[list[_Strip], NDArray[np.float64]]:
    """Return the strips of an area, and where their parallels lie beside the middle."""
    left, bottom, right, top = rotated.bounds
    count = max(1, math.ceil((top - bottom) / spacing_m - 1e-9))
    step = (top - bottom) / count
    ys = bottom + (np.arange(count) + 0.5) * step
    offsets = (np.arange(SUB_LINES) - SUB_LINES // 2) / SUB_LINES * step
    pieces = _along((ys[:, None] + offsets).ravel(), rotated)
    edges = np.array([(left - 1, y - step / 2, right + 1, y + step / 2) for y in ys])
    bands = shapely.box(*edges.T)
    parts, band_of = shapely.get_parts(shapely.intersection(bands, rotated), return_index=True)
    strips: list[_Strip] = []
    for row, y in enumerate(ys.tolist()):
        subs = pieces[row * SUB_LINES : (row + 1) * SUB_LINES]
        found = _union([piece for sub in subs for piece in sub], 0.0)
        missed = [m for part in parts[band_of == row] for m in _missed(part, found)]
        strips.append(_Strip(y, subs, _union([*found, *missed], 0.0)))
    return strips, offsets


def _missed(part: BaseGeometry, found: Sequence[Interval]) -> list[Interval]:
    """Return the ground of one part of a strip that lies between its parallels."""
    left, bottom, right, top = part.bounds
    return [
        (west, east)
        for west, east in _without([(left, right)], found)
        if east - west >= WORTH_A_LANE_M
        and shapely.clip_by_rect(part, west, bottom, east, top).area >= WORTH_A_LANE_M2
    ]


def lane_extents(rotated: BaseGeometry, spacing_m: float) -> list[list[Interval]]:
    """Return where lanes along x would run, strip by strip, over an area without obstacles."""
    return [_union(strip.wanted, JOIN_M) for strip in _strips(rotated, spacing_m)[0]]


def _rows(
    rotated: BaseGeometry, forbidden: BaseGeometry | None, spacing_m: float, ahead_m: float
) -> list[list[_Piece]]:
    strips, offsets = _strips(rotated, spacing_m)
    ys = np.array([strip.y for strip in strips])
    barred = _along(ys, forbidden) if forbidden is not None and not forbidden.is_empty else None
    rows: list[list[_Piece]] = []
    for row, strip in enumerate(strips):
        y, subs = strip.y, strip.subs
        middle = subs[SUB_LINES // 2]
        holes = barred[row] if barred else []
        wanted = _shortened(strip.wanted, ahead_m, middle)
        flown = _without(_union(wanted, JOIN_M), holes)
        pieces = [_Piece(left, right, y) for left, right in flown]
        if holes:
            # Ground beside an obstacle that bars the middle line: flown where the strip has it.
            missed = _without(wanted, flown)
            for offset, sub in zip(offsets.tolist(), subs, strict=True):
                for left, right in missed:
                    pieces += [
                        _Piece(max(left, west), min(right, east), y + offset)
                        for west, east in sub
                        if min(right, east) - max(left, west) >= WORTH_A_LANE_M
                    ]
                missed = _without(missed, _union(sub, 0.0))
        rows.append(
            sorted(
                (p for p in pieces if p.right - p.left >= SHORTEST_LANE_M),
                key=lambda piece: (piece.left, piece.y),
            )
        )
    return rows


def _chained(rows: list[list[_Piece]]) -> list[list[_Piece]]:
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


def cells_of(
    area: BaseGeometry,
    spacing_m: float,
    heading_deg: float,
    forbidden: BaseGeometry | None = None,
    ahead_m: float = 0.0,
) -> list[Cell]:
    """Return the cells of lanes that search an area.

    Args:
        area: polygon or multipolygon to search, metres; holes are not searched.
        spacing_m: largest distance between neighbouring lanes.
        heading_deg: lane direction clockwise from north.
        forbidden: ground no lane may cross, metres.
        ahead_m: how far before a lane's ends the camera already sees; lanes are that much shorter
            where only a strip's edge would make them longer.
    """
    rotated = _rotated(area, heading_deg)
    barred = None if forbidden is None else _rotated(forbidden, heading_deg)
    back = math.radians(90 - heading_deg)
    cos, sin = math.cos(back), math.sin(back)

    def lane(piece: _Piece) -> Lane:
        x0, x1, y = piece.left, piece.right, piece.y
        return Lane(x0 * cos - y * sin, x0 * sin + y * cos, x1 * cos - y * sin, x1 * sin + y * cos)

    return [
        Cell(tuple(lane(piece) for piece in cell))
        for cell in _chained(_rows(rotated, barred, spacing_m, ahead_m))
    ]


def creeping_heading_deg(area: BaseGeometry) -> float:
    """Return the lane heading across an area's long axis (0..180)."""
    box = shapely.get_coordinates(shapely.minimum_rotated_rectangle(area))
    edges = np.diff(box, axis=0)[:2]
    longer = edges[int(np.argmax(np.hypot(edges[:, 0], edges[:, 1])))]
    along_deg = math.degrees(math.atan2(longer[0], longer[1]))
    return (along_deg + 90) % 180
