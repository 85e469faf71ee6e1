"""Whether a straight way stays inside the fence that an aircraft has on board. Pure."""

from collections.abc import Sequence

import shapely
from shapely import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from fleet.fence_shapes import KEEP_M
from fleet.fencing import SortieFence
from fleet.guards import Finding
from fleet.mavlink import dialect
from mission_plans.ground.local_frame import LocalFrame
from mission_plans.values.plan import GeoPoint

__all__ = ["fence_way"]

UNDER_CEILING_M = 5.0
"""An aircraft comes home by itself 2 m below the height limit, and is not flown to the metre."""


def fence_way(
    fence: SortieFence, origin: GeoPoint, way: Sequence[GeoPoint], highest_relative_m: float
) -> list[Finding]:
    """Return why a way must not be flown inside a fence, empty where it may.

    Args:
        fence: as it is on board.
        origin: near which the lengths are measured.
        way: places in order, straight lines between them; one place is a stay.
        highest_relative_m: of the way, above home.
    """
    found: list[Finding] = []
    if highest_relative_m > fence.ceiling_m - UNDER_CEILING_M:
        limit_m = fence.ceiling_m - UNDER_CEILING_M
        found.append(
            Finding(
                "fence_height",
                f"高于起飞点 {highest_relative_m:.0f} 米,超过围栏限高余量 {limit_m:.0f} 米",
                f"{highest_relative_m:.0f} m above launch is over what its fence allows, "
                f"{limit_m:.0f} m",
                "O9",
            )
        )
    allowed = _allowed(fence, origin)
    frame = LocalFrame(origin)
    east, north = frame.to_metres([p.lat_deg for p in way], [p.lon_deg for p in way])
    points = [(float(x), float(y)) for x, y in zip(east, north, strict=True)]
    flown = LineString(points) if len(points) > 1 else shapely.Point(points[0])
    if not allowed.covers(flown):
        found.append(
            Finding(
                "fence",
                "目标或航路不在机上围栏内",
                "the place, or the way there, is not inside the fence on board",
                "O9",
            )
        )
    return found


def _allowed(fence: SortieFence, origin: GeoPoint) -> BaseGeometry:
    """Return where an aircraft may be, in metres, with the margin that its plan keeps as well."""
    frame = LocalFrame(origin)
    inside: BaseGeometry | None = None
    barred: list[BaseGeometry] = []
    index = 0
    while index < len(fence.areas):
        item = fence.areas[index]
        circle = item.command == dialect.MAV_CMD_NAV_FENCE_CIRCLE_EXCLUSION
        corners = fence.areas[index : index + (1 if circle else round(item.param1))]
        east, north = frame.to_metres([c.x / 1e7 for c in corners], [c.y / 1e7 for c in corners])
        points = [(float(x), float(y)) for x, y in zip(east, north, strict=True)]
        index += len(corners)
        if circle:
            barred.append(shapely.Point(points[0]).buffer(item.param1 + KEEP_M))
        elif item.command == dialect.MAV_CMD_NAV_FENCE_POLYGON_VERTEX_INCLUSION:
            area = Polygon(points).buffer(-KEEP_M)
            inside = area if inside is None else inside.intersection(area)
        else:
            barred.append(Polygon(points).buffer(KEEP_M))
    if inside is None:
        return shapely.Point()
    return inside.difference(shapely.union_all(barred)) if barred else inside
