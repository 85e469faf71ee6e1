"""A mission of DJI as one of MAVLink and back: places, heights, speeds, stays and the end.

Heights above launch mean the same to both, so only they are taken over, or heights above sea level
where home's is known. What the other kind can't do is listed, never guessed.
"""

from mission_plans.formats.contents import (
    DjiAction,
    DjiActionGroup,
    DjiMission,
    DjiPoint,
    DjiWayline,
    FileItem,
    LeftOut,
    MavlinkMission,
)
from mission_plans.formats.mavlink_rules import AMSL_FRAMES, RELATIVE_FRAMES
from mission_plans.formats.mission_items import Command, Frame
from mission_plans.formats.sortie_missions import ITS_CAMERA, MATRICE_30
from mission_plans.formats.written import lost

__all__ = ["as_dji", "as_mavlink"]

SPEED_GROUND = 1.0
SAFE_TAKEOFF_M = 20.0
DEFAULT_SPEED_MS = 5.0
FINISHES = {"goHome": Command.NAV_RETURN_TO_LAUNCH, "autoLand": Command.NAV_LAND}


def as_mavlink(mission: DjiMission) -> tuple[MavlinkMission | None, list[LeftOut]]:
    """Return a mission of DJI as items, and what they can't say; None where heights don't allow it.

    A file of DJI knows no home: the mission takes off where the aircraft stands.
    """
    said: list[LeftOut] = []
    if any(w.height_reference != "relative" for w in mission.waylines):
        said.append(
            lost(
                mission,
                "高度不是相对起飞点的,不能换成 MAVLink 任务",
                "its heights are not above take-off: they can't become items",
            )
        )
        return None, said
    points = [point for wayline in mission.waylines for point in wayline.points]
    climb_m = mission.takeoff_height_m or SAFE_TAKEOFF_M
    items = [_item(Frame.GLOBAL_RELATIVE_ALT, Command.NAV_TAKEOFF, height_m=climb_m)]
    speed_ms = mission.transit_ms
    if speed_ms:
        items.append(_speed(speed_ms))
    for point in points:
        items.append(_waypoint(point))
        # A point's speed is that of the leg that leaves it.
        if point.speed_ms > 0 and point.speed_ms != speed_ms:
            speed_ms = point.speed_ms
            items.append(_speed(speed_ms))
    if mission.finish == "gotoFirstWaypoint":
        items.append(_waypoint(points[0]))
    elif mission.finish in FINISHES:
        frame = Frame.MISSION if mission.finish == "goHome" else Frame.GLOBAL_RELATIVE_ALT
        items.append(_item(frame, FINISHES[mission.finish]))
    names = {a.name for w in mission.waylines for g in w.groups for a in g.actions} - {"hover"}
    if names:
        text = ", ".join(sorted(names))
        said.append(lost(mission, f"动作不写入:{text}", f"actions are not written: {text}"))
    said.append(
        lost(
            mission,
            "转弯方式、机头朝向与失联动作不写入;文件里没有起飞点",
            "turn modes, headings and what happens without link are not written; it has no home",
        )
    )
    flight = MavlinkMission(
        name=mission.name,
        items=items,
        cruise_ms=mission.waylines[0].speed_ms or None,
        return_height_m=mission.return_height_m,
        complete=mission.complete,
    )
    return flight, said


def _waypoint(point: DjiPoint) -> FileItem:
    return _item(
        Frame.GLOBAL_RELATIVE_ALT,
        Command.NAV_WAYPOINT,
        first=point.hold_s,
        at=(point.lat_deg, point.lon_deg),
        height_m=point.height_m,
    )


def _speed(speed_ms: float) -> FileItem:
    return FileItem(
        frame=Frame.MISSION,
        command=Command.DO_CHANGE_SPEED,
        params=[SPEED_GROUND, speed_ms, -1.0, 0.0, 0.0, 0.0, 0.0],
    )


def _item(
    frame: int,
    command: int,
    first: float = 0.0,
    at: tuple[float, float] = (0.0, 0.0),
    height_m: float = 0.0,
) -> FileItem:
    # Yaw is left to the autopilot: zero would turn the nose to the north.
    yaw = None if command == Command.NAV_WAYPOINT else 0.0
    return FileItem(frame=frame, command=command, params=[first, 0.0, 0.0, yaw, *at, height_m])


def as_dji(mission: MavlinkMission) -> tuple[DjiMission | None, list[LeftOut]]:
    """Return items as a mission of DJI, and what it can't say; None where heights forbid it."""
    points: list[DjiPoint] = []
    unsaid: set[int] = set()
    speed_ms = mission.cruise_ms or DEFAULT_SPEED_MS
    takeoff_m: float | None = None
    finish = "noAction"
    for item in mission.items:
        match item.command:
            case Command.NAV_WAYPOINT:
                point = _dji_point(mission, item, speed_ms)
                if point is None:
                    return None, [
                        lost(
                            mission,
                            "有航点没有位置,或其高度不能换算到起飞点以上",
                            "a waypoint has no place, or no height that can be told above launch",
                        )
                    ]
                points.append(point)
            case Command.DO_CHANGE_SPEED:
                speed_ms = item.params[1] if (item.params[1] or 0) > 0 else speed_ms
                # The point before is left at the new speed.
                if points:
                    points[-1] = points[-1].model_copy(update={"speed_ms": speed_ms})
            case Command.NAV_TAKEOFF:
                takeoff_m = item.params[6] if item.frame in RELATIVE_FRAMES else None
            case Command.NAV_RETURN_TO_LAUNCH:
                finish = "goHome"
            case Command.NAV_LAND:
                finish = "autoLand"
            case _:
                unsaid.add(item.command)
    if not points:
        return None, [lost(mission, "没有航点", "it has no waypoint")]
    said: list[LeftOut] = []
    if unsaid:
        text = ", ".join(str(command) for command in sorted(unsaid))
        said.append(
            lost(mission, f"命令不写入:MAV_CMD {text}", f"commands not written: MAV_CMD {text}")
        )
    flight = DjiMission(
        name=mission.name,
        waylines=[
            DjiWayline(
                height_reference="relative",
                speed_ms=speed_ms or DEFAULT_SPEED_MS,
                points=points,
                groups=[
                    DjiActionGroup(
                        first=n,
                        last=n,
                        actions=[
                            DjiAction(name="hover", parameters={"hoverTime": f"{p.hold_s:g}"})
                        ],
                    )
                    for n, p in enumerate(points)
                    if p.hold_s
                ],
            )
        ],
        finish=finish,
        takeoff_height_m=takeoff_m,
        return_height_m=mission.return_height_m,
        transit_ms=mission.cruise_ms,
        drone=MATRICE_30,
        payload=ITS_CAMERA,
        complete=mission.complete,
    )
    return flight, said


def _dji_point(mission: MavlinkMission, item: FileItem, speed_ms: float | None) -> DjiPoint | None:
    lat, lon, height_m = item.params[4:]
    if lat is None or lon is None or height_m is None or (lat, lon) == (0, 0):
        return None
    if item.frame in AMSL_FRAMES:
        home_m = mission.home.altitude_m if mission.home is not None else None
        if home_m is None:
            return None
        height_m -= home_m
    elif item.frame not in RELATIVE_FRAMES:
        return None
    return DjiPoint(
        lat_deg=lat,
        lon_deg=lon,
        height_m=round(height_m, 3),
        speed_ms=speed_ms or DEFAULT_SPEED_MS,
        hold_s=item.params[0] or 0.0,
    )
