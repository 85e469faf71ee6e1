"""Search areas as GeoJSON polygons (RFC 7946: longitude first, rings closed, WGS-84)."""

import json
from typing import Any, cast

from pydantic import ValidationError

from mission_plans.formats.errors import PlanFileError
from mission_plans.plan import GeoPoint

__all__ = ["MAX_TEXT", "read_area"]

MAX_TEXT = 5_000_000
"""Longest file read, in characters."""


def read_area(text: str) -> tuple[list[GeoPoint], list[list[GeoPoint]]]:
    """Return the outer ring and the holes of the first polygon of a GeoJSON text.

    Takes a Polygon geometry, a Feature with one, or the first such Feature of a collection. Rings
    are returned without their closing point.

    Raises:
        PlanFileError: not JSON, no polygon, or a position that is none on Earth.
    """
    if len(text) > MAX_TEXT:
        raise PlanFileError("file", f"{len(text)} characters; at most {MAX_TEXT} are read")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise PlanFileError("file", f"not JSON ({error})") from error
    geometry = _polygon(document)
    rings = geometry.get("coordinates")
    if not isinstance(rings, list) or not rings:
        raise PlanFileError("coordinates", "a Polygon needs an outer ring")
    read = [_ring(ring, f"coordinates[{i}]") for i, ring in enumerate(cast(list[Any], rings))]
    return read[0], read[1:]


def _polygon(document: Any) -> dict[str, Any]:
    if not isinstance(document, dict):
        raise PlanFileError("file", "GeoJSON is an object with a type")
    found = cast(dict[str, Any], document)
    kind = found.get("type")
    if kind == "Polygon":
        return found
    if kind == "Feature":
        return _polygon(found.get("geometry"))
    if kind == "FeatureCollection" and isinstance(found.get("features"), list):
        for feature in cast(list[Any], found["features"]):
            try:
                return _polygon(feature)
            except PlanFileError:
                continue  # points and lines may stand beside the area
    raise PlanFileError("type", f"a Polygon is needed, not {kind!r}")


def _ring(ring: Any, where: str) -> list[GeoPoint]:
    if not isinstance(ring, list):
        raise PlanFileError(where, "a ring is a list of [longitude, latitude]")
    points: list[GeoPoint] = []
    for index, position in enumerate(cast(list[Any], ring)):
        try:
            lon, lat = position[0], position[1]
            points.append(GeoPoint(lat_deg=lat, lon_deg=lon))
        except (TypeError, IndexError, KeyError, ValidationError) as error:
            raise PlanFileError(
                f"{where}[{index}]", "a position is [longitude, latitude] in degrees"
            ) from error
    if len(points) > 1 and points[0] == points[-1]:
        points.pop()
    if len(points) < 3:
        raise PlanFileError(where, "a ring needs three different points or more")
    return points
