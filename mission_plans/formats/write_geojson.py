"""Writing GeoJSON (RFC 7946): everything, with `role` saying what a shape is."""

import json
from collections.abc import Sequence
from typing import Any

from mission_plans.formats.contents import (
    Area,
    Attributes,
    FenceThing,
    FilePoint,
    LeftOut,
    MavlinkMission,
    Path,
    Place,
    Points,
    Rally,
    Thing,
)
from mission_plans.formats.map_roles import circle_outline, fence_attributes
from mission_plans.formats.written import Written, flown_paths, iso_time, nothing_to_write
from mission_plans.values.base import GeoPoint

__all__ = ["write_geojson"]


def write_geojson(things: Sequence[Thing]) -> Written:
    """Return the things as a FeatureCollection.

    Raises:
        PlanFileError: nothing to write.
    """
    features: list[dict[str, Any]] = []
    left_out: list[LeftOut] = []
    for thing in things:
        match thing:
            case Area():
                features.append(_polygon([thing.outer, *thing.holes], _said(thing, "area")))
            case Path():
                features.append(_line(thing, "path"))
            case Points() | Rally():
                role = "rally" if isinstance(thing, Rally) else "place"
                features += [_place(place, thing.height_reference, role) for place in thing.places]
            case FenceThing():
                fence = thing.fence
                ring = fence.polygon
                if fence.centre is not None and fence.radius_m is not None:
                    ring = circle_outline(fence.centre, fence.radius_m)
                said = {"name": thing.name or fence.name, **fence_attributes(fence)}
                features.append(_polygon([ring], said))
            case _:
                paths, said_lost = flown_paths(thing)
                left_out += said_lost
                features += [_line(path, "mission") for path in paths]
                if isinstance(thing, MavlinkMission) and thing.home is not None:
                    home = Place(**thing.home.model_dump(), name="home")
                    features.append(_place(home, "amsl", "home"))
    if not features:
        raise nothing_to_write("GeoJSON", left_out)
    text = json.dumps(
        {"type": "FeatureCollection", "features": features}, ensure_ascii=False, indent=1
    )
    return Written(text.encode(), left_out)


def _said(thing: Area | Path, role: str) -> Attributes:
    said: Attributes = {"role": role, "name": thing.name}
    if thing.description:
        said["description"] = thing.description
    return said | thing.attributes


def _position(point: FilePoint | GeoPoint) -> list[float]:
    height = point.altitude_m if isinstance(point, FilePoint) else None
    return [point.lon_deg, point.lat_deg, *([] if height is None else [height])]


def _polygon(rings: Sequence[Sequence[GeoPoint]], properties: Attributes) -> dict[str, Any]:
    coordinates = [[_position(p) for p in (*ring, ring[0])] for ring in rings if ring]
    return _feature({"type": "Polygon", "coordinates": coordinates}, properties)


def _line(path: Path, role: str) -> dict[str, Any]:
    said = _said(path, role)
    if any(p.altitude_m is not None for p in path.points):
        said["height_reference"] = path.height_reference
    if any(p.time_ms is not None for p in path.points):
        said["coordTimes"] = [
            None if p.time_ms is None else iso_time(p.time_ms) for p in path.points
        ]
    coordinates = [_position(p) for p in path.points]
    return _feature({"type": "LineString", "coordinates": coordinates}, said)


def _place(place: Place, height_reference: str, role: str) -> dict[str, Any]:
    said: Attributes = {"role": role, "name": place.name}
    if place.description:
        said["description"] = place.description
    if place.altitude_m is not None:
        said["height_reference"] = height_reference
    if place.time_ms is not None:
        said["time"] = iso_time(place.time_ms)
    geometry = {"type": "Point", "coordinates": _position(place)}
    return _feature(geometry, said | place.attributes)


def _feature(geometry: dict[str, Any], properties: Attributes) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}
