"""Reading KML (OGC 07-147r2, and Google's gx tracks): areas, lines, tracks and places."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from mission_plans.formats.contents import Attributes, FilePoint, HeightReference, Note, Place
from mission_plans.formats.errors import PlanFileError
from mission_plans.formats.gathering import Gathering, clipped, finite
from mission_plans.formats.map_roles import add_by_role, without_role
from mission_plans.formats.xml_text import (
    child,
    children,
    line_of,
    local_name,
    text_in,
    unread_names,
)
from mission_plans.values.base import GeoPoint

__all__ = ["polygon_rings", "read_kml"]

SHAPES = ("Polygon", "LineString", "LinearRing", "Point", "Track", "MultiTrack", "MultiGeometry")
CONTAINERS = ("kml", "Document", "Folder", "Create", "Update", "Change")
UNREAD = {
    "NetworkLink": ("网络链接:不联网读取,请打开后另存", "a link to other files is not followed"),
    "GroundOverlay": ("叠加图片不读入", "pictures laid over the map are not read"),
    "ScreenOverlay": ("屏幕图片不读入", "pictures laid over the screen are not read"),
    "PhotoOverlay": ("照片不读入", "photos are not read"),
    "Tour": ("漫游不读入", "tours are not read"),
    "Model": ("三维模型不读入", "three-dimensional models are not read"),
}
STYLES = ("Style", "StyleMap", "styleUrl")
LOOKS = ("open", "visibility", "extrude", "tessellate", "Snippet", "drawOrder", "interpolate")
"""How things look on a screen."""
READ = (
    *(*CONTAINERS, *SHAPES),
    *("Placemark", "name", "description", "coordinates", "altitudeMode", "when", "coord"),
    *("outerBoundaryIs", "innerBoundaryIs", "TimeStamp"),
    *("ExtendedData", "Data", "value", "SchemaData", "SimpleData", "displayName"),
    *("Schema", "SimpleField"),
)
MOST_ATTRIBUTES = 60


def read_kml(root: Element, gathering: Gathering) -> None:
    """Gather what a KML document holds.

    Raises:
        TooMuchError: over a limit.
    """
    if any(local_name(e) in STYLES for e in root.iter()):
        gathering.note("颜色与图标样式不读入", "colours, icons and styles are not read")
    gathering.note_unread(unread_names(root, READ, (*STYLES, *LOOKS, *UNREAD)))
    _walk(root, gathering, "")


def _walk(element: Element, gathering: Gathering, folder: str) -> None:
    name = local_name(element)
    if name == "Placemark":
        _placemark(element, gathering, folder)
        return
    if name in UNREAD:
        gathering.leave_out(
            f"{line_of(element)} {name}", text_in(element, "name") or name, *UNREAD[name]
        )
        return
    if name in CONTAINERS:
        inside = clipped(text_in(element, "name")) if name == "Folder" else folder
        for inner in element:
            _walk(inner, gathering, inside)


def _placemark(placemark: Element, gathering: Gathering, folder: str) -> None:
    name = clipped(text_in(placemark, "name"))
    where = f"{line_of(placemark)} Placemark"
    description = clipped(text_in(placemark, "description"), 4_000)
    attributes = _extended_data(placemark)
    if folder:
        attributes.setdefault("folder", folder)
    described = (description, attributes)
    shapes = list(_shapes(placemark))
    if not shapes:
        gathering.leave_out(where, name, "没有几何图形", "it has no geometry")
    for shape in shapes:
        kind = local_name(shape)
        place = f"{line_of(shape)} {kind}"
        if kind in UNREAD:
            gathering.leave_out(place, name, *UNREAD[kind])
            continue
        with gathering.or_left_out(place, name):
            match kind:
                case "Polygon":
                    rings = polygon_rings(shape, gathering, place, name)
                    if not add_by_role(gathering, name, place, rings, attributes, description):
                        gathering.area(
                            name, place, rings, (), description, without_role(attributes)
                        )
                case "LinearRing":
                    ring = [p for p, _ in _coordinates(shape, gathering, place)]
                    note = Note(zh="单独的环按区域读入", en="a ring by itself is read as an area")
                    gathering.area(name, place, [ring], [note], description, attributes)
                case "LineString":
                    _path(_line(shape, gathering, place), gathering, place, name, described)
                case "Track":
                    _path(_track(shape, gathering, place), gathering, place, name, described)
                case _:
                    _point(shape, placemark, gathering, place, name, description, attributes)


def _shapes(element: Element) -> Iterator[Element]:
    for inner in element:
        name = local_name(inner)
        if name in ("MultiGeometry", "MultiTrack"):
            yield from _shapes(inner)
        elif name in SHAPES or name == "Model":
            yield inner


def _extended_data(placemark: Element) -> Attributes:
    found: Attributes = {}
    extended = child(placemark, "ExtendedData")
    for entry in extended.iter() if extended is not None else ():
        if len(found) == MOST_ATTRIBUTES:
            break
        match local_name(entry):
            case "Data":
                text = text_in(entry, "value")
            case "SimpleData":
                text = entry.text or ""
            case _:
                continue
        if entry.get("name"):
            found[clipped(entry.get("name"), 80)] = clipped(text, 2_000)
    return found


def polygon_rings(
    polygon: Element, gathering: Gathering, where: str, name: str
) -> list[list[GeoPoint]]:
    """Return a polygon's outer ring and holes, as they stand.

    Raises:
        PlanFileError: no outer ring, or coordinates that are none.
    """
    outer: list[GeoPoint] | None = None
    holes: list[list[GeoPoint]] = []
    for boundary in polygon:
        side = local_name(boundary)
        if side not in ("outerBoundaryIs", "innerBoundaryIs"):
            continue
        for ring in children(boundary, "LinearRing"):
            place = f"{line_of(ring)} {side}"
            if side == "innerBoundaryIs":
                with gathering.or_left_out(place, name):
                    holes.append([p for p, _ in _coordinates(ring, gathering, place)])
            elif outer is None:
                outer = [p for p, _ in _coordinates(ring, gathering, place)]
            else:
                gathering.leave_out(place, name, "第二个外轮廓", "a second outer boundary")
    if outer is None:
        raise PlanFileError(where, "缺少 outerBoundaryIs", "outerBoundaryIs is missing")
    return [outer, *holes]


def _reference(element: Element) -> HeightReference | None:
    """Return what heights are measured from, None where they don't count."""
    match text_in(element, "altitudeMode"):
        case "absolute":
            return "amsl"
        case "relativeToGround":
            return "agl"
        case "" | "clampToGround":
            return None
        case _:
            return "unknown"


def _heights(
    shape: Element, found: list[tuple[GeoPoint, float | None]]
) -> tuple[HeightReference, list[float | None]]:
    reference = _reference(shape)
    heights = [height for _, height in found]
    if reference is not None:
        return reference, heights
    # Clamped to the ground: what stands there counts only where some program filled it in.
    return "unknown", heights if any(heights) else [None] * len(heights)


def _line(
    shape: Element, gathering: Gathering, where: str
) -> tuple[HeightReference, list[FilePoint]]:
    found = _coordinates(shape, gathering, where)
    reference, heights = _heights(shape, found)
    return reference, [
        FilePoint(lat_deg=p.lat_deg, lon_deg=p.lon_deg, altitude_m=height)
        for (p, _), height in zip(found, heights, strict=True)
    ]


def _said_reference(attributes: Attributes, found: HeightReference) -> HeightReference:
    said = attributes.get("height_reference")
    return said if said in ("relative", "ellipsoid") else found


def _path(
    line: tuple[HeightReference, list[FilePoint]],
    gathering: Gathering,
    where: str,
    name: str,
    described: tuple[str, Attributes],
) -> None:
    description, attributes = described
    reference = _said_reference(attributes, line[0])
    gathering.path(name, where, line[1], reference, (), description, without_role(attributes))


def _point(
    shape: Element,
    placemark: Element,
    gathering: Gathering,
    where: str,
    name: str,
    description: str,
    attributes: Attributes,
) -> None:
    found = _coordinates(shape, gathering, where)
    if len(found) != 1:
        raise PlanFileError(
            where,
            f"点应有一个坐标,却有 {len(found)} 个",
            f"a point has one position, not {len(found)}",
        )
    reference, heights = _heights(shape, found)
    stamp = child(placemark, "TimeStamp")
    when = text_in(stamp, "when") if stamp is not None else ""
    at = found[0][0]
    place = Place(
        lat_deg=at.lat_deg,
        lon_deg=at.lon_deg,
        altitude_m=heights[0],
        time_ms=gathering.time(when) if when else None,
        name=name,
        description=description,
        attributes=without_role(attributes),
    )
    reference = _said_reference(attributes, reference)
    if not add_by_role(gathering, name, where, [[at]], attributes, description, place, reference):
        gathering.place(place, reference)


def _track(
    shape: Element, gathering: Gathering, where: str
) -> tuple[HeightReference, list[FilePoint]]:
    times = [(e.text or "").strip() for e in children(shape, "when")]
    coords = list(children(shape, "coord"))
    found: list[tuple[GeoPoint, float | None]] = []
    for coord in coords:
        parts = (coord.text or "").replace(",", " ").split()
        place = f"{line_of(coord)} gx:coord"
        if len(parts) < 2:
            raise PlanFileError(
                place, "应为“经度 纬度 高度”", "write longitude, latitude and altitude"
            )
        numbers = [finite(part, place) for part in parts[:3]]
        at = gathering.point(numbers[0], numbers[1], place)
        found.append((at, numbers[2] if len(numbers) > 2 else None))
    reference, heights = _heights(shape, found)
    points: list[FilePoint] = []
    for index, ((at, _), height) in enumerate(zip(found, heights, strict=True)):
        when = times[index] if index < len(times) else ""
        points.append(
            FilePoint(
                lat_deg=at.lat_deg,
                lon_deg=at.lon_deg,
                altitude_m=height,
                time_ms=gathering.time(when) if when else None,
            )
        )
    return reference, points


def _coordinates(
    element: Element, gathering: Gathering, where: str
) -> list[tuple[GeoPoint, float | None]]:
    found = child(element, "coordinates")
    text = (found.text or "").strip() if found is not None else ""
    if not text:
        raise PlanFileError(where, "没有坐标", "there are no coordinates")
    points: list[tuple[GeoPoint, float | None]] = []
    for index, entry in enumerate(_entries(text)):
        try:
            points.append(_coordinate(entry, gathering))
        except PlanFileError as error:
            place = f"{where} coordinates[{index}]"
            raise type(error)(place, error.zh, error.en) from error
    return points


def _entries(text: str) -> list[str]:
    """Return the positions of a text, in which some programs put blanks round the commas."""
    return " ".join(text.split()).replace(" ,", ",").replace(", ", ",").split()


def _coordinate(entry: str, gathering: Gathering) -> tuple[GeoPoint, float | None]:
    parts = entry.strip(",").split(",")
    if not 2 <= len(parts) <= 4:
        raise PlanFileError(
            "",
            f"{entry[:40]!r}:应为 经度,纬度[,高度]",
            f"{entry[:40]!r}: write longitude,latitude[,altitude]",
        )
    if len(parts) == 4:
        gathering.note("坐标的第四个数略去", "a fourth number of coordinates is left out")
    height = finite(parts[2], "") if len(parts) > 2 and parts[2] else None
    return gathering.point(finite(parts[0], ""), finite(parts[1], ""), ""), height
