"""Whether what a vehicle read back means the same as what was sent.

Everything an item says is compared: command, place, height and its reference, all four parameters,
and whether the vehicle goes on by itself. What ArduCopter alters without changing the flight is
known here, by command; each rule was seen on ArduCopter 4.0.7 and stands in AP_Mission's
`mavlink_int_to_mission_cmd` and back. What it drops (a yaw at a waypoint, an acceptance radius) or
spoils (a loiter radius of 300 m becomes 44 m in 4.0) is a difference: it would fly otherwise.
"""

import math
from collections.abc import Callable, Sequence

from fleet.mavlink import dialect
from mission_plans.formats.mission_items import MissionItem

__all__ = ["first_difference"]

ALTITUDE_TOLERANCE_M = 0.02
"""Heights are kept in whole centimetres, cut off."""
RALLY_ALTITUDE_TOLERANCE_M = 1.0
"""Heights of rally points are kept in whole metres."""
POSITION_TOLERANCE_1E7 = 2
PARAM_TOLERANCE = 0.01

_Same = Callable[[float, float], bool]


def _equal(sent: float, read: float) -> bool:
    return math.isclose(sent, read, rel_tol=1e-5, abs_tol=PARAM_TOLERANCE)


def _whole(sent: float, read: float) -> bool:
    """Whole seconds or metres, the rest cut off."""
    return abs(sent - read) < 1.0 and (read == 0 or (sent < 0) == (read < 0))


def _radius(sent: float, read: float) -> bool:
    """Whole metres in one byte; ArduPilot 4.5 keeps more than 255 m in steps of 10 m."""
    coarse = abs(sent) > 255 and (sent < 0) == (read < 0) and abs(sent - read) <= 10
    return _whole(sent, read) or coarse


def _direction(sent: float, read: float) -> bool:
    """Only the sign is kept: clockwise or not."""
    return (sent < 0) == (read < 0)


def _switch(sent: float, read: float) -> bool:
    """Only whether it is positive is kept."""
    return (sent > 0) == (read > 0)


_KEPT_AS: dict[tuple[int, int], _Same] = {
    (dialect.MAV_CMD_NAV_WAYPOINT, 1): _whole,
    (dialect.MAV_CMD_NAV_SPLINE_WAYPOINT, 1): _whole,
    (dialect.MAV_CMD_NAV_TAKEOFF, 1): _whole,
    (dialect.MAV_CMD_NAV_LAND, 1): _whole,
    (dialect.MAV_CMD_NAV_LAND, 4): _direction,
    (dialect.MAV_CMD_NAV_LOITER_UNLIM, 3): _radius,
    (dialect.MAV_CMD_NAV_LOITER_TURNS, 3): _radius,
    (dialect.MAV_CMD_NAV_LOITER_TURNS, 4): _switch,
    (dialect.MAV_CMD_NAV_LOITER_TIME, 1): _whole,
    (dialect.MAV_CMD_NAV_LOITER_TIME, 3): _direction,
    (dialect.MAV_CMD_NAV_LOITER_TIME, 4): _switch,
    (dialect.MAV_CMD_NAV_LOITER_TO_ALT, 2): _radius,
    (dialect.MAV_CMD_NAV_LOITER_TO_ALT, 4): _switch,
    (dialect.MAV_CMD_NAV_FENCE_CIRCLE_INCLUSION, 1): _whole,
    (dialect.MAV_CMD_NAV_FENCE_CIRCLE_EXCLUSION, 1): _whole,
}
"""(command, number of the parameter) -> what counts as the same; all others must be equal."""

_PARAMS = ("param1", "param2", "param3", "param4")
_MEANING = {
    (dialect.MAV_CMD_NAV_WAYPOINT, 1): "hold time",
    (dialect.MAV_CMD_NAV_WAYPOINT, 2): "acceptance radius",
    (dialect.MAV_CMD_NAV_WAYPOINT, 4): "yaw",
    (dialect.MAV_CMD_NAV_LOITER_TURNS, 1): "turns",
    (dialect.MAV_CMD_NAV_LOITER_TURNS, 3): "radius",
    (dialect.MAV_CMD_NAV_LOITER_TIME, 1): "time",
}

_FRAMES = {
    dialect.MAV_FRAME_GLOBAL_INT: dialect.MAV_FRAME_GLOBAL,
    dialect.MAV_FRAME_GLOBAL_RELATIVE_ALT_INT: dialect.MAV_FRAME_GLOBAL_RELATIVE_ALT,
    dialect.MAV_FRAME_GLOBAL_TERRAIN_ALT_INT: dialect.MAV_FRAME_GLOBAL_TERRAIN_ALT,
}
"""Two names of one frame; autopilots answer with the older."""


def first_difference(
    sent: Sequence[MissionItem],
    read: Sequence[MissionItem],
    mission_type: int = dialect.MAV_MISSION_TYPE_MISSION,
) -> str | None:
    """Return what differs in meaning between items sent and read back, None if nothing.

    Item 0 of a mission is the vehicle's own home and is not compared. Heights must keep their
    frame.
    """
    if len(sent) != len(read):
        return f"{len(sent)} items sent, {len(read)} read back"
    first = 1 if mission_type == dialect.MAV_MISSION_TYPE_MISSION else 0
    for a, b in zip(sent[first:], read[first:], strict=True):
        difference = _difference(a, b, mission_type)
        if difference is not None:
            return f"item {a.seq}: {difference}"
    return None


def _difference(a: MissionItem, b: MissionItem, mission_type: int) -> str | None:
    if a.command != b.command:
        return f"command {a.command} became {b.command}"
    for number, name in enumerate(_PARAMS, 1):
        was, became = getattr(a, name), getattr(b, name)
        if not _KEPT_AS.get((a.command, number), _equal)(was, became):
            meaning = _MEANING.get((a.command, number), f"parameter {number}")
            return f"{meaning} {was:g} became {became:g}"
    if mission_type == dialect.MAV_MISSION_TYPE_MISSION and a.autocontinue != b.autocontinue:
        return f"autocontinue {a.autocontinue} became {b.autocontinue}"
    return _moved(a, b, mission_type)


def _moved(a: MissionItem, b: MissionItem, mission_type: int) -> str | None:
    entry = dialect.enums["MAV_CMD"].get(a.command)
    if entry is None or not entry.has_location:
        return None
    away = max(abs(a.x - b.x), abs(a.y - b.y))
    # ArduCopter keeps no position for a take-off: it climbs where it stands.
    if a.command != dialect.MAV_CMD_NAV_TAKEOFF and away > POSITION_TOLERANCE_1E7:
        return "position moved"
    if mission_type == dialect.MAV_MISSION_TYPE_FENCE:
        return None  # A fence's items have no height.
    if _FRAMES.get(a.frame, a.frame) != _FRAMES.get(b.frame, b.frame):
        return f"frame {a.frame} became {b.frame}"
    rally = mission_type == dialect.MAV_MISSION_TYPE_RALLY
    if abs(a.z - b.z) > (RALLY_ALTITUDE_TOLERANCE_M if rally else ALTITUDE_TOLERANCE_M):
        return f"altitude {a.z} became {b.z}"
    return None
