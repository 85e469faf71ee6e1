"""KML and KMZ (OGC 07-147r2): areas, paths and places in, plans out."""

import io
import zipfile
import zlib
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from pydantic import ValidationError

from mission_plans.formats.errors import PlanFileError
from mission_plans.formats.geojson import Area
from mission_plans.formats.xml_text import MAX_BYTES, children, finite, local_name, read_xml
from mission_plans.values.plan import GeoPoint, SearchPlan

__all__ = ["KmlDocument", "read_kml", "read_kmz", "unzip_member", "write_kml", "write_kmz"]

NAMESPACE = "http://www.opengis.net/kml/2.2"
MAX_POINTS = 200_000
LARGEST_RATIO = 200
"""Compressed files that grow more than this are bombs, not maps."""

COLOURS = ("ff5fc84d", "ffffa34d", "ff9a1fff", "ff4de8ff", "ffc85f9a")
"""Of sorties, aabbggrr."""


@dataclass(frozen=True, slots=True)
class KmlDocument:
    """What a KML file holds, each with the name of its placemark."""

    areas: list[tuple[str, Area]]
    lines: list[tuple[str, list[GeoPoint]]]
    points: list[tuple[str, GeoPoint]]


def read_kml(data: bytes) -> KmlDocument:
    """Return the polygons, lines and points of a KML document.

    Raises:
        PlanFileError: not KML, or coordinates that are none; names the placemark and the place.
    """
    root = read_xml(data)
    if local_name(root) != "kml":
        raise PlanFileError("file", f"a KML file begins with <kml>, not <{local_name(root)[:40]}>")
    found = KmlDocument([], [], [])
    left = MAX_POINTS
    for number, placemark in enumerate(e for e in root.iter() if local_name(e) == "Placemark"):
        name = next((c.text or "" for c in children(placemark, "name")), "").strip()
        where = f"Placemark {name!r}" if name else f"Placemark {number + 1}"
        for element in placemark.iter():
            match local_name(element):
                case "Polygon":
                    area = _polygon(element, where)
                    left -= len(area[0]) + sum(len(hole) for hole in area[1])
                    found.areas.append((name, area))
                case "LineString":
                    line = _coordinates(element, f"{where} LineString")
                    if len(line) < 2:
                        raise PlanFileError(f"{where} LineString", "two points or more are needed")
                    left -= len(line)
                    found.lines.append((name, line))
                case "Point":
                    points = _coordinates(element, f"{where} Point")
                    if len(points) != 1:
                        raise PlanFileError(f"{where} Point", "one position is needed")
                    left -= 1
                    found.points.append((name, points[0]))
                case _:
                    pass
            if left < 0:
                raise PlanFileError(where, f"more than {MAX_POINTS} points")
    return found


def _polygon(element: Element, where: str) -> Area:
    outer: list[GeoPoint] | None = None
    holes: list[list[GeoPoint]] = []
    for boundary in element:
        side = local_name(boundary)
        if side not in ("outerBoundaryIs", "innerBoundaryIs"):
            continue
        for ring in children(boundary, "LinearRing"):
            points = _coordinates(ring, f"{where} {side}")
            if len(points) > 1 and points[0] == points[-1]:
                points.pop()
            if len(points) < 3:
                raise PlanFileError(f"{where} {side}", "a ring needs three different points")
            if side == "outerBoundaryIs":
                outer = points
            else:
                holes.append(points)
    if outer is None:
        raise PlanFileError(f"{where} Polygon", "outerBoundaryIs is missing")
    return outer, holes


def _coordinates(element: Element, where: str) -> list[GeoPoint]:
    text = next((c.text or "" for c in children(element, "coordinates")), None)
    if text is None:
        raise PlanFileError(where, "coordinates are missing")
    points: list[GeoPoint] = []
    for index, entry in enumerate(text.split()):
        place = f"{where} coordinates[{index}]"
        parts = entry.split(",")
        if not 2 <= len(parts) <= 3:
            raise PlanFileError(place, f"{entry[:40]!r}: write longitude,latitude[,altitude]")
        lon, lat = finite(parts[0], place), finite(parts[1], place)
        try:
            points.append(GeoPoint(lat_deg=lat, lon_deg=lon))
        except ValidationError as error:
            raise PlanFileError(
                place, "longitude is -180..180 and latitude -90..90 degrees"
            ) from error
    return points


def read_kmz(data: bytes) -> KmlDocument:
    """Return what the KML inside a KMZ archive holds.

    Raises:
        PlanFileError: no archive, no KML in it, or one that unpacks to too much.
    """
    return read_kml(unzip_member(data, None))


def unzip_member(data: bytes, name: str | None) -> bytes:
    """Return one file of an archive: by name, or `doc.kml` or the first `.kml`.

    Raises:
        PlanFileError: no archive, no such file, or one that unpacks to too much.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = {info.filename: info for info in archive.infolist()}
            if name is None:
                named = [n for n in infos if n.lower().endswith(".kml")]
                name = "doc.kml" if "doc.kml" in infos else next(iter(named), None)
            info = infos.get(name) if name else None
            if info is None:
                raise PlanFileError("file", f"the archive holds no {name or '.kml file'}")
            packed = max(1, info.compress_size)
            if info.file_size > MAX_BYTES or info.file_size / packed > LARGEST_RATIO:
                raise PlanFileError(info.filename[:80], "unpacks to too much")
            with archive.open(info) as member:
                content = member.read(MAX_BYTES + 1)
    except PlanFileError:
        raise
    except (zipfile.BadZipFile, zlib.error, ValueError, RuntimeError, OSError, EOFError) as error:
        raise PlanFileError("file", f"no readable archive ({error})") from error
    if len(content) > MAX_BYTES:
        raise PlanFileError("file", "unpacks to too much")
    return content


def write_kml(plan: SearchPlan) -> bytes:
    """Return a plan as KML: the area, a line in space for each sortie, and failed checks."""
    root = Element("kml", xmlns=NAMESPACE)
    document = SubElement(root, "Document")
    SubElement(document, "name").text = plan.id
    for index, colour in enumerate(COLOURS):
        style = SubElement(SubElement(document, "Style", id=f"sortie{index}"), "LineStyle")
        SubElement(style, "color").text = colour
        SubElement(style, "width").text = "3"
    areas = [(plan.request.area, plan.request.holes)] if plan.request.area else []
    areas += [(ring, []) for ring in plan.request.also]
    folder = _folder(document, "area")
    for outer, holes in areas:
        polygon = SubElement(_placemark(folder, "area"), "Polygon")
        for side, ring in [("outerBoundaryIs", outer), *(("innerBoundaryIs", h) for h in holes)]:
            linear = SubElement(SubElement(polygon, side), "LinearRing")
            SubElement(linear, "coordinates").text = " ".join(
                f"{p.lon_deg:.7f},{p.lat_deg:.7f}" for p in (*ring, ring[0])
            )
    folder = _folder(document, "sorties")
    vehicles = list(dict.fromkeys(s.vehicle_id for s in plan.sorties))
    for sortie in plan.sorties:
        placemark = _placemark(folder, f"{sortie.vehicle_id} #{sortie.order + 1}")
        colour = vehicles.index(sortie.vehicle_id) % len(COLOURS)
        SubElement(placemark, "styleUrl").text = f"#sortie{colour}"
        line = SubElement(placemark, "LineString")
        SubElement(line, "altitudeMode").text = "absolute"
        SubElement(line, "coordinates").text = " ".join(
            f"{w.lon_deg:.7f},{w.lat_deg:.7f},{w.altitude_amsl_m:.1f}" for w in sortie.waypoints
        )
    folder = _folder(document, "checks")
    for check in plan.checks:
        if not check.passed and check.at is not None:
            placemark = _placemark(folder, check.id)
            SubElement(placemark, "description").text = f"{check.text_zh}\n{check.text_en}"
            point = SubElement(placemark, "Point")
            SubElement(point, "coordinates").text = f"{check.at.lon_deg:.7f},{check.at.lat_deg:.7f}"
    indent(root)
    return tostring(root, encoding="utf-8", xml_declaration=True)


def _folder(document: Element, name: str) -> Element:
    folder = SubElement(document, "Folder")
    SubElement(folder, "name").text = name
    return folder


def _placemark(folder: Element, name: str) -> Element:
    placemark = SubElement(folder, "Placemark")
    SubElement(placemark, "name").text = name
    return placemark


def write_kmz(plan: SearchPlan) -> bytes:
    """Return a plan as KMZ."""
    return zipped({"doc.kml": write_kml(plan)})


def zipped(members: dict[str, bytes]) -> bytes:
    """Return an archive of files; the same files give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content)
    return out.getvalue()
