"""Tours through the cells of an area with as little flying between them as possible."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mission_plans.coverage.cells import Cell
from mission_plans.coverage.lanes import Lane

__all__ = ["Tour", "Visit", "short_tour"]

CORNERS = 4
LONGEST_MOVED = 3
"""Or-opt moves up to this many neighbouring cells at once."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One cell of a tour, and the corner it is entered by."""

    cell: int
    corner: int


@dataclass(frozen=True, slots=True)
class Tour:
    """Cells and the order and corners they are swept by."""

    cells: tuple[Cell, ...]
    visits: tuple[Visit, ...]

    @property
    def lanes(self) -> list[Lane]:
        """Return the lanes in flying order."""
        return list(
            itertools.chain.from_iterable(self.cells[v.cell].sweep(v.corner) for v in self.visits)
        )


class _Hops:
    """Straight distances between the corners of cells."""

    def __init__(self, cells: Sequence[Cell], entry: tuple[float, float]) -> None:
        entries = np.array([[c.entry(k) for k in range(CORNERS)] for c in cells])
        exits = np.array([[c.exit(k) for k in range(CORNERS)] for c in cells])
        self.first = np.hypot(entries[:, :, 0] - entry[0], entries[:, :, 1] - entry[1])
        apart = exits[:, None, :, None, :] - entries[None, :, None, :, :]
        self.between: NDArray[np.float64] = np.hypot(apart[..., 0], apart[..., 1])

    def length_m(self, order: Sequence[int]) -> float:
        """Return the flying between cells of an order entered by the best corners."""
        cost = self.first[order[0]]
        for a, b in itertools.pairwise(order):
            cost = (cost[:, None] + self.between[a, b]).min(axis=0)
        return float(cost.min())

    def visits(self, order: Sequence[int]) -> tuple[Visit, ...]:
        """Return the order with its best corners (dynamic programming over four a cell)."""
        cost = self.first[order[0]]
        came: list[NDArray[np.intp]] = []
        for a, b in itertools.pairwise(order):
            options = cost[:, None] + self.between[a, b]
            came.append(options.argmin(axis=0))
            cost = options.min(axis=0)
        corner = int(cost.argmin())
        corners = [corner]
        for back in reversed(came):
            corner = int(back[corner])
            corners.append(corner)
        return tuple(Visit(c, k) for c, k in zip(order, reversed(corners), strict=True))


@dataclass(frozen=True, slots=True)
class _Move:
    """A stretch of an order put elsewhere, or reversed where there is no target."""

    start: int
    end: int
    target: int | None

    def applied(self, order: list[int]) -> list[int]:
        stretch = order[self.start : self.end]
        rest = order[: self.start] + order[self.end :]
        if self.target is None:
            return rest[: self.start] + stretch[::-1] + rest[self.start :]
        return rest[: self.target] + stretch + rest[self.target :]


def short_tour(cells: Sequence[Cell], entry: tuple[float, float], tries: int = 300) -> Tour:
    """Return a tour: nearest corner first, then 2-opt and Or-opt moves while they shorten it.

    Args:
        cells: at least one.
        entry: where the aircraft come from, metres.
        tries: moves looked at; more take longer.
    """
    hops = _Hops(cells, entry)
    order = _nearest_first(hops)
    best_m = hops.length_m(order)
    for move in itertools.islice(_moves(len(order)), tries):
        candidate = move.applied(order)
        length_m = hops.length_m(candidate)
        if length_m < best_m - 0.1:
            order, best_m = candidate, length_m
    return Tour(tuple(cells), hops.visits(order))


def _nearest_first(hops: _Hops) -> list[int]:
    left = list(range(len(hops.first)))
    order: list[int] = []
    cost = hops.first
    while left:
        # Rounding keeps cells that are equally near but for the last bits in order.
        if order:
            reach = (cost[None, :, None] + hops.between[order[-1], left]).min(axis=1)
        else:
            reach = cost[left]
        away = np.round(reach.min(axis=1) - cost.min() * bool(order), 3)
        following = left.pop(int(away.argmin()))
        if order:
            cost = (cost[:, None] + hops.between[order[-1], following]).min(axis=0)
        else:
            cost = cost[following]
        order.append(following)
    return order


def _moves(count: int) -> Iterator[_Move]:
    """Yield moves of an order of `count` cells for ever: short stretches moved, any reversed."""
    while count > 2:
        for size in range(1, LONGEST_MOVED + 1):
            for start in range(count - size + 1):
                for target in range(count - size + 1):
                    if target != start:
                        yield _Move(start, start + size, target)
        for start in range(count - 1):
            for end in range(start + 2, count + 1):
                yield _Move(start, end, None)
