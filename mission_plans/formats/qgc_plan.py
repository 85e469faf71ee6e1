"""QGroundControl's `.plan` files: JSON with simple mission items.

Format: https://docs.qgroundcontrol.com/master/en/qgc-dev-guide/file_formats/plan.html
Home stands apart there (`plannedHomePosition`), and `doJumpId` counts from 1. Complex items
(surveys, corridors) are QGroundControl's own recipes, not flights, and are refused by name.
"""

import json
import math
from collections.abc import Sequence
from typing import Any, cast

from pydantic import ValidationError

from mission_plans.formats.errors import PlanFileError
from mission_plans.mission_items import Command, Frame, MissionItem

__all__ = ["read_qgc_plan", "write_qgc_plan"]

MAV_AUTOPILOT_ARDUPILOT = 3
MAV_TYPE_QUADROTOR = 2
MAX_ITEMS = 5000


def write_qgc_plan(items: Sequence[MissionItem], cruise_ms: float) -> str:
    """Return the file's text for items of which the first is home."""
    home = items[0]
    mission = {
        "cruiseSpeed": cruise_ms,
        "firmwareType": MAV_AUTOPILOT_ARDUPILOT,
        "globalPlanAltitudeMode": 0,
        "hoverSpeed": cruise_ms,
        "items": [
            {
                "autoContinue": item.autocontinue,
                "command": item.command,
                "doJumpId": item.seq,
                "frame": item.frame,
                "params": [
                    item.param1,
                    item.param2,
                    item.param3,
                    item.param4,
                    item.x / 1e7,
                    item.y / 1e7,
                    item.z,
                ],
                "type": "SimpleItem",
            }
            for item in items[1:]
        ],
        "plannedHomePosition": [home.x / 1e7, home.y / 1e7, home.z],
        "vehicleType": MAV_TYPE_QUADROTOR,
        "version": 2,
    }
    document = {
        "fileType": "Plan",
        "geoFence": {"circles": [], "polygons": [], "version": 2},
        "groundStation": "QGroundControl",
        "mission": mission,
        "rallyPoints": {"points": [], "version": 2},
        "version": 1,
    }
    return json.dumps(document, indent=4) + "\n"


def read_qgc_plan(text: str) -> list[MissionItem]:
    """Return home and the simple items of a plan.

    Raises:
        PlanFileError: naming the field.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise PlanFileError("file", f"not JSON ({error})") from error
    if not isinstance(document, dict) or document.get("fileType") != "Plan":
        raise PlanFileError("fileType", 'a plan says "fileType": "Plan"')
    mission = cast(dict[str, Any], document).get("mission")
    if not isinstance(mission, dict):
        raise PlanFileError("mission", "missing")
    found = cast(dict[str, Any], mission)
    home = _numbers(found.get("plannedHomePosition"), 3, "mission.plannedHomePosition")
    raw = found.get("items")
    if not isinstance(raw, list):
        raise PlanFileError("mission.items", "must be a list")
    listed = cast(list[Any], raw)
    if len(listed) > MAX_ITEMS:
        raise PlanFileError("mission.items", f"{len(listed)} items; at most {MAX_ITEMS}")
    items = [
        _made(
            "mission.plannedHomePosition",
            0,
            Frame.GLOBAL,
            Command.NAV_WAYPOINT,
            [0.0, 0.0, 0.0, 0.0, *home],
            True,
        )
    ]
    for index, entry in enumerate(listed):
        items.append(_item(entry, f"mission.items[{index}]", index + 1))
    return items


def _item(entry: Any, where: str, seq: int) -> MissionItem:
    if not isinstance(entry, dict):
        raise PlanFileError(where, "must be an object")
    found = cast(dict[str, Any], entry)
    if found.get("type") != "SimpleItem":
        kind = found.get("complexItemType", found.get("type"))
        raise PlanFileError(f"{where}.type", f"only SimpleItem is read, not {kind!r}")
    # QGroundControl writes null where a parameter is left to the autopilot.
    params = _numbers(found.get("params"), 7, f"{where}.params")
    for name in ("frame", "command"):
        if type(found.get(name)) is not int:
            raise PlanFileError(f"{where}.{name}", "must be a whole number")
    return _made(
        where, seq, found["frame"], found["command"], params, found.get("autoContinue") is not False
    )


def _numbers(value: Any, count: int, where: str) -> list[float]:
    if not isinstance(value, list) or len(cast(list[Any], value)) != count:
        raise PlanFileError(where, f"must be a list of {count} numbers")
    numbers: list[float] = []
    for index, entry in enumerate(cast(list[Any], value)):
        if entry is None:
            numbers.append(0.0)
        elif isinstance(entry, int | float) and not isinstance(entry, bool) and _finite(entry):
            numbers.append(float(entry))
        else:
            raise PlanFileError(f"{where}[{index}]", "must be a finite number")
    return numbers


def _finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def _made(
    where: str, seq: int, frame: int, command: int, params: list[float], autocontinue: bool
) -> MissionItem:
    if not (abs(params[4]) <= 90 and abs(params[5]) <= 180):
        raise PlanFileError(where, "latitude is -90..90 and longitude -180..180 degrees")
    try:
        return MissionItem(
            seq=seq,
            frame=frame,
            command=command,
            param1=params[0],
            param2=params[1],
            param3=params[2],
            param4=params[3],
            x=round(params[4] * 1e7),
            y=round(params[5] * 1e7),
            z=params[6],
            autocontinue=autocontinue,
        )
    except ValidationError as error:
        raise PlanFileError(where, str(error)) from error
