"""Ways to lay and order the lanes of a request, the most promising first."""

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mission_plans.allocation.planned_views import frame_step_m
from mission_plans.allocation.situation import Situation
from mission_plans.coverage.cells import Cell, cells_of, creeping_heading_deg
from mission_plans.coverage.lanes import Lane
from mission_plans.coverage.tours import Tour, Visit, short_tour
from mission_plans.ground.request_shapes import PlanError
from mission_plans.patterns.errors import PatternError
from mission_plans.patterns.layout import pattern_lanes
from mission_plans.search.headings import ranked_headings_deg
from mission_plans.values.pattern import CreepingLine, MappingSurvey
from mission_plans.values.plan import AREA_PATTERNS

__all__ = ["Proposal", "Tour", "mutated", "proposals_for"]

OTHER_HEADINGS = 5
"""Headings tried besides the best."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Lanes in flying order; how the aircraft share them is settled by allocation."""

    lanes: tuple[Lane, ...]
    heading_deg: float
    tour: Tour | None = None
    """None for patterns whose order is fixed."""


def _headings(situation: Situation) -> list[float]:
    request = situation.request
    assert situation.area is not None
    if request.heading_deg is not None:
        return [request.heading_deg % 180]
    if isinstance(request.pattern, CreepingLine):
        return [creeping_heading_deg(situation.area)]
    ranked = ranked_headings_deg(situation)
    across = creeping_heading_deg(situation.area)
    if request.heading_rule != "least_time":
        return ranked
    # Short lanes across a long area turn more but let aircraft work side by side.
    return [ranked[0], across, (across + 90) % 180, *ranked[1:]]


def _cells(situation: Situation, heading_deg: float) -> tuple[Cell, ...]:
    area = situation.area
    assert area is not None
    camera = min(
        (a.camera for a in situation.request.aircraft),
        key=lambda c: frame_step_m(c, situation.request.agl_m),
    )
    # Half a frame before the lane's end is seen anyway when looking down.
    ahead_m = 0.0
    if camera.pitch_deg <= -75:
        ahead_m = situation.swath_m * camera.height_px / camera.width_px / 2 * 0.8
    cells = cells_of(area, situation.spacing_m, heading_deg, situation.barred, ahead_m)
    pattern = situation.request.pattern
    if isinstance(pattern, MappingSurvey) and pattern.crosshatch:
        across = (heading_deg + 90) % 180
        cells += cells_of(area, situation.spacing_m, across, situation.barred, ahead_m)
    return tuple(cells)


def _entries(situation: Situation) -> list[tuple[float, float]]:
    """Return where sweeps may begin: each launch point, and far away from the first."""
    assert situation.area is not None
    west, south, east, north = situation.area.bounds
    first = situation.entry
    corners = [(west, south), (west, north), (east, south), (east, north)]
    far = max(corners, key=lambda c: (c[0] - first[0]) ** 2 + (c[1] - first[1]) ** 2)
    pattern = situation.request.pattern
    if isinstance(pattern, CreepingLine):
        return [far if pattern.from_end == "farthest" else first]
    if situation.request.entry is not None:
        return [first]
    return list(dict.fromkeys([*situation.launches, far, *corners]))


def proposals_for(situation: Situation) -> Iterator[Proposal]:
    """Yield ways to fly the request's pattern; sweeps come with the best heading first.

    Raises:
        PlanError: the pattern can't be flown as asked.
    """
    request = situation.request
    if request.pattern.kind in AREA_PATTERNS:
        yield from _sweeps(situation)
        return
    try:
        lanes = pattern_lanes(
            request.pattern,
            situation.frame,
            situation.spacing_m,
            situation.patch,
            situation.entry,
            request.wind,
            situation.models[0].cruise_ms,
        )
    except PatternError as error:
        raise PlanError(
            "pattern_impossible", f"pattern.{error.field}", error.text_zh, error.text_en
        ) from error
    yield Proposal(tuple(lanes), lanes[0].heading_deg)


def _sweeps(situation: Situation) -> Iterator[Proposal]:
    headings = _headings(situation)[: OTHER_HEADINGS + 1]
    entries = _entries(situation)
    swept: dict[float, tuple[Cell, ...]] = {}
    for entry_index, heading in itertools.chain(
        ((0, h) for h in headings),
        ((e, h) for e in range(1, len(entries)) for h in headings[:2]),
    ):
        cells = swept.get(heading)
        if cells is None:
            cells = swept[heading] = _cells(situation, heading)
        if not cells:
            continue
        tour = short_tour(cells, entries[entry_index])
        yield Proposal(tuple(tour.lanes), heading, tour)


def mutated(proposal: Proposal, rng: random.Random) -> Proposal | None:
    """Return a neighbour: one cell moved, two swapped, a stretch reversed, or a corner changed.

    None where the pattern fixes the order.
    """
    tour = proposal.tour
    if tour is None:
        return None
    visits: list[Visit] = list(tour.visits)
    count = len(visits)
    i, j = sorted((rng.randrange(count), rng.randrange(count)))
    match rng.randrange(4):
        case 0:
            visits.insert(j, visits.pop(i))
        case 1:
            visits[i], visits[j] = visits[j], visits[i]
        case 2:
            visits[i : j + 1] = _reversed(tour.cells, visits[i : j + 1])
        case _:
            visits[i] = Visit(visits[i].cell, rng.randrange(4))
    changed = Tour(tour.cells, tuple(visits))
    return Proposal(tuple(changed.lanes), proposal.heading_deg, changed)


def _reversed(cells: Sequence[Cell], visits: Sequence[Visit]) -> list[Visit]:
    """Return the same cells swept backwards."""
    turned: list[Visit] = []
    for visit in reversed(visits):
        end = cells[visit.cell].exit(visit.corner)
        corner = next(c for c in range(4) if cells[visit.cell].entry(c) == end)
        turned.append(Visit(visit.cell, corner))
    return turned
