"""When a fire reaches each cell of a grid: the shortest travel times from its line.

Every cell passes the fire on to 32 neighbours (up to three cells away), so that a fire on level
ground without wind stays round within 3 %. Times are relaxed over whole arrays until none shrinks:
no compiled code is needed, and an answer is the same each time.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mission_plans.fire.rate import slope_factor

__all__ = ["STEPS", "SpreadGrid", "arrival_minutes"]

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]

_REACH = 3

STEPS: tuple[tuple[int, int], ...] = tuple(
    (east, north)
    for north in range(-_REACH, _REACH + 1)
    for east in range(-_REACH, _REACH + 1)
    if math.gcd(east, north) == 1
)
"""To where a cell passes the fire on: columns east, rows north. Longer ways repeat shorter ones."""

BEARINGS_DEG = np.array([math.degrees(math.atan2(east, north)) % 360 for east, north in STEPS])


@dataclass(frozen=True)
class SpreadGrid:
    """What is the same for every member: ways between cells with the slope's part, and barriers."""

    cell_m: float
    unhurried_m: tuple[Floats, ...]
    """For each step, by the cell it arrives at: length over the slope's factor, infinite where the
    way crosses something that does not burn or comes from outside."""

    @classmethod
    def over(cls, ground_m: NDArray[np.float64], barrier: Flags, cell_m: float) -> "SpreadGrid":
        """Return the grid over heights (rows south to north) and cells that do not burn.

        Where a height is not known (NaN) the ground counts as level.
        """
        rows, columns = ground_m.shape
        ways: list[Floats] = []
        for east, north in STEPS:
            to, of = _windows(rows, columns, east, north)
            length_m = math.hypot(east, north) * cell_m
            way = np.full((rows, columns), np.inf, dtype=np.float32)
            rise = np.nan_to_num(ground_m[to] - ground_m[of])
            way[to] = length_m / slope_factor(rise / length_m)
            way[to][_crossed(barrier, to, east, north)] = np.inf
            ways.append(way)
        return cls(cell_m, tuple(ways))


def _windows(
    rows: int, columns: int, east: int, north: int
) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """Return the cells that a step can arrive at, and those that it comes from."""

    def pair(count: int, step: int) -> tuple[slice, slice]:
        return slice(max(step, 0), count + min(step, 0)), slice(max(-step, 0), count - max(step, 0))

    (row_to, row_of), (column_to, column_of) = pair(rows, north), pair(columns, east)
    return (row_to, column_to), (row_of, column_of)


def _crossed(barrier: Flags, to: tuple[slice, slice], east: int, north: int) -> Flags:
    """Return where a step meets a barrier: at its end, its start or any cell that it touches."""
    rows, columns = (slice_.stop - slice_.start for slice_ in to)
    met = np.zeros((rows, columns), dtype=np.bool_)
    touched: set[tuple[int, int]] = set()
    for share in np.linspace(0, 1, 4 * _REACH + 1):
        # Where the way runs between two cells, both count.
        for rounding in (math.floor, math.ceil):
            touched.add((rounding(share * east), rounding(share * north)))
            touched.add((rounding(share * east), round(share * north)))
            touched.add((round(share * east), rounding(share * north)))
    for back_east, back_north in touched:
        row, column = to[0].start - back_north, to[1].start - back_east
        # Rounding may leave the way's own box by nothing: it lies between start and end.
        met |= barrier[row : row + rows, column : column + columns]
    return met


def arrival_minutes(
    grid: SpreadGrid, sources: Flags, rates_m_min: NDArray[np.float64], limit_min: float
) -> Floats:
    """Return when each cell is reached, infinite beyond the limit.

    Args:
        grid: ways between cells.
        sources: cells that burn at the start.
        rates_m_min: rate on level ground for each of `STEPS`.
        limit_min: later than this nobody asks.
    """
    rows, columns = sources.shape
    times = np.where(sources, 0.0, np.inf).astype(np.float32)
    ways = [way / np.float32(rate) for way, rate in zip(grid.unhurried_m, rates_m_min, strict=True)]
    burning_rows, burning_columns = np.nonzero(sources)
    if not len(burning_rows):
        return times
    low = [int(burning_rows.min()), int(burning_columns.min())]
    high = [int(burning_rows.max()) + 1, int(burning_columns.max()) + 1]
    while True:
        # Nothing farther than three cells from what is reached can be reached in one round.
        low = [max(0, edge - _REACH) for edge in low]
        high = [min(size, edge + _REACH) for edge, size in zip(high, (rows, columns), strict=True)]
        window = (slice(low[0], high[0]), slice(low[1], high[1]))
        part = times[window]
        before = part.copy()
        _relax(part, [way[window] for way in ways])
        part[part > limit_min] = np.inf
        changed = part < before
        if not changed.any():
            return times
        reached = np.nonzero(np.isfinite(part))
        high = [low[0] + int(reached[0].max()) + 1, low[1] + int(reached[1].max()) + 1]
        low = [low[0] + int(reached[0].min()), low[1] + int(reached[1].min())]


def _relax(times: Floats, ways: list[Floats]) -> None:
    rows, columns = times.shape
    for (east, north), way in zip(STEPS, ways, strict=True):
        to, of = _windows(rows, columns, east, north)
        if 0 in times[to].shape:
            continue
        through = times[of] + way[to]
        np.minimum(times[to], through, out=times[to])
