"""The benchmark areas are what they claim, and every one can be planned."""

from pathlib import Path

import pytest

from mission_plans.ground.terrain_files import demo_terrain
from mission_plans.search.planning import plan_search
from mission_plans.values.plan import CameraSpec
from tests.benchmarks.bench_areas import AREAS, request_of

FILES = sorted(AREAS.glob("*.geojson"))


def test_the_set_spans_what_the_bureau_meets() -> None:
    requests = [request_of(file)[0] for file in FILES]
    assert len(requests) >= 20
    assert {min(len(r.aircraft) for r in requests), max(len(r.aircraft) for r in requests)} == {
        1,
        10,
    }
    assert any(r.holes for r in requests)
    assert any(r.fences for r in requests)
    assert any(len({a.cruise_ms for a in r.aircraft}) > 1 for r in requests)
    assert any(
        len({(a.launch.lat_deg, a.launch.lon_deg) for a in r.aircraft}) > 1 for r in requests
    )


def test_gaps_beside_holes_are_filled_from_outside_them() -> None:
    request, _ = request_of(AREAS / "a15.geojson")
    craft = [a.model_copy(update={"camera": CameraSpec(pitch_deg=-40)}) for a in request.aircraft]
    plan = plan_search(request.model_copy(update={"aircraft": craft}), demo_terrain(), "p")
    assert plan.metrics.coverage_fraction > 0.99


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_area_gets_a_covering_plan_with_even_sorties(file: Path) -> None:
    request, _ = request_of(file)
    plan = plan_search(request, demo_terrain(), "bench")
    assert plan.metrics.coverage_fraction >= 0.98
    told = {"separation", "overlap", "max_agl", "return_layers"}
    assert {c.id for c in plan.checks if not c.passed} <= told
    times = [s.duration_s for s in plan.sorties]
    assert max(times) / (sum(times) / len(times)) <= 1.15
    assert plan.metrics.lower_bound_s <= plan.metrics.longest_sortie_s
