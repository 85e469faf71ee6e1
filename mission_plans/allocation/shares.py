"""Sharing lanes among aircraft so that the longest sortie is as short as possible.

Lanes keep their flying order; every sortie takes the next stretch of it, and a lane may be cut.
The shortest common duration is found by bisection: a duration is feasible when the sorties, each
filled up to it, take all lanes (a linear-partition argument; the same method as Toth and Vigo's
min-max route-first cluster-second heuristics).
"""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from mission_plans.allocation.flight_model import FlightModel, Leg
from mission_plans.allocation.ground_speed import LaneCost
from mission_plans.coverage.lanes import Lane
from mission_plans.coverage.routing import Router

__all__ = [
    "LONG_HOP_M",
    "TURN_S",
    "Allocation",
    "Slot",
    "Ways",
    "allocate",
    "fits",
    "passing_order",
]

TURN_S = 3.0
"""Slowing down and turning at the end of a lane."""

LONG_HOP_M = 200.0
"""Ways between lanes longer than this are flown at transit speed."""

PRECISION = 0.0004
"""The longest sortie is found to this share of itself."""

WORTH_IT_S = 0.5
"""Another order of the aircraft must be at least this much shorter."""

MOST_ROUNDS = 12
MOST_ORDERS = 12
MOST_PERMUTATIONS = 720
SHORTEST_CUT_M = 5.0
SPARE = 0.97
PROBES = 12
CUT_STEPS = 10
MARK_M = 100.0

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Slot:
    """One possible sortie: an aircraft with a full battery."""

    vehicle: int
    order: int
    launch: Point
    model: FlightModel
    energy_s: float
    """Energy between take-off and landing that the reserve allows, `overhead` included."""
    overhead: Leg
    """Take-off, landing, and what the ground adds to the flat way: known from an earlier try."""


@dataclass(frozen=True, slots=True)
class Allocation:
    """Who flies which lanes."""

    slots: tuple[Slot, ...]
    lanes: tuple[tuple[Lane, ...], ...]
    """Of each slot, in flying order."""
    costs: tuple[Leg, ...]
    """Of each slot, overhead included."""
    longest_s: float
    complete: bool
    """False when even the largest number of sorties can't fly all lanes."""
    orders: tuple[tuple[int, ...], ...]
    """The order in which the aircraft take lanes, to ask for again."""


@dataclass(frozen=True, slots=True)
class _Share:
    lanes: tuple[Lane, ...]
    cost: Leg


class Ways:
    """Costs of the allowed ways between points, remembered: bisection asks again and again."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self._known: dict[tuple[Point, Point, FlightModel, bool], Leg] = {}

    def cost(self, model: FlightModel, a: Point, b: Point, *, between_lanes: bool = False) -> Leg:
        """Return the cost of the way; between lanes short ways are flown at search speed.

        Raises:
            BlockedError: no allowed way exists.
        """
        key = (a, b, model, between_lanes)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._cost(model, a, b, between_lanes)
        return known

    def from_lane(self, model: FlightModel, lane: Lane, at: float, b: Point) -> Leg:
        """Return the cost of the way to `b` from a fraction of a lane.

        Between marks along the lane it is interpolated: cuts are tried by the thousand.
        """
        marks = max(1, math.ceil(lane.length_m / MARK_M))
        first = min(int(at * marks), marks - 1)
        part = at * marks - first
        return self._from_mark(model, lane, first, marks, b).times(1 - part) + self._from_mark(
            model, lane, first + 1, marks, b
        ).times(part)

    def _from_mark(self, model: FlightModel, lane: Lane, mark: int, marks: int, b: Point) -> Leg:
        x = lane.x0 + (lane.x1 - lane.x0) * mark / marks
        y = lane.y0 + (lane.y1 - lane.y0) * mark / marks
        return self.cost(model, (x, y), b)

    def _cost(self, model: FlightModel, a: Point, b: Point, between_lanes: bool) -> Leg:
        length_m, points = self._router.way(a, b)
        slow = between_lanes and length_m <= LONG_HOP_M
        speed_ms = model.cruise_ms if slow else model.transit_ms
        cost = Leg(0.0, 0.0)
        for p, q in itertools.pairwise((a, *points)):
            cost += model.level(q[0] - p[0], q[1] - p[1], speed_ms)
        return cost


def _fill(
    lanes: Sequence[Lane],
    slots: Sequence[Slot],
    ways: Ways,
    costs: LaneCost,
    limit_s: float,
) -> tuple[list[_Share], bool]:
    """Give each slot as many lanes as fit into `limit_s`; say whether all were taken."""
    waiting = [(lane, lane, 1.0) for lane in reversed(lanes)]
    shares: list[_Share] = []
    for slot in slots:
        share: list[Lane] = []
        here, used = slot.launch, slot.overhead
        home = Leg(0.0, 0.0)
        while waiting:
            lane, whole, rest = waiting[-1]
            turn = Leg(TURN_S, TURN_S) if share else Leg(0.0, 0.0)
            arrive = used + turn
            if lane.start != here:
                arrive += ways.cost(slot.model, here, lane.start, between_lanes=bool(share))
            flight = costs.of(whole, slot.model).times(rest)
            back = ways.cost(slot.model, lane.end, slot.launch)
            total = arrive + flight + back
            if total.seconds <= limit_s and total.energy_s <= slot.energy_s:
                share.append(lane)
                waiting.pop()
                here, used, home = lane.end, arrive + flight, back
                continue
            part, piece_home = _largest_part(whole, rest, flight, slot, ways, arrive, limit_s)
            if part * lane.length_m >= SHORTEST_CUT_M:
                share.append(lane.part(0, part))
                waiting[-1] = (lane.part(part, 1), whole, rest * (1 - part))
                used, home = arrive + flight.times(part), piece_home
            break
        shares.append(_Share(tuple(share), used + home))
    return shares, not waiting


def _largest_part(
    whole: Lane, rest: float, flight: Leg, slot: Slot, ways: Ways, arrive: Leg, limit_s: float
) -> tuple[float, Leg]:
    """Return how much of the last `rest` of a lane fits, and the way home from there."""
    low, high = 0.0, 1.0
    home = Leg(0.0, 0.0)
    if arrive.seconds >= limit_s or arrive.energy_s >= slot.energy_s or whole.length_m == 0:
        return 0.0, home
    for _ in range(CUT_STEPS):
        middle = (low + high) / 2
        back = ways.from_lane(slot.model, whole, 1 - rest * (1 - middle), slot.launch)
        total = arrive + flight.times(middle) + back
        if total.seconds <= limit_s and total.energy_s <= slot.energy_s:
            low, home = middle, back
        else:
            high = middle
    return low, home


def passing_order(slots: Sequence[Slot], lanes: Sequence[Lane]) -> tuple[int, ...]:
    """Return the order in which lanes in flying order pass the launch points of sorties."""

    def passed_at(index: int) -> int:
        launch = slots[index].launch
        away = [math.dist(launch, lane.start) + math.dist(launch, lane.end) for lane in lanes]
        return min(range(len(lanes)), key=away.__getitem__, default=0)

    return tuple(sorted(range(len(slots)), key=passed_at))


def _orders(first: Sequence[Slot], lanes: Sequence[Lane]) -> list[tuple[int, ...]]:
    """Return the orders worth trying: those that differ in more than identical aircraft.

    First comes the order in which the lanes pass the launch points.
    """

    passing = passing_order(first, lanes)
    alike = [replace(slot, vehicle=0) for slot in first]
    seen: set[tuple[Slot, ...]] = set()
    orders: list[tuple[int, ...]] = []
    others = itertools.islice(itertools.permutations(range(len(first))), MOST_PERMUTATIONS)
    for order in itertools.chain((passing, passing[::-1]), others):
        look = tuple(alike[index] for index in order)
        if look not in seen:
            seen.add(look)
            orders.append(order)
        if len(orders) == MOST_ORDERS:
            break
    return orders


def allocate(
    lanes: Sequence[Lane],
    first: Sequence[Slot],
    ways: Ways,
    costs: LaneCost,
    overheads: Mapping[tuple[int, int], Leg] | None = None,
    orders: Sequence[tuple[int, ...]] | None = None,
) -> Allocation:
    """Share `lanes` among the aircraft of `first`, with as few battery changes as needed.

    Args:
        lanes: in flying order.
        first: one slot per aircraft, order 0; further rounds are added when the area needs them.
        ways: between points.
        costs: of lanes.
        overheads: by (aircraft, round), where better known than the first slots say.
        orders: in which the aircraft take lanes; None tries those worth it.

    Raises:
        BlockedError: an aircraft can't reach a lane at all.
    """
    tried = _orders(first, lanes) if orders is None else orders
    swept_s = min(sum(costs.of(lane, s.model).seconds for lane in lanes) for s in first)

    def slots_for(order: Sequence[int], count: int) -> list[Slot]:
        slots: list[Slot] = []
        for index in range(count):
            base, turn = first[order[index % len(first)]], index // len(first)
            overhead = (overheads or {}).get((base.vehicle, turn), base.overhead)
            slots.append(replace(base, order=turn, overhead=overhead))
        return slots

    most_s = max(2 * slot.energy_s + slot.overhead.seconds for slot in first)
    for count in range(_fewest(lanes, first, costs), len(first) * MOST_ROUNDS + 1):
        best: Allocation | None = None
        for order in tried:
            slots = slots_for(order, count)
            high = most_s if best is None else best.longest_s - WORTH_IT_S
            shares, complete = _fill(lanes, slots, ways, costs, high)
            if not complete:
                continue
            low = swept_s / count
            high = min(high, max(share.cost.seconds for share in shares))
            high, shares = _shortest(lanes, slots, ways, costs, low, high, shares)
            # Lanes cut elsewhere change what follows: a shorter limit may fit where a longer did
            # not. A last sortie with time to spare says that it is worth looking.
            if shares[-1].cost.seconds < SPARE * high:
                for step in range(1, PROBES + 1):
                    limit_s = high * (1 - step / PROBES * (1 - SPARE))
                    trial, complete = _fill(lanes, slots, ways, costs, limit_s)
                    if complete:
                        high, shares = _shortest(lanes, slots, ways, costs, low, limit_s, trial)
                        break
            best = _allocation(slots, shares, order, complete=True)
        if best is not None:
            return best
    slots = slots_for(tried[0], len(first) * MOST_ROUNDS)
    shares, _ = _fill(lanes, slots, ways, costs, most_s)
    return _allocation(slots, shares, tried[0], complete=False)


def _shortest(
    lanes: Sequence[Lane],
    slots: Sequence[Slot],
    ways: Ways,
    costs: LaneCost,
    low: float,
    high: float,
    shares: list[_Share],
) -> tuple[float, list[_Share]]:
    """Return the shortest limit found by bisection below a known feasible one, and its shares."""
    while high - low > PRECISION * high:
        middle = (low + high) / 2
        trial, complete = _fill(lanes, slots, ways, costs, middle)
        if complete:
            high, shares = middle, trial
        else:
            low = middle
    return high, shares


def fits(
    lanes: Sequence[Lane], slots: Sequence[Slot], ways: Ways, costs: LaneCost, limit_s: float
) -> bool:
    """Whether these sorties, each within `limit_s`, can fly all lanes in their order.

    Raises:
        BlockedError: an aircraft can't reach a lane at all.
    """
    return _fill(lanes, slots, ways, costs, limit_s)[1]


def _fewest(lanes: Sequence[Lane], first: Sequence[Slot], costs: LaneCost) -> int:
    """Return a number of sorties that is certainly not too many."""
    most_s = max(slot.energy_s for slot in first)
    if most_s <= 0:
        return len(first)
    fastest = min(
        (sum(costs.of(lane, slot.model).energy_s for lane in lanes) for slot in first),
        default=0.0,
    )
    return max(len(first), min(len(first) * MOST_ROUNDS, math.floor(fastest / most_s)))


def _allocation(
    slots: Sequence[Slot], shares: Sequence[_Share], order: tuple[int, ...], *, complete: bool
) -> Allocation:
    used = [(s, share) for s, share in zip(slots, shares, strict=True) if share.lanes]
    return Allocation(
        slots=tuple(s for s, _ in used),
        lanes=tuple(share.lanes for _, share in used),
        costs=tuple(share.cost for _, share in used),
        longest_s=max((s.cost.seconds for _, s in used), default=0.0) if complete else math.inf,
        complete=complete,
        orders=(order,),
    )
