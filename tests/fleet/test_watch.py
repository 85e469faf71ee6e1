"""Guards in flight: each fires where it must and stays silent where it must."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray

from field_api.contract.messages import BatteryState, SortieState, VehicleState
from fleet.sortie import Sortie
from fleet.traffic import Contact
from fleet.watch import CLEAR_S, GUARDS, REPEAT_S, FlightWatch, Limits, Sight, home_fraction
from mission_plans.ground.geodesy import moved
from mission_plans.ground.terrain import NoTerrainError, Terrain
from mission_plans.values.plan import GeoPoint, Waypoint, WaypointKind
from tests.fleet.flight_line import FCP, search_plan

PLAN = (
    search_plan()
    .sorties[0]
    .model_copy(update={"energy_fraction": 0.6, "duration_s": 600.0, "cruise_ms": 8.0})
)
FLYING = Sortie(PLAN, "pilot", SortieState.FLYING, 9)
T0_MS = 1_742_016_600_000
"""2025-03-15 13:30 in Kunming."""
IN_AIR: dict[str, Any] = {
    "vehicle_id": "XS-U2",
    "t_ms": T0_MS,
    "link": "live",
    "mode": "AUTO",
    "armed": True,
    "phase": "air",
    "lat_deg": FCP.lat_deg,
    "lon_deg": FCP.lon_deg,
    "altitude_amsl_m": 2000.0,
    "altitude_relative_m": 60.0,
    "battery": {"remaining_fraction": 0.9},
    "gps": {"fix_type": 3, "satellites": 12, "hdop": 0.8},
    "position_ok": True,
    "home": {"lat_deg": FCP.lat_deg, "lon_deg": FCP.lon_deg},
}
Flight = list[tuple[float, VehicleState]]


def seen(**changes: object) -> VehicleState:
    return VehicleState.model_validate(IN_AIR | changes)


def at(north_m: float, east_m: float, **changes: object) -> VehicleState:
    place = moved(FCP, north_m, east_m)
    return seen(lat_deg=place.lat_deg, lon_deg=place.lon_deg, **changes)


def told(
    states: Flight,
    sortie: Sortie | None = FLYING,
    *,
    terrain: Terrain | None = None,
    limits: Limits | None = None,
    now_ms: int | None = None,
    others: Sequence[VehicleState] = (),
    traffic: Sequence[Contact] = (),
) -> list[str]:
    """Return what is told over a flight; `now_ms` None is the time of each snapshot."""
    watch = FlightWatch(terrain, limits)
    return [
        alarm.id
        for now_s, state in states
        for alarm in watch.look(
            Sight(state, sortie, now_s, now_ms or state.t_ms, others, traffic),
        )
    ]


def moving(count: int, **changes: object) -> Flight:
    return [
        (s, seen(lat_deg=FCP.lat_deg + s * 1e-6, t_ms=T0_MS + 1000 * s, **changes))
        for s in range(count)
    ]


def test_a_flight_as_planned_alarms_nobody() -> None:
    assert told(moving(120)) == []


# --- position and ground ------------------------------------------------------------------------


def test_a_frozen_position_is_told_and_a_parked_or_silent_aircraft_is_not() -> None:
    still = [(float(s), seen()) for s in range(16)]
    assert told(still) == ["position_frozen"]
    at_speed = [(float(s), seen(t_ms=s, velocity_north_ms=8.0, velocity_east_ms=0.0,
                                velocity_down_ms=0.0)) for s in range(16)]  # fmt: skip
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


# --- battery ------------------------------------------------------------------------------------


def with_battery(states: Flight, left: float) -> Flight:
    battery = BatteryState(remaining_fraction=left)
    return [(s, state.model_copy(update={"battery": battery})) for s, state in states]


def test_a_battery_that_does_not_reach_home_is_told_again_and_again() -> None:
    # 60 m down at 1.5 m/s are 40 s, the slow end of it 20 s; 800 m at 8 m/s 100 s; 0.1 % a second.
    far = at(800, 0)
    need = home_fraction(far, PLAN)
    assert need == pytest.approx(0.16, abs=0.002)
    states = [
        (float(s), at(800, s * 0.1, t_ms=T0_MS + 1000 * s)) for s in range(round(REPEAT_S) + 5)
    ]
    assert told(with_battery(states, 0.30)) == ["battery_home", "battery_home"]
    assert told(with_battery(states, 0.30), Sortie(PLAN, "p", SortieState.UPLOADED, 9)) == []
    assert home_fraction(seen(lat_deg=None), PLAN) is None
    assert told(with_battery(states[:5], 0.30), Sortie(PLAN, "p", SortieState.RETURNING, 9)) == [
        "battery_home"
    ]
    assert told(with_battery(states[:5], 0.37), Sortie(PLAN, "p", SortieState.RETURNING, 9)) == []


def test_the_pilot_is_told_three_minutes_before_it_must_turn_home() -> None:
    # Hovering: 15 % and the way home are kept, the rest goes at 0.1 % a second.
    states = [(float(s), at(800, s * 0.1, t_ms=T0_MS + 1000 * s)) for s in range(5)]
    assert told(with_battery(states, 0.50)) == []
    assert told(with_battery(states, 0.48)) == ["battery_soon"]
    watch = FlightWatch()
    watch.look(Sight(with_battery(states, 0.43)[0][1], FLYING, 0.0, T0_MS))
    assert watch.minutes_left == pytest.approx(2.0, abs=0.05)
    leaving = with_battery([(0.0, at(800, 0, velocity_north_ms=8.0, velocity_east_ms=0.0,
                                     velocity_down_ms=0.0))], 0.43)  # fmt: skip
    watch.look(Sight(leaving[0][1], FLYING, 1.0, T0_MS))
    assert watch.minutes_left == pytest.approx(1.0, abs=0.05), "each second away costs one back"
    watch.look(Sight(seen(), None, 2.0, T0_MS))
    assert watch.minutes_left is None


@pytest.mark.parametrize("wind_ms", [0.0, 6.0])
def test_one_that_flies_away_is_told_three_minutes_before_it_must_turn(wind_ms: float) -> None:
    watch, when = FlightWatch(), dict[str, int]()
    for s in range(600):
        state = at(
            *(8.0 * s, 0),
            t_ms=T0_MS + 1000 * s,
            velocity_north_ms=8.0,
            velocity_east_ms=0.0,
            velocity_down_ms=0.0,
            wind_from_deg=180.0,
            wind_speed_ms=wind_ms,
            battery={"remaining_fraction": max(0.0, 1.0 - 0.001 * s)},
        )
        for alarm in watch.look(Sight(state, FLYING, float(s), state.t_ms)):
            when.setdefault(alarm.id, s)
    # It is looked at once a second.
    assert 179 <= when["battery_home"] - when["battery_soon"] <= 190


def test_the_way_home_against_the_wind_takes_more() -> None:
    calm = home_fraction(at(800, 0), PLAN)
    head = home_fraction(at(800, 0, wind_from_deg=180.0, wind_speed_ms=8.0), PLAN)
    tail = home_fraction(at(800, 0, wind_from_deg=0.0, wind_speed_ms=4.0), PLAN)
    storm = home_fraction(at(800, 0, wind_from_deg=180.0, wind_speed_ms=39.0), PLAN)
    assert calm is not None
    assert head is not None
    assert tail is not None
    assert storm is not None
    assert head > calm * 1.5
    assert tail == pytest.approx(calm, abs=0.01), "a wind that helps is not counted on"
    assert storm == 1.0, "more than a battery is a battery"


def test_the_slow_end_of_a_landing_counts_until_it_is_down() -> None:
    def landing(height_m: float) -> float:
        left = home_fraction(at(0, 0, altitude_relative_m=height_m), PLAN)
        assert left is not None
        return left * 1000

    assert landing(30) == pytest.approx(30 / 1.5 + 20, abs=0.5)
    assert landing(5) == pytest.approx(5 / 1.5 + 10, abs=0.5)
    assert landing(0) == pytest.approx(0, abs=0.5)


def test_the_way_home_climbs_to_the_return_altitude() -> None:
    low, high = home_fraction(at(800, 0), PLAN), home_fraction(at(800, 0), PLAN, 160.0)
    assert low is not None
    assert high is not None
    # 100 m up at 2.5 m/s with 30 % more power, and 100 m more to come down.
    assert high - low == pytest.approx((52.0 + 66.7) / 1000, abs=0.002)


# --- separation ---------------------------------------------------------------------------------


def neighbour(north_m: float, east_m: float, up_m: float = 0.0, **more: object) -> VehicleState:
    return at(north_m, east_m, vehicle_id="XS-U1", altitude_amsl_m=2000.0 + up_m, **more)


@pytest.mark.parametrize(
    ("other", "alarms"),
    [
        (neighbour(30, 20), ["separation"]),
        (neighbour(30, 20, 15), ["separation"]),
        (neighbour(30, 20, 25), []),
        (neighbour(60, 0), []),
        (neighbour(30, 20, phase="ground"), []),
        (neighbour(30, 20, armed=False), []),
        (neighbour(30, 20, t_ms=T0_MS - 6_000), []),
        (neighbour(30, 20).model_copy(update={"altitude_amsl_m": None}), ["separation"]),
        (seen(vehicle_id="XS-U1", lat_deg=None), []),
    ],
)  # fmt: skip
def test_our_own_aircraft_too_close_are_told(other: VehicleState, alarms: list[str]) -> None:
    assert told([(0.0, seen())], others=[other], now_ms=T0_MS) == alarms
    assert told([(0.0, seen(phase="ground"))], others=[other], now_ms=T0_MS) == []


def test_both_names_are_told() -> None:
    watch = FlightWatch()
    sight = Sight(seen(), FLYING, 0.0, T0_MS, [neighbour(30, 20, 3)])
    (alarm,) = watch.look(sight)
    for text in (alarm.text_zh, alarm.text_en):
        assert "XS-U2" in text
        assert "XS-U1" in text
    assert (alarm.severity, alarm.source) == ("warning", "O12")


def head_on(period_s: float, up_m: float = 0.0) -> tuple[float, float]:
    """Two at 8 m/s meet; return when they are too close, and when it is told (simulated time).

    Positions come every `period_s`, the node looks every 0.2 s.
    """
    watch = FlightWatch()
    close_s = (400 - 50) / 16
    for step in range(150):
        now_s = step * 0.2
        heard_s = now_s // period_s * period_s
        t_ms = T0_MS + round(heard_s * 1000)
        speed = {"velocity_east_ms": 0.0, "velocity_down_ms": 0.0, "t_ms": t_ms}
        own = at(8 * heard_s, 0, velocity_north_ms=8.0, **speed)
        other = neighbour(400 - 8 * heard_s, 0, up_m, velocity_north_ms=-8.0, **speed)
        sight = Sight(own, FLYING, now_s, T0_MS + round(now_s * 1000), [other])
        if any(alarm.id == "separation" for alarm in watch.look(sight)):
            return close_s, now_s
    return close_s, -1.0


@pytest.mark.parametrize("period_s", [0.2, 1.0])
def test_two_that_meet_are_told_before_they_are_too_close(period_s: float) -> None:
    close_s, told_s = head_on(period_s)
    assert close_s - 5.5 <= told_s <= close_s
    assert head_on(period_s, up_m=32.0)[1] == -1.0, "the planner's layers are 32 m apart"


def test_without_velocities_it_is_told_within_two_seconds() -> None:
    watch, close_s = FlightWatch(), (400 - 50) / 16
    for step in range(150):
        now_s = step * 0.2
        t_ms = T0_MS + round(now_s * 1000)
        sight = Sight(at(8 * now_s, 0, t_ms=t_ms), FLYING, now_s, t_ms,
                      [neighbour(400 - 8 * now_s, 0, t_ms=t_ms)])  # fmt: skip
        if watch.look(sight):
            assert close_s <= now_s <= close_s + 2.0
            return
    pytest.fail("it was not told")


def test_one_that_climbs_into_another_is_told() -> None:
    still = {"velocity_north_ms": 0.0, "velocity_east_ms": 0.0}
    below = neighbour(10, 0, -30, velocity_down_ms=-2.5, **still)
    assert told([(0.0, seen())], others=[below], now_ms=T0_MS) == ["separation"]
    sinking = neighbour(10, 0, -30, velocity_down_ms=2.5, **still)
    assert told([(0.0, seen())], others=[sinking], now_ms=T0_MS) == []


# --- the ground ahead ---------------------------------------------------------------------------


class Slope:
    """Ground that rises northwards from 1900 m at the checkpoint, known up to some latitude."""

    def __init__(self, per_m: float, known_m: float = 1e6) -> None:
        self.per_m = per_m
        self.known_m = known_m

    def elevation_m(self, lat_deg: ArrayLike, lon_deg: ArrayLike) -> NDArray[np.float64]:
        lat, lon = np.broadcast_arrays(np.asarray(lat_deg, float), np.asarray(lon_deg, float))
        north_m = (lat - FCP.lat_deg) * 110_800
        if (north_m > self.known_m).any():
            raise NoTerrainError(GeoPoint(lat_deg=float(lat.max()), lon_deg=float(lon.flat[0])))
        return 1900 + self.per_m * np.maximum(0, north_m)


def northward(speed_ms: float, **more: object) -> VehicleState:
    return at(200, 0, mode="GUIDED", velocity_north_ms=speed_ms, velocity_east_ms=0.0,
              velocity_down_ms=0.0, **more)  # fmt: skip


def looks(state: VehicleState) -> Flight:
    return [
        (s / 5, state.model_copy(update={"t_ms": T0_MS + 200 * s, "lon_deg": state.lon_deg}))
        for s in range(10)
    ]


def ground(state: VehicleState, terrain: Terrain, sortie: Sortie = FLYING) -> list[str]:
    return told(looks(state), sortie, terrain=terrain)


def test_ground_that_comes_nearer_is_told_a_minute_ahead() -> None:
    # 100 m above the checkpoint, 80 m above the ground 200 m north; 8 m/s for 60 s are 480 m.
    assert ground(northward(8.0), Slope(0.1)) == []
    assert ground(northward(8.0), Slope(0.2)) == ["terrain"]
    assert ground(northward(-1.0), Slope(0.2)) == []
    assert ground(northward(8.0, phase="ground", armed=False), Slope(0.2)) == []
    assert ground(northward(8.0, link="lost"), Slope(0.2)) == []
    assert ground(northward(8.0), Slope(0.2), Sortie(PLAN, "p", SortieState.UPLOADED, 9)) == []
    sinking = northward(0.0).model_copy(update={"velocity_down_ms": 2.0})
    assert ground(sinking, Slope(0.0)) == ["terrain"]
    assert ground(sinking.model_copy(update={"mode": "LAND"}), Slope(0.0)) == []


def test_near_its_launch_point_it_may_be_low() -> None:
    takes_off = seen(altitude_amsl_m=1905.0, mode="AUTO", mission_seq=None)
    assert ground(takes_off, Slope(0.0)) == []
    elsewhere = at(200, 0, altitude_amsl_m=1905.0)
    assert ground(elsewhere, Slope(0.0)) == ["terrain"]


def northward_mission(heights_m: Sequence[float]) -> Sortie:
    """A sortie that flies north, a waypoint every 100 m from 200 m on."""
    first = Waypoint(lat_deg=FCP.lat_deg, lon_deg=FCP.lon_deg, altitude_amsl_m=2000.0,
                     kind=WaypointKind.TAKEOFF)  # fmt: skip
    places = [moved(FCP, 200 + 100 * n, 0) for n in range(len(heights_m))]
    points = [
        Waypoint(lat_deg=p.lat_deg, lon_deg=p.lon_deg, altitude_amsl_m=h, kind=WaypointKind.LANE)
        for p, h in zip(places, heights_m, strict=True)
    ]
    plan = PLAN.model_copy(update={"waypoints": [first, *points], "launch_amsl_m": 1900.0})
    return replace(FLYING, plan=plan)


def test_in_a_mission_its_waypoints_count_and_not_its_velocity() -> None:
    # Items: home, take-off, speed, waypoints from 3 on.
    flies = northward(8.0).model_copy(update={"mode": "AUTO", "mission_seq": 4})
    climbs = northward_mission([2000, 2020, 2040, 2060, 2080, 2100])
    assert ground(flies, Slope(0.2), climbs) == []
    level = northward_mission([2000] * 6)
    assert ground(flies, Slope(0.2), level) == ["terrain"]
    assert ground(flies.model_copy(update={"mission_seq": 20}), Slope(0.2), climbs) == ["terrain"]


def test_a_plan_that_was_allowed_to_fly_low_is_told_when_it_gets_lower() -> None:
    low = northward_mission([1915] * 6)
    flies = at(200, 0, altitude_amsl_m=1915.0, mission_seq=4)
    assert ground(flies, Slope(0.0), low) == []
    assert ground(flies.model_copy(update={"altitude_amsl_m": 1908.0}), Slope(0.0), low) == [
        "terrain"
    ]


def test_unknown_ground_is_told_once_and_the_known_part_is_watched() -> None:
    edge = Slope(0.0, known_m=400)
    states = [(float(s), at(200, s * 0.1, mode="GUIDED", velocity_north_ms=8.0,
                            velocity_east_ms=0.0, velocity_down_ms=0.0, t_ms=T0_MS + 1000 * s))
              for s in range(100)]  # fmt: skip
    assert told(states, terrain=edge) == ["terrain_unknown"]
    steep = Slope(0.45, known_m=400)
    assert set(told(states[:5], terrain=steep)) == {"terrain_unknown", "terrain"}
    assert told(states[:5], terrain=Slope(0.0, known_m=100)) == ["terrain_unknown"]
    assert told(states, terrain=Slope(0.0)) == []


# --- senses -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "alarms"),
    [
        ({"gps": {"fix_type": 1, "satellites": 3}}, ["gps"]),
        ({"gps": {"fix_type": 3, "satellites": 5, "hdop": 1.0}}, ["gps_poor"]),
        ({"gps": {"fix_type": 3, "satellites": 9, "hdop": 2.6}}, ["gps_poor"]),
        ({"gps": {"fix_type": 4, "satellites": 6, "hdop": 2.5}}, []),
        ({"gps": {"fix_type": 1}, "phase": "landing", "armed": False}, []),
        ({"gps": {"fix_type": 1}, "link": "lost"}, []),
        ({"ekf_flags": 0x33F, "ekf_variance": 0.2}, []),
        ({"ekf_flags": 0x33F, "ekf_variance": 0.9}, ["ekf"]),
        ({"ekf_flags": 0x833F}, ["ekf"]),
        ({"ekf_flags": 0x25, "position_ok": False}, ["ekf"]),
        ({"position_ok": False}, []),
        ({"ekf_flags": 0x25, "position_ok": False, "armed": False}, []),
        ({"wind_from_deg": 225.0, "wind_speed_ms": 13.0}, ["wind"]),
        ({"wind_from_deg": 225.0, "wind_speed_ms": 11.0}, []),
        ({"wind_from_deg": 225.0, "wind_speed_ms": 13.0, "armed": False}, []),
    ],
)
def test_what_its_senses_say_is_told(change: dict[str, object], alarms: list[str]) -> None:
    assert told(moving(20, **change)) == alarms


def test_a_moment_without_a_fix_is_not_told_and_a_flicker_is_one_alarm() -> None:
    lost = {"gps": {"fix_type": 1, "satellites": 3}}
    states = moving(60)
    brief = [(s, seen(**lost, t_ms=x.t_ms, lat_deg=x.lat_deg)) if s == 10 else (s, x)
             for s, x in states]  # fmt: skip
    assert told(brief) == []
    flicker = [(s, seen(**lost, t_ms=x.t_ms, lat_deg=x.lat_deg)) if s in (10, 11, 12, 13, 15, 17)
               else (s, x) for s, x in states]  # fmt: skip
    assert told(flicker) == ["gps"]
    again = [(s, seen(**lost, t_ms=x.t_ms, lat_deg=x.lat_deg))
             if 10 <= s < 14 or 20 + CLEAR_S <= s < 30 else (s, x) for s, x in states]  # fmt: skip
    assert told(again) == ["gps", "gps"]


def test_the_wind_limit_is_the_sites() -> None:
    windy = moving(20, wind_from_deg=0.0, wind_speed_ms=13.0)
    assert told(windy, limits=Limits(max_wind_ms=15.0)) == []
    assert told(moving(20, wind_from_deg=0.0, wind_speed_ms=9.0), limits=Limits(8.0)) == ["wind"]


# --- other traffic ------------------------------------------------------------------------------


def stranger(north_m: float, up_m: float | None, **changes: Any) -> Contact:
    place = moved(FCP, north_m, 0)
    height = None if up_m is None else 2000.0 + up_m
    contact = Contact(0x780ABC, "B-7081", place.lat_deg, place.lon_deg, height, None, T0_MS)
    return replace(contact, **changes)


@pytest.mark.parametrize(
    ("contact", "alarms"),
    [
        (stranger(1_500, 200), ["traffic"]),
        (stranger(1_500, -250), ["traffic"]),
        (stranger(1_500, None), ["traffic"]),
        (stranger(1_500, 400), []),
        (stranger(2_500, 0), []),
        (stranger(5_000, 0, velocity_ms=(-70.0, 0.0, 0.0)), ["traffic"]),
        (stranger(5_000, 0, velocity_ms=(70.0, 0.0, 0.0)), []),
        (stranger(9_000, 0, velocity_ms=(-70.0, 0.0, 0.0)), []),
        (stranger(3_000, 900, velocity_ms=(-50.0, 0.0, -15.0)), ["traffic"]),
        (stranger(1_500, 0, heard_ms=T0_MS - 11_000), []),
    ],
)
def test_strangers_near_or_coming_near_are_told(contact: Contact, alarms: list[str]) -> None:
    assert told([(0.0, seen())], traffic=[contact]) == alarms
    assert told([(0.0, seen(phase="ground"))], traffic=[contact]) == []


# --- daylight -----------------------------------------------------------------------------------


def test_a_flight_into_the_dark_is_told_once() -> None:
    # In Kunming the sun went down at 19:14 that day, civil twilight ended at 19:37.
    def local(hour: int, minute: int) -> int:
        return T0_MS + ((hour - 13) * 60 + minute - 30) * 60_000

    states = moving(100)
    assert told(states, now_ms=local(19, 25)) == []
    assert told(states, now_ms=local(19, 45)) == ["sunset"]
    assert told(states, now_ms=local(5, 30)) == ["sunset"]
    assert told(states, now_ms=local(19, 45), limits=Limits(night_flights=True)) == []
    assert told(states, None, now_ms=local(19, 45)) == []
    assert told(moving(10, armed=False), now_ms=local(19, 45)) == []


def test_the_next_sortie_is_told_again() -> None:
    watch, night_ms = FlightWatch(), T0_MS + 8 * 3_600_000
    second = replace(FLYING, plan=PLAN.model_copy(update={"id": "another"}))
    flights = [(0, FLYING), (1, FLYING), (2, second), (3, second)]
    found = [
        watch.look(Sight(moving(4)[s][1], sortie, float(s), night_ms)) for s, sortie in flights
    ]
    assert [len(alarms) for alarms in found] == [1, 0, 1, 0]


def test_every_guard_has_words_in_both_languages_and_a_source() -> None:
    assert all(guard.source for guard in GUARDS.values())
    assert all("warn" in guard.actions for guard in GUARDS.values())
