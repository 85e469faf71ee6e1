"""Reading maps that SARTopo saved before it wrote GeoJSON: lists of markers, shapes, assignments.

Latitude stands first there. A marker has a `position`; a shape has a `way`, an assignment a segment
with `ways`, of `coordinates` or `waypoints`, and `polygon` says that a way is an outline.
"""

from typing import Any, cast

from mission_plans.formats.contents import Attributes, FilePoint, Place
from mission_plans.formats.errors import PlanFileError
from mission_plans.formats.gathering import Gathering, clipped
from mission_plans.formats.json_text import is_number
from mission_plans.values.base import GeoPoint

__all__ = ["is_old_sartopo", "read_old_sartopo"]

PLACED = ("Marker", "Clue")
DRAWN = ("Shape", "Assignment")
NAMES = ("label", "title", "name", "number")


def is_old_sartopo(document: dict[str, Any]) -> bool:
    """Return whether a JSON document is such a map."""
    return any(isinstance(document.get(name), list) for name in (*PLACED, *DRAWN))


def read_old_sartopo(document: dict[str, Any], gathering: Gathering) -> None:
    """Gather markers, shapes and assignments.

    Raises:
        TooMuchError: over a limit.
    """
    for sort, listed in document.items():
        if not isinstance(listed, list):
            continue
        for i, entry in enumerate(cast(list[Any], listed)):
            where = f"{sort}[{i}]"
            found = cast(dict[str, Any], entry) if isinstance(entry, dict) else {}
            name = next((clipped(str(found[n])) for n in NAMES if found.get(n)), "")
            if sort in PLACED:
                with gathering.or_left_out(where, name):
                    point = _point(found.get("position"), f"{where}.position", gathering)
                    place = Place(
                        **point.model_dump(),
                        name=name,
                        description=clipped(str(found.get("comments") or ""), 4_000),
                        attributes={"class": sort},
                    )
                    gathering.place(place, "unknown")
            elif sort in DRAWN:
                _ways(found, where, name, {"class": sort}, gathering)
            else:
                gathering.leave_out(
                    where,
                    name or sort,
                    "只读标记、图形与任务分区",
                    "only markers, shapes and assignments are read",
                )


def _ways(
    found: dict[str, Any], where: str, name: str, attributes: Attributes, gathering: Gathering
) -> None:
    segment = found.get("segment")
    holder = cast(dict[str, Any], segment) if isinstance(segment, dict) else found
    ways = holder.get("ways") or [holder.get("way")]
    for way in cast(list[Any], ways) if isinstance(ways, list) else [ways]:
        with gathering.or_left_out(where, name):
            if not isinstance(way, dict):
                raise PlanFileError(where, "没有几何图形", "it has no geometry")
            drawn = cast(dict[str, Any], way)
            listed = drawn.get("coordinates") or drawn.get("waypoints")
            points = [
                _point(p, f"{where}.way[{i}]", gathering)
                for i, p in enumerate(cast(list[Any], listed) if isinstance(listed, list) else [])
            ]
            text = clipped(str(found.get("comments") or ""), 4_000)
            if drawn.get("polygon"):
                ring = [GeoPoint(lat_deg=p.lat_deg, lon_deg=p.lon_deg) for p in points]
                gathering.area(name, where, [[*ring, *ring[:1]]], (), text, attributes)
            else:
                gathering.path(name, where, points, "unknown", (), text, attributes)


def _point(value: Any, where: str, gathering: Gathering) -> FilePoint:
    if isinstance(value, dict):
        pair: list[Any] = [value.get("lat"), value.get("lng")]
    else:
        pair = cast(list[Any], value)[:2] if isinstance(value, list) else []
    if len(pair) != 2 or not all(is_number(n) for n in pair):
        raise PlanFileError(where, "应为纬度与经度", "write latitude and longitude")
    return gathering.file_point(float(pair[1]), float(pair[0]), where)
