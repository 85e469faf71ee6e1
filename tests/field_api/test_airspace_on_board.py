"""Which airspace an aircraft is held to: what was planned, less what people allowed it to cross."""

import pytest

from field_api.features.flights.airspace import fences_on_board, rally_on_board
from mission_plans.ground.geodesy import destination
from mission_plans.values.plan import Fence
from tests.fleet.flight_line import FCP, search_plan


def zone(kind: str, bearing_deg: float, away_m: float, radius_m: float, **more: object) -> Fence:
    centre = destination(FCP, bearing_deg, away_m)
    fields = {"id": f"{kind}-{away_m:.0f}", "kind": kind, "name": kind, "centre": centre}
    return Fence.model_validate(fields | {"radius_m": radius_m} | more)


def test_what_was_planned_is_put_on_board() -> None:
    fences = [
        zone("include", 0, 0, 2_000),
        zone("exclude", 180, 300, 50),
        zone("controlled", 180, 500, 50),
        zone("controlled", 180, 700, 50, approval_id="AP-1"),
    ]
    plan = search_plan(fences=fences)
    assert plan.flyable
    assert fences_on_board(plan) == fences[:3]


@pytest.mark.parametrize("kind", ["exclude", "controlled"])
def test_what_the_authorised_plan_crosses_was_decided_by_people(kind: str) -> None:
    plan = search_plan()
    crossed, kept = zone(kind, 45, 120, 60), zone("exclude", 180, 300, 50)
    left = zone("include", 180, 300, 100)
    request = plan.request.model_copy(update={"fences": [left, crossed, kept]})
    assert fences_on_board(plan.model_copy(update={"request": request})) == [kept]


def test_each_aircraft_gets_a_rally_point_of_its_own_inside_its_airspace() -> None:
    plan = search_plan()
    first = plan.request.aircraft[0]
    second = first.model_copy(update={"vehicle_id": "XS-U3", "launch": destination(FCP, 90, 100)})
    request = plan.request.model_copy(update={"aircraft": [first, second]})
    plan = plan.model_copy(update={"request": request})
    near, nearer = destination(FCP, 90, 400), destination(FCP, 270, 60)
    barred, edge = destination(FCP, 180, 300), destination(FCP, 0, 1_990)
    far = destination(FCP, 90, 4_000)
    fences = [zone("include", 0, 0, 2_000), zone("exclude", 180, 300, 50)]
    given = rally_on_board(plan, fences, [far, near, barred, edge, nearer])
    assert {vehicle: [one.place for one in points] for vehicle, points in given.items()} == {
        "XS-U2": [nearer],
        "XS-U3": [near],
    }
    assert rally_on_board(plan, fences, [nearer]) == {"XS-U2": given["XS-U2"]}
    assert rally_on_board(plan, fences, [far, barred, edge]) == {}
