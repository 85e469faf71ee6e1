"""Fences and rally points in map formats: shapes whose properties say what they are.

Map formats know areas, lines and points only. What we write says `role` beside them, and reads back
as what it was.
"""

import math
from collections.abc import Sequence

from mission_plans.formats.contents import (
    Attributes,
    FenceThing,
    HeightReference,
    Place,
    Rally,
)
from mission_plans.formats.gathering import Gathering
from mission_plans.values.base import GeoPoint
from mission_plans.values.plan import Fence

__all__ = [
    "add_by_role",
    "circle_outline",
    "fence_attributes",
    "without_role",
]

CIRCLE_CORNERS = 72
OURS = ("area", "path", "place", "rally", "fence", "mission")
KINDS = ("include", "exclude", "controlled")
DEGREE_M = 111_194.93
"""Of latitude, on a sphere of 6,371 km."""


def fence_attributes(fence: Fence) -> Attributes:
    """Return the properties that say what a fence is."""
    found: Attributes = {"role": "fence", "fence_id": fence.id, "fence_kind": fence.kind}
    if fence.centre is not None and fence.radius_m is not None:
        found |= {
            "radius_m": fence.radius_m,
            "centre_lat_deg": fence.centre.lat_deg,
            "centre_lon_deg": fence.centre.lon_deg,
        }
    for name in ("max_agl_m", "reason", "approval_id"):
        value = getattr(fence, name)
        if value is not None:
            found[name] = value
    return found


def circle_outline(centre: GeoPoint, radius_m: float) -> list[GeoPoint]:
    """Return a circle as other programs draw it: a polygon through its corners."""
    narrow = max(0.01, math.cos(math.radians(centre.lat_deg)))
    ring: list[GeoPoint] = []
    for corner in range(CIRCLE_CORNERS):
        angle = 2 * math.pi * corner / CIRCLE_CORNERS
        lat = centre.lat_deg + radius_m * math.cos(angle) / DEGREE_M
        lon = centre.lon_deg + radius_m * math.sin(angle) / DEGREE_M / narrow
        ring.append(
            GeoPoint(lat_deg=max(-90.0, min(90.0, lat)), lon_deg=max(-180.0, min(180.0, lon)))
        )
    return ring


def _number(value: object) -> float | None:
    """Return a property's number, which some formats keep as text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def without_role(attributes: Attributes) -> Attributes:
    """Return the properties without those that a thing says of itself."""
    said = ("role", "height_reference") if attributes.get("role") in OURS else ("height_reference",)
    return {k: v for k, v in attributes.items() if k not in said}


def add_by_role(
    gathering: Gathering,
    name: str,
    where: str,
    rings: Sequence[Sequence[GeoPoint]],
    attributes: Attributes,
    description: str,
    place: Place | None = None,
    height_reference: HeightReference = "unknown",
) -> bool:
    """Take a shape as the fence or rally point its properties say it is.

    Returns:
        Whether it was taken.

    Raises:
        PlanFileError: a fence whose outline is none.
    """
    role = attributes.get("role")
    if role == "rally" and place is not None:
        gathering.add(
            Rally(name=name, where=where, places=[place], height_reference=height_reference)
        )
        return True
    kind = attributes.get("fence_kind")
    if role != "fence" or kind not in KINDS:
        return False
    lat, lon, radius_m, ceiling_m = (
        _number(attributes.get(key))
        for key in ("centre_lat_deg", "centre_lon_deg", "radius_m", "max_agl_m")
    )
    centre: GeoPoint | None = None
    ring: list[GeoPoint] = []
    if lat is not None and lon is not None and radius_m is not None and radius_m > 0:
        centre = gathering.point(lon, lat, where)
    else:
        ring, _ = gathering.ring(rings[0], where)
    reason, approval_id = attributes.get("reason"), attributes.get("approval_id")
    fence = Fence(
        id=str(attributes.get("fence_id") or name or where)[:80],
        kind=kind,
        name=name,
        polygon=ring,
        centre=centre,
        radius_m=radius_m if centre is not None else None,
        max_agl_m=ceiling_m,
        reason=str(reason) if reason is not None else None,
        approval_id=str(approval_id) if approval_id is not None else None,
    )
    gathering.add(FenceThing(name=name, where=where, fence=fence, description=description))
    return True
