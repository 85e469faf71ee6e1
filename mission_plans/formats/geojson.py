"""GeoJSON (RFC 7946: longitude first, rings closed, WGS-84): areas and paths in, plans out."""

import json
from typing import Any, cast

from pydantic import ValidationError

from mission_plans.formats.errors import PlanFileError
from mission_plans.formats.json_text import read_object
from mission_plans.values.plan import GeoPoint, SearchPlan, SortiePlan

__all__ = ["read_area", "read_areas", "read_line", "write_geojson"]

Area = tuple[list[GeoPoint], list[list[GeoPoint]]]
"""An outer ring and its holes, without closing points."""

DEEPEST = 20


def read_area(text: str) -> Area:
    """Return the outer ring and the holes of the first polygon of a GeoJSON text.

    Raises:
        PlanFileError: as `read_areas`.
    """
    return read_areas(text)[0]


def read_areas(text: str) -> list[Area]:
    """Return every polygon of a GeoJSON text.

    Takes Polygon and MultiPolygon geometries, Features with one, and collections of them; points
    and lines may stand beside.

    Raises:
        PlanFileError: not JSON, no polygon, or a position that is none on Earth.
    """
    document = read_object(text)
    areas = [
        _area(rings, where)
        for kind, coordinates, where in _geometries(document, "", 0)
        for rings, where in _polygons(kind, coordinates, where)
    ]
    if not areas:
        raise PlanFileError("type", f"a Polygon is needed, not {document.get('type')!r}")
    return areas


def read_line(text: str) -> list[GeoPoint]:
    """Return the first LineString of a GeoJSON text.

    Raises:
        PlanFileError: not JSON, no line, or a position that is none on Earth.
    """
    for kind, coordinates, where in _geometries(read_object(text), "", 0):
        if kind == "LineString":
            points = _points(coordinates, where)
            if len(points) < 2:
                raise PlanFileError(where, "a line needs two points or more")
            return points
    raise PlanFileError("type", "a LineString is needed")


def _geometries(found: dict[str, Any], where: str, depth: int) -> list[tuple[str, Any, str]]:
    """Return (type, coordinates, place in the file) of every geometry."""
    if depth > DEEPEST:
        raise PlanFileError(where, f"nested more than {DEEPEST} deep")
    kind = found.get("type")
    match kind:
        case "Feature":
            inner = found.get("geometry")
            if inner is None:
                return []
            return _geometries(_object(inner, f"{where}geometry"), f"{where}geometry.", depth + 1)
        case "FeatureCollection" | "GeometryCollection":
            name = "features" if kind == "FeatureCollection" else "geometries"
            listed = found.get(name)
            if not isinstance(listed, list):
                raise PlanFileError(f"{where}{name}", "must be a list")
            return [
                entry
                for i, one in enumerate(cast(list[Any], listed))
                for entry in _geometries(
                    _object(one, f"{where}{name}[{i}]"), f"{where}{name}[{i}].", depth + 1
                )
            ]
        case str():
            return [(kind, found.get("coordinates"), f"{where}coordinates")]
        case _:
            raise PlanFileError(f"{where}type", "GeoJSON is an object with a type")


def _object(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise PlanFileError(where, "must be an object")
    return cast(dict[str, Any], value)


def _polygons(kind: str, coordinates: Any, where: str) -> list[tuple[Any, str]]:
    if kind == "Polygon":
        return [(coordinates, where)]
    if kind == "MultiPolygon":
        if not isinstance(coordinates, list) or not coordinates:
            raise PlanFileError(where, "a MultiPolygon needs a polygon")
        return [(p, f"{where}[{i}]") for i, p in enumerate(cast(list[Any], coordinates))]
    return []


def _area(rings: Any, where: str) -> Area:
    if not isinstance(rings, list) or not rings:
        raise PlanFileError(where, "a Polygon needs an outer ring")
    read = [_ring(ring, f"{where}[{i}]") for i, ring in enumerate(cast(list[Any], rings))]
    return read[0], read[1:]


def _points(positions: Any, where: str) -> list[GeoPoint]:
    if not isinstance(positions, list):
        raise PlanFileError(where, "must be a list of [longitude, latitude]")
    points: list[GeoPoint] = []
    for index, position in enumerate(cast(list[Any], positions)):
        try:
            lon, lat = position[0], position[1]
            points.append(GeoPoint.model_validate({"lat_deg": lat, "lon_deg": lon}, strict=True))
        except (TypeError, IndexError, KeyError, ValidationError) as error:
            raise PlanFileError(
                f"{where}[{index}]", "a position is [longitude, latitude] in degrees"
            ) from error
    return points


def _ring(ring: Any, where: str) -> list[GeoPoint]:
    points = _points(ring, where)
    if len(points) > 1 and points[0] == points[-1]:
        points.pop()
    if len(points) < 3:
        raise PlanFileError(where, "a ring needs three different points or more")
    return points


def write_geojson(plan: SearchPlan) -> str:
    """Return a plan as a FeatureCollection: its area, its sorties' tracks, its failed checks."""
    features: list[dict[str, Any]] = []
    request = plan.request
    if request.area:
        rings = [request.area, *request.holes]
        coordinates = [[_position(p) for p in (*ring, ring[0])] for ring in rings]
        features.append(_feature({"type": "Polygon", "coordinates": coordinates}, role="area"))
    for ring in request.also:
        coordinates = [[_position(p) for p in (*ring, ring[0])]]
        features.append(_feature({"type": "Polygon", "coordinates": coordinates}, role="area"))
    features += [_sortie(sortie) for sortie in plan.sorties]
    features += [
        _feature(
            {"type": "Point", "coordinates": _position(check.at)},
            role="check",
            id=check.id,
            severity=check.severity.value,
            text_zh=check.text_zh,
            text_en=check.text_en,
        )
        for check in plan.checks
        if not check.passed and check.at is not None
    ]
    return json.dumps(
        {"type": "FeatureCollection", "features": features}, ensure_ascii=False, indent=1
    )


def _sortie(sortie: SortiePlan) -> dict[str, Any]:
    line = [[w.lon_deg, w.lat_deg, w.altitude_amsl_m] for w in sortie.waypoints]
    return _feature(
        {"type": "LineString", "coordinates": line},
        role="sortie",
        vehicle_id=sortie.vehicle_id,
        order=sortie.order,
        start_s=sortie.start_s,
        duration_s=round(sortie.duration_s, 1),
        length_m=round(sortie.length_m, 1),
        energy_fraction=round(sortie.energy_fraction, 4),
        kinds=[w.kind.value for w in sortie.waypoints],
        speeds_ms=[w.speed_ms for w in sortie.waypoints],
    )


def _position(point: GeoPoint) -> list[float]:
    return [point.lon_deg, point.lat_deg]


def _feature(geometry: dict[str, Any], **properties: object) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}
