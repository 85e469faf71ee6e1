"""Writing GPX 1.1: places, tracks, routes, and outlines as tracks; it knows no fences."""

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from mission_plans.formats.contents import (
    Area,
    FenceThing,
    FilePoint,
    HeightReference,
    LeftOut,
    Path,
    Points,
    Rally,
    Thing,
)
from mission_plans.formats.gpx import AREA_TYPE, READ_OF_PLACES
from mission_plans.formats.write_kml import xml_safe
from mission_plans.formats.written import Written, flown_paths, iso_time, lost, nothing_to_write
from mission_plans.values.base import GeoPoint

__all__ = ["write_gpx"]

NAMESPACE = "http://www.topografix.com/GPX/1/1"
SEA_LEVEL: tuple[HeightReference, ...] = ("amsl", "unknown")


def write_gpx(things: Sequence[Thing]) -> Written:
    """Return the things as GPX.

    Raises:
        PlanFileError: nothing that GPX can carry.
    """
    waypoints: list[Element] = []
    lines: list[Element] = []
    left_out: list[LeftOut] = []
    for thing in things:
        match thing:
            case Points():
                left_out += _heights_lost(thing, thing.places, thing.height_reference)
                for place in thing.places:
                    element = _point("wpt", place, thing.height_reference)
                    _named(element, place.name, place.description)
                    for tag in READ_OF_PLACES:
                        if tag in place.attributes:
                            SubElement(element, tag).text = xml_safe(str(place.attributes[tag]))
                    waypoints.append(element)
            case Path():
                left_out += _heights_lost(thing, thing.points, thing.height_reference)
                segment = _further_segment(thing, lines)
                if segment is None:
                    lines.append(_line(thing))
                else:
                    lines[-1].append(segment)
            case Area():
                track = Element("trk")
                _named(track, thing.name, thing.description)
                SubElement(track, "type").text = AREA_TYPE
                for ring in (thing.outer, *thing.holes):
                    segment = SubElement(track, "trkseg")
                    segment.extend(_ground("trkpt", p) for p in (*ring, ring[0]))
                lines.append(track)
            case FenceThing() | Rally():
                left_out.append(
                    lost(
                        thing,
                        "GPX 没有围栏与集结点",
                        "GPX knows neither fences nor rally points",
                    )
                )
            case _:
                paths, said = flown_paths(thing)
                left_out += said
                for path in paths:
                    left_out += _heights_lost(path, path.points, path.height_reference)
                    lines.append(_line(path))
    if not waypoints and not lines:
        raise nothing_to_write("GPX", left_out)
    root = Element("gpx", xmlns=NAMESPACE, version="1.1", creator="Xunshan")
    root.extend(waypoints)
    # The order of the schema: waypoints, routes, tracks.
    root.extend(sorted(lines, key=lambda line: line.tag))
    indent(root)
    return Written(tostring(root, encoding="utf-8", xml_declaration=True), left_out)


def _heights_lost(
    thing: Thing, points: Sequence[FilePoint], reference: HeightReference
) -> list[LeftOut]:
    if reference in SEA_LEVEL or all(p.altitude_m is None for p in points):
        return []
    return [
        lost(
            thing,
            f"高度不写入:GPX 只有海拔,而这里是 {reference}",
            f"heights are not written: those of GPX are above sea level, these are {reference}",
        )
    ]


def _further_segment(path: Path, lines: Sequence[Element]) -> Element | None:
    """Return a path as another segment of the track before, which it was where it was read."""
    number = path.attributes.get("segment")
    if not isinstance(number, int) or number < 2 or not lines or lines[-1].tag != "trk":
        return None
    if (lines[-1].findtext("name") or "") != path.name:
        return None
    segment = Element("trkseg")
    segment.extend(_point("trkpt", p, path.height_reference) for p in path.points)
    return segment


def _line(path: Path) -> Element:
    route = path.attributes.get("gpx") == "route"
    line = Element("rte" if route else "trk")
    _named(line, path.name, path.description)
    parent = line if route else SubElement(line, "trkseg")
    tag = "rtept" if route else "trkpt"
    parent.extend(_point(tag, p, path.height_reference) for p in path.points)
    return line


def _ground(tag: str, point: GeoPoint) -> Element:
    return Element(tag, lat=repr(point.lat_deg), lon=repr(point.lon_deg))


def _point(tag: str, point: FilePoint, reference: HeightReference) -> Element:
    element = Element(tag, lat=repr(point.lat_deg), lon=repr(point.lon_deg))
    if point.altitude_m is not None and reference in SEA_LEVEL:
        SubElement(element, "ele").text = repr(point.altitude_m)
    if point.time_ms is not None:
        SubElement(element, "time").text = iso_time(point.time_ms)
    return element


def _named(element: Element, name: str, description: str) -> None:
    for tag, text in (("name", name), ("desc", description)):
        if text:
            SubElement(element, tag).text = xml_safe(text)
