"""QGroundControl's `.plan` files: JSON with simple mission items.

Format: https://docs.qgroundcontrol.com/master/en/qgc-dev-guide/file_formats/plan.html
Home stands apart there (`plannedHomePosition`), and `doJumpId` counts from 1. Surveys and corridor
scans are read as the items they store; other complex items (structure scans, landing patterns) are
QGroundControl's own recipes, not flights, and are refused by name.
"""

import json
import math
from collections.abc import Sequence
from typing import Any, Literal, cast

from mission_plans.formats.errors import PlanFileError
from mission_plans.formats.items import item_of
from mission_plans.formats.json_text import read_object
from mission_plans.formats.mission_items import Command, Frame, MissionItem
from mission_plans.values.plan import Fence, GeoPoint

__all__ = ["read_qgc_area", "read_qgc_fences", "read_qgc_plan", "write_qgc_plan"]

MAV_AUTOPILOT_ARDUPILOT = 3
MAV_TYPE_QUADROTOR = 2
MAX_ITEMS = 5000
MAX_FENCES = 500
FLATTENED = ("survey", "CorridorScan")
"""Complex items that store the flight they stand for."""


def write_qgc_plan(
    items: Sequence[MissionItem], cruise_ms: float, fences: Sequence[Fence] = ()
) -> str:
    """Return the file's text for items of which the first is home, with geofences."""
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
        "geoFence": _geofence(fences),
        "groundStation": "QGroundControl",
        "mission": mission,
        "rallyPoints": {"points": [], "version": 2},
        "version": 1,
    }
    return json.dumps(document, indent=4) + "\n"


def _geofence(fences: Sequence[Fence]) -> dict[str, Any]:
    flown = [fence for fence in fences if fence.kind != "controlled" or fence.approval_id is None]
    return {
        "circles": [
            {
                "circle": {"center": [f.centre.lat_deg, f.centre.lon_deg], "radius": f.radius_m},
                "inclusion": f.kind == "include",
                "version": 1,
            }
            for f in flown
            if f.centre is not None and f.radius_m is not None
        ],
        "polygons": [
            {
                "polygon": [[p.lat_deg, p.lon_deg] for p in f.polygon],
                "inclusion": f.kind == "include",
                "version": 1,
            }
            for f in flown
            if f.centre is None and len(f.polygon) >= 3
        ],
        "version": 2,
    }


def read_qgc_plan(text: str) -> list[MissionItem]:
    """Return home and the simple items of a plan.

    Raises:
        PlanFileError: naming the field.
    """
    found = _mission(text)
    home = _numbers(found.get("plannedHomePosition"), 3, "mission.plannedHomePosition")
    raw = found.get("items")
    if not isinstance(raw, list):
        raise PlanFileError("mission.items", "must be a list")
    listed = [
        flat
        for i, entry in enumerate(cast(list[Any], raw))
        for flat in _flattened(entry, f"mission.items[{i}]")
    ]
    if len(listed) > MAX_ITEMS:
        raise PlanFileError("mission.items", f"{len(listed)} items; at most {MAX_ITEMS}")
    items = [
        item_of(
            "mission.plannedHomePosition",
            0,
            Frame.GLOBAL,
            Command.NAV_WAYPOINT,
            [0.0, 0.0, 0.0, 0.0, *home],
            True,
        )
    ]
    for index, (entry, where) in enumerate(listed):
        items.append(_item(entry, where, index + 1))
    return items


def read_qgc_area(text: str) -> list[GeoPoint]:
    """Return the polygon of a plan's first survey, or else of its first inclusion fence.

    Raises:
        PlanFileError: no such plan, or neither is in it.
    """
    document = _document(text)
    mission = document.get("mission")
    items: Any = cast(dict[str, Any], mission).get("items") if isinstance(mission, dict) else None
    for i, entry in enumerate(cast(list[Any], items) if isinstance(items, list) else []):
        if isinstance(entry, dict) and "polygon" in entry:
            return _ring(cast(dict[str, Any], entry)["polygon"], f"mission.items[{i}].polygon")
    for fence in read_qgc_fences(text):
        if fence.kind == "include" and fence.polygon:
            return fence.polygon
    raise PlanFileError("mission.items", "no survey polygon and no inclusion fence")


def read_qgc_fences(text: str) -> list[Fence]:
    """Return a plan's geofences.

    Raises:
        PlanFileError: naming the field.
    """
    raw = _document(text).get("geoFence")
    if not isinstance(raw, dict):
        return []
    found = cast(dict[str, Any], raw)
    fences: list[Fence] = []
    for i, entry in enumerate(_listed(found.get("polygons", []), "geoFence.polygons")):
        where = f"geoFence.polygons[{i}]"
        ring = _ring(entry.get("polygon"), f"{where}.polygon")
        fences.append(
            Fence(id=f"P{i + 1}", name=f"P{i + 1}", kind=_kind(entry, where), polygon=ring)
        )
    for i, entry in enumerate(_listed(found.get("circles", []), "geoFence.circles")):
        where = f"geoFence.circles[{i}]"
        circle = entry.get("circle")
        if not isinstance(circle, dict):
            raise PlanFileError(f"{where}.circle", "must be an object")
        inner = cast(dict[str, Any], circle)
        centre = _point(inner.get("center"), f"{where}.circle.center")
        (radius_m,) = _numbers([inner.get("radius")], 1, f"{where}.circle.radius")
        if radius_m <= 0:
            raise PlanFileError(f"{where}.circle.radius", "must be above 0")
        fences.append(
            Fence(
                id=f"C{i + 1}",
                name=f"C{i + 1}",
                kind=_kind(entry, where),
                centre=centre,
                radius_m=radius_m,
            )
        )
    return fences


def _document(text: str) -> dict[str, Any]:
    document = read_object(text)
    if document.get("fileType") != "Plan":
        raise PlanFileError("fileType", 'a plan says "fileType": "Plan"')
    return document


def _mission(text: str) -> dict[str, Any]:
    mission = _document(text).get("mission")
    if not isinstance(mission, dict):
        raise PlanFileError("mission", "missing")
    return cast(dict[str, Any], mission)


def _listed(value: Any, where: str) -> list[dict[str, Any]]:
    if not isinstance(value, list) or len(cast(list[Any], value)) > MAX_FENCES:
        raise PlanFileError(where, f"must be a list of at most {MAX_FENCES} entries")
    for i, entry in enumerate(cast(list[Any], value)):
        if not isinstance(entry, dict):
            raise PlanFileError(f"{where}[{i}]", "must be an object")
    return cast(list[dict[str, Any]], value)


def _kind(entry: dict[str, Any], where: str) -> Literal["include", "exclude"]:
    inclusion = entry.get("inclusion")
    if not isinstance(inclusion, bool):
        raise PlanFileError(f"{where}.inclusion", "must be true or false")
    return "include" if inclusion else "exclude"


def _point(value: Any, where: str) -> GeoPoint:
    lat, lon = _numbers(value, 2, where)
    if not (abs(lat) <= 90 and abs(lon) <= 180):
        raise PlanFileError(where, "latitude is -90..90 and longitude -180..180 degrees")
    return GeoPoint(lat_deg=lat, lon_deg=lon)


def _ring(value: Any, where: str) -> list[GeoPoint]:
    if not isinstance(value, list):
        raise PlanFileError(where, "must be a list of [latitude, longitude]")
    ring = [_point(p, f"{where}[{i}]") for i, p in enumerate(cast(list[Any], value))]
    if not 3 <= len(ring) <= MAX_ITEMS:
        raise PlanFileError(where, f"a polygon has 3 to {MAX_ITEMS} points")
    return ring


def _flattened(entry: Any, where: str) -> list[tuple[Any, str]]:
    """Return the flown items: surveys and corridors store theirs inside."""
    if not isinstance(entry, dict):
        raise PlanFileError(where, "must be an object")
    found = cast(dict[str, Any], entry)
    transects = found.get("TransectStyleComplexItem")
    if found.get("complexItemType") in FLATTENED and isinstance(transects, dict):
        inner = cast(dict[str, Any], transects).get("Items")
        place = f"{where}.TransectStyleComplexItem.Items"
        if not isinstance(inner, list):
            raise PlanFileError(place, "must be a list: the survey was saved without its flight")
        return [(item, f"{place}[{i}]") for i, item in enumerate(cast(list[Any], inner))]
    return [(entry, where)]


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
    return item_of(
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
