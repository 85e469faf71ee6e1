"""A plan says whom it can find, and is no search where it finds nobody."""

import pytest

from mission_plans.ground.terrain_files import demo_terrain
from mission_plans.probability.sweep_width import View, best_pitch_deg, detection
from mission_plans.search.planning import plan_search
from mission_plans.values.plan import (
    CameraSpec,
    Check,
    Light,
    PlanRequest,
    SearchPlan,
    Seek,
    Sensor,
    Severity,
)
from tests.mission_plans.areas import aircraft, demo_request


def planned(pitch_deg: float = -40, sensor: Sensor = "visible", **changed: object) -> SearchPlan:
    camera = CameraSpec(pitch_deg=pitch_deg, sensor=sensor)
    request = demo_request(2, aircraft=aircraft(2, camera=camera), **{"seek": "anyone"} | changed)
    return plan_search(request, demo_terrain(), "p")


def finding(plan: SearchPlan) -> Check:
    (check,) = [c for c in plan.checks if c.id == "finding"]
    return check


def test_the_first_thing_a_plan_says_is_whom_it_finds() -> None:
    plan = planned()
    assert plan.checks[0].id == "finding"
    standing, lying = plan.metrics.finds_standing, plan.metrics.finds_lying
    assert standing is not None
    assert lying is not None
    assert 0.05 < standing < lying < 0.82
    assert f"{lying:.0%} of people lying" in finding(plan).text_en
    assert f"倒卧者 {lying:.0%}" in finding(plan).text_zh


def test_straight_down_nobody_who_stands_is_found_and_the_better_angle_is_named() -> None:
    plan = planned(pitch_deg=-90)
    assert plan.metrics.coverage_fraction > 0.99
    assert plan.metrics.finds_standing == 0
    assert not finding(plan).passed
    assert "gimbal at -" in finding(plan).text_en
    assert "云台" in finding(plan).text_zh


@pytest.mark.parametrize(
    ("seek", "pitch_deg", "light", "sensor"),
    [
        ("standing", -90, "day", "visible"),
        ("anyone", -40, "night", "visible"),
        ("lying", -90, "night", "visible"),
    ],
)
def test_what_finds_nobody_is_no_search(
    seek: Seek, pitch_deg: float, light: Light, sensor: Sensor
) -> None:
    plan = planned(pitch_deg, sensor, seek=seek, light=light)
    assert finding(plan).severity is Severity.BLOCK
    assert not plan.flyable


def test_by_night_a_thermal_camera_is_the_way_out() -> None:
    assert "thermal" in finding(planned(light="night")).text_en
    assert planned(sensor="thermal", light="night").flyable


def test_plants_dusk_speed_and_height_cost_finds() -> None:
    camera = CameraSpec()
    best = detection(camera, 50)
    assert detection(camera, 50, vegetation="forest") == pytest.approx(best / 4)
    assert detection(camera, 50, light="dusk") < best
    assert detection(camera, 50, 16) < best
    assert detection(camera, 80) < best


def test_no_figure_where_nobody_is_looked_for() -> None:
    mapping = planned(pitch_deg=-90, pattern={"kind": "mapping"}, light="night")
    assert mapping.metrics.finds_standing is None
    assert planned(seek="smoke", light="night").metrics.finds_lying is None


def test_the_recommended_pitch_finds_more_than_its_neighbours() -> None:
    view = View(60, 8, "anyone", "day", "open")
    assert best_pitch_deg(CameraSpec(), view) == -40
    assert best_pitch_deg(CameraSpec(), View(80, 8, "lying", "day", "open")) < -40


def test_an_old_request_reads_as_before() -> None:
    old = demo_request(1).model_dump(mode="json")
    for name in ("seek", "light", "vegetation"):
        del old[name]
    read = PlanRequest.model_validate(old)
    assert (read.seek, read.light, read.vegetation) == ("anyone", "day", "open")
