"""A search plan, a flown track, alerts and drawings as things that files can carry."""

import math
from collections.abc import Mapping, Sequence

from shapely import make_valid
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from mission_plans.formats.contents import (
    Area,
    FenceThing,
    FilePoint,
    Path,
    Place,
    Points,
    Thing,
)
from mission_plans.values.base import GeoPoint
from mission_plans.values.plan import PlanRequest, SearchPlan, SortiePlan

__all__ = ["areas_of", "plan_things", "track_path"]


def plan_things(plan: SearchPlan, return_heights_m: Mapping[str, float]) -> list[Thing]:
    """Return a plan's areas, fences, the lines of its sorties, and its failed checks' places.

    Args:
        plan: what is written.
        return_heights_m: of the sorties by their ids, above launch.
    """
    things: list[Thing] = [*areas_of(plan.request)]
    things += [FenceThing(name=fence.name, fence=fence) for fence in plan.request.fences]
    things += [_sortie(sortie, math.ceil(return_heights_m[sortie.id])) for sortie in plan.sorties]
    failed = [
        Place(
            lat_deg=check.at.lat_deg,
            lon_deg=check.at.lon_deg,
            name=check.id,
            description=f"{check.text_zh}\n{check.text_en}",
            attributes={"role": "check", "severity": check.severity.value},
        )
        for check in plan.checks
        if not check.passed and check.at is not None
    ]
    if failed:
        things.append(Points(places=failed))
    return things


def areas_of(request: PlanRequest) -> list[Area]:
    """Return the areas of a request, each with the holes that lie in it.

    A hole over two areas belongs to both; one outside all of them means nothing and goes to none.
    """
    outlines = [ring for ring in (request.area, *request.also) if ring]
    shapes = [_shape(ring) for ring in outlines]
    holes: list[list[list[GeoPoint]]] = [[] for _ in outlines]
    for hole in request.holes:
        if len(hole) < 3:
            continue
        inside = _shape(hole)
        for own, shape in zip(holes, shapes, strict=True):
            if shape.intersection(inside).area > 0:
                own.append(hole)
    return [
        Area(name="area" if number == 1 else f"area {number}", outer=outer, holes=own)
        for number, (outer, own) in enumerate(zip(outlines, holes, strict=True), start=1)
    ]


def _shape(ring: Sequence[GeoPoint]) -> BaseGeometry:
    return make_valid(Polygon([(p.lon_deg, p.lat_deg) for p in ring]))


def _sortie(sortie: SortiePlan, return_height_m: int) -> Path:
    return Path(
        name=f"{sortie.vehicle_id} #{sortie.order + 1}",
        points=[
            FilePoint(lat_deg=w.lat_deg, lon_deg=w.lon_deg, altitude_m=w.altitude_amsl_m)
            for w in sortie.waypoints
        ],
        height_reference="amsl",
        description=f"返航高 {return_height_m} 米(起飞点以上) / return height {return_height_m} m "
        "above launch",
        attributes={
            "role": "sortie",
            "return_height_m": return_height_m,
            "vehicle_id": sortie.vehicle_id,
            "order": sortie.order,
            "start_s": sortie.start_s,
            "duration_s": round(sortie.duration_s, 1),
            "length_m": round(sortie.length_m, 1),
            "energy_fraction": round(sortie.energy_fraction, 4),
            "kinds": [w.kind.value for w in sortie.waypoints],
            "speeds_ms": [w.speed_ms for w in sortie.waypoints],
        },
    )


def track_path(name: str, fixes: Sequence[tuple[int, float, float, float | None]]) -> Path:
    """Return a flown track as a path.

    Args:
        name: of the track.
        fixes: time (UTC, milliseconds), latitude, longitude (degrees) and altitude (AMSL, metres).
    """
    return Path(
        name=name,
        points=[
            FilePoint(lat_deg=lat, lon_deg=lon, altitude_m=altitude_m, time_ms=time_ms)
            for time_ms, lat, lon, altitude_m in fixes
        ],
        height_reference="amsl",
    )
