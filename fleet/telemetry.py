"""From a vehicle's messages to the snapshot everyone else sees.

Every number is checked against what an aircraft can do before it is believed: a damaged or hostile
message can carry anything its wire type holds. What is absurd, or marked as unknown by the
protocol, becomes None; an absurd position leaves the old one in place, growing old.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, cast

from field_api.contract.messages import (
    BatteryState,
    CameraState,
    FlightPhase,
    GpsState,
    LinkState,
    OnboardWork,
    RemoteIdState,
    VehicleState,
    WayState,
)
from fleet.autopilots import autopilot_of
from fleet.mavlink import Message, dialect
from fleet.protocol.timesync import ClockOffset
from fleet.traffic import Contact, with_contact
from mission_plans.ground.terrain import NoTerrainError, Terrain
from mission_plans.values.plan import GeoPoint

__all__ = ["Telemetry", "follow", "snapshot"]

EKF_READY = dialect.EKF_ATTITUDE | dialect.EKF_VELOCITY_HORIZ | dialect.EKF_POS_HORIZ_ABS
ESTIMATOR_ALIKE = 0x3FF
EKF_GLITCH = 0x8000
PREARM_BIT = dialect.MAV_SYS_STATUS_PREARM_CHECK
FENCE_BIT = dialect.MAV_SYS_STATUS_GEOFENCE
UNKNOWN_8 = 255
UNKNOWN_16 = 65_535
ALTITUDE_AMSL_M = (-1_000.0, 50_000.0)
"""From below the Dead Sea to above every balloon."""
ALTITUDE_RELATIVE_M = (-50_000.0, 50_000.0)
SPEED_LIMIT_MS = 200.0
FIX_TYPES = range(dialect.GPS_FIX_TYPE_PPP + 1)
CRITICAL_STATES = frozenset(
    {
        dialect.MAV_STATE_CRITICAL,
        dialect.MAV_STATE_EMERGENCY,
        dialect.MAV_STATE_FLIGHT_TERMINATION,
    }
)
NO_BATTERY = BatteryState()
NO_GPS = GpsState()
NO_TRAFFIC: Mapping[int, Contact] = {}
VARIANCE_LIMIT = 1e6
WIND_LIMIT_MS = 100.0
"""No wind near the ground is stronger."""
WIND_OLD_MS = 30_000

PHASES = {
    dialect.MAV_LANDED_STATE_ON_GROUND: FlightPhase.GROUND,
    dialect.MAV_LANDED_STATE_IN_AIR: FlightPhase.AIR,
    dialect.MAV_LANDED_STATE_TAKEOFF: FlightPhase.TAKEOFF,
    dialect.MAV_LANDED_STATE_LANDING: FlightPhase.LANDING,
}


@dataclass(frozen=True, slots=True)
class Telemetry:
    """What a vehicle has said so far; None where it has not."""

    mode: str = ""
    armed: bool = False
    critical: bool = False
    phase: FlightPhase = FlightPhase.UNKNOWN
    lat_deg: float | None = None
    lon_deg: float | None = None
    altitude_amsl_m: float | None = None
    altitude_relative_m: float | None = None
    heading_deg: float | None = None
    roll_deg: float | None = None
    pitch_deg: float | None = None
    velocity_ms: tuple[float, float, float] | None = None
    """North, east, down."""
    home: GeoPoint | None = None
    home_amsl_m: float | None = None
    battery: BatteryState = NO_BATTERY
    gps: GpsState = NO_GPS
    ekf_flags: int | None = None
    ekf_variance: float | None = None
    wind: tuple[float, float] | None = None
    """Degrees it comes from, metres a second."""
    wind_t_ms: int = 0
    """When that was said, UTC."""
    traffic: Mapping[int, Contact] = field(default_factory=lambda: NO_TRAFFIC)
    """By ICAO address."""
    prearm_ok: bool = False
    fence_on: bool | None = None
    fence_breach: int = dialect.FENCE_BREACH_NONE
    """FENCE_BREACH of what is broken now."""
    mission_seq: int | None = None
    mission_reached: int | None = None
    position_t_ms: int = 0
    """When the last position came, UTC."""

    @property
    def position_ok(self) -> bool:
        """Whether the autopilot's estimate is good enough to fly a mission."""
        return self.ekf_flags is not None and (self.ekf_flags & EKF_READY) == EKF_READY

    def position_age_s(self, t_ms: int) -> float | None:
        """Return seconds since the last believable position, None before the first."""
        return max(0, t_ms - self.position_t_ms) / 1000 if self.position_t_ms else None


def follow(state: Telemetry, message: Message, t_ms: int) -> Telemetry:
    """Return the state after one message of the vehicle's autopilot."""
    match message.get_type():
        case "HEARTBEAT":
            mode = autopilot_of(message.autopilot).mode_name(message.custom_mode)
            armed = bool(message.base_mode & dialect.MAV_MODE_FLAG_SAFETY_ARMED)
            critical = armed and message.system_status in CRITICAL_STATES
            return replace(state, mode=mode, armed=armed, critical=critical)
        case "GLOBAL_POSITION_INT":
            return _positioned(state, message, t_ms)
        case "ATTITUDE":
            turn = math.pi + 1e-3
            known = abs(message.roll) <= turn and abs(message.pitch) <= turn  # NaN is not.
            return replace(
                state,
                roll_deg=math.degrees(message.roll) if known else None,
                pitch_deg=math.degrees(message.pitch) if known else None,
            )
        case "SYS_STATUS":
            prearm_ok = bool(message.onboard_control_sensors_health & PREARM_BIT)
            fence_on = bool(message.onboard_control_sensors_enabled & FENCE_BIT)
            return replace(state, prearm_ok=prearm_ok, fence_on=fence_on, battery=_battery(message))
        case "FENCE_STATUS":
            return replace(state, fence_breach=_breach(message))
        case "GPS_RAW_INT":
            return replace(state, gps=_gps(message))
        case "EKF_STATUS_REPORT":
            return replace(state, ekf_flags=message.flags, ekf_variance=_variance(message))
        case "ESTIMATOR_STATUS":
            return replace(state, ekf_flags=_estimator_flags(int(message.flags)))
        case "WIND":
            return replace(state, wind=_wind(message), wind_t_ms=t_ms)
        case "ADSB_VEHICLE" | "OPEN_DRONE_ID_LOCATION":
            return replace(state, traffic=with_contact(state.traffic, message, t_ms))
        case "EXTENDED_SYS_STATE":
            return replace(state, phase=PHASES.get(message.landed_state, FlightPhase.UNKNOWN))
        case "HOME_POSITION":
            place = _place(message.latitude, message.longitude)
            if place is None:
                return state
            return replace(
                state, home=place, home_amsl_m=_within(message.altitude / 1000, ALTITUDE_AMSL_M)
            )
        case "MISSION_CURRENT":
            return replace(state, mission_seq=None if message.seq == UNKNOWN_16 else message.seq)
        case "MISSION_ITEM_REACHED":
            return replace(state, mission_reached=message.seq)
        case _:
            return state


def _estimator_flags(flags: int) -> int:
    """Return PX4's ESTIMATOR_STATUS_FLAGS as EKF_STATUS_FLAGS: the lower ones are the same."""
    glitch = EKF_GLITCH if flags & dialect.ESTIMATOR_GPS_GLITCH else 0
    return flags & ESTIMATOR_ALIKE | glitch


def _breach(message: Message) -> int:
    if not message.breach_status:
        return dialect.FENCE_BREACH_NONE
    # Broken, whatever newer kind of limit it is.
    return int(message.breach_type) or dialect.FENCE_BREACH_BOUNDARY


def _fence(state: Telemetry, confirmed: bool) -> Literal["confirmed", "none", "breached"] | None:
    if state.fence_on is False:
        return "none"
    if state.fence_breach != dialect.FENCE_BREACH_NONE:
        return "breached"
    return "confirmed" if confirmed else None


def _within(value: float, limits: tuple[float, float]) -> float | None:
    return value if limits[0] <= value <= limits[1] else None


def _place(lat_1e7: int, lon_1e7: int) -> GeoPoint | None:
    """Return a place on Earth; 0, 0 is how autopilots say that they don't know theirs."""
    lat_deg, lon_deg = lat_1e7 / 1e7, lon_1e7 / 1e7
    if (lat_1e7 == 0 and lon_1e7 == 0) or abs(lat_deg) > 90 or abs(lon_deg) > 180:
        return None
    return GeoPoint(lat_deg=lat_deg, lon_deg=lon_deg)


def _positioned(state: Telemetry, message: Message, t_ms: int) -> Telemetry:
    place = _place(message.lat, message.lon)
    if place is None:
        return state
    velocity = (message.vx, message.vy, message.vz)  # cm/s
    moving = all(abs(v) <= SPEED_LIMIT_MS * 100 for v in velocity)
    return replace(
        state,
        lat_deg=place.lat_deg,
        lon_deg=place.lon_deg,
        altitude_amsl_m=_within(message.alt / 1000, ALTITUDE_AMSL_M),
        altitude_relative_m=_within(message.relative_alt / 1000, ALTITUDE_RELATIVE_M),
        heading_deg=message.hdg / 100 % 360 if message.hdg <= 36_000 else None,
        velocity_ms=(velocity[0] / 100, velocity[1] / 100, velocity[2] / 100) if moving else None,
        position_t_ms=t_ms,
    )


def _battery(message: Message) -> BatteryState:
    voltage_mv, remaining = message.voltage_battery, message.battery_remaining
    return BatteryState(
        # No battery is at 0 V: that is an autopilot without a monitor.
        voltage_v=voltage_mv / 1000 if 0 < voltage_mv < UNKNOWN_16 else None,
        current_a=message.current_battery / 100 if message.current_battery >= 0 else None,
        remaining_fraction=remaining / 100 if 0 <= remaining <= 100 else None,
    )


def _gps(message: Message) -> GpsState:
    satellites = message.satellites_visible
    return GpsState(
        fix_type=message.fix_type if message.fix_type in FIX_TYPES else 0,
        satellites=0 if satellites == UNKNOWN_8 else satellites,
        hdop=message.eph / 100 if 0 < message.eph < UNKNOWN_16 else None,
    )


def _variance(message: Message) -> float | None:
    """Return the largest test ratio by which ArduPilot judges its estimate, None without any."""
    ratios = (
        message.velocity_variance,
        message.pos_horiz_variance,
        message.pos_vert_variance,
        message.compass_variance,
    )
    known = [ratio for ratio in ratios if ratio >= 0]  # NaN is not.
    return min(max(known), VARIANCE_LIMIT) if known else None


def _wind(message: Message) -> tuple[float, float] | None:
    known = 0 <= message.speed <= WIND_LIMIT_MS and abs(message.direction) <= 360  # NaN is not.
    return (message.direction % 360, message.speed) if known else None


def snapshot(
    state: Telemetry,
    vehicle_id: str,
    link: LinkState,
    age_s: float | None,
    terrain: Terrain | None,
    failsafe: str | None,
    mission_count: int | None,
    sortie: tuple[str, str] | None,
    t_ms: int,
    minutes_left: float | None = None,
    fence_confirmed: bool = False,
    onboard_work: OnboardWork | None = None,
    clock: ClockOffset | None = None,
    remote_id: RemoteIdState | None = None,
    camera: CameraState | None = None,
    ways: Sequence[WayState] = (),
    doubt: str | None = None,
) -> VehicleState:
    """Return the snapshot for the field link.

    Args:
        state: what the vehicle said.
        vehicle_id: roster id.
        link: freshness.
        age_s: since the last heartbeat.
        terrain: ground model for the height above ground; None leaves it out.
        failsafe: the vehicle's failsafe in its words.
        mission_count: items of the uploaded mission.
        sortie: id and state of its sortie.
        t_ms: now, UTC; used where no position has come yet.
        minutes_left: until it must turn home.
        fence_confirmed: its fence was read back as ordered.
        onboard_work: what is being read from its computer.
        clock: how far its clock is from ours.
        remote_id: whether it broadcasts who it is.
        camera: where it looks.
        ways: the links over which it is heard.
        doubt: why it is not certain who it is.
    """
    agl = None
    if (
        terrain is not None
        and state.lat_deg is not None
        and state.lon_deg is not None
        and state.altitude_amsl_m is not None
    ):
        try:
            agl = state.altitude_amsl_m - float(terrain.elevation_m(state.lat_deg, state.lon_deg))
        except NoTerrainError:
            agl = None  # Beyond the model the height above ground is unknown, and shown as such.
    north, east, down = state.velocity_ms or (None, None, None)
    blows = state.wind is not None and t_ms - state.wind_t_ms <= WIND_OLD_MS
    wind_from_deg, wind_speed_ms = (state.wind if blows else None) or (None, None)
    return VehicleState(
        vehicle_id=vehicle_id,
        t_ms=state.position_t_ms or t_ms,
        link=link,
        telemetry_age_ms=round((age_s or 0.0) * 1000),
        mode=state.mode,
        armed=state.armed,
        phase=state.phase,
        failsafe=failsafe,
        lat_deg=state.lat_deg,
        lon_deg=state.lon_deg,
        altitude_amsl_m=state.altitude_amsl_m,
        altitude_relative_m=state.altitude_relative_m,
        altitude_agl_m=agl,
        heading_deg=state.heading_deg,
        roll_deg=state.roll_deg,
        pitch_deg=state.pitch_deg,
        velocity_north_ms=north,
        velocity_east_ms=east,
        velocity_down_ms=down,
        home=state.home,
        battery=state.battery,
        gps=state.gps,
        position_ok=state.position_ok,
        ekf_flags=state.ekf_flags,
        ekf_variance=state.ekf_variance,
        wind_from_deg=wind_from_deg,
        wind_speed_ms=wind_speed_ms,
        minutes_left=minutes_left,
        prearm_ok=state.prearm_ok,
        mission_seq=state.mission_seq,
        mission_count=mission_count,
        fence=_fence(state, fence_confirmed),
        ways=list(ways),
        doubt=cast(Any, doubt),  # one of the names of fleet.claims.Doubt
        sortie_id=sortie[0] if sortie else None,
        sortie_state=sortie[1] if sortie else None,
        onboard_work=onboard_work,
        remote_id=remote_id,
        clock_offset_ms=clock.offset_ns / 1e6 if clock else None,
        round_trip_ms=clock.uncertainty_ns * 2 / 1e6 if clock else None,
        camera=camera,
    )
