"""What a plan promises, on the demo area and on shapes that are hard to sweep."""

import numpy as np
import pytest
import shapely

from mission_plans.allocation.fixed_altitude import check_fixed_altitude
from mission_plans.formats.mission_items import Command, mission_items
from mission_plans.ground.terrain import GridTerrain
from mission_plans.ground.terrain_files import demo_terrain
from mission_plans.search.planning import PlanError, plan_search
from mission_plans.values.plan import Fence, PlanRequest, SearchPlan, SortiePlan, WaypointKind
from tests.mission_plans.areas import BASE_N, FRAME, SMOKE, aircraft, demo_request, ring


def _track(sortie: SortiePlan) -> shapely.LineString:
    x, y = FRAME.to_metres(
        [w.lat_deg for w in sortie.waypoints], [w.lon_deg for w in sortie.waypoints]
    )
    return shapely.LineString(list(zip(x.tolist(), y.tolist(), strict=True)))


def _check(plan: SearchPlan, check_id: str) -> bool:
    found = [c.passed for c in plan.checks if c.id == check_id]
    assert found, f"the plan has no check {check_id}"
    return all(found)


def test_demo_search_has_the_figures_of_story_o1() -> None:
    plan = plan_search(demo_request(), demo_terrain(), "p")
    metrics = plan.metrics
    assert metrics.area_m2 / 1e4 == pytest.approx(148, abs=1)
    assert metrics.lane_spacing_m == pytest.approx(58, abs=0.5)
    assert metrics.lane_count == 22
    assert metrics.lane_length_m / 1000 == pytest.approx(27.8, rel=0.02)
    assert metrics.coverage_fraction >= 0.95
    assert plan.flyable


def test_sweeping_the_demo_area_alone_takes_58_minutes_and_three_batteries_at_the_70_percent_rule():
    plan = plan_search(demo_request(), demo_terrain(), "p")
    sweep_min = plan.metrics.lane_length_m / 8 / 60
    assert sweep_min == pytest.approx(58, abs=1)
    assert 2 < sweep_min / 21 < 3


def test_launched_beside_the_area_two_aircraft_fly_the_demo_search_in_two_rounds() -> None:
    request = demo_request(2, ring((0.0, -620.0))[0])
    plan = plan_search(request, demo_terrain(), "p")
    assert sorted((s.vehicle_id, s.order) for s in plan.sorties) == [
        ("XS-U1", 0),
        ("XS-U1", 1),
        ("XS-U2", 0),
        ("XS-U2", 1),
    ]
    assert max(s.duration_s for s in plan.sorties) <= 21 * 60
    assert max(s.energy_fraction for s in plan.sorties) <= 0.7


def test_a_far_launch_point_adds_sorties_instead_of_eating_the_reserve() -> None:
    plan = plan_search(demo_request(), demo_terrain(), "p")
    assert len(plan.sorties) > 3
    assert [s.order for s in plan.sorties] == list(range(len(plan.sorties)))
    assert all(s.energy_fraction <= 0.7 for s in plan.sorties)
    assert _check(plan, "endurance")


def test_an_area_out_of_reach_is_refused_by_the_endurance_check() -> None:
    request = demo_request(aircraft=aircraft(1, endurance_s=300.0))
    plan = plan_search(request, demo_terrain(), "p")
    assert not _check(plan, "endurance")
    assert not plan.flyable


def test_one_height_above_home_from_gaoyao_to_the_smoke_hits_the_mountain_on_a_named_leg() -> None:
    track = [BASE_N, ring((1000.0, 5000.0))[0], SMOKE]
    check = check_fixed_altitude(track, 120.0, demo_terrain())
    assert not check.passed
    assert "leg" in check.text_en
    assert "段" in check.text_zh
    assert check.value is not None
    assert check.value < 0
    assert check_fixed_altitude(track, 900.0, demo_terrain()).passed


def test_raising_the_search_above_the_legal_height_is_flagged() -> None:
    plan = plan_search(demo_request(agl_m=130.0), demo_terrain(), "p")
    assert not _check(plan, "max_agl")
    assert _check(plan, "clearance")


def test_searching_lower_than_the_asked_clearance_is_blocked_and_names_the_leg() -> None:
    plan = plan_search(demo_request(agl_m=40.0), demo_terrain(), "p")
    low = next(c for c in plan.checks if c.id == "clearance")
    assert not low.passed
    assert "first violated on leg 1 of XS-U1" in low.text_en
    assert not plan.flyable


def test_no_fly_zone_in_the_way_is_flown_round() -> None:
    wall = ring((-1200.0, -200.0), (-900.0, -200.0), (-900.0, 1400.0), (-1200.0, 1400.0))
    fence = Fence(id="W", kind="exclude", name="wall", polygon=wall)
    plan = plan_search(demo_request(2, fences=[fence]), demo_terrain(), "p")
    x, y = FRAME.to_metres([p.lat_deg for p in wall], [p.lon_deg for p in wall])
    shape = shapely.Polygon(list(zip(x, y, strict=True)))
    assert all(not _track(s).intersects(shape) for s in plan.sorties)
    assert _check(plan, "fence_exclude")


def test_controlled_airspace_blocks_until_an_approval_is_bound() -> None:
    zone = Fence(
        id="G3", kind="controlled", name="store", centre=ring((0.0, 0.0))[0], radius_m=200.0
    )
    refused = plan_search(demo_request(fences=[zone]), demo_terrain(), "p")
    assert not _check(refused, "airspace_controlled")
    assert not refused.flyable
    bound = zone.model_copy(update={"approval_id": "AP-2"})
    assert plan_search(demo_request(fences=[bound]), demo_terrain(), "p").flyable


def test_zones_are_named_in_the_readers_language() -> None:
    zone = Fence(
        id="G3", kind="controlled", name="危险品库", name_en="store", reason="易燃易爆",
        reason_en="explosive", centre=ring((0.0, 0.0))[0], radius_m=200.0,
    )  # fmt: skip
    far = ring((5e3, 5e3), (5.1e3, 5e3), (5.1e3, 5.1e3))
    no_fly = Fence(id="G2", kind="exclude", name="索道", name_en="cableway", polygon=far)
    area = Fence(
        id="G1", kind="include", name="任务空域", name_en="task area",
        polygon=ring((-300.0, -300.0), (300.0, -300.0), (300.0, 300.0), (-300.0, 300.0)),
    )  # fmt: skip
    plan = plan_search(demo_request(fences=[area, no_fly, zone]), demo_terrain(), "p")
    said = {check.id: check for check in plan.checks}
    for check_id, name in (
        ("fence_include", "task area"), ("fence_exclude", "cableway"),
        ("airspace_controlled", "store (explosive)"),
    ):  # fmt: skip
        assert name in said[check_id].text_en
        assert name not in said[check_id].text_zh
    law = [check for check in plan.checks if "store" in check.text_en]
    assert not any("危险品库" in check.text_en for check in law)


def test_a_zone_without_an_english_name_travels_as_before() -> None:
    zone = Fence(id="G2", kind="exclude", name="索道")
    assert not {"name_en", "reason_en"} & zone.model_dump(mode="json").keys()


def test_leaving_the_permitted_area_is_blocked() -> None:
    inner = ring((-300.0, -300.0), (300.0, -300.0), (300.0, 300.0), (-300.0, 300.0))
    fence = Fence(id="G1", kind="include", name="task area", polygon=inner)
    plan = plan_search(demo_request(fences=[fence]), demo_terrain(), "p")
    assert not _check(plan, "fence_include")


def test_fast_aircraft_and_slow_aircraft_come_home_at_about_the_same_time() -> None:
    slow, fast = aircraft(2, endurance_s=6000.0)
    fleet = [slow, fast.model_copy(update={"cruise_ms": 14.0})]
    plan = plan_search(demo_request(aircraft=fleet), demo_terrain(), "p")
    times = [s.duration_s for s in plan.sorties]
    assert len(times) == 2
    assert max(times) / min(times) < 1.1
    lengths = {s.vehicle_id: s.length_m for s in plan.sorties}
    assert lengths["XS-U2"] > 1.4 * lengths["XS-U1"]


def test_same_request_same_plan() -> None:
    first = plan_search(demo_request(3), demo_terrain(), "p")
    assert plan_search(demo_request(3), demo_terrain(), "p") == first
    assert SearchPlan.model_validate_json(first.model_dump_json()) == first


@pytest.mark.parametrize(
    ("area", "code"),
    [
        (ring((0, 0), (300, 300), (300, 0), (0, 300)), "area_invalid"),
        (ring((0, 0), (5, 0), (5, 5)), "area_size"),
        (ring((0, 0), (30000, 0), (30000, 30000), (0, 30000)), "area_size"),
        (ring((80000, 0), (81000, 0), (81000, 1000)), "no_terrain"),
    ],
)
def test_impossible_areas_are_refused_in_both_languages(area: list[object], code: str) -> None:
    request = PlanRequest.model_validate({"area": area, "aircraft": aircraft(1)})
    with pytest.raises(PlanError) as refused:
        plan_search(request, demo_terrain(), "p")
    assert refused.value.code == code
    assert refused.value.field == "area"
    assert refused.value.text_zh
    assert refused.value.text_en


def test_a_launch_point_inside_a_no_fly_zone_is_refused() -> None:
    launch = ring((-900.0, 0.0))[0]
    zone = Fence(id="N", kind="exclude", name="zone", centre=launch, radius_m=100.0)
    with pytest.raises(PlanError) as refused:
        plan_search(demo_request(1, launch, fences=[zone]), demo_terrain(), "p")
    assert refused.value.code == "unreachable"


def test_the_whole_checked_profile_is_flown_climb_included() -> None:
    plan = plan_search(demo_request(2), demo_terrain(), "p")
    for sortie in plan.sorties:
        kinds = [w.kind for w in sortie.waypoints]
        assert kinds[0] is WaypointKind.TAKEOFF
        assert kinds.count(WaypointKind.TAKEOFF) == 1
        flown = [i for i in mission_items(sortie)[1:] if i.command == Command.NAV_WAYPOINT]
        assert [(i.x, i.y, i.z) for i in flown] == [
            (round(w.lat_deg * 1e7), round(w.lon_deg * 1e7), w.altitude_amsl_m)
            for w in sortie.waypoints[1:]
        ]


def test_speeds_of_steep_legs_are_in_the_mission() -> None:
    steps = np.arange(-20, 21) * 0.001
    east, north = np.meshgrid(steps * 101_000, steps * 110_800)
    hill = 2000 + 250 * np.exp(-(east**2 + north**2) / (2 * 300.0**2))
    terrain = GridTerrain(hill, FRAME.origin.lat_deg - 0.02, FRAME.origin.lon_deg - 0.02, 0.001)
    area = ring((-400, -400), (400, -400), (400, 400), (-400, 400))
    request = demo_request(1, ring((-900, -900))[0], area=area)
    plan = plan_search(request, terrain, "p")
    assert plan.metrics.max_agl_m <= 120
    assert plan.metrics.min_clearance_m >= 50
    slowed = [w for s in plan.sorties for w in s.waypoints if w.speed_ms is not None]
    assert slowed, "a slope of fifty percent slows the aircraft"
    for sortie in plan.sorties:
        speed, speeds = sortie.cruise_ms, []
        for item in mission_items(sortie)[2:]:
            if item.command == Command.DO_CHANGE_SPEED:
                speed = item.param2
            elif item.command == Command.NAV_WAYPOINT:
                speeds.append(speed)
        wanted = [w.speed_ms or sortie.cruise_ms for w in sortie.waypoints[1:]]
        assert speeds == wanted
