"""Sharing lanes among aircraft so that the longest sortie is as short as possible.

Lanes keep their flying order; every sortie takes the next stretch of it, and a lane may be cut.
The shortest common duration is found by bisection: a duration is feasible when the sorties, each
filled up to it, take all lanes (a linear-partition argument; the same method as Toth and Vigo's
min-max route-first cluster-second heuristics).
"""

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mission_plans.allocation.flight_model import FlightModel, Leg
from mission_plans.allocation.ground_speed import LaneCost, WayGround
from mission_plans.coverage.lanes import Lane
from mission_plans.coverage.routing import Router

__all__ = [
    "LONG_HOP_M",
    "MANY_ROUNDS",
    "MOST_ROUNDS",
    "NOTHING",
    "Allocation",
    "Late",
    "Slot",
    "Ways",
    "allocate",
    "fits",
    "passing_order",
]

LONG_HOP_M = 200.0
"""Ways between lanes longer than this are flown at transit speed."""

PRECISION = 0.0004
"""The longest sortie is found to this share of itself."""
MANY_ROUNDS = 3
"""With more flights of each aircraft than this, every battery is flown out."""
MANY_AIRCRAFT = 10
"""So many fly more than one round in the order in which the lanes pass them, and no other."""

WORTH_IT_S = 0.5
"""Another order of the aircraft must be at least this much shorter."""

MOST_ROUNDS = 12
MOST_ORDERS = 12
MOST_PERMUTATIONS = 720
SHORTEST_CUT_M = 5.0
NEAR_M = 500.0
"""Flights that begin this near each other cost as much."""

CRUMB = 0.15
"""A sortie that searches with less than this part of its battery is worth another's try."""

SPARE = 0.97
PROBES = 12
CUT_STEPS = 10
MARK_M = 250.0

Point = tuple[float, float]

NOTHING = Leg(0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Slot:
    """One possible sortie."""

    vehicle: int
    order: int
    launch: Point
    model: FlightModel
    energy_s: float
    """Energy between take-off and landing that the reserve allows, `overhead` included."""
    fresh_energy_s: float
    """The same with a full battery, for later rounds."""
    overhead: Leg
    """Take-off and landing."""
    endurance_s: float

    def keeping_back(self, fraction: float) -> "Slot":
        """Return the same sortie with that much less of the endurance to use."""
        back_s = self.endurance_s * fraction
        return replace(
            self,
            energy_s=max(0.0, self.energy_s - back_s),
            fresh_energy_s=max(0.0, self.fresh_energy_s - back_s),
        )


class Late:
    """What the ground adds to the reckoned cost of flights, known from an earlier try.

    It depends on where the flight goes, and from where: the nearest flight from the same launch
    point tells.
    """

    def __init__(self, flown: Sequence[tuple[Point, Point, Leg]] = ()) -> None:
        """Take (launch point, where its lanes begin, cost besides the reckoned) of each flight."""
        self._flown = list(flown)
        self._from: dict[Point, tuple[NDArray[np.float64], list[Leg]]] = {}
        for launch in {launch for launch, _, _ in flown}:
            here = [(start, more) for at, start, more in flown if at == launch]
            self._from[launch] = np.array([start for start, _ in here]), [leg for _, leg in here]

    def of(self, launch: Point, start: Point) -> Leg:
        """Return what a flight costs besides; nothing where none was flown from there."""
        known = self._from.get(launch)
        if known is None:
            return NOTHING
        starts, more = known
        return more[int(np.argmin(((starts - start) ** 2).sum(axis=1)))]

    def with_flown(self, flown: Sequence[tuple[Point, Point, Leg]]) -> "Late":
        """Return what is known after more flights; of old ones those that none was flown near."""

        def near(launch: Point, start: Point) -> bool:
            return any(at == launch and math.dist(start, s) < NEAR_M for at, s, _ in flown)

        return Late([*flown, *(old for old in self._flown if not near(old[0], old[1]))])


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
    slot: Slot
    lanes: tuple[Lane, ...]
    cost: Leg


class Ways:
    """Costs of the allowed ways between points, remembered: bisection asks again and again."""

    def __init__(self, router: Router, ground: WayGround | None = None) -> None:
        """Take the ways and the ground under them; None for level ground."""
        self._router = router
        self._ground = ground
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
        cost = NOTHING
        for p, q in itertools.pairwise((a, *points)):
            if self._ground is None or slow:
                cost += model.level(q[0] - p[0], q[1] - p[1], speed_ms)
            else:
                cost += self._ground.flown(model, p, q, speed_ms)
        return cost


_Waiting = list[tuple[Lane, Lane, float]]
"""What is left: (piece of a lane, the whole lane, share of it that the piece is), next one last."""


def _fill(
    lanes: Sequence[Lane],
    slots: Sequence[Slot],
    ways: Ways,
    costs: LaneCost,
    limit_s: float,
    late: Late,
) -> tuple[list[_Share], bool]:
    """Give each slot as many lanes as fit into `limit_s`; say whether all were taken.

    A slot whose launch point is too far for more than a crumb of what comes next waits until the
    lanes come nearer; it gets the crumb when nobody else can take more.
    """
    waiting: _Waiting = [(lane, lane, 1.0) for lane in reversed(lanes)]
    left = list(slots)
    shares: list[_Share] = []
    while waiting and left:
        best: tuple[float, int, _Share, _Waiting] | None = None
        refused: set[tuple[Point, FlightModel, float]] = set()
        for index, slot in enumerate(left):
            look = (slot.launch, slot.model, slot.energy_s)
            if look in refused:
                continue
            rest = waiting.copy()
            share, swept_s = _take(slot, rest, ways, costs, limit_s, late)
            if share.lanes and (best is None or swept_s > best[0]):
                best = (swept_s, index, share, rest)
            if share.lanes and (not rest or swept_s >= CRUMB * slot.energy_s):
                break
            refused.add(look)
        if best is None:
            break
        _, index, share, waiting = best
        del left[index]
        shares.append(share)
    return shares, not waiting


def _take(
    slot: Slot, waiting: _Waiting, ways: Ways, costs: LaneCost, limit_s: float, late: Late
) -> tuple[_Share, float]:
    """Take as much off `waiting` as one sortie flies; return it, and the energy of its lanes."""
    share: list[Lane] = []
    here, used, home, swept_s = slot.launch, slot.overhead, NOTHING, 0.0
    if waiting:
        used += late.of(slot.launch, waiting[-1][0].start)
    while waiting:
        lane, whole, rest = waiting[-1]
        arrive = used + (slot.model.turn if share else NOTHING)
        if lane.start != here:
            arrive += ways.cost(slot.model, here, lane.start, between_lanes=bool(share))
        flight = costs.of(whole, slot.model).times(rest)
        back = ways.cost(slot.model, lane.end, slot.launch)
        total = arrive + flight + back
        if total.seconds <= limit_s and total.energy_s <= slot.energy_s:
            share.append(lane)
            waiting.pop()
            here, used, home = lane.end, arrive + flight, back
            swept_s += flight.energy_s
            continue
        part, piece_home = _largest_part(whole, rest, flight, slot, ways, arrive, limit_s)
        if part * lane.length_m >= SHORTEST_CUT_M:
            share.append(lane.part(0, part))
            waiting[-1] = (lane.part(part, 1), whole, rest * (1 - part))
            used, home = arrive + flight.times(part), piece_home
            swept_s += flight.energy_s * part
        break
    return _Share(slot, tuple(share), used + home), swept_s


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
    late: Late | None = None,
    orders: Sequence[tuple[int, ...]] | None = None,
    *,
    fewest: int = 0,
) -> Allocation:
    """Share `lanes` among the aircraft of `first`, with as few battery changes as needed.

    Args:
        lanes: in flying order.
        first: one slot per aircraft, order 0; further rounds are added when the area needs them.
        ways: between points.
        costs: of lanes.
        late: what flights begun at a lane cost besides; None for nothing known.
        orders: in which the aircraft take lanes; None tries those worth it.
        fewest: sorties to begin with.

    Raises:
        BlockedError: an aircraft can't reach a lane at all.
    """
    tried = _orders(first, lanes) if orders is None else orders
    known = late or Late()
    swept_s = min(sum(costs.of(lane, s.model).seconds for lane in lanes) for s in first)

    def slots_for(order: Sequence[int], count: int) -> list[Slot]:
        slots: list[Slot] = []
        for index in range(count):
            base, turn = first[order[index % len(first)]], index // len(first)
            energy_s = base.fresh_energy_s if turn else base.energy_s
            slots.append(replace(base, order=turn, energy_s=energy_s))
        return slots

    most_s = max(2 * slot.fresh_energy_s + slot.overhead.seconds for slot in first)
    most = len(first) * MOST_ROUNDS

    def possible(count: int) -> bool:
        return any(_fill(lanes, slots_for(o, count), ways, costs, most_s, known)[1] for o in tried)

    begin = max(fewest, _fewest(lanes, first, costs))
    if begin > MANY_ROUNDS * len(first) or (len(first) > MANY_AIRCRAFT and begin > len(first)):
        # Whoever is too far waits: over many sorties the order hardly matters.
        tried = tried[:1]
    count = _least(begin, most, possible)
    if count is None:
        slots = slots_for(tried[0], most)
        shares, _ = _fill(lanes, slots, ways, costs, most_s, known)
        return _allocation(shares, tried[0], complete=False)
    best: Allocation | None = None
    for order in tried:
        slots = slots_for(order, count)
        high = most_s if best is None else best.longest_s - WORTH_IT_S
        shares, complete = _fill(lanes, slots, ways, costs, high, known)
        if not complete:
            continue
        if count > MANY_ROUNDS * len(first):
            # Every battery is flown out: nobody waits for the longest of so many sorties.
            return _allocation(shares, order, complete=True)
        low = swept_s / count
        high = min(high, max(share.cost.seconds for share in shares))
        high, shares = _shortest(lanes, slots, ways, costs, low, high, shares, known)
        # Lanes cut elsewhere change what follows: a shorter limit may fit where a longer did
        # not. A last sortie with time to spare says that it is worth looking.
        if shares[-1].cost.seconds < SPARE * high:
            for step in range(1, PROBES + 1):
                limit_s = high * (1 - step / PROBES * (1 - SPARE))
                trial, complete = _fill(lanes, slots, ways, costs, limit_s, known)
                if complete:
                    high, shares = _shortest(lanes, slots, ways, costs, low, limit_s, trial, known)
                    break
        best = _allocation(shares, order, complete=True)
    assert best is not None
    return best


def _least(fewest: int, most: int, possible: Callable[[int], bool]) -> int | None:
    """Return the least number that is possible, by growing steps and halving; None for none."""
    below, step = fewest - 1, 1
    while below + step < most and not possible(below + step):
        below, step = below + step, step * 2
    above = min(below + step, most)
    if not possible(above):
        return None
    while above - below > 1:
        middle = (below + above) // 2
        if possible(middle):
            above = middle
        else:
            below = middle
    return above


def _shortest(
    lanes: Sequence[Lane],
    slots: Sequence[Slot],
    ways: Ways,
    costs: LaneCost,
    low: float,
    high: float,
    shares: list[_Share],
    known: Late,
) -> tuple[float, list[_Share]]:
    """Return the shortest limit found by bisection below a known feasible one, and its shares."""
    while high - low > PRECISION * high:
        middle = (low + high) / 2
        trial, complete = _fill(lanes, slots, ways, costs, middle, known)
        if complete:
            high, shares = middle, trial
        else:
            low = middle
    return high, shares


def fits(
    lanes: Sequence[Lane],
    slots: Sequence[Slot],
    ways: Ways,
    costs: LaneCost,
    limit_s: float,
    known: Late,
) -> bool:
    """Whether these sorties, each within `limit_s`, can fly all lanes in their order.

    Raises:
        BlockedError: an aircraft can't reach a lane at all.
    """
    return _fill(lanes, slots, ways, costs, limit_s, known)[1]


def _fewest(lanes: Sequence[Lane], first: Sequence[Slot], costs: LaneCost) -> int:
    """Return a number of sorties that is certainly not too many."""
    most_s = max(slot.fresh_energy_s for slot in first)
    if most_s <= 0:
        return len(first)
    fastest = min(
        (sum(costs.of(lane, slot.model).energy_s for lane in lanes) for slot in first),
        default=0.0,
    )
    return max(len(first), min(len(first) * MOST_ROUNDS, math.floor(fastest / most_s)))


def _allocation(shares: Sequence[_Share], order: tuple[int, ...], *, complete: bool) -> Allocation:
    return Allocation(
        slots=tuple(share.slot for share in shares),
        lanes=tuple(share.lanes for share in shares),
        costs=tuple(share.cost for share in shares),
        longest_s=max((s.cost.seconds for s in shares), default=0.0) if complete else math.inf,
        complete=complete,
        orders=(order,),
    )
