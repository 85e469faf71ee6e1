"""A sortie of a plan as finished mission, for autopilots that speak MAVLink and for DJI.

The return height is part of both: the way home from anywhere on the sortie clears the ground only
at that height, so it is an argument that nobody can forget.
"""

import math

from mission_plans.formats.contents import (
    DjiAction,
    DjiActionGroup,
    DjiMission,
    DjiPoint,
    DjiWayline,
    FileItem,
    FilePoint,
    MavlinkMission,
)
from mission_plans.formats.mission_items import Command, Frame, MissionItem, mission_items
from mission_plans.values.plan import SortiePlan, WaypointKind

__all__ = ["ITS_CAMERA", "MATRICE_30", "dji_mission", "mavlink_mission", "sortie_name"]

MAV_AUTOPILOT_ARDUPILOT = 3
MAV_TYPE_QUADROTOR = 2
SAFE_TAKEOFF_M = 20.0
MATRICE_30, ITS_CAMERA = (67, 0), (52, 0)
"""Aircraft of another model ask before they fly the file."""
AT_HOME_1E7 = 20


def sortie_name(sortie: SortiePlan) -> str:
    """Return what a sortie is called in files: `XS-U1-2` is the second flight of XS-U1."""
    return f"{sortie.vehicle_id}-{sortie.order + 1}"


def mavlink_mission(sortie: SortiePlan, return_height_m: float) -> MavlinkMission:
    """Return a sortie as the items that fly it.

    A sortie that doesn't end over home climbs to the return height before it turns home, for an
    autopilot comes home no lower than it is.

    Args:
        sortie: what is flown.
        return_height_m: above launch, clear of the ground on every way home; rounded up to whole
            metres.
    """
    return_height_m = math.ceil(return_height_m)
    home, *flown = mission_items(sortie)
    last = max(i for i, item in enumerate(flown) if item.command != Command.NAV_RETURN_TO_LAUNCH)
    end = flown[last]
    return_amsl_m = sortie.launch_amsl_m + return_height_m
    away = max(abs(end.x - home.x), abs(end.y - home.y)) > AT_HOME_1E7
    if end.command == Command.NAV_WAYPOINT and away and end.z < return_amsl_m:
        climb = end.model_copy(update={"z": return_amsl_m, "param1": 0.0})
        flown.insert(last + 1, climb)
    return MavlinkMission(
        name=sortie_name(sortie),
        home=FilePoint(lat_deg=home.x / 1e7, lon_deg=home.y / 1e7, altitude_m=sortie.launch_amsl_m),
        items=[_file_item(item) for item in flown],
        firmware_type=MAV_AUTOPILOT_ARDUPILOT,
        vehicle_type=MAV_TYPE_QUADROTOR,
        cruise_ms=sortie.cruise_ms,
        hover_ms=sortie.cruise_ms,
        return_height_m=return_height_m,
    )


def _file_item(item: MissionItem) -> FileItem:
    placed = item.frame != Frame.MISSION
    return FileItem(
        frame=item.frame,
        command=item.command,
        params=[
            item.param1,
            item.param2,
            item.param3,
            # Yaw is the autopilot's: zero would turn the nose to the north.
            None if item.command == Command.NAV_WAYPOINT else item.param4,
            item.x / 1e7 if placed else 0.0,
            item.y / 1e7 if placed else 0.0,
            item.z,
        ],
        autocontinue=item.autocontinue,
    )


def dji_mission(sortie: SortiePlan, return_height_m: float) -> DjiMission:
    """Return a sortie as a mission of DJI; it comes home at the end or without link.

    Take-off and landing are the aircraft's own. Heights are above take-off: for its absolute mode
    the aircraft measures from the ellipsoid, tens of metres from sea level.

    Args:
        sortie: what is flown.
        return_height_m: above launch, clear of the ground on every way home; rounded up to whole
            metres.
    """
    return_height_m = math.ceil(return_height_m)
    flown = [w for w in sortie.waypoints if w.kind is not WaypointKind.TAKEOFF]
    points: list[DjiPoint] = []
    groups: list[DjiActionGroup] = []
    for index, waypoint in enumerate(flown):
        # Here a point's speed is that of the leg that leaves it; in our plans, of the leg that
        # ends.
        leaving = flown[index + 1].speed_ms if index + 1 < len(flown) else None
        points.append(
            DjiPoint(
                lat_deg=waypoint.lat_deg,
                lon_deg=waypoint.lon_deg,
                height_m=round(waypoint.altitude_amsl_m - sortie.launch_amsl_m, 2),
                speed_ms=sortie.cruise_ms if leaving is None else leaving,
                hold_s=waypoint.hold_s,
            )
        )
        actions = [_look(sortie.camera_pitch_deg)] if index == 0 else []
        if waypoint.hold_s:
            actions.append(
                DjiAction(name="hover", parameters={"hoverTime": f"{waypoint.hold_s:g}"})
            )
        if actions:
            groups.append(DjiActionGroup(first=index, last=index, actions=actions))
    climb_m = sortie.waypoints[0].altitude_amsl_m - sortie.launch_amsl_m
    return DjiMission(
        name=sortie_name(sortie),
        waylines=[
            DjiWayline(
                height_reference="relative",
                speed_ms=sortie.cruise_ms,
                points=points,
                groups=groups,
            )
        ],
        takeoff_height_m=max(SAFE_TAKEOFF_M, round(climb_m, 1)),
        return_height_m=return_height_m,
        transit_ms=sortie.cruise_ms,
        drone=MATRICE_30,
        payload=ITS_CAMERA,
    )


def _look(pitch_deg: float) -> DjiAction:
    return DjiAction(
        name="gimbalRotate",
        parameters={
            "gimbalRotateMode": "absoluteAngle",
            "gimbalPitchRotateEnable": "1",
            "gimbalPitchRotateAngle": f"{pitch_deg:g}",
            "payloadPositionIndex": "0",
        },
    )
