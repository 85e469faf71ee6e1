"""Every plan that can't be flown says which figure breaks it and what would do."""

import itertools

import pytest

from mission_plans.allocation.flight_model import FlightModel
from mission_plans.ground.terrain_files import demo_terrain
from mission_plans.search.planning import improved_plans, plan_search
from mission_plans.values.plan import (
    AircraftSpec,
    CameraSpec,
    Check,
    GeoPoint,
    PlanRequest,
    SearchPlan,
    Wind,
)
from tests.mission_plans.areas import FRAME, aircraft, demo_request, ring

SIXTY_KM2 = ring((-3850, -3850), (3850, -3850), (3850, 3850), (-3850, 3850))


def planned(request: PlanRequest) -> SearchPlan:
    return plan_search(request, demo_terrain(), "p")


def endurance(plan: SearchPlan) -> Check:
    (check,) = [c for c in plan.checks if c.id == "endurance"]
    return check


def test_wind_faster_than_the_aircraft_is_named() -> None:
    check = endurance(planned(demo_request(2, wind=Wind(from_deg=225, speed_ms=18))))
    assert not check.passed
    assert "18 m/s" in check.text_en
    assert "wait for less than 10.8 m/s" in check.text_en
    assert "风速" in check.text_zh


def test_a_launch_too_far_away_is_named_with_how_near_it_must_be() -> None:
    far = GeoPoint(lat_deg=24.78, lon_deg=102.42)
    check = endurance(planned(demo_request(2, launch=far)))
    assert not check.passed
    assert "26.0 km" in check.text_en
    assert "launch within" in check.text_en
    near = GeoPoint(lat_deg=24.950, lon_deg=102.61)
    assert planned(demo_request(2, launch=near)).flyable


def test_a_far_end_out_of_reach_is_told_with_what_can_be_searched() -> None:
    check = endurance(planned(demo_request(20, area=SIXTY_KM2)))
    assert not check.passed
    assert "another launch point" in check.text_en
    assert "另设起降点" in check.text_zh


def test_too_much_for_so_few_says_how_much_and_how_many() -> None:
    sites = [FRAME.point(x, y) for x in (-2000, 2000) for y in (-2000, 2000)]
    few = [
        craft.model_copy(update={"vehicle_id": f"S{i}"})
        for i, site in enumerate(sites)
        for craft in aircraft(1, launch=site, cruise_ms=12, transit_ms=15, endurance_s=2400)
    ]
    check = endurance(planned(demo_request(4, area=SIXTY_KM2, aircraft=few)))
    assert not check.passed
    assert "more aircraft" in check.text_en


def test_what_cannot_be_flown_whole_is_never_improved_into_less() -> None:
    request = demo_request(2, area=SIXTY_KM2, aircraft=aircraft(2, cruise_ms=12, transit_ms=15))
    tries = improved_plans(request, demo_terrain(), "p")
    plans = [plan for plan in itertools.islice(tries, 12) if plan is not None]
    covered = [round(plan.metrics.coverage_fraction, 2) for plan in plans]
    assert covered == sorted(covered)


def test_sixty_square_kilometres_are_split_into_flights_that_can_be_flown() -> None:
    sites = [FRAME.point(x, y) for x in (-2000, 2000) for y in (-2000, 2000)]
    fleet = [
        craft.model_copy(update={"vehicle_id": f"S{i}{craft.vehicle_id}"})
        for i, site in enumerate(sites)
        for craft in aircraft(
            5,
            launch=site,
            cruise_ms=12,
            transit_ms=15,
            endurance_s=2400,
            camera=CameraSpec(pitch_deg=-40),
        )
    ]
    plan = planned(demo_request(20, area=SIXTY_KM2, aircraft=fleet))
    assert plan.flyable, endurance(plan).text_en
    assert plan.metrics.coverage_fraction > 0.99
    assert {s.vehicle_id for s in plan.sorties} == {a.vehicle_id for a in fleet}
    orders = {(s.vehicle_id, s.order) for s in plan.sorties}
    assert len(orders) == len(plan.sorties)


@pytest.mark.parametrize("charge", [1.0, 0.6])
def test_the_first_sortie_is_flown_with_the_battery_that_is_in_the_aircraft(charge: float) -> None:
    plan = planned(demo_request(1, aircraft=aircraft(1, battery_fraction=charge)))
    assert plan.flyable
    for sortie in plan.sorties:
        usable = (charge if sortie.order == 0 else 1.0) - 0.3
        assert sortie.energy_fraction <= usable + 1e-6


def test_a_battery_too_low_for_any_flight_is_told() -> None:
    plan = planned(demo_request(1, aircraft=aircraft(1, battery_fraction=0.25)))
    first = min(plan.sorties, key=lambda s: s.order)
    assert first.order > 0, "the battery is changed before the first flight"


def test_turns_cost_what_speed_and_acceleration_make_them() -> None:
    def turn_s(speed_ms: float, acceleration_ms2: float) -> float:
        craft = AircraftSpec(
            vehicle_id="A",
            launch=FRAME.point(0, 0),
            cruise_ms=speed_ms,
            acceleration_ms2=acceleration_ms2,
        )
        return FlightModel.of(craft, None).turn.seconds

    assert turn_s(16, 2.5) == pytest.approx(2 * turn_s(8, 2.5))
    assert turn_s(8, 1.0) == pytest.approx(2.5 * turn_s(8, 2.5))
    assert (
        FlightModel.of(AircraftSpec(vehicle_id="A", launch=FRAME.point(0, 0)), None).corner_s(8, 0)
        == 0
    )
