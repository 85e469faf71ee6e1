"""Sharing lanes among aircraft so that the longest sortie is as short as possible.

Lanes keep their flying order; every sortie takes the next stretch of it, and a lane may be cut.
The shortest common duration is found by bisection: a duration is feasible when the sorties, each
filled up to it, take all lanes (a linear-partition argument; the same method as Toth and Vigo's
min-max route-first cluster-second heuristics).
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from mission_plans.lanes import Lane
from mission_plans.routing import Router

__all__ = ["Allocation", "Slot", "allocate"]

TURN_S = 3.0
"""Slowing down and turning at the end of a lane."""

PRECISION_S = 0.25
WORTH_IT_S = 0.5
"""Another order of the aircraft must be at least this much shorter."""

MOST_ROUNDS = 12
MOST_ORDERS = 12
MOST_PERMUTATIONS = 720
SHORTEST_CUT_M = 5.0


@dataclass(frozen=True, slots=True)
class Slot:
    """One possible sortie: an aircraft with a full battery."""

    vehicle: int
    order: int
    launch: tuple[float, float]
    cruise_ms: float
    capacity_s: float
    """Longest time between take-off and landing that the reserve allows, less climb and landing."""


@dataclass(frozen=True, slots=True)
class Allocation:
    """Who flies which lanes."""

    slots: tuple[Slot, ...]
    lanes: tuple[tuple[Lane, ...], ...]
    """Of each slot, in flying order."""
    longest_s: float
    complete: bool
    """False when even the largest number of sorties can't fly all lanes."""


def _seconds(router: Router, slot: Slot, a: tuple[float, float], b: tuple[float, float]) -> float:
    return router.way(a, b)[0] / slot.cruise_ms


def _fill(
    lanes: Sequence[Lane], slots: Sequence[Slot], router: Router, limit_s: float
) -> tuple[list[tuple[Lane, ...]], bool]:
    """Give each slot as many lanes as fit into `limit_s`; say whether all were taken."""
    waiting = list(reversed(lanes))
    shares: list[tuple[Lane, ...]] = []
    for slot in slots:
        most_s = min(limit_s, slot.capacity_s)
        share: list[Lane] = []
        here, used_s = slot.launch, 0.0
        while waiting:
            lane = waiting[-1]
            start, end = (lane.x0, lane.y0), (lane.x1, lane.y1)
            arrive_s = used_s + _seconds(router, slot, here, start) + (TURN_S if share else 0.0)
            lane_s = lane.length_m / slot.cruise_ms
            if arrive_s + lane_s + _seconds(router, slot, end, slot.launch) <= most_s:
                share.append(waiting.pop())
                here, used_s = end, arrive_s + lane_s
                continue
            part = _largest_part(lane, slot, router, most_s - arrive_s)
            if part * lane.length_m >= SHORTEST_CUT_M:
                share.append(lane.part(0, part))
                waiting[-1] = lane.part(part, 1)
            break
        shares.append(tuple(share))
    return shares, not waiting


def _largest_part(lane: Lane, slot: Slot, router: Router, left_s: float) -> float:
    low, high = 0.0, 1.0
    if left_s <= 0:
        return 0.0
    for _ in range(10):
        middle = (low + high) / 2
        piece = lane.part(0, middle)
        back_s = _seconds(router, slot, (round(piece.x1, 1), round(piece.y1, 1)), slot.launch)
        if piece.length_m / slot.cruise_ms + back_s <= left_s:
            low = middle
        else:
            high = middle
    return low


def _orders(first: Sequence[Slot]) -> list[tuple[int, ...]]:
    """Return the orders worth trying: those that differ in more than identical aircraft."""
    alike = [(slot.launch, slot.cruise_ms, slot.capacity_s) for slot in first]
    seen: set[tuple[object, ...]] = set()
    orders: list[tuple[int, ...]] = []
    for order in itertools.islice(itertools.permutations(range(len(first))), MOST_PERMUTATIONS):
        look = tuple(alike[index] for index in order)
        if look not in seen:
            seen.add(look)
            orders.append(order)
        if len(orders) == MOST_ORDERS:
            break
    return orders


def allocate(lanes: Sequence[Lane], first: Sequence[Slot], router: Router) -> Allocation:
    """Share `lanes` among the aircraft of `first`, with as few battery changes as needed.

    Args:
        lanes: in flying order.
        first: one slot per aircraft, order 0; further rounds are added when the area needs them.
        router: ways between points.

    Raises:
        BlockedError: an aircraft can't reach a lane at all.
    """
    orders = _orders(first)

    def slots_for(order: Sequence[int], count: int) -> list[Slot]:
        slots: list[Slot] = []
        for index in range(count):
            base = first[order[index % len(first)]]
            slots.append(
                Slot(
                    base.vehicle, index // len(first), base.launch, base.cruise_ms, base.capacity_s
                )
            )
        return slots

    most_s = max(slot.capacity_s for slot in first)
    for count in range(len(first), len(first) * MOST_ROUNDS + 1):
        feasible = [o for o in orders if _fill(lanes, slots_for(o, count), router, most_s)[1]]
        if not feasible:
            continue
        best: tuple[float, list[Slot], list[tuple[Lane, ...]]] | None = None
        for order in feasible:
            slots = slots_for(order, count)
            low, high = 0.0, most_s if best is None else best[0]
            if best is not None:
                high -= WORTH_IT_S
            shares, complete = _fill(lanes, slots, router, high)
            if not complete:
                continue
            while high - low > PRECISION_S:
                middle = (low + high) / 2
                trial, complete = _fill(lanes, slots, router, middle)
                if complete:
                    high, shares = middle, trial
                else:
                    low = middle
            best = (high, slots, shares)
        if best is not None:
            used = [(s, share) for s, share in zip(best[1], best[2], strict=True) if share]
            return Allocation(
                slots=tuple(s for s, _ in used),
                lanes=tuple(share for _, share in used),
                longest_s=best[0],
                complete=True,
            )
    slots = slots_for(orders[0], len(first) * MOST_ROUNDS)
    shares, _ = _fill(lanes, slots, router, most_s)
    used = [(s, share) for s, share in zip(slots, shares, strict=True) if share]
    return Allocation(
        slots=tuple(s for s, _ in used),
        lanes=tuple(share for _, share in used),
        longest_s=math.inf,
        complete=False,
    )
