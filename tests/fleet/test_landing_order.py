"""Who lands first where launch points lie together, and that nobody waits who can't."""

from typing import Any

from field_api.contract.messages import SortieState, VehicleState
from fleet.landing_order import LONGEST_S, ZONE_M, Approach, LandingOrder, Turn
from fleet.sortie import Sortie
from mission_plans.ground.geodesy import moved
from mission_plans.values.plan import GeoPoint
from tests.fleet.flight_line import FCP, search_plan

PLAN = search_plan().sorties[0]
BESIDE = moved(FCP, 0.0, 5.0)


def approach(
    vehicle_id: str,
    away_m: float,
    *,
    high_m: float = 60.0,
    home: GeoPoint = FCP,
    waits: bool = False,
    state: SortieState = SortieState.RETURNING,
    **seen: Any,
) -> Approach:
    here = moved(home, away_m, 0.0)
    fields = {
        "vehicle_id": vehicle_id,
        "t_ms": 1,
        "link": "live",
        "armed": True,
        "phase": "air",
        "mode": "GUIDED" if waits else "RTL",
        "lat_deg": here.lat_deg,
        "lon_deg": here.lon_deg,
        "altitude_relative_m": high_m,
        "home": home,
        "battery": {"remaining_fraction": 0.8},
    }
    sortie = Sortie(PLAN, "pilot", state, 9, return_m=60.0).waiting_to_land(waits=waits)
    return Approach(VehicleState.model_validate({**fields, **seen}), sortie)


def test_the_second_waits_until_the_first_is_down() -> None:
    order = LandingOrder()
    first = approach("A", ZONE_M - 1)
    assert order.look([first, approach("B", 300, home=BESIDE)], 0) == []
    second = approach("B", ZONE_M - 1, home=BESIDE)
    assert order.look([first, second], 1) == [Turn("B", True, "A")]
    held = approach("B", 70, home=BESIDE, waits=True)
    assert order.look([approach("A", 0, high_m=20, phase="landing"), held], 5) == []
    down = approach("A", 0, high_m=0, armed=False, phase="ground", state=SortieState.RETURNED)
    assert order.look([down, held], 60) == [Turn("B", False)]
    assert order.look([down, second], 61) == []


def test_launch_points_apart_are_no_matter() -> None:
    order = LandingOrder()
    aside = moved(FCP, 0.0, 25.0)
    assert order.look([approach("A", 10), approach("B", 10, home=aside)], 0) == []


def test_of_two_at_once_the_lower_lands_first() -> None:
    order = LandingOrder()
    both = [approach("A", 20, high_m=80), approach("B", 20, high_m=60, home=BESIDE)]
    assert order.look(both, 0) == [Turn("A", True, "B")]


def test_nobody_waits_on_a_low_battery_or_in_a_failsafe_or_for_ever() -> None:
    first = approach("A", 10)
    cases: list[dict[str, Any]] = [
        {"battery": {"remaining_fraction": 0.08}},
        {"failsafe": "Battery Failsafe"},
        {"link": "lost"},
    ]
    for low in cases:
        order = LandingOrder()
        order.look([first], 0)
        assert order.look([first, approach("B", 60, home=BESIDE, **low)], 1) == []
        order = LandingOrder()
        order.look([first], 0)
        held = approach("B", 60, home=BESIDE, waits=True, **low)
        assert order.look([first, held], 1) == [Turn("B", False)]
    order = LandingOrder()
    held = approach("B", 60, home=BESIDE, waits=True)
    assert order.look([first, held], 0) == []
    assert order.look([first, held], LONGEST_S + 1) == [Turn("B", False)]


def test_only_who_comes_home_by_our_order_is_held() -> None:
    first = approach("A", 10)
    for other in (
        approach("B", 10, home=BESIDE, mode="LOITER"),
        approach("B", 10, home=BESIDE, mode="LAND"),
        approach("B", 10, home=BESIDE, phase="landing"),
        approach("B", 10, home=BESIDE, mode="BRAKE", state=SortieState.PAUSED),
        approach("B", 10, home=BESIDE, mode="AUTO", state=SortieState.FLYING),
    ):
        order = LandingOrder()
        order.look([first], 0)
        assert order.look([first, other], 1) == []


def test_three_come_down_one_by_one_in_the_order_they_came() -> None:
    order = LandingOrder()
    first = approach("A", 10)
    assert order.look([first, approach("B", 80)], 0) == [Turn("B", True, "A")]
    b, c = approach("B", 70, waits=True), approach("C", 80)
    assert order.look([first, b, c], 1) == [Turn("C", True, "A")]
    c = approach("C", 70, waits=True)
    assert order.look([first, b, c], 2) == []
    assert order.look([b, c], 3) == [Turn("B", False)]
    assert order.look([approach("B", 70), c], 4) == []
    assert order.look([c], 5) == [Turn("C", False)]
