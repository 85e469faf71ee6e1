"""From a sortie to MAVLink mission items, the one place where the conversion is made.

Heights stay AMSL (`MAV_FRAME_GLOBAL`), so the profile checked is the profile flown, wherever home
turns out to be. Item 0 is home, as ArduPilot keeps it; take-off is relative to home because the
autopilot ignores its position. Commands and frames:
https://mavlink.io/en/messages/common.html#mav_commands
"""

from enum import IntEnum

from mission_plans.values.plan import SortiePlan, Value, WaypointKind

__all__ = ["Command", "Frame", "MissionItem", "mission_items"]


class Frame(IntEnum):
    """MAV_FRAME values used in missions."""

    GLOBAL = 0
    MISSION = 2
    GLOBAL_RELATIVE_ALT = 3


class Command(IntEnum):
    """MAV_CMD values used in missions."""

    NAV_WAYPOINT = 16
    NAV_RETURN_TO_LAUNCH = 20
    NAV_LAND = 21
    NAV_TAKEOFF = 22
    DO_CHANGE_SPEED = 178
    DO_SET_CAM_TRIGG_DIST = 206


class MissionItem(Value):
    """One item as it goes over the wire in MISSION_ITEM_INT."""

    seq: int
    frame: int
    command: int
    param1: float = 0.0
    param2: float = 0.0
    param3: float = 0.0
    param4: float = 0.0
    x: int = 0
    """Latitude in 1e-7 degrees where the command has a position."""
    y: int = 0
    """Longitude in 1e-7 degrees where the command has a position."""
    z: float = 0.0
    """Altitude in metres, reference by `frame`."""
    autocontinue: bool = True


SPEED_GROUND = 1


def mission_items(sortie: SortiePlan) -> list[MissionItem]:
    """Return the items that fly `sortie`: home, take-off, speeds, waypoints, return.

    The camera is pointed by an order before take-off, not by an item: some ArduCopter builds stop
    dead on a mount item in a mission (4.0.7 SITL does).
    """
    home_x, home_y = _degrees_1e7(sortie.launch.lat_deg), _degrees_1e7(sortie.launch.lon_deg)
    items = [
        MissionItem(
            seq=0,
            frame=Frame.GLOBAL,
            command=Command.NAV_WAYPOINT,
            x=home_x,
            y=home_y,
            z=sortie.launch_amsl_m,
        ),
        MissionItem(
            seq=1,
            frame=Frame.GLOBAL_RELATIVE_ALT,
            command=Command.NAV_TAKEOFF,
            x=home_x,
            y=home_y,
            z=round(sortie.waypoints[0].altitude_amsl_m - sortie.launch_amsl_m, 1),
        ),
    ]
    speed_ms: float | None = None
    triggering = False
    for waypoint in sortie.waypoints:
        if waypoint.kind is WaypointKind.TAKEOFF:
            continue
        wanted_ms = sortie.cruise_ms if waypoint.speed_ms is None else waypoint.speed_ms
        if wanted_ms != speed_ms:
            speed_ms = wanted_ms
            items.append(_speed(len(items), wanted_ms))
        items.append(
            MissionItem(
                seq=len(items),
                frame=Frame.GLOBAL,
                command=Command.NAV_WAYPOINT,
                param1=waypoint.hold_s,
                x=_degrees_1e7(waypoint.lat_deg),
                y=_degrees_1e7(waypoint.lon_deg),
                z=waypoint.altitude_amsl_m,
            )
        )
        searching = waypoint.kind in (WaypointKind.LANE_START, WaypointKind.LANE)
        if sortie.trigger_m is not None and searching != triggering:
            triggering = searching
            items.append(_trigger(len(items), sortie.trigger_m if searching else 0.0))
    items.append(
        MissionItem(seq=len(items), frame=Frame.MISSION, command=Command.NAV_RETURN_TO_LAUNCH)
    )
    return items


def _speed(seq: int, speed_ms: float) -> MissionItem:
    return MissionItem(
        seq=seq,
        frame=Frame.MISSION,
        command=Command.DO_CHANGE_SPEED,
        param1=SPEED_GROUND,
        param2=speed_ms,
        param3=-1,
    )


def _trigger(seq: int, distance_m: float) -> MissionItem:
    """Return the order to take a picture every so many metres, 0 to stop."""
    return MissionItem(
        seq=seq, frame=Frame.MISSION, command=Command.DO_SET_CAM_TRIGG_DIST, param1=distance_m
    )


def _degrees_1e7(degrees: float) -> int:
    return round(degrees * 1e7)
