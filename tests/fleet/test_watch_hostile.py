"""No value an aircraft, a stranger or a broken clock can send upsets the guards."""

import math
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from field_api.contract.messages import (
    BatteryState,
    FlightPhase,
    GpsState,
    LinkState,
    SortieState,
    VehicleState,
)
from fleet.mavlink import Message, dialect
from fleet.reflexes import Reflexes
from fleet.sortie import Sortie
from fleet.telemetry import Telemetry, follow, snapshot
from fleet.traffic import Contact, merged
from fleet.watch import DEFAULT_ACTIONS, GUARDS, Alarm, FlightWatch, Sight
from mission_plans.ground.terrain_files import demo_terrain
from mission_plans.values.plan import GeoPoint
from tests.fleet.any_message import messages
from tests.fleet.flight_line import search_plan

TERRAIN = demo_terrain()
PLAN = search_plan().sorties[0]
T_MS = 1_742_016_600_000
HEARD = [
    dialect.MAVLINK_MSG_ID_HEARTBEAT,
    dialect.MAVLINK_MSG_ID_GLOBAL_POSITION_INT,
    dialect.MAVLINK_MSG_ID_SYS_STATUS,
    dialect.MAVLINK_MSG_ID_GPS_RAW_INT,
    dialect.MAVLINK_MSG_ID_EKF_STATUS_REPORT,
    dialect.MAVLINK_MSG_ID_EXTENDED_SYS_STATE,
    dialect.MAVLINK_MSG_ID_HOME_POSITION,
    dialect.MAVLINK_MSG_ID_MISSION_CURRENT,
    dialect.MAVLINK_MSG_ID_WIND,
    dialect.MAVLINK_MSG_ID_ADSB_VEHICLE,
]
LENIENT = settings(
    max_examples=150,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

number = st.none() | st.sampled_from([0.0, math.nan, math.inf, -math.inf, 1e308]) | st.floats()
near = st.floats(-0.02, 0.02)
"""Degrees: not everything hostile is far away."""


@st.composite
def states(draw: st.DrawFn) -> VehicleState:
    """A snapshot with anything in it, also what validation would have refused."""
    changes: dict[str, Any] = {
        name: draw(number)
        for name in (
            *("lat_deg", "lon_deg", "altitude_amsl_m", "altitude_relative_m", "altitude_agl_m"),
            *("velocity_north_ms", "velocity_east_ms", "velocity_down_ms", "heading_deg"),
            *("wind_from_deg", "wind_speed_ms", "ekf_variance"),
        )
    }
    if draw(st.booleans()):
        changes |= {"lat_deg": 24.9478 + draw(near), "lon_deg": 102.6108 + draw(near)}
    changes |= {
        "armed": draw(st.booleans()),
        "phase": draw(st.sampled_from(FlightPhase)),
        "link": draw(st.sampled_from(LinkState)),
        "mode": draw(st.sampled_from(["AUTO", "RTL", "LAND", "BRAKE", "MODE 99", ""])),
        "position_ok": draw(st.booleans()),
        "ekf_flags": draw(st.none() | st.integers(0, 65_535)),
        "mission_seq": draw(st.none() | st.integers(0, 65_534)),
        "t_ms": draw(st.sampled_from([0, T_MS, T_MS - 1_000, 2**53 - 1])),
        "battery": BatteryState(remaining_fraction=draw(st.none() | st.floats(0, 1))),
        "gps": GpsState(fix_type=draw(st.integers(0, 8)), satellites=draw(st.integers(0, 254))),
        "home": draw(
            st.none()
            | st.builds(GeoPoint, lat_deg=st.floats(-90, 90), lon_deg=st.floats(-180, 180))
        ),
    }
    known = VehicleState(vehicle_id="XS-U2", t_ms=T_MS, link=LinkState.LIVE)
    return known.model_copy(update=changes)


contacts = st.builds(
    Contact,
    icao=st.integers(0, 2**32 - 1),
    name=st.just("X"),
    lat_deg=st.floats(-90, 90) | near.map(lambda x: 24.95 + x),
    lon_deg=st.floats(-180, 180) | near.map(lambda x: 102.61 + x),
    altitude_m=st.none() | st.floats(-1_000, 50_000),
    velocity_ms=st.none() | st.tuples(*[st.floats(-700, 700)] * 3),
    heard_ms=st.integers(T_MS - 60_000, T_MS + 60_000),
)


def sensible(alarms: list[Alarm]) -> None:
    for alarm in alarms:
        assert alarm.id in GUARDS
        assert alarm.text_zh
        assert alarm.text_en
        assert "nan" not in alarm.text_en.split()


@LENIENT
@given(
    flight=st.lists(states(), min_size=1, max_size=4),
    others=st.lists(states(), max_size=2),
    strangers=st.lists(contacts, max_size=3),
    sortie_state=st.none() | st.sampled_from(SortieState),
    now_ms=st.sampled_from([0, T_MS, T_MS + 3_600_000, 2**53 - 1]),
)
def test_no_snapshot_upsets_the_guards(
    flight: list[VehicleState],
    others: list[VehicleState],
    strangers: list[Contact],
    sortie_state: SortieState | None,
    now_ms: int,
) -> None:
    sortie = None if sortie_state is None else Sortie(PLAN, "pilot", sortie_state, 9)
    watch = FlightWatch(TERRAIN)
    reflexes = Reflexes(dict.fromkeys(DEFAULT_ACTIONS, "hold"))
    for number, state in enumerate(flight):
        sight = Sight(state, sortie, number * 2.0, now_ms, others, strangers)
        sensible(watch.look(sight))
        assert watch.minutes_left is None or math.isfinite(watch.minutes_left)
        reflexes.look(watch.holding, state, certain=True)


@LENIENT
@given(said=st.lists(messages(HEARD), min_size=1, max_size=15))
def test_no_sequence_of_messages_upsets_the_guards(said: list[Message]) -> None:
    telemetry, watch = Telemetry(), FlightWatch(TERRAIN)
    sortie = Sortie(PLAN, "pilot", SortieState.FLYING, 9)
    for number, message in enumerate(said):
        now_ms = T_MS + 1_000 * number
        telemetry = follow(telemetry, message, now_ms)
        state = snapshot(
            telemetry, "XS-U2", LinkState.LIVE, 0.1, TERRAIN, None, 9, None, now_ms,
            watch.minutes_left,
        )  # fmt: skip
        strangers = merged([telemetry.traffic], now_ms)
        sensible(watch.look(Sight(state, sortie, float(number), now_ms, [], strangers)))
