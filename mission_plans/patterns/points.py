"""A hasty search: a list of places by a short way round."""

import itertools
import math
from collections.abc import Sequence

from mission_plans.coverage.lanes import Lane

__all__ = ["visit_points"]

Point = tuple[float, float]


def _length_m(order: Sequence[Point], entry: Point) -> float:
    return sum(math.dist(a, b) for a, b in itertools.pairwise([entry, *order]))


def visit_points(places: Sequence[Point], hold_s: float, entry: Point) -> list[Lane]:
    """Return lanes from place to place with a stay at each: nearest first, then 2-opt.

    The first place is a stay only: the aircraft comes from `entry`.
    """
    left = list(dict.fromkeys(places))
    order: list[Point] = []
    here = entry
    while left:
        here = min(left, key=lambda p: (math.dist(here, p), p))
        left.remove(here)
        order.append(here)
    improved = True
    while improved:
        improved = False
        for i, j in itertools.combinations(range(len(order) + 1), 2):
            turned = [*order[:i], *reversed(order[i:j]), *order[j:]]
            if _length_m(turned, entry) < _length_m(order, entry) - 1e-6:
                order, improved = turned, True
    first = order[0]
    lanes = [Lane(*first, *first, hold_s)]
    return lanes + [Lane(*a, *b, hold_s) for a, b in itertools.pairwise(order)]
