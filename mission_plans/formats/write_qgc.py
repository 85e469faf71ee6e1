"""Writing QGroundControl's `.plan`: one mission with its fences, rally points and return height.

The return height is a rally point over home: an autopilot comes home at the height of the rally
point it comes to. ArduCopter heeds one within RALLY_LIMIT_KM only, so the parameter that counts
everywhere is said too.
"""

import json
import math
from collections.abc import Sequence
from typing import Any

from mission_plans.formats.contents import (
    DjiMission,
    FenceThing,
    FilePoint,
    LeftOut,
    MavlinkMission,
    Note,
    Rally,
    Thing,
)
from mission_plans.formats.mavlink_rules import has_position, over_home
from mission_plans.formats.mission_conversion import as_mavlink
from mission_plans.formats.written import Written, incomplete, lost, nothing_to_write
from mission_plans.values.plan import Fence

__all__ = ["carried", "return_note", "write_qgc_plan"]

MAV_AUTOPILOT_ARDUPILOT = 3
MAV_TYPE_QUADROTOR = 2
DEFAULT_SPEED_MS = 8.0


def write_qgc_plan(things: Sequence[Thing]) -> Written:
    """Return the first mission, all fences and all rally points as a `.plan`.

    Raises:
        PlanFileError: none of them is there.
    """
    mission, fences, rally, left_out = carried(things)
    if mission is None and not fences and not rally:
        raise nothing_to_write("QGroundControl .plan", left_out)
    notes = [] if mission is None else return_note(mission)
    home = mission.home if mission is not None else None
    places = [place for thing in rally for place in thing.places]
    if mission is not None and mission.return_height_m is not None and home is not None:
        low = [p for p in places if (p.altitude_m or 0) < mission.return_height_m]
        if low:
            notes.append(
                Note(
                    zh=f"{len(low)} 个集结点低于返航高,飞往那里时请先抬高",
                    en=f"{len(low)} rally points are lower than the return height: raise them",
                )
            )
    rally_points = [[p.lat_deg, p.lon_deg, p.altitude_m] for p in places]
    if (
        home is not None
        and mission is not None
        and mission.return_height_m is not None
        and not any(over_home(home, p) for p in places)
    ):
        rally_points.append([home.lat_deg, home.lon_deg, mission.return_height_m])
    home = home or _somewhere(mission, fences, places)
    cruise_ms = mission.cruise_ms if mission is not None else None
    document = {
        "fileType": "Plan",
        "geoFence": _geofence(fences),
        "groundStation": "QGroundControl",
        "mission": {
            "cruiseSpeed": cruise_ms or DEFAULT_SPEED_MS,
            "firmwareType": _or_default(
                mission.firmware_type if mission is not None else None, MAV_AUTOPILOT_ARDUPILOT
            ),
            "globalPlanAltitudeMode": 0,
            "hoverSpeed": (mission.hover_ms if mission is not None else None)
            or cruise_ms
            or DEFAULT_SPEED_MS,
            "items": [
                {
                    "autoContinue": item.autocontinue,
                    "command": item.command,
                    "doJumpId": number,
                    "frame": item.frame,
                    "params": item.params,
                    "type": "SimpleItem",
                }
                for number, item in enumerate(mission.items if mission is not None else [], start=1)
            ],
            "plannedHomePosition": [home.lat_deg, home.lon_deg, home.altitude_m or 0.0],
            "vehicleType": _or_default(
                mission.vehicle_type if mission is not None else None, MAV_TYPE_QUADROTOR
            ),
            "version": 2,
        },
        "rallyPoints": {"points": rally_points, "version": 2},
        "version": 1,
    }
    return Written((json.dumps(document, indent=4) + "\n").encode(), left_out, notes)


def carried(
    things: Sequence[Thing],
) -> tuple[MavlinkMission | None, list[Fence], list[Rally], list[LeftOut]]:
    """Return what a mission file of MAVLink carries, and what not."""
    mission: MavlinkMission | None = None
    fences: list[Fence] = []
    rally: list[Rally] = []
    left_out: list[LeftOut] = []
    for thing in things:
        match thing:
            case MavlinkMission() if not thing.items:
                left_out.append(lost(thing, "没有任务项", "there is nothing to fly in it"))
            case MavlinkMission() if not thing.complete:
                left_out.append(incomplete(thing))
            case MavlinkMission() if mission is None:
                mission = thing
            case MavlinkMission():
                left_out.append(
                    lost(thing, "一个文件只能有一个任务", "a file holds one mission only")
                )
            case DjiMission() if mission is None and thing.complete:
                mission, said = as_mavlink(thing)
                left_out += said
            case FenceThing():
                usable, why = _usable(thing)
                fences += usable
                left_out += why
            case Rally() if thing.height_reference == "relative":
                rally.append(thing)
            case Rally():
                left_out.append(
                    lost(
                        thing,
                        "集结点高度不是相对起飞点的",
                        "heights of rally points must be above launch",
                    )
                )
            case _:
                left_out.append(
                    lost(
                        thing,
                        "此格式只有任务、围栏与集结点",
                        "this format holds missions, fences and rally points",
                    )
                )
    return mission, fences, rally, left_out


def _usable(thing: FenceThing) -> tuple[list[Fence], list[LeftOut]]:
    """Return the fence as far as an autopilot keeps it, and what it can't know."""
    fence = thing.fence
    if fence.kind == "controlled" and fence.approval_id is not None:
        return [], [lost(thing, "已获批准,不作围栏", "approved: it is no fence for this flight")]
    said: list[LeftOut] = []
    if fence.kind == "controlled":
        said.append(
            lost(thing, "未获批准的管制区按禁飞写入", "controlled and not approved: kept out of")
        )
    if fence.max_agl_m is not None:
        said.append(
            lost(
                thing,
                f"限高 {fence.max_agl_m:g} 米不写入",
                f"its height limit of {fence.max_agl_m:g} m is not written",
            )
        )
    return [fence], said


def return_note(mission: MavlinkMission) -> list[Note]:
    """Return what must be set on board so that the aircraft comes home at the right height."""
    if mission.return_height_m is None:
        return [
            Note(
                zh="任务没有返航高:请按地形设置 RTL_ALT(ArduPilot)或 RTL_RETURN_ALT(PX4)",
                en="the mission has no return height: set RTL_ALT (ArduPilot) or RTL_RETURN_ALT "
                "(PX4) to clear the ground",
            )
        ]
    metres = math.ceil(mission.return_height_m)
    return [
        Note(
            zh=f"返航高 {metres} 米(起飞点以上):请设 RTL_ALT={metres * 100}(ArduPilot,厘米;4.7 "
            f"起 RTL_ALT_M={metres})或 RTL_RETURN_ALT={metres}(PX4)",
            en=f"return height {metres} m above launch: set RTL_ALT={metres * 100} (ArduPilot, "
            f"centimetres; from 4.7 RTL_ALT_M={metres}) or RTL_RETURN_ALT={metres} (PX4)",
        )
    ]


def _or_default(value: int | None, default: int) -> int:
    return default if value is None else value


def _somewhere(
    mission: MavlinkMission | None, fences: Sequence[Fence], places: Sequence[FilePoint]
) -> FilePoint:
    """Return a planned home for a file that needs one and has none."""
    for item in mission.items if mission is not None else []:
        lat, lon = item.params[4:6]
        if has_position(item.command) and lat and lon:
            return FilePoint(lat_deg=lat, lon_deg=lon)
    for fence in fences:
        for point in (*fence.polygon, *([fence.centre] if fence.centre else [])):
            return FilePoint(lat_deg=point.lat_deg, lon_deg=point.lon_deg)
    return places[0] if places else FilePoint(lat_deg=0.0, lon_deg=0.0)


def _geofence(fences: Sequence[Fence]) -> dict[str, Any]:
    return {
        "circles": [
            {
                "circle": {"center": [f.centre.lat_deg, f.centre.lon_deg], "radius": f.radius_m},
                "inclusion": f.kind == "include",
                "version": 1,
            }
            for f in fences
            if f.centre is not None and f.radius_m is not None
        ],
        "polygons": [
            {
                "polygon": [[p.lat_deg, p.lon_deg] for p in f.polygon],
                "inclusion": f.kind == "include",
                "version": 1,
            }
            for f in fences
            if f.centre is None and len(f.polygon) >= 3
        ],
        "version": 2,
    }
