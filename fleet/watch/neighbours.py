"""Who comes too close in the air: our own aircraft, and strangers with a transponder. Pure."""

from field_api.contract.messages import VehicleState
from fleet.traffic import OLD_MS, Contact
from fleet.watch.approach import Course, Meeting, meeting
from fleet.watch.catalogue import Alarm
from fleet.watch.sight import Sight, airborne, amsl_m, place, velocity_ms
from mission_plans.allocation.schedule import SEPARATION_H_M, SEPARATION_V_M

__all__ = ["separation", "traffic"]

AHEAD_S = 5.0
"""Our own turn at the ends of their lanes: further ahead a straight line says nothing."""
POSITION_OLD_S = 5.0
"""From here on a silent aircraft may be anywhere; its lost link is told for itself."""

TRAFFIC_H_M = 2_000.0
TRAFFIC_V_M = 300.0
TRAFFIC_AHEAD_S = 60.0
"""A stranger at 70 m/s comes from 4 km further away in this time."""


def separation(sight: Sight) -> Alarm | None:
    """Two of our own closer than planning keeps them (50 m and 20 m), now or in 5 s (O12)."""
    own = _course(sight.state, sight.now_ms)
    if own is None:
        return None
    found: list[tuple[Meeting, str]] = []
    for other in sight.others:
        course = _course(other, sight.now_ms)
        if course is not None:
            met = meeting(own, course, SEPARATION_H_M, SEPARATION_V_M, AHEAD_S)
            if met is not None:
                found.append((met, other.vehicle_id))
    if not found:
        return None
    met, name = min(found, key=lambda pair: (pair[0].in_s, pair[0].apart_m))
    pair = f"{sight.state.vehicle_id} 与 {name}", f"{sight.state.vehicle_id} and {name}"
    height = ("", "")
    if met.height_m is not None:
        level_m = abs(met.height_m)
        height = f",高度差 {level_m:.0f} 米", f" and {level_m:.0f} m in height"
    if met.in_s == 0:
        zh = f"{pair[0]} 相距仅 {met.apart_m:.0f} 米{height[0]}"
        en = f"{pair[1]} are only {met.apart_m:.0f} m apart{height[1]}"
    else:
        zh = f"{pair[0]} 将在 {met.in_s:.0f} 秒内过近,现相距 {met.apart_m:.0f} 米{height[0]}"
        en = (
            f"{pair[1]} will be too close in {met.in_s:.0f} s, "
            f"now {met.apart_m:.0f} m apart{height[1]}"
        )
    return Alarm("separation", zh, en, about=name)


def traffic(sight: Sight) -> Alarm | None:
    """Somebody else within 2 km and 300 m of height, or coming there within a minute."""
    own = _course(sight.state, sight.now_ms)
    if own is None:
        return None
    found: list[tuple[Meeting, Contact]] = []
    for stranger in sight.traffic:
        if sight.now_ms - stranger.heard_ms > OLD_MS:
            continue
        course = Course(
            stranger.lat_deg,
            stranger.lon_deg,
            stranger.altitude_m,
            stranger.velocity_ms,
            stranger.age_s(sight.now_ms),
        )
        met = meeting(own, course, TRAFFIC_H_M, TRAFFIC_V_M, TRAFFIC_AHEAD_S)
        if met is not None:
            found.append((met, stranger))
    if not found:
        return None
    met, stranger = min(found, key=lambda pair: (pair[0].in_s, pair[0].apart_m))
    height = _above(met)
    when = (f",约 {met.in_s:.0f} 秒后接近", f", near in {met.in_s:.0f} s") if met.in_s else ("", "")
    return Alarm(
        "traffic",
        f"附近有航空器 {stranger.name},相距 {met.apart_m:.0f} 米{height[0]}{when[0]};请避让",
        f"other air traffic: {stranger.name}, {met.apart_m:.0f} m away{height[1]}{when[1]}: "
        "give way",
        about=f"{stranger.icao}",
    )


def _course(state: VehicleState, now_ms: int) -> Course | None:
    age_s = max(0, now_ms - state.t_ms) / 1000
    if age_s > POSITION_OLD_S or not airborne(state):
        return None
    at = place(state)
    if at is None:
        return None
    return Course(at.lat_deg, at.lon_deg, amsl_m(state), velocity_ms(state), age_s)


def _above(met: Meeting) -> tuple[str, str]:
    if met.height_m is None:
        return ",高度差不明", ", heights unknown"
    higher = met.height_m >= 0
    size_m = abs(met.height_m)
    return (
        f",{'高' if higher else '低'} {size_m:.0f} 米",
        f", {size_m:.0f} m {'above' if higher else 'below'}",
    )
