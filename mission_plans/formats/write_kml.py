"""Writing KML and KMZ: everything, with `role` in the extended data saying what a shape is."""

import re
from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, register_namespace, tostring

from mission_plans.formats.archive import zipped
from mission_plans.formats.contents import (
    Area,
    Attributes,
    FenceThing,
    FilePoint,
    HeightReference,
    LeftOut,
    Path,
    Place,
    Points,
    Rally,
    Thing,
)
from mission_plans.formats.map_roles import circle_outline, fence_attributes
from mission_plans.formats.written import Written, flown_paths, iso_time, nothing_to_write
from mission_plans.values.base import GeoPoint

__all__ = ["write_kml", "write_kmz", "xml_safe"]

NAMESPACE = "http://www.opengis.net/kml/2.2"
GOOGLE = "http://www.google.com/kml/ext/2.2"
MODES = {"amsl": "absolute", "agl": "relativeToGround"}
COLOURS = ("ff5fc84d", "ffffa34d", "ff9a1fff", "ff4de8ff", "ffc85f9a")
"""Of lines, aabbggrr."""
FORBIDDEN = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml_safe(text: str) -> str:
    """Return a text without the characters that no XML may hold."""
    return FORBIDDEN.sub("", text)


def write_kmz(things: Sequence[Thing], name: str) -> Written:
    """Return the things as KMZ; raises as `write_kml`."""
    written = write_kml(things, name)
    return Written(zipped({"doc.kml": written.data}), written.left_out)


def write_kml(things: Sequence[Thing], name: str) -> Written:
    """Return the things as KML.

    Raises:
        PlanFileError: nothing to write.
    """
    register_namespace("gx", GOOGLE)
    root = Element("kml", xmlns=NAMESPACE)
    document = SubElement(root, "Document")
    SubElement(document, "name").text = xml_safe(name)
    for index, colour in enumerate(COLOURS):
        style = SubElement(SubElement(document, "Style", id=f"line{index}"), "LineStyle")
        SubElement(style, "color").text = colour
        SubElement(style, "width").text = "3"
    writer = _Writer(document)
    for thing in things:
        writer.write(thing)
    if not writer.written:
        raise nothing_to_write("KML", writer.left_out)
    indent(root)
    return Written(tostring(root, encoding="utf-8", xml_declaration=True), writer.left_out)


class _Writer:
    def __init__(self, document: Element) -> None:
        self.document = document
        self.left_out: list[LeftOut] = []
        self.written = 0

    def write(self, thing: Thing) -> None:
        match thing:
            case Area():
                placemark = self._placemark(thing.name, thing.description, thing.attributes, "area")
                _polygon(placemark, [thing.outer, *thing.holes])
            case Path():
                self._path(thing, "path")
            case Points() | Rally():
                role = "rally" if isinstance(thing, Rally) else "place"
                for place in thing.places:
                    self._place(place, thing.height_reference, role)
            case FenceThing():
                fence = thing.fence
                ring = fence.polygon
                if fence.centre is not None and fence.radius_m is not None:
                    ring = circle_outline(fence.centre, fence.radius_m)
                said = fence_attributes(fence)
                placemark = self._placemark(
                    thing.name or fence.name, thing.description, said, "fence"
                )
                _polygon(placemark, [ring])
            case _:
                paths, lost = flown_paths(thing)
                self.left_out += lost
                for path in paths:
                    self._path(path, "mission")

    def _placemark(
        self,
        name: str,
        description: str,
        attributes: Attributes,
        role: str,
        when_ms: int | None = None,
    ) -> Element:
        self.written += 1
        placemark = SubElement(self.document, "Placemark")
        SubElement(placemark, "name").text = xml_safe(name)
        if description:
            SubElement(placemark, "description").text = xml_safe(description)
        if when_ms is not None:
            SubElement(SubElement(placemark, "TimeStamp"), "when").text = iso_time(when_ms)
        extended = SubElement(placemark, "ExtendedData")
        for key, value in ({"role": role} | attributes).items():
            data = SubElement(extended, "Data", name=xml_safe(key))
            text = " ".join(str(v) for v in value) if isinstance(value, list) else str(value)
            SubElement(data, "value").text = xml_safe(text)
        return placemark

    def _path(self, path: Path, role: str) -> None:
        said = path.attributes | _reference_said(path.points, path.height_reference)
        placemark = self._placemark(path.name, path.description, said, role)
        if any(p.time_ms is not None for p in path.points):
            self._track(placemark, path)
            return
        style = f"#line{self.written % len(COLOURS)}"
        SubElement(placemark, "styleUrl").text = style
        line = SubElement(placemark, "LineString")
        _mode(line, path.height_reference)
        SubElement(line, "coordinates").text = " ".join(_position(p) for p in path.points)

    def _track(self, placemark: Element, path: Path) -> None:
        track = SubElement(placemark, f"{{{GOOGLE}}}Track")
        _mode(track, path.height_reference)
        for point in path.points:
            when = SubElement(track, "when")
            when.text = "" if point.time_ms is None else iso_time(point.time_ms)
        for point in path.points:
            coord = SubElement(track, f"{{{GOOGLE}}}coord")
            height = "" if point.altitude_m is None else f" {point.altitude_m!r}"
            coord.text = f"{point.lon_deg!r} {point.lat_deg!r}{height}"

    def _place(self, place: Place, reference: HeightReference, role: str) -> None:
        said = place.attributes | _reference_said([place], reference)
        placemark = self._placemark(place.name, place.description, said, role, place.time_ms)
        point = SubElement(placemark, "Point")
        _mode(point, reference)
        SubElement(point, "coordinates").text = _position(place)


def _reference_said(points: Sequence[FilePoint], reference: HeightReference) -> Attributes:
    """Return what the mode of KML can't say: heights above launch or above the ellipsoid."""
    if reference in MODES or all(p.altitude_m is None for p in points):
        return {}
    return {"height_reference": reference}


def _mode(shape: Element, reference: HeightReference) -> None:
    SubElement(shape, "altitudeMode").text = MODES.get(reference, "clampToGround")


def _position(point: FilePoint | GeoPoint) -> str:
    height = point.altitude_m if isinstance(point, FilePoint) else None
    return f"{point.lon_deg!r},{point.lat_deg!r}" + ("" if height is None else f",{height!r}")


def _polygon(placemark: Element, rings: Sequence[Sequence[GeoPoint]]) -> None:
    polygon = SubElement(placemark, "Polygon")
    for index, ring in enumerate(rings):
        side = "innerBoundaryIs" if index else "outerBoundaryIs"
        linear = SubElement(SubElement(polygon, side), "LinearRing")
        SubElement(linear, "coordinates").text = " ".join(_position(p) for p in (*ring, *ring[:1]))
