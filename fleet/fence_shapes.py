"""Fence areas in metres: simplified only to the safe side, until an ArduCopter can store them.

An exclusion never becomes smaller, an inclusion never larger.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import shapely
from shapely import Point, Polygon
from shapely.geometry.base import BaseGeometry

from fleet.protocol.fence_items import CircleFence, FenceArea, PolygonFence
from mission_plans.ground.local_frame import LocalFrame
from mission_plans.values.plan import Fence, GeoPoint

__all__ = ["KEEP_M", "Zone", "as_areas", "fits", "simplest_that_fits", "zone_of"]

KEEP_M = 2.0
"""How far inside its fence a sortie must stay: corners are not flown to the centimetre."""

MOST_ITEMS = 70
STORAGE_BYTES = 560
"""What ArduCopter keeps for a fence; smaller autopilots refuse, and say so."""
HEADER_BYTES, RING_BYTES, CORNER_BYTES, CIRCLE_BYTES = 4, 2, 8, 13

CIRCLE_QUARTER = 8
"""Corners in a quarter of a circle that becomes a polygon."""
TOLERANCES_M = (0.0, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0)


@dataclass(frozen=True, slots=True)
class Zone:
    """One area in metres."""

    name: str
    shape: Polygon
    inclusion: bool
    circle: CircleFence | None = None
    """What goes on board instead of the outline: an exclusion may be a circle."""
    centre: tuple[float, float] = (0.0, 0.0)
    """Of the circle, metres."""
    max_agl_m: float | None = None

    def distance_m(self, other: BaseGeometry) -> float:
        """Return how far something is from the area, 0 where they touch."""
        if self.circle is None:
            return float(self.shape.distance(other))
        return max(0.0, float(other.distance(Point(self.centre))) - self.circle.radius_m)

    def allows(self, flown: BaseGeometry) -> bool:
        """Whether something flown keeps `KEEP_M` to the safe side."""
        if self.inclusion:
            return bool(self.shape.buffer(-KEEP_M).covers(flown))
        return self.distance_m(flown) >= KEEP_M


def zone_of(fence: Fence, frame: LocalFrame) -> Zone | None:
    """Return a fence's area; None where it is neither a simple polygon nor a circle."""
    inclusion = fence.kind == "include"
    if fence.centre is not None and fence.radius_m is not None and fence.radius_m > 0:
        east, north = frame.to_metres(fence.centre.lat_deg, fence.centre.lon_deg)
        centre = (float(east), float(north))
        # Its corners lie on the circle: as an inclusion it is no larger.
        shape = Point(centre).buffer(fence.radius_m, quad_segs=CIRCLE_QUARTER)
        circle = None if inclusion else CircleFence(fence.centre, fence.radius_m, inclusion)
        return Zone(fence.name, shape, inclusion, circle, centre, fence.max_agl_m)
    if len(fence.polygon) < 3:
        return None
    east, north = frame.to_metres(
        [p.lat_deg for p in fence.polygon], [p.lon_deg for p in fence.polygon]
    )
    shape = Polygon(list(zip(east, north, strict=True)))
    if not shape.is_valid or shape.area <= 0:
        return None
    return Zone(fence.name, shape, inclusion, max_agl_m=fence.max_agl_m)


def simplest_that_fits(zones: Sequence[Zone], flown: Sequence[BaseGeometry]) -> list[Zone] | None:
    """Return the zones, with as few corners taken away as makes them fit on board.

    No outline is moved so far that it comes closer to what is flown than `KEEP_M`.

    Returns:
        None where even the simplest outlines are too many.
    """
    for tolerance_m in TOLERANCES_M:
        simple = [_simpler(zone, tolerance_m, flown) for zone in zones]
        if fits(simple):
            return simple
    return None


def fits(zones: Sequence[Zone]) -> bool:
    """Whether an ArduCopter can store these zones."""
    rings = [_corner_count(zone.shape) for zone in zones if zone.circle is None]
    circles = len(zones) - len(rings)
    size = HEADER_BYTES + RING_BYTES * len(rings) + CORNER_BYTES * sum(rings)
    return sum(rings) + circles <= MOST_ITEMS and size + CIRCLE_BYTES * circles <= STORAGE_BYTES


def as_areas(zones: Sequence[Zone], frame: LocalFrame) -> list[FenceArea]:
    """Return the zones as they go on board."""
    areas: list[FenceArea] = []
    for zone in zones:
        if zone.circle is not None:
            areas.append(zone.circle)
            continue
        corners = shapely.get_coordinates(zone.shape.exterior)[:-1]
        points = [frame.point(float(east), float(north)) for east, north in corners]
        areas.append(PolygonFence(_apart(points), zone.inclusion))
    return areas


def _apart(ring: Sequence[GeoPoint]) -> list[GeoPoint]:
    """Leave out corners that are one with the corner before on the wire (1e-7 degrees)."""
    wire = [(round(p.lat_deg * 1e7), round(p.lon_deg * 1e7)) for p in ring]
    return [point for n, point in enumerate(ring) if wire[n] != wire[n - 1]]


def _corner_count(shape: Polygon) -> int:
    return len(shape.exterior.coords) - 1


def _simpler(zone: Zone, tolerance_m: float, flown: Sequence[BaseGeometry]) -> Zone:
    if tolerance_m == 0.0 or zone.circle is not None:
        return zone
    # Moved to the safe side first, so that a corner cut off afterwards takes no more than that.
    if zone.inclusion:
        moved = [zone.shape.buffer(-tolerance_m, quad_segs=2)]
    else:
        grown = zone.shape.buffer(tolerance_m, quad_segs=2)
        moved = [grown, grown.convex_hull]
    simple = [_without_holes(shape.simplify(tolerance_m)) for shape in moved]
    safe = [
        changed
        for shape in simple
        if shape is not None
        and (zone.shape.covers(shape) if zone.inclusion else shape.covers(zone.shape))
        and all(map((changed := replace(zone, shape=shape)).allows, flown))
    ]
    return min([zone, *safe], key=lambda one: _corner_count(one.shape))


def _without_holes(shape: BaseGeometry) -> Polygon | None:
    if not isinstance(shape, Polygon) or shape.is_empty or not shape.is_valid:
        return None
    return Polygon(shape.exterior)
