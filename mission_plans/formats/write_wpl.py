"""Writing `QGC WPL 110`: a mission, or beside it a file of its fences and one of rally points."""

from collections.abc import Sequence
from typing import Literal

from mission_plans.formats.contents import FileItem, FilePoint, LeftOut, Thing
from mission_plans.formats.mavlink_rules import over_home
from mission_plans.formats.mission_items import Command, Frame
from mission_plans.formats.wpl import FENCE_CIRCLES, FENCE_VERTICES, RALLY_POINT
from mission_plans.formats.write_qgc import carried, return_note
from mission_plans.formats.written import Written, nothing_to_write
from mission_plans.values.base import GeoPoint
from mission_plans.values.plan import Fence

__all__ = ["write_wpl"]

HEADER = "QGC WPL 110"
CORNER_COMMANDS = {kind: command for command, kind in FENCE_VERTICES.items()}
CIRCLE_COMMANDS = {kind: command for command, kind in FENCE_CIRCLES.items()}


def write_wpl(things: Sequence[Thing], part: Literal["mission", "fence", "rally"]) -> Written:
    """Return one part of a mission as a file; the return height is a rally point over home.

    Raises:
        PlanFileError: there is no such part.
    """
    mission, fences, rally, left_out = carried(things)
    home = mission.home if mission is not None else None
    places = [place for thing in rally for place in thing.places]
    height_m = mission.return_height_m if mission is not None else None
    items: list[FileItem] = []
    match part:
        case "mission":
            items = mission.items if mission is not None else []
            left_out += _elsewhere(len(fences), "围栏", "fences", ".fence")
            left_out += _elsewhere(
                len(places) + (height_m is not None),
                "集结点与返航高",
                "rally points and return height",
                ".rally",
            )
        case "fence":
            items = [item for fence in fences for item in _fence(fence)]
            left_out += _elsewhere(mission is not None, "任务", "the mission", ".waypoints")
            left_out += _elsewhere(len(places), "集结点", "rally points", ".rally")
        case "rally":
            items = [_item(RALLY_POINT, 0.0, p, p.altitude_m or 0.0) for p in places]
            covered = any(over_home(home, p) for p in places)
            if home is not None and height_m is not None and not covered:
                items.append(_item(RALLY_POINT, 0.0, home, height_m))
            left_out += _elsewhere(mission is not None, "任务", "the mission", ".waypoints")
            left_out += _elsewhere(len(fences), "围栏", "fences", ".fence")
    if not items:
        raise nothing_to_write(f"QGC WPL 110 ({part})", left_out)
    at = home or FilePoint(lat_deg=0.0, lon_deg=0.0)
    first = FileItem(
        frame=Frame.GLOBAL,
        command=Command.NAV_WAYPOINT,
        params=[0.0, 0.0, 0.0, 0.0, at.lat_deg, at.lon_deg, at.altitude_m or 0.0],
    )
    text = "\n".join([HEADER, *(_line(n, i) for n, i in enumerate([first, *items]))]) + "\n"
    notes = return_note(mission) if mission is not None and part == "mission" else []
    return Written(text.encode(), left_out, notes)


def _elsewhere(count: int, zh: str, en: str, ending: str) -> list[LeftOut]:
    if not count:
        return []
    return [
        LeftOut(
            where="file",
            name=en,
            zh=f"{zh}请另写入 {ending} 文件",
            en=f"{en}: write a {ending} file beside it",
        )
    ]


def _fence(fence: Fence) -> list[FileItem]:
    kind = "include" if fence.kind == "include" else "exclude"
    if fence.centre is not None and fence.radius_m is not None:
        return [_item(CIRCLE_COMMANDS[kind], fence.radius_m, fence.centre, 0.0)]
    corners = float(len(fence.polygon))
    return [_item(CORNER_COMMANDS[kind], corners, p, 0.0) for p in fence.polygon]


def _item(command: int, first: float, at: FilePoint | GeoPoint, height_m: float) -> FileItem:
    return FileItem(
        frame=Frame.GLOBAL_RELATIVE_ALT,
        command=command,
        params=[first, 0.0, 0.0, 0.0, at.lat_deg, at.lon_deg, height_m],
    )


def _line(number: int, item: FileItem) -> str:
    current = 1 if number == 0 else 0
    lead, (lat, lon), height = item.params[:4], item.params[4:6], item.params[6]
    columns = [
        *(str(n) for n in (number, current, item.frame, item.command)),
        *(_number(value) for value in lead),
        *("NaN" if value is None else f"{value:.8f}" for value in (lat, lon)),
        _number(height),
        str(int(item.autocontinue)),
    ]
    return "\t".join(columns)


def _number(value: float | None) -> str:
    return "NaN" if value is None else repr(value)
