"""Area search planning: time to the first plan, and the longest sortie beside its lower bound."""

import time
from collections.abc import Iterator

from mission_plans.ground.terrain_files import demo_terrain
from mission_plans.search.planning import plan_search
from mission_plans.values.plan import PlanRequest, SearchPlan
from tests.mission_plans.areas import aircraft, demo_request, ring

ROUNDS = 3


def _ten_square_kilometres() -> PlanRequest:
    """Return a concave 10 km2 area with three holes and five aircraft launched beside it."""
    return PlanRequest(
        area=ring(
            (-1700.0, -1700.0),
            (1500.0, -1900.0),
            (1700.0, 200.0),
            (500.0, 500.0),
            (1300.0, 1700.0),
            (-1500.0, 1800.0),
        ),
        holes=[
            ring((-900.0, -900.0), (-500.0, -900.0), (-500.0, -400.0), (-900.0, -400.0)),
            ring((400.0, -800.0), (800.0, -900.0), (700.0, -500.0)),
            ring((-600.0, 600.0), (-200.0, 600.0), (-200.0, 900.0), (-600.0, 900.0)),
        ],
        aircraft=aircraft(5, ring((-1800.0, -1800.0))[0], endurance_s=14_400.0),
    )


def _measured(request: PlanRequest) -> tuple[float, SearchPlan]:
    """Return the median planning time in seconds, and the plan."""
    seconds: list[float] = []
    plan = None
    for _ in range(ROUNDS):
        began_s = time.perf_counter()
        plan = plan_search(request, demo_terrain(), "bench")
        seconds.append(time.perf_counter() - began_s)
    assert plan is not None
    return sorted(seconds)[ROUNDS // 2], plan


def rows() -> Iterator[tuple[str, float, str, str]]:
    """Yield the planner's figures."""
    demo_terrain()
    seconds, plan = _measured(demo_request(1))
    yield "demo search, 148 ha, 1 drone: first plan", seconds * 1000, "ms", "1,000 ms"
    yield "demo search: lanes", plan.metrics.lane_count, "lanes", "22"
    yield "demo search: swept length", plan.metrics.lane_length_m / 1000, "km", "27.8 +-2 %"
    seconds, _ = _measured(demo_request(2))
    yield "demo search, 2 drones: first plan", seconds * 1000, "ms", "1,000 ms"
    request = _ten_square_kilometres()
    seconds, plan = _measured(request)
    area_ha = plan.metrics.area_m2 / 1e4
    yield f"{area_ha:.0f} ha, 3 holes, 5 drones: first plan", seconds * 1000, "ms", "1,000 ms"
    bound_s = plan.metrics.area_m2 / (8.0 * plan.metrics.lane_spacing_m * 5)
    times_s = [s.duration_s for s in plan.sorties]
    yield (
        "longest sortie over area / (speed x spacing x drones)",
        max(times_s) / bound_s,
        "ratio",
        "1.10 plus transit",
    )
    yield "longest over shortest sortie", max(times_s) / min(times_s), "ratio", "1.05"
    yield "covered (rasterised footprints)", plan.metrics.coverage_fraction * 100, "%", "95 %"
