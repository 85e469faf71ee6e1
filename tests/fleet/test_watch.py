"""Guards in flight: each fires where it must and stays silent where it must."""

from typing import Any

import pytest

from field_api.contract.messages import BatteryState, SortieState, VehicleState
from fleet.sortie import Sortie
from fleet.watch import REPEAT_S, FlightWatch, home_fraction
from tests.fleet.flight_line import FCP, search_plan

PLAN = (
    search_plan()
    .sorties[0]
    .model_copy(update={"energy_fraction": 0.6, "duration_s": 600.0, "cruise_ms": 8.0})
)
FLYING = Sortie(PLAN, "pilot", SortieState.FLYING, 9)
IN_AIR: dict[str, Any] = {
    "vehicle_id": "XS-U2",
    "t_ms": 1,
    "link": "live",
    "mode": "AUTO",
    "armed": True,
    "phase": "air",
    "lat_deg": FCP.lat_deg,
    "lon_deg": FCP.lon_deg,
    "altitude_amsl_m": 2000.0,
    "altitude_relative_m": 60.0,
    "battery": {"remaining_fraction": 0.9},
    "home": {"lat_deg": FCP.lat_deg, "lon_deg": FCP.lon_deg},
}


def seen(**changes: object) -> VehicleState:
    return VehicleState.model_validate(IN_AIR | changes)


def told(states: list[tuple[float, VehicleState]], sortie: Sortie | None = FLYING) -> list[str]:
    watch = FlightWatch()
    return [alarm.id for now_s, state in states for alarm in watch.look(state, sortie, now_s)]


def moving(count: int, **changes: object) -> list[tuple[float, VehicleState]]:
    return [(s, seen(lat_deg=FCP.lat_deg + s * 1e-6, **changes)) for s in range(count)]


def test_a_flight_as_planned_alarms_nobody() -> None:
    assert told(moving(120)) == []


def test_a_frozen_position_is_told_and_a_parked_or_silent_aircraft_is_not() -> None:
    still = [(float(s), seen()) for s in range(16)]
    assert told(still) == ["position_frozen"]
    at_speed = [(float(s), seen(t_ms=s, velocity_north_ms=8.0)) for s in range(16)]
    assert told(at_speed) == ["position_frozen"]
    hovering = [(float(s), seen(t_ms=s, velocity_north_ms=0.1)) for s in range(16)]
    assert told(hovering) == []
    assert told([(s, state.model_copy(update={"armed": False})) for s, state in still]) == []
    assert told([(float(s), seen(link="lost")) for s in range(16)]) == []
    assert told([(float(s), seen(phase="ground")) for s in range(3)]) == []
    assert told([*still[:4], *moving(30)[5:]]) == []


def test_an_aircraft_on_the_ground_in_flight_is_told_and_one_that_lands_is_not() -> None:
    down = [(float(s), seen(phase="ground")) for s in range(10)]
    assert told(down) == ["down"]
    assert told(down, Sortie(PLAN, "pilot", SortieState.RETURNED, 9)) == []
    assert told([(s, state.model_copy(update={"armed": False})) for s, state in down]) == []
    assert (
        told([(float(s), seen(phase="landing", altitude_amsl_m=2000.0 - s)) for s in range(10)])
        == []
    )


def test_a_battery_that_does_not_reach_home_is_told_again_and_again() -> None:
    # 60 m down at 1.5 m/s are 40 s; 800 m at 8 m/s are 100 s; 0.1 % a second.
    far = {"lat_deg": FCP.lat_deg + 800 / 111_000, "altitude_relative_m": 60.0}
    need = home_fraction(seen(**far), PLAN)
    assert need == pytest.approx(0.14, abs=0.002)
    low, enough = (BatteryState(remaining_fraction=x) for x in (0.28, 0.30))
    states = [
        (s, state.model_copy(update={"battery": low, "lat_deg": far["lat_deg"] + s * 1e-6}))
        for s, state in moving(round(REPEAT_S) + 5)
    ]
    assert told(states) == ["battery_home", "battery_home"]
    assert told([(s, x.model_copy(update={"battery": enough})) for s, x in states]) == []
    assert told(states, Sortie(PLAN, "pilot", SortieState.UPLOADED, 9)) == []
    assert home_fraction(seen(lat_deg=None), PLAN) is None
