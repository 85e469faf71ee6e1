"""What a vehicle says becomes a snapshot, and nothing absurd enters it."""

import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from field_api.contract.messages import FlightPhase, LinkState, VehicleState
from fleet.fence_watch import FenceWatch
from fleet.mavlink import Message, dialect
from fleet.telemetry import Telemetry, follow, snapshot
from mission_plans.ground.terrain_files import demo_terrain
from tests.fleet.any_message import messages
from tests.fleet.wire import VEHICLE, Side

T_MS = 1_790_000_000_000
INT16 = 32_767
INT32 = 2**31 - 1
FOLLOWED = [
    dialect.MAVLINK_MSG_ID_HEARTBEAT,
    dialect.MAVLINK_MSG_ID_GLOBAL_POSITION_INT,
    dialect.MAVLINK_MSG_ID_ATTITUDE,
    dialect.MAVLINK_MSG_ID_SYS_STATUS,
    dialect.MAVLINK_MSG_ID_GPS_RAW_INT,
    dialect.MAVLINK_MSG_ID_EKF_STATUS_REPORT,
    dialect.MAVLINK_MSG_ID_EXTENDED_SYS_STATE,
    dialect.MAVLINK_MSG_ID_HOME_POSITION,
    dialect.MAVLINK_MSG_ID_MISSION_CURRENT,
    dialect.MAVLINK_MSG_ID_MISSION_ITEM_REACHED,
    dialect.MAVLINK_MSG_ID_WIND,
    dialect.MAVLINK_MSG_ID_ADSB_VEHICLE,
    dialect.MAVLINK_MSG_ID_FENCE_STATUS,
]
TERRAIN = demo_terrain()
vehicle = Side(VEHICLE)


def heard(*said: Message, state: Telemetry | None = None) -> Telemetry:
    state = state or Telemetry()
    for number, message in enumerate(said):
        state = follow(state, vehicle.says(message), T_MS + number)
    return state


def shown(state: Telemetry, *, confirmed: bool = False) -> VehicleState:
    """Return the snapshot as its receiver reads it."""
    sent = snapshot(
        *(state, "XS-U1", LinkState.LIVE, 0.2, TERRAIN, None, 9, None, T_MS + 60_000),
        fence_confirmed=confirmed,
    )
    return VehicleState.model_validate_json(sent.model_dump_json())


def position(**changes: int) -> Message:
    fields = {
        "time_boot_ms": 5_000,
        "lat": 249_478_000,
        "lon": 1_026_108_000,
        "alt": 2_350_000,
        "relative_alt": 50_000,
        "vx": 120,
        "vy": -80,
        "vz": 10,
        "hdg": 9_000,
    }
    return dialect.MAVLink_global_position_int_message(**(fields | changes))


def home(**changes: int) -> Message:
    fields = {"latitude": 249_478_000, "longitude": 1_026_108_000, "altitude": 2_300_000}
    return dialect.MAVLink_home_position_message(
        **(fields | changes), x=0, y=0, z=0, q=[1, 0, 0, 0], approach_x=0, approach_y=0,
        approach_z=0,
    )  # fmt: skip


def in_range(state: VehicleState) -> None:
    """Every value that is shown is one an aircraft can have."""
    limits = {
        "lat_deg": (-90, 90),
        "lon_deg": (-180, 180),
        "altitude_amsl_m": (-1_000, 50_000),
        "altitude_relative_m": (-50_000, 50_000),
        "heading_deg": (0, 360),
        "roll_deg": (-180, 180),
        "pitch_deg": (-180, 180),
        "velocity_north_ms": (-200, 200),
        "velocity_east_ms": (-200, 200),
        "velocity_down_ms": (-200, 200),
        "mission_seq": (0, 65_534),
        "ekf_flags": (0, 65_535),
        "ekf_variance": (0, 1e6),
        "wind_from_deg": (0, 360),
        "wind_speed_ms": (0, 100),
    }
    for name, (low, high) in limits.items():
        value = getattr(state, name)
        assert value is None or low <= value <= high, f"{name} {value}"
    assert 0 <= state.gps.fix_type <= 8
    assert 0 <= state.gps.satellites < 255
    assert state.gps.hdop is None or 0 < state.gps.hdop < 655.35
    assert state.battery.voltage_v is None or 0 < state.battery.voltage_v < 65.535
    assert state.battery.current_a is None or state.battery.current_a >= 0


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(message=messages())
def test_no_message_of_the_dialect_upsets_the_telemetry(message: Message) -> None:
    in_range(shown(follow(heard(position()), message, T_MS)))


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(said=st.lists(messages(FOLLOWED), min_size=1, max_size=12))
def test_no_sequence_of_values_upsets_the_telemetry(said: list[Message]) -> None:
    state = Telemetry()
    for message in said:
        state = follow(state, message, T_MS)
        in_range(shown(state))


@pytest.mark.parametrize(
    "place",
    [
        {"lat": 900_000_001},
        {"lat": -900_000_001},
        {"lon": 1_800_000_001},
        {"lon": -1_800_000_001},
        {"lat": INT32, "lon": INT32},
        {"lat": 0, "lon": 0},
    ],
)
def test_an_absurd_position_is_ignored_and_the_old_one_shows_its_age(place: dict[str, int]) -> None:
    before = heard(position())
    after = follow(before, vehicle.says(position(**place)), T_MS + 9_000)
    assert after == before
    assert shown(after).t_ms == T_MS
    assert after.position_age_s(T_MS + 9_000) == 9.0
    assert Telemetry().position_age_s(T_MS) is None


def test_an_absurd_home_is_ignored() -> None:
    state = heard(
        home(), home(latitude=INT32), home(longitude=-INT32), home(latitude=0, longitude=0)
    )
    assert state.home is not None
    assert (state.home.lat_deg, state.home.lon_deg) == (24.9478, 102.6108)
    assert state.home_amsl_m == 2_300.0
    assert heard(home(altitude=INT32)).home_amsl_m is None


def test_what_a_position_does_not_say_is_unknown() -> None:
    state = heard(position(alt=INT32, relative_alt=-INT32, hdg=65_535, vx=INT16, vy=-INT16 - 1))
    assert (state.lat_deg, state.lon_deg) == (24.9478, 102.6108)
    assert state.altitude_amsl_m is None
    assert state.altitude_relative_m is None
    assert state.heading_deg is None
    assert state.velocity_ms is None
    assert heard(position(hdg=36_000)).heading_deg == 0.0
    assert heard(position(hdg=36_001)).heading_deg is None
    assert heard(position()).velocity_ms == (1.2, -0.8, 0.1)


def test_an_absurd_attitude_is_unknown() -> None:
    def attitude(roll: float, pitch: float) -> Message:
        return dialect.MAVLink_attitude_message(1, roll, pitch, 0, 0, 0, 0)

    state = heard(attitude(0.1, -0.2))
    assert state.roll_deg == pytest.approx(5.73, abs=0.01)
    for absurd in (math.nan, math.inf, 3e38, 7.0):
        later = heard(attitude(absurd, 0.0), state=state)
        assert later.roll_deg is None
        assert later.pitch_deg is None


def test_a_battery_that_says_nothing_sensible_is_unknown() -> None:
    def status(voltage_mv: int, current_ca: int, remaining: int) -> Message:
        return dialect.MAVLink_sys_status_message(
            0, 0, 0, 0, voltage_mv, current_ca, remaining, 0, 0, 0, 0, 0, 0
        )

    battery = heard(status(22_200, 1_250, 77)).battery
    assert (battery.voltage_v, battery.current_a, battery.remaining_fraction) == (22.2, 12.5, 0.77)
    assert heard(status(65_535, -1, -1)).battery == Telemetry().battery
    assert heard(status(0, -32_768, 127)).battery == Telemetry().battery
    assert heard(status(0, -32_768, -128)).battery == Telemetry().battery


def test_the_estimate_and_the_wind_are_read_and_absurd_ones_are_unknown() -> None:
    def estimate(velocity: float, place: float, height: float, compass: float) -> Message:
        return dialect.MAVLink_ekf_status_report_message(
            0x33F, velocity, place, height, compass, 0.0
        )

    state = heard(estimate(0.1, 0.2, 0.4, 0.3))
    assert state.position_ok
    assert shown(state).ekf_flags == 0x33F
    assert shown(state).ekf_variance == pytest.approx(0.4)
    assert heard(estimate(math.nan, -1.0, 0.2, 0.1)).ekf_variance == pytest.approx(0.2)
    assert heard(estimate(math.nan, -1.0, math.nan, math.nan)).ekf_variance is None
    assert shown(heard(estimate(math.inf, 0.0, 0.0, 0.0))).ekf_variance == 1e6
    assert shown(Telemetry()).ekf_flags is None

    def wind(from_deg: float, speed_ms: float) -> Telemetry:
        return heard(dialect.MAVLink_wind_message(from_deg, speed_ms, 0.0))

    def blows(state: Telemetry, after_ms: int) -> tuple[float | None, float | None]:
        sent = snapshot(state, "XS-U1", LinkState.LIVE, 0.2, None, None, 9, None, T_MS + after_ms)
        return sent.wind_from_deg, sent.wind_speed_ms

    assert blows(wind(-135.0, 7.5), 1_000) == (225.0, 7.5)
    assert blows(wind(-135.0, 7.5), 31_000) == (None, None)
    for absurd in ((math.nan, 7.0), (10.0, math.nan), (10.0, -1.0), (10.0, 101.0), (1e9, 7.0)):
        assert blows(wind(*absurd), 0) == (None, None)


def test_enums_beyond_what_we_know_are_taken_as_unknown() -> None:
    def fix(fix_type: int) -> Message:
        return dialect.MAVLink_gps_raw_int_message(0, fix_type, 0, 0, 0, 100, 0, 0, 0, 9)

    assert heard(fix(6)).gps.fix_type == 6
    assert heard(fix(200)).gps.fix_type == 0
    landed = dialect.MAVLink_extended_sys_state_message(0, 99)
    assert heard(landed).phase is FlightPhase.UNKNOWN
    beat = dialect.MAVLink_heartbeat_message(2, 3, 128, 0xFFFFFFFF, 255, 3)
    assert not heard(beat).critical
    assert heard(dialect.MAVLink_heartbeat_message(2, 3, 128, 3, 5, 3)).critical
    assert heard(dialect.MAVLink_mission_current_message(65_535)).mission_seq is None


def fence(broken: int, kind: int = dialect.FENCE_BREACH_BOUNDARY) -> Message:
    return dialect.MAVLink_fence_status_message(broken, broken, kind, 0)


def sensors(enabled: int) -> Message:
    return dialect.MAVLink_sys_status_message(0, enabled, 0, 0, 12_000, -1, 90, 0, 0, 0, 0, 0, 0)


def test_a_fence_is_confirmed_broken_or_off() -> None:
    on = heard(sensors(dialect.MAV_SYS_STATUS_GEOFENCE), fence(0, 0))
    assert shown(Telemetry()).fence is None
    assert shown(on).fence is None, "whose fence it is nobody knows"
    assert shown(on, confirmed=True).fence == "confirmed"
    broken = heard(fence(1), state=on)
    assert shown(broken, confirmed=True).fence == "breached"
    assert shown(heard(fence(1, 0)), confirmed=True).fence == "breached", "of whatever kind"
    assert shown(heard(fence(0, 0), state=broken), confirmed=True).fence == "confirmed"
    assert shown(heard(sensors(0), state=broken), confirmed=True).fence == "none"


def test_each_breach_is_told_once_and_on_the_ground_none() -> None:
    watch = FenceWatch()
    height = dialect.FENCE_BREACH_MAXALT
    breaches = [(0, True), (3, True), (3, True), (height, True), (0, True), (3, True), (3, False)]
    told = [
        watch.look(Telemetry(fence_breach=kind or dialect.FENCE_BREACH_NONE, armed=armed))
        for kind, armed in breaches
    ]
    assert [words is not None for words in told] == [False, True, False, True, False, True, False]
    assert told[1] is not None
    assert told[3] is not None
    assert "no-fly" in told[1][1]
    assert "高度" in told[3][0]
