"""Drafts improve in a process of their own."""

import threading

from field_api.features.plans.improvement import PlanImprover
from mission_plans.ground.terrain_files import demo_terrain
from mission_plans.search.planning import plan_search
from mission_plans.values.plan import SearchPlan
from tests.benchmarks.bench_areas import AREAS, request_of


def test_a_better_plan_comes_back_from_the_worker() -> None:
    request, _ = request_of(AREAS / "a07.geojson")
    first = plan_search(request, demo_terrain(), "p")
    improver = PlanImprover(None, 15.0)
    came = threading.Event()
    better: list[SearchPlan] = []

    def use(plan: SearchPlan) -> None:
        better.append(plan)
        came.set()

    try:
        improver.begin(first, use)
        assert came.wait(60), "no better plan came"
    finally:
        improver.close()
    assert better[0].id == first.id
    assert better[0].flyable
    assert better[0].metrics.longest_sortie_s < first.metrics.longest_sortie_s


def test_no_time_means_no_worker() -> None:
    request, _ = request_of(AREAS / "a01.geojson")
    improver = PlanImprover(None, 0.0)
    improver.begin(plan_search(request, demo_terrain(), "p"), lambda plan: None)
    assert not improver.running
    improver.close()
