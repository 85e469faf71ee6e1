"""Reading QGroundControl's JSON files: `.plan`, and the older `.mission`, `.fence` and `.rally`.

Format: https://docs.qgroundcontrol.com/master/en/qgc-dev-guide/file_formats/plan.html
Home stands apart there (`plannedHomePosition`), and null leaves a parameter to the autopilot.
Surveys and corridor scans store the flight they stand for; structure scans and landing patterns are
QGroundControl's own recipes: their outline is read, their flight is left out by name.
"""

from typing import Any, Literal, cast

from mission_plans.formats.contents import (
    FenceThing,
    FileItem,
    FilePoint,
    MavlinkMission,
    Note,
    Place,
    Rally,
)
from mission_plans.formats.errors import PlanFileError, TooMuchError
from mission_plans.formats.gathering import Gathering, clipped
from mission_plans.formats.json_text import is_number
from mission_plans.formats.mavlink_rules import MOST_ITEMS, checked_item, with_return_height
from mission_plans.values.base import GeoPoint
from mission_plans.values.plan import Fence

__all__ = ["is_qgc", "read_qgc"]

FILE_TYPES = ("Plan", "Mission", "GeoFence", "RallyPoints")
FLATTENED = ("survey", "CorridorScan")
"""Complex items that store the flight they stand for."""
KNOWN_VERSIONS = {"": (1,), "mission": (2,), "geoFence": (1, 2), "rallyPoints": (1, 2)}


def is_qgc(document: dict[str, Any]) -> bool:
    """Return whether a JSON document is one of QGroundControl's."""
    return document.get("fileType") in FILE_TYPES or (
        "items" in document and "plannedHomePosition" in document
    )


def read_qgc(document: dict[str, Any], gathering: Gathering) -> None:
    """Gather mission, survey areas, fences and rally points.

    Raises:
        TooMuchError: over a limit.
    """
    kind = document.get("fileType")
    whole = kind == "Plan" or "mission" in document
    _version(document.get("version"), "", gathering)
    if whole:
        mission, fence, rally = (
            _object(document, name, gathering) for name in ("mission", "geoFence", "rallyPoints")
        )
    else:
        mission = document if "items" in document else None
        fence = document if kind == "GeoFence" else None
        rally = document if kind == "RallyPoints" else None
    prefix = "mission." if whole else ""
    if mission is not None:
        if whole:
            _version(mission.get("version"), "mission", gathering)
        _mission(mission, prefix, gathering)
    if fence is not None:
        _fences(fence, "geoFence." if whole else "", gathering)
    if rally is not None:
        _rally(rally, "rallyPoints." if whole else "", gathering)
    gathering.things = with_return_height(gathering.things)


def _object(document: dict[str, Any], name: str, gathering: Gathering) -> dict[str, Any] | None:
    found = document.get(name)
    if found is None:
        return None
    if not isinstance(found, dict):
        gathering.leave_out(name, "", "应为对象", "must be an object")
        return None
    return cast(dict[str, Any], found)


def _version(found: Any, part: str, gathering: Gathering) -> None:
    if is_number(found) and found not in KNOWN_VERSIONS[part]:
        gathering.note(
            f"{part or '文件'}版本 {found} 未知,按已知版本读入",
            f"version {found} of {part or 'the file'} is not known: read like those that are",
        )


def _mission(mission: dict[str, Any], prefix: str, gathering: Gathering) -> None:
    home: FilePoint | None = None
    planned = mission.get("plannedHomePosition")
    # Versions before 3.0 wrote home as an item.
    if isinstance(planned, dict):
        planned = planned.get("coordinate")
    if planned is not None:
        with gathering.or_left_out(f"{prefix}plannedHomePosition", "home"):
            lat, lon, altitude = _numbers(planned, 3, f"{prefix}plannedHomePosition")
            if lat is not None and lon is not None:
                home = gathering.file_point(lon, lat, f"{prefix}plannedHomePosition", altitude)
    listed = mission.get("items")
    items: list[FileItem] = []
    whole = True
    with gathering.or_left_out(f"{prefix}items", "mission"):
        entries = _listed(listed, f"{prefix}items") if listed is not None else []
        older = mission.get("complexItems")
        entries += _listed(older, f"{prefix}complexItems") if older is not None else []
        for i, entry in enumerate(entries):
            where = f"{prefix}items[{i}]"
            read = _item(entry, where, gathering)
            whole = whole and read is not None
            items += read or []
            if len(items) > MOST_ITEMS:
                raise TooMuchError(
                    where, f"超过 {MOST_ITEMS} 个任务项", f"more than {MOST_ITEMS} items"
                )
    if not items:
        return
    notes: list[Note] = []
    if home is None or (home.lat_deg, home.lon_deg) == (0, 0):
        notes.append(Note(zh="未设起飞点", en="home is not set"))
    if not whole:
        notes.append(
            Note(
                zh="有任务项未读入,任务不完整,不可照此飞行",
                en="items are missing: the mission is not complete and must not be flown as it is",
            )
        )
    gathering.add(
        MavlinkMission(
            name=clipped(str(mission.get("name") or "")),
            where=prefix.rstrip(".") or "file",
            home=home,
            items=items,
            firmware_type=_whole(mission.get("firmwareType", mission.get("MAV_AUTOPILOT"))),
            vehicle_type=_whole(mission.get("vehicleType")),
            cruise_ms=_speed(mission.get("cruiseSpeed")),
            hover_ms=_speed(mission.get("hoverSpeed")),
            complete=whole,
            notes=notes,
        )
    )


def _item(entry: Any, where: str, gathering: Gathering) -> list[FileItem] | None:
    """Return the items of an entry, None where something of it can't be flown."""
    before = len(gathering.left_out)
    items: list[FileItem] = []
    with gathering.or_left_out(where, "item"):
        if not isinstance(entry, dict):
            raise PlanFileError(where, "应为对象", "must be an object")
        found = cast(dict[str, Any], entry)
        kind = str(found.get("complexItemType") or found.get("type") or "")[:40]
        if found.get("type") == "ComplexItem" or "complexItemType" in found:
            items = _complex(found, kind, where, gathering)
        else:
            items = [_simple(found, where)]
    return items if len(gathering.left_out) == before else None


def _complex(found: dict[str, Any], kind: str, where: str, gathering: Gathering) -> list[FileItem]:
    if "polygon" in found:
        with gathering.or_left_out(f"{where}.polygon", kind):
            ring = _ring(found["polygon"], f"{where}.polygon", gathering)
            notes = (
                [
                    Note(
                        zh="测绘的相机与重叠等设置不读入,只读其区域和航线",
                        en="the survey's camera, overlap and other settings are not read, only its "
                        "outline and flight",
                    )
                ]
                if kind == "survey"
                else [
                    Note(
                        zh=f"{kind} 的轮廓按区域读入",
                        en=f"the outline of {kind} is read as an area",
                    )
                ]
            )
            gathering.area(kind, f"{where}.polygon", [[*ring, ring[0]]], notes)
    if "polyline" in found:
        with gathering.or_left_out(f"{where}.polyline", kind):
            line = _line(found["polyline"], f"{where}.polyline", gathering)
            gathering.path(
                kind,
                f"{where}.polyline",
                [FilePoint(lat_deg=p.lat_deg, lon_deg=p.lon_deg) for p in line],
                "unknown",
            )
    transects = found.get("TransectStyleComplexItem")
    inner: Any = found.get("Items")
    if isinstance(transects, dict):
        inner = cast(dict[str, Any], transects).get("Items")
    if kind not in FLATTENED or not isinstance(inner, list):
        gathering.leave_out(
            where,
            kind,
            "文件里没有存其航线,只有 QGroundControl 能生成"
            if kind in FLATTENED
            else "复合任务项:其航线只有 QGroundControl 能生成",
            "the file does not store its flight; only QGroundControl can make it",
        )
        return []
    place = f"{where}.TransectStyleComplexItem.Items"
    items: list[FileItem] = []
    for i, item in enumerate(cast(list[Any], inner)):
        with gathering.or_left_out(f"{place}[{i}]", "item"):
            if not isinstance(item, dict):
                raise PlanFileError(f"{place}[{i}]", "应为对象", "must be an object")
            items.append(_simple(cast(dict[str, Any], item), f"{place}[{i}]"))
    return items


def _simple(found: dict[str, Any], where: str) -> FileItem:
    for name in ("frame", "command"):
        if type(found.get(name)) is not int:
            raise PlanFileError(f"{where}.{name}", "应为整数", "must be a whole number")
    if "params" in found:
        params = _numbers(found["params"], 7, f"{where}.params")
    else:
        ours = [found.get(f"param{n}") for n in range(1, 5)]
        params = _numbers(ours, 4, f"{where}.param")
        params += _numbers(found.get("coordinate"), 3, f"{where}.coordinate")
    return checked_item(
        where, found["frame"], found["command"], params, found.get("autoContinue") is not False
    )


def _fences(found: dict[str, Any], prefix: str, gathering: Gathering) -> None:
    if is_number(found.get("version")):
        _version(found["version"], "geoFence", gathering)
    if found.get("breachReturn") is not None:
        gathering.leave_out(
            f"{prefix}breachReturn",
            "breachReturn",
            "围栏返回点不读入:越界后按返航处理",
            "a fence's return point is not read: whoever breaks a fence comes home",
        )
    first = found.get("polygon")
    if isinstance(first, list) and first:
        with gathering.or_left_out(f"{prefix}polygon", "P1"):
            ring = _ring(first, f"{prefix}polygon", gathering)
            _fence("P1", f"{prefix}polygon", "include", gathering, polygon=ring)
    for i, entry in enumerate(_entries(found, "polygons", prefix, gathering)):
        where, name = f"{prefix}polygons[{i}]", f"P{i + 1}"
        with gathering.or_left_out(where, name):
            ring = _ring(entry.get("polygon"), f"{where}.polygon", gathering)
            _fence(name, where, _kind(entry, where), gathering, polygon=ring)
    for i, entry in enumerate(_entries(found, "circles", prefix, gathering)):
        where, name = f"{prefix}circles[{i}]", f"C{i + 1}"
        with gathering.or_left_out(where, name):
            circle = entry.get("circle")
            if not isinstance(circle, dict):
                raise PlanFileError(f"{where}.circle", "应为对象", "must be an object")
            inner = cast(dict[str, Any], circle)
            centre = _point(inner.get("center"), f"{where}.circle.center", gathering)
            radius = inner.get("radius")
            if not is_number(radius) or not 0 < cast(float, radius) < 1e7:
                raise PlanFileError(f"{where}.circle.radius", "半径应大于 0", "must be above 0")
            _fence(
                name,
                where,
                _kind(entry, where),
                gathering,
                centre=centre,
                radius_m=float(cast(float, radius)),
            )


def _fence(
    name: str,
    where: str,
    kind: Literal["include", "exclude"],
    gathering: Gathering,
    polygon: list[GeoPoint] | None = None,
    centre: GeoPoint | None = None,
    radius_m: float | None = None,
) -> None:
    fence = Fence(
        id=name, name=name, kind=kind, polygon=polygon or [], centre=centre, radius_m=radius_m
    )
    gathering.add(FenceThing(name=name, where=where, fence=fence))


def _rally(found: dict[str, Any], prefix: str, gathering: Gathering) -> None:
    points = found.get("points")
    places: list[Place] = []
    with gathering.or_left_out(f"{prefix}points", "rally"):
        for i, point in enumerate(_listed(points, f"{prefix}points") if points else []):
            where = f"{prefix}points[{i}]"
            with gathering.or_left_out(where, f"R{i + 1}"):
                lat, lon, height = _numbers(point, 3, where)
                if lat is None or lon is None:
                    raise PlanFileError(
                        where, "应为 [纬度, 经度, 高度]", "write latitude, longitude and altitude"
                    )
                at = gathering.file_point(lon, lat, where, height)
                places.append(Place(**at.model_dump(), name=f"R{i + 1}"))
    if places:
        gathering.add(Rally(name="rally", where=prefix.rstrip("."), places=places))


def _entries(
    found: dict[str, Any], name: str, prefix: str, gathering: Gathering
) -> list[dict[str, Any]]:
    listed = found.get(name)
    entries: list[dict[str, Any]] = []
    with gathering.or_left_out(f"{prefix}{name}", name):
        for i, entry in enumerate(_listed(listed, f"{prefix}{name}") if listed else []):
            with gathering.or_left_out(f"{prefix}{name}[{i}]", name):
                if not isinstance(entry, dict):
                    raise PlanFileError(f"{prefix}{name}[{i}]", "应为对象", "must be an object")
                entries.append(cast(dict[str, Any], entry))
    return entries


def _kind(entry: dict[str, Any], where: str) -> Literal["include", "exclude"]:
    inclusion = entry.get("inclusion")
    if not isinstance(inclusion, bool):
        raise PlanFileError(f"{where}.inclusion", "应为 true 或 false", "must be true or false")
    return "include" if inclusion else "exclude"


def _listed(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise PlanFileError(where, "应为列表", "must be a list")
    return list(cast(list[Any], value))


def _point(value: Any, where: str, gathering: Gathering) -> GeoPoint:
    # A vertex may carry a height.
    pair = cast(list[Any], value)[:2] if isinstance(value, list) else value
    lat, lon = _numbers(pair, 2, where)
    if lat is None or lon is None:
        raise PlanFileError(where, "应为 [纬度, 经度]", "write latitude and longitude")
    return gathering.point(lon, lat, where)


def _line(value: Any, where: str, gathering: Gathering) -> list[GeoPoint]:
    return [
        _point(point, f"{where}[{i}]", gathering) for i, point in enumerate(_listed(value, where))
    ]


def _ring(value: Any, where: str, gathering: Gathering) -> list[GeoPoint]:
    ring = _line(value, where, gathering)
    # Rings are never closed there; one that is, is closed here again.
    closed = [*ring, ring[0]] if ring and ring[0] != ring[-1] else ring
    return gathering.ring(closed, where)[0]


def _numbers(value: Any, count: int, where: str) -> list[float | None]:
    if not isinstance(value, list) or len(cast(list[Any], value)) != count:
        raise PlanFileError(where, f"应为 {count} 个数的列表", f"must be a list of {count} numbers")
    numbers: list[float | None] = []
    for index, entry in enumerate(cast(list[Any], value)):
        if entry is None:
            numbers.append(None)
        elif is_number(entry):
            numbers.append(float(entry))
        else:
            raise PlanFileError(
                f"{where}[{index}]", "应为有限的数或 null", "must be a finite number or null"
            )
    return numbers


def _whole(value: Any) -> int | None:
    return value if type(value) is int and 0 <= value <= 255 else None


def _speed(value: Any) -> float | None:
    return float(value) if is_number(value) and 0 < value < 1000 else None
