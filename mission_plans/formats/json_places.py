"""Reading JSON of other programs that name their places: objects with latitude and longitude."""

from collections.abc import Iterator
from typing import Any, cast

from mission_plans.formats.contents import FilePoint, Note, Place
from mission_plans.formats.errors import PlanFileError
from mission_plans.formats.gathering import Gathering, clipped
from mission_plans.formats.json_text import is_number

__all__ = ["read_json_places"]

LATITUDES = ("latitude", "lat", "lat_deg")
LONGITUDES = ("longitude", "lon", "lng", "lon_deg", "long")
HEIGHTS = ("altitude", "alt", "altitude_m")
DEEPEST = 20


def read_json_places(document: Any, gathering: Gathering) -> None:
    """Gather single places, and lists of them as paths, by the names they have in the file.

    Raises:
        TooMuchError: over a limit.
    """
    _walk(document, "", "", gathering, 0)
    if gathering.things or gathering.left_out:
        gathering.note(
            "未知的 JSON 格式:只按 latitude 与 longitude 读入位置,其余不读入",
            "an unknown kind of JSON: only what has latitude and longitude is read, by its name",
        )


def _walk(found: Any, where: str, name: str, gathering: Gathering, depth: int) -> None:
    if depth > DEEPEST:
        return
    if isinstance(found, list):
        entries = cast(list[Any], found)
        if len(entries) > 1 and all(_is_place(e) for e in entries):
            with gathering.or_left_out(where, name):
                places = [
                    _place(e, f"{where}[{i}]", name, gathering) for i, e in enumerate(entries)
                ]
                note = Note(
                    zh="按文件里的次序作为线读入", en="read as a line, in the order of the file"
                )
                points = [
                    FilePoint(**p.model_dump(include=set(FilePoint.model_fields))) for p in places
                ]
                gathering.path(name, where, points, "unknown", [note])
            return
        for i, entry in enumerate(entries):
            _walk(entry, f"{where}[{i}]", name, gathering, depth + 1)
    elif _is_place(found):
        with gathering.or_left_out(where, name):
            gathering.place(_place(found, where, name, gathering), "unknown")
    elif isinstance(found, dict):
        for key, inner in cast(dict[str, Any], found).items():
            spot = f"{where}.{key}" if where else key
            _walk(inner, spot[:200], clipped(key), gathering, depth + 1)


def _values(found: Any, names: tuple[str, ...]) -> Iterator[float]:
    for name in names:
        value = found.get(name)
        if is_number(value):
            yield float(value)


def _is_place(found: Any) -> bool:
    return isinstance(found, dict) and all(
        next(_values(found, names), None) is not None for names in (LATITUDES, LONGITUDES)
    )


def _place(found: Any, where: str, name: str, gathering: Gathering) -> Place:
    lat = next(_values(found, LATITUDES), None)
    lon = next(_values(found, LONGITUDES), None)
    if lat is None or lon is None:
        raise PlanFileError(where, "缺少经纬度", "latitude or longitude is missing")
    at = gathering.file_point(lon, lat, where, next(_values(found, HEIGHTS), None))
    return Place(**at.model_dump(), name=clipped(str(found.get("name") or name)))
