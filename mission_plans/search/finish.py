"""From an order of lanes to a finished plan: shares, heights, times, what is seen, checks."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import shapely
from shapely.geometry.base import BaseGeometry

from mission_plans.allocation.bounds import lower_bound_s
from mission_plans.allocation.flight_model import Leg
from mission_plans.allocation.planned_views import PlannedViews, planned_views
from mission_plans.allocation.return_layers import check_return_layers
from mission_plans.allocation.schedule import scheduled
from mission_plans.allocation.shares import (
    MANY_ROUNDS,
    Allocation,
    Late,
    Slot,
    allocate,
    fits,
    passing_order,
)
from mission_plans.allocation.situation import Situation
from mission_plans.allocation.sorties import build_sortie
from mission_plans.coverage.cells import cells_of
from mission_plans.coverage.lanes import Lane, inserted, swept_length_m, with_lead_in
from mission_plans.coverage.tours import short_tour
from mission_plans.ground.seen_ground import SeenGround
from mission_plans.rules.checks import (
    check_airspace,
    check_clearance,
    check_coverage,
    check_outlines,
    check_relay,
    check_separation,
    check_swath,
)
from mission_plans.rules.endurance import check_endurance, over_limit
from mission_plans.rules.finding import check_finding, finding
from mission_plans.search.tries import Proposal
from mission_plans.values.plan import PlanMetrics, SearchPlan, SortiePlan

__all__ = ["Sharing", "better", "finished"]

MOST_REVISIONS = 8
LEARNING_REVISIONS = 4
LEAST_KEPT_BACK = 0.01
SPARE_SORTIES = 4
"""A revision seldom needs fewer sorties than the one before, and hardly ever this many fewer."""

"""Rounds of sharing lanes anew after finished sorties turned out longer or shorter than thought."""

GOOD_ENOUGH = 0.004
"""Sorties within this share of what was thought need no further round."""

SMALLEST_GAP_M2 = 300.0
WORTH_FILLING = 0.002
"""Share of the area that must be unseen before lanes are added for it."""

RELIEF_LAYER_M = 30.0
"""Every second sortie of a relay flies this much higher, more than the vertical separation."""

OBLIQUE_DEG = -75.0
"""Cameras flatter than this look ahead of the aircraft; lanes begin that much earlier."""


@dataclass(frozen=True, slots=True)
class _Flown:
    allocation: Allocation
    sorties: list[SortiePlan]
    late: Late
    """What the ground was thought to add."""
    excess: float
    """Largest use of battery beyond the reserve, as a share of the endurance."""
    longest_s: float


def _lanes(situation: Situation, lanes: Sequence[Lane]) -> list[Lane]:
    """Return the lanes as flown: begun earlier where the camera looks ahead."""
    camera = max((a.camera for a in situation.request.aircraft), key=lambda c: c.pitch_deg)
    if camera.pitch_deg <= OBLIQUE_DEG or situation.area is None:
        return list(lanes)
    depression_deg = max(15.0, -camera.pitch_deg)
    ahead_m = situation.request.agl_m / math.tan(math.radians(depression_deg))
    flown: list[Lane] = []
    for lane in lanes:
        early = with_lead_in(lane, ahead_m)
        flown.append(early if situation.router.clear(early.start, early.end) else lane)
    return flown


@dataclass(frozen=True, slots=True)
class Sharing:
    """How the sorties of a plan share its lanes: what other orders of lanes are held against."""

    slots: tuple[Slot, ...]
    longest_s: float


def better(situation: Situation, proposal: Proposal, known: Sharing, share: float) -> bool:
    """Whether the same sorties fly a proposal with the longest at most `share` as long.

    Raises:
        BlockedError: an aircraft can't reach a lane.
    """
    lanes = _lanes(situation, proposal.lanes)
    limit_s = known.longest_s * share
    orders = [known.slots]
    if len({slot.vehicle for slot in known.slots}) == len(known.slots):
        # Other lanes pass the launch points in another order.
        passing = tuple(known.slots[i] for i in passing_order(known.slots, lanes))
        orders += [passing, passing[::-1]]
    return any(
        fits(lanes, slots, situation.ways, situation.lane_cost, limit_s, Late())
        for slots in dict.fromkeys(orders)
    )


def finished(plan_id: str, situation: Situation, proposal: Proposal) -> tuple[SearchPlan, Sharing]:
    """Return the plan that flies a proposal, and how its sorties share the lanes.

    Raises:
        NoTerrainError: the flight crosses ground without data.
        BlockedError: an aircraft can't reach a lane.
    """
    lanes = _lanes(situation, proposal.lanes)
    flown = _flown(plan_id, situation, lanes)
    views = planned_views(flown.sorties, situation)
    searched = situation.area if situation.area is not None else _swaths(situation, lanes)
    seen = SeenGround(searched)
    seen.mark(views.views)
    if flown.allocation.complete:
        more = _filling(situation, proposal, seen)
        if more:
            fuller = _flown(plan_id, situation, inserted(lanes, more))
            if fuller.allocation.complete and fuller.excess <= 0:
                flown = fuller
                views = planned_views(flown.sorties, situation)
                seen = SeenGround(searched)
                seen.mark(views.views)
    plan = _plan(plan_id, situation, proposal, flown, views, seen, searched)
    # Other lanes are held against these sorties with what the ground added to each.
    slots = tuple(
        replace(slot, overhead=slot.overhead + flown.late.of(slot.launch, lanes[0].start))
        for slot, lanes in zip(flown.allocation.slots, flown.allocation.lanes, strict=True)
    )
    return plan, Sharing(slots, flown.allocation.longest_s)


def _flown(plan_id: str, situation: Situation, lanes: list[Lane]) -> _Flown:
    """Share lanes and build sorties until what was thought of them is what they take."""
    first = situation.slots()
    late = Late()
    orders = None
    best: _Flown | None = None
    kept_back = 0.0
    for revision in range(MOST_REVISIONS):
        allocation = allocate(
            lanes,
            [slot.keeping_back(kept_back) for slot in first],
            situation.ways,
            situation.lane_cost,
            late,
            orders,
            fewest=len(best.sorties) - SPARE_SORTIES if best else 0,
        )
        sorties = [
            build_sortie(plan_id, situation, slot, list(share), _raise_m(situation, index))
            for index, (slot, share) in enumerate(
                zip(allocation.slots, allocation.lanes, strict=True)
            )
        ]
        trial = _weighed(situation, allocation, sorties, late)
        if not allocation.complete:
            best = best or trial
            break
        if best is None or _order(trial) < _order(best):
            best = trial
        orders = allocation.orders
        residual = [
            Leg(
                sortie.duration_s - thought.seconds,
                sortie.energy_fraction * situation.request.aircraft[slot.vehicle].endurance_s
                - thought.energy_s,
            )
            for slot, thought, sortie in zip(
                allocation.slots, allocation.costs, sorties, strict=True
            )
        ]
        # Many rounds are held apart by their batteries, not by who is home last.
        many = len(sorties) > MANY_ROUNDS * len(first)
        if trial.excess <= 0 and (
            many
            or all(
                abs(more.seconds) <= GOOD_ENOUGH * sortie.duration_s
                for more, sortie in zip(residual, sorties, strict=True)
            )
        ):
            break
        if revision < (1 if many else LEARNING_REVISIONS - 1):
            late = _learnt(late, allocation, residual)
        elif trial.excess > 0:
            # Where learning more only moves the fault from sortie to sortie, all keep some back.
            kept_back += max(trial.excess, LEAST_KEPT_BACK)
    assert best is not None
    return best


def _learnt(late: Late, allocation: Allocation, residual: Sequence[Leg]) -> Late:
    """Return what flights cost besides the reckoned, now that these have been worked out."""
    return late.with_flown(
        [
            (slot.launch, lanes[0].start, late.of(slot.launch, lanes[0].start) + more)
            for slot, lanes, more in zip(allocation.slots, allocation.lanes, residual, strict=True)
        ]
    )


def _raise_m(situation: Situation, index: int) -> float:
    """Return how much higher a sortie flies its lanes: a relief meets the one it relieves."""
    return RELIEF_LAYER_M * (index % 2) if situation.request.relay else 0.0


def _weighed(
    situation: Situation,
    allocation: Allocation,
    sorties: list[SortiePlan],
    late: Late,
) -> _Flown:
    return _Flown(
        allocation,
        sorties,
        late=late,
        excess=max((over_limit(s, situation.request) for s in sorties), default=0.0),
        longest_s=max((s.duration_s for s in sorties), default=0.0),
    )


def _order(flown: _Flown) -> tuple[bool, float, int, float]:
    return (
        not flown.allocation.complete,
        round(flown.excess, 4),
        len(flown.sorties),
        flown.longest_s,
    )


def _swaths(situation: Situation, lanes: Sequence[Lane]) -> BaseGeometry:
    """Return the ground that a pattern without an area means to search."""
    half_m = situation.swath_m / 2 * 0.9
    return shapely.union_all(
        [shapely.LineString([lane.start, lane.end]).buffer(half_m) for lane in lanes]
    )


def _filling(situation: Situation, proposal: Proposal, seen: SeenGround) -> list[Lane]:
    """Return lanes for ground that the terrain hides from the planned ones."""
    area = situation.area
    if area is None or 1 - seen.fraction < WORTH_FILLING:
        return []
    more: list[Lane] = []
    for cells_missed in seen.gaps(SMALLEST_GAP_M2):
        # A gap is made of square cells, whose corners may reach into forbidden ground.
        gap = cells_missed.intersection(area)
        if gap.is_empty:
            continue
        cells = cells_of(gap, situation.spacing_m, proposal.heading_deg, situation.barred)
        if cells:
            more += short_tour(cells, cells[0].entry(0)).lanes
    return _lanes(situation, more)


def _plan(
    plan_id: str,
    situation: Situation,
    proposal: Proposal,
    flown: _Flown,
    planned: PlannedViews,
    seen: SeenGround,
    searched: BaseGeometry,
) -> SearchPlan:
    request, frame, allocation = situation.request, situation.frame, flown.allocation
    models = {a.vehicle_id: m for a, m in zip(request.aircraft, situation.models, strict=True)}
    sorties = scheduled(flown.sorties, frame, models, request.swap_s, relay=request.relay)
    lanes = list(proposal.lanes)
    heights, low_m, high_m = check_clearance(sorties, frame, situation.terrain, request)
    swath, overlap, gsd_m = check_swath(planned, situation.spacing_m, frame, request)
    moving = any(lane.length_m > 0 for lane in lanes)
    covered = seen.fraction if moving else 1.0
    found = finding(planned, covered, request)
    checks = [
        *check_finding(found, covered, request),
        *check_outlines(situation.notices),
        *([check_coverage(seen.fraction)] if moving else []),
        *swath,
        *heights,
        check_endurance(sorties, situation, searched, complete=allocation.complete),
        *check_airspace(sorties, request, situation.fences, frame),
        check_separation(sorties, frame, models),
        *check_return_layers(sorties, situation.terrain, request),
        *(check_relay(sorties, frame, models) if request.relay else []),
    ]
    return SearchPlan(
        id=plan_id,
        request=request,
        sorties=sorties,
        metrics=PlanMetrics(
            area_m2=searched.area,
            lane_count=len(lanes),
            lane_spacing_m=situation.spacing_m,
            lane_heading_deg=proposal.heading_deg,
            lane_length_m=swept_length_m(lanes, situation.spacing_m),
            footprint_width_m=situation.swath_m,
            longest_sortie_s=flown.longest_s,
            coverage_fraction=covered,
            finds_standing=found.standing if found else None,
            finds_lying=found.lying if found else None,
            min_clearance_m=low_m,
            max_agl_m=high_m,
            max_gsd_m=gsd_m,
            least_overlap=overlap,
            lower_bound_s=lower_bound_s(searched, situation.spacing_m, allocation.slots),
            finished_s=max((s.start_s + s.duration_s for s in sorties), default=0.0),
        ),
        checks=checks,
    )
