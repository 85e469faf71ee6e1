"""Reading GPX 1.0 and 1.1: waypoints as places, routes and track segments as paths."""

from xml.etree.ElementTree import Element

from mission_plans.formats.contents import Attributes, FilePoint, Place
from mission_plans.formats.errors import PlanFileError
from mission_plans.formats.gathering import Gathering, clipped, finite
from mission_plans.formats.xml_text import (
    child,
    children,
    line_of,
    local_name,
    text_in,
    unread_names,
)
from mission_plans.values.base import GeoPoint

__all__ = ["AREA_TYPE", "READ_OF_PLACES", "read_gpx"]

AREA_TYPE = "xunshan area"
"""`type` of a track whose segments are an outline and its holes: GPX knows no areas."""

READ = ("wpt", "rte", "rtept", "trk", "trkseg", "trkpt", "name", "desc", "ele", "time")
READ_OF_PLACES = ("sym", "type", "cmt")


def read_gpx(root: Element, gathering: Gathering) -> None:
    """Gather what a GPX document holds; heights of GPX are above mean sea level.

    Raises:
        TooMuchError: over a limit.
    """
    gathering.note_unread(unread_names(root, (*READ, *READ_OF_PLACES), ("metadata", "bounds")))
    for element in root:
        match local_name(element):
            case "wpt":
                with gathering.or_left_out(f"{line_of(element)} wpt", text_in(element, "name")):
                    gathering.place(_place(element, gathering), "amsl")
            case "rte":
                where = f"{line_of(element)} rte"
                name = clipped(text_in(element, "name"))
                with gathering.or_left_out(where, name):
                    points = _points(element, "rtept", gathering, name)
                    gathering.path(
                        name, where, points, "amsl", (), text_in(element, "desc"), {"gpx": "route"}
                    )
            case "trk":
                _track(element, gathering)
            case _:
                pass


def _track(track: Element, gathering: Gathering) -> None:
    name = clipped(text_in(track, "name"))
    description = text_in(track, "desc")
    segments = list(children(track, "trkseg"))
    if not segments:
        gathering.leave_out(f"{line_of(track)} trk", name, "没有航段", "it has no segment")
    if text_in(track, "type") == AREA_TYPE:
        where = f"{line_of(track)} trk"
        with gathering.or_left_out(where, name):
            rings = [
                [GeoPoint(lat_deg=p.lat_deg, lon_deg=p.lon_deg) for p in ring]
                for ring in (_points(s, "trkpt", gathering, name) for s in segments)
            ]
            gathering.area(name, where, rings, (), description)
        return
    for number, segment in enumerate(segments, start=1):
        where = f"{line_of(segment)} trkseg"
        attributes: Attributes = {"gpx": "track"}
        if len(segments) > 1:
            attributes["segment"] = number
        with gathering.or_left_out(where, name):
            points = _points(segment, "trkpt", gathering, name)
            gathering.path(name, where, points, "amsl", (), description, attributes)


def _points(parent: Element, tag: str, gathering: Gathering, name: str) -> list[FilePoint]:
    points: list[FilePoint] = []
    for element in children(parent, tag):
        with gathering.or_left_out(f"{line_of(element)} {tag}", name):
            points.append(_point(element, gathering))
    return points


def _point(element: Element, gathering: Gathering) -> FilePoint:
    where = f"{line_of(element)} {local_name(element)}"
    lat, lon = element.get("lat"), element.get("lon")
    if lat is None or lon is None:
        raise PlanFileError(where, "缺少 lat 或 lon", "lat or lon is missing")
    height, when = text_in(element, "ele"), text_in(element, "time")
    return gathering.file_point(
        finite(lon, where),
        finite(lat, where),
        where,
        finite(height, f"{where} ele") if height else None,
        gathering.time(when) if when else None,
    )


def _place(element: Element, gathering: Gathering) -> Place:
    attributes: Attributes = {
        tag: clipped(text_in(element, tag), 2_000)
        for tag in READ_OF_PLACES
        if child(element, tag) is not None and text_in(element, tag)
    }
    return Place(
        **_point(element, gathering).model_dump(),
        name=clipped(text_in(element, "name")),
        description=clipped(text_in(element, "desc"), 4_000),
        attributes=attributes,
    )
