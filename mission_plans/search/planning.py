"""From a request to a search plan, and on to better ones."""

import random
from collections.abc import Generator, Iterator
from contextlib import contextmanager

from mission_plans.allocation.situation import Situation
from mission_plans.coverage.routing import BlockedError
from mission_plans.ground.request_shapes import PlanError
from mission_plans.ground.terrain import NoTerrainError, Terrain
from mission_plans.rules.checks import MIN_COVERAGE
from mission_plans.search.finish import better, finished
from mission_plans.search.tries import mutated, proposals_for
from mission_plans.values.plan import PlanRequest, SearchPlan

__all__ = ["PlanError", "improved_plans", "plan_search"]

MOST_TRIES = 2000
PROMISING = 0.998
"""An order of lanes is worked out in full when its longest sortie is thought this much shorter."""


def plan_search(request: PlanRequest, terrain: Terrain, plan_id: str) -> SearchPlan:
    """Return the first plan for a request: lanes, sorties, heights, times and checks.

    The same request, terrain and id give the same plan.

    Raises:
        PlanError: a shape that can't be searched, out of reach, or over ground without data.
    """
    first = next(improved_plans(request, terrain, plan_id))
    assert first is not None
    return first


def improved_plans(
    request: PlanRequest, terrain: Terrain, plan_id: str, seed: int = 0
) -> Iterator[SearchPlan | None]:
    """Yield a first plan, then after every try a better one, or None where the try was no better.

    Better means flyable before not flyable, more covered, fewer sorties, then a shorter
    longest sortie. The caller stops when time is up; no step takes longer than the first.
    Ends when nothing is left to try.

    Raises:
        PlanError: as `plan_search`, before the first plan.
    """
    with _told_to_the_operator():
        situation = Situation.of(request, terrain)
        proposals = proposals_for(situation)
        kept = next(proposals, None)
        if kept is None or not kept.lanes:
            raise PlanError(
                "area_empty", "area", "区域太窄,没有可飞的航线", "the area is too thin for any lane"
            )
        best, sharing = finished(plan_id, situation, kept)
    yield best
    rng = random.Random(seed)
    for _ in range(MOST_TRIES):
        proposal = next(proposals, None)
        if proposal is None and request.entry is None:
            # Other orders may begin elsewhere, so they are for searches that may.
            proposal = mutated(kept, rng)
        if proposal is None:
            return
        try:
            if best.flyable and not better(situation, proposal, sharing, PROMISING):
                yield None
                continue
            plan, tried = finished(plan_id, situation, proposal)
        except (BlockedError, NoTerrainError):
            # Another order of the lanes may cross what the first did not; the first plan stands.
            yield None
            continue
        if _rank(plan) < _rank(best):
            best, sharing, kept = plan, tried, proposal
            yield plan
        else:
            yield None


def _rank(plan: SearchPlan) -> tuple[bool, float, int, float]:
    return (
        not plan.flyable,
        -round(min(plan.metrics.coverage_fraction, MIN_COVERAGE), 2),
        len(plan.sorties),
        round(plan.metrics.longest_sortie_s, 1),
    )


@contextmanager
def _told_to_the_operator() -> Generator[None]:
    """Turn what planning ran into into words for the operator."""
    try:
        yield
    except NoTerrainError as error:
        at = f"{error.point.lat_deg:.5f}, {error.point.lon_deg:.5f}"
        raise PlanError(
            "no_terrain", "area", f"{at} 处没有高程数据", f"no ground elevation at {at}"
        ) from error
    except BlockedError as error:
        raise PlanError(
            "unreachable",
            "area",
            "起降点与搜索区之间没有可飞的通路",
            f"no allowed way between launch point and area: {error}",
        ) from error
