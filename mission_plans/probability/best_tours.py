"""The best next sorties: tours that collect as much probability as their length allows.

Blocks one sweep width wide are places to visit, their probability the prize: a team orienteering
problem (Chao, Golden and Wasil, "The team orienteering problem", European Journal of Operational
Research 88, 1996). On a lattice of blocks a tour wastes nothing while it steps from neighbour to
neighbour, so tours are grown: each begins as a straight way out from the launch point and takes in,
again and again, the most probable pair of blocks lying beside one of its steps, for exactly two
steps more. Then the poorest pairs are given back for richer ones. Different first ways out are
tried, and the best kept.
"""

import heapq
import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Prizes", "Tours", "best_tours", "prizes_of", "straightened"]

Floats = NDArray[np.float64]
Block = tuple[int, int]
"""Row and column."""

SPLIT = 4
"""Cells are divided this finely between the blocks they lie in."""

ROTATIONS = 8
REACHES = (0.35, 0.6, 0.9)
"""Lengths of the first way out, as shares of how far the probability worth flying to reaches."""

EXCHANGES = 4000
NEIGHBOURS: tuple[Block, ...] = ((0, 1), (1, 0), (0, -1), (-1, 0))


@dataclass(frozen=True, slots=True)
class Prizes:
    """Probability in square blocks, [row south to north, column west to east]."""

    prize: Floats
    west_m: float
    south_m: float
    step_m: float
    """Side of a block: the sweep width."""


@dataclass(frozen=True, slots=True)
class Tours:
    """One track for each aircraft, and the probability under all of them."""

    tracks: tuple[Floats, ...]
    """[point, x or y] from the launch point on, metres."""
    collected: float
    lengths_m: tuple[float, ...]


def prizes_of(
    probability: Floats, west_m: float, south_m: float, cell_m: float, sweep_width_m: float
) -> Prizes:
    """Return blocks a sweep width wide and the share of a probability raster in each.

    Args:
        probability: [row south to north, column west to east].
        west_m: western edge of the raster.
        south_m: southern edge of the raster.
        cell_m: side of a cell.
        sweep_width_m: of the aircraft.
    """
    fine = np.repeat(np.repeat(probability, SPLIT, 0), SPLIT, 1) / SPLIT**2
    middles = [(np.arange(n) + 0.5) * cell_m / SPLIT for n in fine.shape]
    row, column = ((middle // sweep_width_m).astype(np.intp) for middle in middles)
    prize = np.zeros((row[-1] + 1, column[-1] + 1))
    np.add.at(prize, (row[:, None], column[None, :]), fine)
    return Prizes(prize, west_m, south_m, sweep_width_m)


def best_tours(
    prizes: Prizes,
    launch: tuple[float, float],
    aircraft: int,
    budget_m: float,
    *,
    come_home: bool = True,
) -> Iterator[Tours]:
    """Yield tours, each better than the one before.

    Args:
        prizes: what every block holds.
        launch: where every tour begins, metres.
        aircraft: number of tours.
        budget_m: longest length of each.
        come_home: whether the way back to `launch` counts.
    """
    best = 0.0
    reach = _worthwhile_reach(prizes, launch, aircraft * budget_m)
    for share in REACHES:
        for rotation in range(ROTATIONS):
            fleet = _Fleet(prizes, launch, budget_m, come_home)
            for number in range(aircraft):
                turn = (number + rotation / ROTATIONS) / aircraft
                fleet.begin(2 * math.pi * turn, share * reach)
            fleet.grow()
            fleet.exchange()
            fleet.fill()
            if fleet.collected > best + 1e-9:
                best = fleet.collected
                yield fleet.tours()


def _worthwhile_reach(prizes: Prizes, launch: tuple[float, float], length_m: float) -> float:
    """Return how far from the launch most of the probability lies that can be flown over."""
    rows, columns = prizes.prize.shape
    x = prizes.west_m + (np.arange(columns) + 0.5) * prizes.step_m
    y = prizes.south_m + (np.arange(rows) + 0.5) * prizes.step_m
    away = np.hypot(x[None, :] - launch[0], y[:, None] - launch[1]).ravel()
    order = np.argsort(-prizes.prize.ravel(), kind="stable")
    order = order[prizes.prize.ravel()[order] > 0][: max(1, int(length_m / prizes.step_m))]
    return float(np.quantile(away[order], 0.9)) if len(order) else 0.0


class _Fleet:
    """Tours on the lattice, as chains of neighbouring blocks."""

    def __init__(
        self, prizes: Prizes, launch: tuple[float, float], budget_m: float, come_home: bool
    ) -> None:
        self._prizes = prizes
        self._launch = launch
        self._come_home = come_home
        self._steps = int(budget_m // prizes.step_m)
        self._budget_m = budget_m
        rows, columns = prizes.prize.shape
        self._values: dict[Block, float] = {
            (row, column): float(prizes.prize[row, column])
            for row in range(rows)
            for column in range(columns)
        }
        self._owner: dict[Block, int] = {}
        self._after: list[dict[Block, Block]] = []
        self._before: list[dict[Block, Block]] = []
        self._first: list[Block] = []
        self._left_m: list[float] = []
        self._heap: list[tuple[float, int, Block, Block, Block, Block]] = []

    @property
    def collected(self) -> float:
        return sum(self._values[block] for block in self._owner)

    def begin(self, direction: float, reach_m: float) -> None:
        """Start a tour with a straight way out (and back beside it, when it must come home)."""
        number = len(self._first)
        chain = self._way_out(direction, reach_m)
        self._after.append(dict(itertools.pairwise(chain)))
        self._before.append(dict(zip(chain[1:], chain, strict=False)))
        self._first.append(chain[0])
        for block in chain:
            self._owner[block] = number
        length_m = math.dist(self._launch, self._middle(chain[0]))
        length_m += self._prizes.step_m * (len(chain) - 1)
        if self._come_home:
            length_m += math.dist(self._middle(chain[-1]), self._launch)
        self._left_m.append(self._budget_m - length_m)
        for a, b in itertools.pairwise(chain):
            self._offer(number, a, b)

    def _middle(self, block: Block) -> tuple[float, float]:
        p = self._prizes
        return (
            p.west_m + (block[1] + 0.5) * p.step_m,
            p.south_m + (block[0] + 0.5) * p.step_m,
        )

    def _way_out(self, direction: float, reach_m: float) -> list[Block]:
        """Return free neighbouring blocks from near the launch outwards (and home again)."""
        step = self._prizes.step_m
        at = (
            int((self._launch[1] - self._prizes.south_m) // step),
            int((self._launch[0] - self._prizes.west_m) // step),
        )
        start = min(
            (b for b in self._values if b not in self._owner),
            key=lambda b: (math.dist(b, at), -self._ahead(b, at, direction), b),
        )
        chain = [start]
        left_m = self._budget_m - math.dist(self._launch, self._middle(start))
        while math.dist(chain[-1], at) * step < reach_m:
            here = chain[-1]
            home_m = math.dist(self._middle(here), self._launch) if self._come_home else 0.0
            if len(chain) * step + step + home_m > left_m:
                break
            options = [
                (here[0] + dy, here[1] + dx)
                for dy, dx in NEIGHBOURS
                if (here[0] + dy, here[1] + dx) in self._values
                and (here[0] + dy, here[1] + dx) not in self._owner
                and (here[0] + dy, here[1] + dx) not in chain
            ]
            options = [b for b in options if math.dist(b, at) > math.dist(here, at)]
            if not options:
                break
            chain.append(max(options, key=lambda b: (self._ahead(b, at, direction), b)))
        return chain

    @staticmethod
    def _ahead(block: Block, at: Block, direction: float) -> float:
        """Return how well a block lies in a direction from the launch: cosine of the angle."""
        dy, dx = block[0] - at[0], block[1] - at[1]
        away = math.hypot(dx, dy)
        return (dx * math.sin(direction) + dy * math.cos(direction)) / away if away else -1.0

    def _offer(self, number: int, a: Block, b: Block) -> None:
        """Put the two pairs beside a step on offer."""
        dy, dx = b[0] - a[0], b[1] - a[1]
        for sy, sx in ((dx, -dy), (-dx, dy)):
            c, d = (a[0] + sy, a[1] + sx), (b[0] + sy, b[1] + sx)
            if c in self._values and d in self._values:
                worth = self._values[c] + self._values[d]
                heapq.heappush(self._heap, (-worth, number, a, b, c, d))

    def _take(self, number: int, a: Block, b: Block, c: Block, d: Block) -> None:
        after, before = self._after[number], self._before[number]
        after[a], after[c], after[d] = c, d, b
        before[c], before[d], before[b] = a, c, d
        self._owner[c] = self._owner[d] = number
        self._left_m[number] -= 2 * self._prizes.step_m
        for p, q in ((a, c), (c, d), (d, b)):
            self._offer(number, p, q)

    def _next_offer(self, *, full: bool) -> tuple[float, int, Block, Block, Block, Block] | None:
        """Return the richest pair that can still be taken; `full` tours count when exchanging."""
        while self._heap:
            offer = heapq.heappop(self._heap)
            _, number, a, b, c, d = offer
            if self._after[number].get(a) != b or c in self._owner or d in self._owner:
                continue
            if full or self._left_m[number] >= 2 * self._prizes.step_m:
                return offer
        return None

    def grow(self) -> None:
        """Take pairs in, the richest first, until no tour has length left."""
        kept: list[tuple[float, int, Block, Block, Block, Block]] = []
        while self._heap:
            offer = heapq.heappop(self._heap)
            _, number, a, b, c, d = offer
            if self._after[number].get(a) != b or c in self._owner or d in self._owner:
                continue
            if self._left_m[number] < 2 * self._prizes.step_m:
                kept.append(offer)
                continue
            self._take(number, a, b, c, d)
        for offer in kept:
            heapq.heappush(self._heap, offer)

    def exchange(self) -> None:
        """Give back the poorest pair of a full tour for a richer one, while that gains."""
        poorest = [self._poorest(number) for number in range(len(self._first))]
        for _ in range(EXCHANGES):
            offer = self._next_offer(full=True)
            if offer is None:
                return
            worth, number, a, b, c, d = offer
            if self._left_m[number] < 2 * self._prizes.step_m:
                heap = poorest[number]
                back = self._removable(number, heap, {a, b})
                if back is None or back[0] >= -worth:
                    if back is not None:
                        heapq.heappush(heap, back)
                    continue
                self._give_back(number, back[1], back[2])
            self._take(number, a, b, c, d)
            for p in (a, c, d):
                self._note_pair(number, poorest[number], p)

    def _poorest(self, number: int) -> list[tuple[float, Block, Block]]:
        heap: list[tuple[float, Block, Block]] = []
        for block in list(self._after[number]):
            self._note_pair(number, heap, block)
        return heap

    def _note_pair(self, number: int, heap: list[tuple[float, Block, Block]], a: Block) -> None:
        b = self._after[number].get(a)
        if b is not None:
            heapq.heappush(heap, (self._values[a] + self._values[b], a, b))

    def _removable(
        self, number: int, heap: list[tuple[float, Block, Block]], keep: set[Block]
    ) -> tuple[float, Block, Block] | None:
        """Return the poorest pair that can be cut out with its ends still neighbours."""
        after, before = self._after[number], self._before[number]
        aside: list[tuple[float, Block, Block]] = []
        found = None
        while heap:
            entry = heapq.heappop(heap)
            _, a, b = entry
            if after.get(a) != b:
                continue
            p, q = before.get(a), after.get(b)
            if p is None or q is None or abs(p[0] - q[0]) + abs(p[1] - q[1]) != 1:
                # May become removable later, when its surroundings change.
                aside.append(entry)
                continue
            if keep & {a, b}:
                aside.append(entry)
                continue
            found = entry
            break
        for entry in aside[:50]:
            heapq.heappush(heap, entry)
        return found

    def _give_back(self, number: int, a: Block, b: Block) -> None:
        after, before = self._after[number], self._before[number]
        p, q = before[a], after[b]
        after[p], before[q] = q, p
        for block in (a, b):
            after.pop(block)
            before.pop(block)
            del self._owner[block]
        self._left_m[number] += 2 * self._prizes.step_m
        self._offer(number, p, q)

    def fill(self) -> None:
        """Take in single blocks beside the tours with whatever length is left."""
        step = self._prizes.step_m
        heap: list[tuple[float, int, Block, Block, Block]] = []

        def offer(number: int, a: Block, b: Block) -> None:
            for end in (a, b):
                for dy, dx in NEIGHBOURS:
                    c = (end[0] + dy, end[1] + dx)
                    if self._values.get(c, 0.0) > 0 and c not in self._owner:
                        cost = max(1e-3, math.dist(a, c) + math.dist(c, b) - math.dist(a, b))
                        heapq.heappush(heap, (-self._values[c] / cost, number, a, b, c))

        for number, after in enumerate(self._after):
            for a, b in after.items():
                offer(number, a, b)
        while heap:
            _, number, a, b, c = heapq.heappop(heap)
            after, before = self._after[number], self._before[number]
            cost_m = (math.dist(a, c) + math.dist(c, b) - math.dist(a, b)) * step
            if after.get(a) != b or c in self._owner or cost_m > self._left_m[number]:
                continue
            after[a], after[c] = c, b
            before[c], before[b] = a, c
            self._owner[c] = number
            self._left_m[number] -= cost_m
            offer(number, a, c)
            offer(number, c, b)

    def tours(self) -> Tours:
        tracks: list[Floats] = []
        for number, first in enumerate(self._first):
            chain = [first]
            while chain[-1] in self._after[number]:
                chain.append(self._after[number][chain[-1]])
            points = [self._launch, *(self._middle(block) for block in chain)]
            if self._come_home:
                points.append(self._launch)
            tracks.append(np.asarray(points))
        return Tours(
            tuple(tracks),
            self.collected,
            tuple(self._budget_m - left for left in self._left_m),
        )


def straightened(track: Sequence[Sequence[float]] | Floats) -> Floats:
    """Return a track without the points that lie straight between their neighbours."""
    points = np.asarray(track, dtype=np.float64)
    if len(points) < 3:
        return points
    a, b, c = points[:-2], points[1:-1], points[2:]
    cross = (b - a)[:, 0] * (c - b)[:, 1] - (b - a)[:, 1] * (c - b)[:, 0]
    ahead = ((b - a) * (c - b)).sum(axis=1) > 0
    keep = np.concatenate([[True], ~((np.abs(cross) < 1e-6) & ahead), [True]])
    return points[keep]
