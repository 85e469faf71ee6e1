"""Reading GeoJSON (RFC 7946: longitude first, WGS-84), and what SARTopo and CalTopo make of it."""

from typing import Any, cast

from mission_plans.formats.contents import Attributes, FilePoint, HeightReference, Place
from mission_plans.formats.crs import Conversion, conversion_of
from mission_plans.formats.errors import PlanFileError, TooMuchError
from mission_plans.formats.gathering import Gathering, clipped
from mission_plans.formats.json_text import is_number, read_json
from mission_plans.formats.map_roles import add_by_role, without_role
from mission_plans.values.base import GeoPoint

__all__ = ["GEOMETRIES", "read_areas", "read_geojson"]

GEOMETRIES = (
    "Point",
    "MultiPoint",
    "LineString",
    "MultiLineString",
    "Polygon",
    "MultiPolygon",
    "GeometryCollection",
)
DEEPEST = 20
NAMES = ("name", "title", "Name", "NAME", "label", "名称", "id")
DESCRIPTIONS = ("description", "desc", "text", "说明")
MOST_ATTRIBUTES = 60
REFERENCES = ("amsl", "agl", "relative", "ellipsoid")
FIRST_TIME_MS = 100_000_000_000
"""A fourth number from here on (1973) is a time in milliseconds, as CalTopo writes it."""


def read_areas(text: str) -> list[tuple[list[GeoPoint], list[list[GeoPoint]]]]:
    """Return outer ring and holes of every polygon of a GeoJSON text.

    Raises:
        PlanFileError: not GeoJSON, or no polygon.
    """
    gathering = Gathering()
    read_geojson(read_json(text), gathering)
    areas = [(t.outer, t.holes) for t in gathering.things if t.kind == "area"]
    if not areas:
        raise PlanFileError("file", "没有多边形", "it holds no Polygon")
    return areas


def read_geojson(document: dict[str, Any], gathering: Gathering) -> bool:
    """Gather what a GeoJSON document holds.

    Returns:
        Whether it is one of SARTopo or CalTopo.

    Raises:
        PlanFileError: a coordinate system that is not known.
        TooMuchError: over a limit.
    """
    convert, note = conversion_of(document.get("crs"))
    if note is not None:
        gathering.note(note.zh, note.en)
    features = document.get("features")
    listed = cast(list[Any], features) if isinstance(features, list) else []
    folders = {
        str(one.get("id")): clipped(str(one["properties"].get("title") or ""))
        for one in listed
        if isinstance(one, dict)
        and isinstance(one.get("properties"), dict)
        and one["properties"].get("class") == "Folder"
    }
    reader = _Reader(gathering, convert, folders)
    reader.read(document, "", "", "", {}, 0)
    return reader.sartopo


class _Reader:
    def __init__(
        self, gathering: Gathering, convert: Conversion | None, folders: dict[str, str]
    ) -> None:
        self.gathering = gathering
        self.convert = convert
        self.folders = folders
        self.sartopo = False
        self.times: list[Any] = []
        """Of the line that is read, one for each position."""
        self.stamp = ""
        """Time of the point that is read."""

    def read(
        self,
        found: Any,
        where: str,
        name: str,
        description: str,
        attributes: Attributes,
        depth: int,
    ) -> None:
        """Gather one object and what it holds."""
        if depth > DEEPEST:
            raise TooMuchError(where, f"嵌套超过 {DEEPEST} 层", f"nested more than {DEEPEST} deep")
        if not isinstance(found, dict):
            self.gathering.leave_out(where or "file", name, "应为对象", "must be an object")
            return
        kind = found.get("type")
        place = where or "file"
        match kind:
            case "FeatureCollection" | "GeometryCollection":
                inside = "features" if kind == "FeatureCollection" else "geometries"
                listed = found.get(inside)
                if not isinstance(listed, list):
                    self.gathering.leave_out(f"{where}{inside}", name, "应为列表", "must be a list")
                    return
                for i, one in enumerate(cast(list[Any], listed)):
                    self.read(
                        one, f"{where}{inside}[{i}]", name, description, attributes, depth + 1
                    )
            case "Feature":
                self._feature(found, place, depth)
            case str() if kind in GEOMETRIES:
                with self.gathering.or_left_out(place, name):
                    self._geometry(
                        kind, found.get("coordinates"), place, name, description, attributes
                    )
            case _:
                self.gathering.leave_out(
                    place,
                    name,
                    f"GeoJSON 没有类型 {str(kind)[:40]!r}",
                    f"GeoJSON has no type {str(kind)[:40]!r}",
                )

    def _feature(self, feature: dict[str, Any], where: str, depth: int) -> None:
        raw = feature.get("properties")
        properties = dict(cast(dict[str, Any], raw)) if isinstance(raw, dict) else {}
        name = next((clipped(str(properties[n])) for n in NAMES if properties.get(n)), "")
        sort = properties.get("class")
        if isinstance(sort, str) and ("folderId" in properties or sort == "Folder"):
            self.sartopo = True
        if sort == "Assignment" and not properties.get("title"):
            parts = (properties.get("letter"), properties.get("number"))
            name = clipped(" ".join(str(part) for part in parts if part)) or name
        description = next((str(properties[n]) for n in DESCRIPTIONS if properties.get(n)), "")
        times = properties.pop("coordTimes", None)
        self.times = cast(list[Any], times) if isinstance(times, list) else []
        stamp = properties.pop("time", None) if properties.get("role") else None
        self.stamp = stamp if isinstance(stamp, str) else ""
        attributes = _attributes(properties, self.gathering)
        folder = self.folders.get(str(properties.get("folderId")))
        if folder:
            attributes["folder"] = folder
        geometry = feature.get("geometry")
        if geometry is None and sort == "Folder":
            self.gathering.note(
                f"文件夹“{name}”:名称记在其内容上",
                f"folder {name!r}: its name stands with what is in it",
            )
        elif geometry is None:
            self.gathering.leave_out(where, name, "没有几何图形", "it has no geometry")
        else:
            self.read(geometry, f"{where}.geometry.", name, description, attributes, depth + 1)

    def _geometry(
        self,
        kind: str,
        coordinates: Any,
        where: str,
        name: str,
        description: str,
        attributes: Attributes,
    ) -> None:
        place = f"{where.rstrip('.')}.coordinates" if where != "file" else "coordinates"
        said = attributes.get("height_reference")
        reference = cast(HeightReference, said) if said in REFERENCES else "unknown"
        several = _listed(coordinates, place) if kind.startswith("Multi") else [coordinates]
        if not several:
            raise PlanFileError(place, "没有坐标", "there are no coordinates")
        for i, one in enumerate(several):
            spot = f"{place}[{i}]" if kind.startswith("Multi") else place
            with self.gathering.or_left_out(spot, name):
                match kind:
                    case "Polygon" | "MultiPolygon":
                        rings = [
                            [_ground(p) for p in self._points(ring, f"{spot}[{n}]")]
                            for n, ring in enumerate(_listed(one, spot))
                        ]
                        if not rings:
                            raise PlanFileError(spot, "没有坐标", "there are no coordinates")
                        if not add_by_role(
                            self.gathering, name, spot, rings, attributes, description
                        ):
                            self.gathering.area(
                                name, spot, rings, (), description, without_role(attributes)
                            )
                    case "LineString" | "MultiLineString":
                        points = self._timed(self._points(one, spot))
                        self.gathering.path(
                            name, spot, points, reference, (), description, without_role(attributes)
                        )
                    case _:
                        self._place(one, spot, name, description, attributes, reference)

    def _place(
        self,
        position: Any,
        where: str,
        name: str,
        description: str,
        attributes: Attributes,
        reference: HeightReference,
    ) -> None:
        point = self._position(position, where)
        if self.stamp:
            point = point.model_copy(update={"time_ms": self.gathering.time(self.stamp)})
        place = Place(
            **point.model_dump(),
            name=name,
            description=clipped(description, 4_000),
            attributes=without_role(attributes),
        )
        at = [[_ground(point)]]
        if not add_by_role(
            self.gathering, name, where, at, attributes, description, place, reference
        ):
            self.gathering.place(place, reference)

    def _points(self, positions: Any, where: str) -> list[FilePoint]:
        return [self._position(p, f"{where}[{i}]") for i, p in enumerate(_listed(positions, where))]

    def _timed(self, points: list[FilePoint]) -> list[FilePoint]:
        if len(self.times) != len(points):
            return points
        return [
            p.model_copy(update={"time_ms": self.gathering.time(t)}) if isinstance(t, str) else p
            for p, t in zip(points, self.times, strict=True)
        ]

    def _position(self, position: Any, where: str) -> FilePoint:
        numbers = cast(list[Any], position) if isinstance(position, list) else []
        if len(numbers) < 2 or not all(is_number(n) for n in numbers[:2]):
            raise PlanFileError(
                where,
                "坐标应为 [经度, 纬度],单位为度",
                "a position is [longitude, latitude] in degrees",
            )
        x, y = float(numbers[0]), float(numbers[1])
        if self.convert is not None:
            x, y = self.convert(x, y)
        height = numbers[2] if len(numbers) > 2 and is_number(numbers[2]) else None
        time_ms = numbers[3] if len(numbers) > 3 and is_number(numbers[3]) else None
        if time_ms is not None and time_ms < FIRST_TIME_MS:
            time_ms = None
        return self.gathering.file_point(
            x, y, where, height, None if time_ms is None else round(time_ms)
        )


def _listed(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise PlanFileError(where, "应为坐标列表", "must be a list of [longitude, latitude]")
    return cast(list[Any], value)


def _ground(point: FilePoint) -> GeoPoint:
    return GeoPoint(lat_deg=point.lat_deg, lon_deg=point.lon_deg)


def _attributes(properties: dict[str, Any], gathering: Gathering) -> Attributes:
    found: Attributes = {}
    for key, value in properties.items():
        if len(found) == MOST_ATTRIBUTES:
            gathering.note(
                f"每个对象只留 {MOST_ATTRIBUTES} 个属性",
                f"of each feature {MOST_ATTRIBUTES} properties are kept",
            )
            break
        if key in NAMES or key in DESCRIPTIONS or value is None or value == "":
            continue
        if isinstance(value, str):
            found[clipped(key, 80)] = clipped(value, 2_000)
        elif isinstance(value, bool) or is_number(value):
            found[clipped(key, 80)] = value
        elif isinstance(value, list) and all(
            n is None or isinstance(n, str | bool) or is_number(n) for n in cast(list[Any], value)
        ):
            found[clipped(key, 80)] = cast(list[Any], value)[:5_000]
        else:
            gathering.note(
                f"不读入的属性:{clipped(key, 80)}", f"property not read: {clipped(key, 80)}"
            )
    return found
