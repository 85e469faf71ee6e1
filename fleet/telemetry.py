"""From a vehicle's messages to the snapshot everyone else sees."""

import math
from dataclasses import dataclass, replace

from field_api.contract.messages import (
    BatteryState,
    FlightPhase,
    GpsState,
    LinkState,
    VehicleState,
)
from fleet.autopilots.ardupilot import MODES
from fleet.mavlink import Message, dialect
from mission_plans.plan import GeoPoint
from mission_plans.terrain import NoTerrainError, Terrain

__all__ = ["Telemetry", "follow", "snapshot"]

EKF_READY = dialect.EKF_ATTITUDE | dialect.EKF_VELOCITY_HORIZ | dialect.EKF_POS_HORIZ_ABS
PREARM_BIT = dialect.MAV_SYS_STATUS_PREARM_CHECK
UNKNOWN_16 = 65_535
NO_BATTERY = BatteryState()
NO_GPS = GpsState()

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
    ekf_flags: int = 0
    prearm_ok: bool = False
    mission_seq: int | None = None
    mission_reached: int | None = None
    position_t_ms: int = 0
    """When the last position came, UTC."""

    @property
    def position_ok(self) -> bool:
        """Whether the autopilot's estimate is good enough to fly a mission."""
        return (self.ekf_flags & EKF_READY) == EKF_READY


def follow(state: Telemetry, message: Message, t_ms: int) -> Telemetry:
    """Return the state after one message of the vehicle's autopilot."""
    match message.get_type():
        case "HEARTBEAT":
            mode = MODES.get(message.custom_mode, f"MODE {message.custom_mode}")
            armed = bool(message.base_mode & dialect.MAV_MODE_FLAG_SAFETY_ARMED)
            critical = message.system_status >= dialect.MAV_STATE_CRITICAL
            return replace(state, mode=mode, armed=armed, critical=critical and armed)
        case "GLOBAL_POSITION_INT":
            if message.lat == 0 and message.lon == 0:
                return state
            heading = None if message.hdg == UNKNOWN_16 else message.hdg / 100
            return replace(
                state,
                lat_deg=message.lat / 1e7,
                lon_deg=message.lon / 1e7,
                altitude_amsl_m=message.alt / 1000,
                altitude_relative_m=message.relative_alt / 1000,
                heading_deg=heading,
                velocity_ms=(message.vx / 100, message.vy / 100, message.vz / 100),
                position_t_ms=t_ms,
            )
        case "ATTITUDE":
            angles = (message.roll, message.pitch)
            if not all(math.isfinite(angle) for angle in angles):
                return state
            return replace(
                state, roll_deg=math.degrees(message.roll), pitch_deg=math.degrees(message.pitch)
            )
        case "SYS_STATUS":
            return replace(
                state,
                prearm_ok=bool(message.onboard_control_sensors_health & PREARM_BIT),
                battery=BatteryState(
                    voltage_v=None
                    if message.voltage_battery == UNKNOWN_16
                    else message.voltage_battery / 1000,
                    current_a=None
                    if message.current_battery < 0
                    else message.current_battery / 100,
                    remaining_fraction=None
                    if message.battery_remaining < 0
                    else min(1.0, message.battery_remaining / 100),
                ),
            )
        case "GPS_RAW_INT":
            return replace(
                state,
                gps=GpsState(
                    fix_type=message.fix_type,
                    satellites=0
                    if message.satellites_visible == 255
                    else message.satellites_visible,
                    hdop=None if message.eph == UNKNOWN_16 else message.eph / 100,
                ),
            )
        case "EKF_STATUS_REPORT":
            return replace(state, ekf_flags=message.flags)
        case "EXTENDED_SYS_STATE":
            return replace(state, phase=PHASES.get(message.landed_state, FlightPhase.UNKNOWN))
        case "HOME_POSITION":
            home = GeoPoint(
                lat_deg=max(-90.0, min(90.0, message.latitude / 1e7)),
                lon_deg=max(-180.0, min(180.0, message.longitude / 1e7)),
            )
            return replace(state, home=home, home_amsl_m=message.altitude / 1000)
        case "MISSION_CURRENT":
            return replace(state, mission_seq=message.seq)
        case "MISSION_ITEM_REACHED":
            return replace(state, mission_reached=message.seq)
        case _:
            return state


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
        prearm_ok=state.prearm_ok,
        mission_seq=state.mission_seq,
        mission_count=mission_count,
        sortie_id=sortie[0] if sortie else None,
        sortie_state=sortie[1] if sortie else None,
    )
