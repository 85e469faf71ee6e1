"""What an aircraft's own senses say: satellites, position estimate, wind, contact with the ground.

Pure: how long a condition must last is kept by the watch.
"""

from field_api.contract.messages import FlightPhase, VehicleState
from fleet.guards import MAX_HDOP
from fleet.mavlink import dialect
from fleet.watch.catalogue import GUARDS, Alarm, Limits
from fleet.watch.sight import Sight, airborne, heard, place, velocity_ms
from mission_plans.ground.geodesy import distance_m

__all__ = ["FrozenPosition", "down", "ekf", "gps", "gps_poor", "wind"]

FIX_3D = 3
LEAST_SATELLITES = 6
EKF_LIMIT = 0.8
"""ArduPilot's own limit (FS_EKF_THRESH)."""
HOVER_MS = 1.0


class FrozenPosition:
    """The rule `position_frozen`: no new position comes, or it stays where it is at speed."""

    def __init__(self) -> None:
        self._seen: tuple[float | None, float | None, float | None] | None = None
        self._t_ms = 0

    def look(self, sight: Sight) -> Alarm | None:
        """Return the alarm while the position is the one of the last look."""
        state = sight.state
        seen = (state.lat_deg, state.lon_deg, state.altitude_amsl_m)
        moved = seen != self._seen
        # A hovering aircraft says the same place again and again, in new messages.
        hovers = state.t_ms != self._t_ms and _speed_ms(state) < HOVER_MS
        self._seen, self._t_ms = seen, state.t_ms
        air = state.armed and state.phase is FlightPhase.AIR
        if moved or hovers or not air or not heard(state):
            return None
        least_s = GUARDS["position_frozen"].after_s
        return Alarm(
            "position_frozen",
            f"位置已超过 {least_s:.0f} 秒未更新,心跳正常;地图上的位置不可信",
            f"its position has not changed for more than {least_s:.0f} s although heartbeats come: "
            "do not trust its place on the map",
        )


def _speed_ms(state: VehicleState) -> float:
    north, east, up = velocity_ms(state) or (0.0, 0.0, 0.0)
    return (north**2 + east**2 + up**2) ** 0.5


def down(sight: Sight) -> Alarm | None:
    """On the ground with its motors armed while a sortie flies."""
    state, sortie = sight.state, sight.flying
    if sortie is None or not state.armed or state.phase is not FlightPhase.GROUND:
        return None
    at = place(state)
    where = ("", "")
    if at is not None:
        away_m = distance_m(at, sortie.plan.launch)
        where = (f",距起飞点 {away_m:.0f} 米", f", {away_m:.0f} m from launch")
    return Alarm(
        "down",
        f"飞行中已触地,电机未停{where[0]}",
        f"on the ground in flight, its motors armed{where[1]}",
    )


def gps(sight: Sight) -> Alarm | None:
    """No three-dimensional fix in the air."""
    state = sight.state
    if not airborne(state) or not heard(state) or state.gps.fix_type >= FIX_3D:
        return None
    return Alarm(
        "gps",
        f"飞行中失去卫星三维定位(定位类型 {state.gps.fix_type},{state.gps.satellites} 颗卫星)",
        f"no 3-D satellite fix in flight (type {state.gps.fix_type}, "
        f"{state.gps.satellites} satellites)",
    )


def gps_poor(sight: Sight) -> Alarm | None:
    """A fix that may be off by much: few satellites, or badly spread ones."""
    state, fix = sight.state, sight.state.gps
    if not airborne(state) or not heard(state) or fix.fix_type < FIX_3D:
        return None  # Without a fix `gps` is told.
    spread = fix.hdop is not None and fix.hdop > MAX_HDOP
    if not spread and fix.satellites >= LEAST_SATELLITES:
        return None
    hdop = "?" if fix.hdop is None else f"{fix.hdop:.1f}"
    return Alarm(
        "gps_poor",
        f"卫星定位精度差:{fix.satellites} 颗卫星(至少 {LEAST_SATELLITES}),"
        f"水平精度因子 {hdop}(上限 {MAX_HDOP})",
        f"poor satellite fix: {fix.satellites} satellites (at least {LEAST_SATELLITES}), "
        f"HDOP {hdop} (at most {MAX_HDOP})",
    )


def ekf(sight: Sight) -> Alarm | None:
    """The autopilot distrusts its own estimate of where it is, where it says so at all."""
    state = sight.state
    if not airborne(state) or not heard(state) or state.ekf_flags is None:
        return None
    glitch = bool(state.ekf_flags & dialect.EKF_GPS_GLITCHING)
    ratio = state.ekf_variance or 0.0
    if state.position_ok and not glitch and ratio < EKF_LIMIT:
        return None
    reasons: list[tuple[str, str]] = []
    if not state.position_ok:
        reasons.append(("没有可用的位置估计", "no usable position estimate"))
    if glitch:
        reasons.append(("卫星定位跳变", "satellite position jumped"))
    if ratio >= EKF_LIMIT:
        reasons.append((f"误差比 {ratio:.1f}", f"test ratio {ratio:.1f}"))
    zh, en = "、".join(r[0] for r in reasons), ", ".join(r[1] for r in reasons)
    return Alarm("ekf", f"位置估计不可信:{zh}", f"its position estimate can't be trusted: {en}")


def wind(sight: Sight, limits: Limits) -> Alarm | None:
    """More wind than the site allows, by the autopilot's estimate."""
    state, speed_ms = sight.state, sight.state.wind_speed_ms
    if not airborne(state) or speed_ms is None or not speed_ms > limits.max_wind_ms:
        return None
    return Alarm(
        "wind",
        f"风速 {speed_ms:.0f} 米/秒,超过上限 {limits.max_wind_ms:.0f}",
        f"wind of {speed_ms:.0f} m/s, above the limit of {limits.max_wind_ms:.0f}",
    )
