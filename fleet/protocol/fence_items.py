"""Fences and rally points as mission items (types 1 and 2), made and compared.

https://mavlink.io/en/services/mission.html#geofence-plan. A polygon's corners stand together, each
with the number of corners in parameter 1; a circle has its radius there. Heights are no part of
these items: the fence's height is a parameter of the vehicle.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from fleet.mavlink import dialect
from fleet.protocol.mission_compare import first_difference
from mission_plans.formats.mission_items import MissionItem
from mission_plans.values.base import GeoPoint

__all__ = [
    "FENCE",
    "RALLY",
    "CircleFence",
    "FenceArea",
    "PolygonFence",
    "fence_difference",
    "fence_items",
    "rally_difference",
    "rally_items",
]

MOST_CORNERS = 255
"""ArduPilot counts a polygon's corners in one byte; how many its storage holds, it says itself by
MAV_MISSION_NO_SPACE."""
MOST_ITEMS = 650
SMALLEST_RADIUS_M = 1.0
LARGEST_RADIUS_M = 100_000.0
RALLY_ALTITUDE_M = (0, 32_767)
"""ArduPilot keeps whole metres in two bytes."""

FENCE = dialect.MAV_MISSION_TYPE_FENCE
RALLY = dialect.MAV_MISSION_TYPE_RALLY


@dataclass(frozen=True, slots=True)
class PolygonFence:
    """An outline to stay inside of, or outside of."""

    corners: Sequence[GeoPoint]
    """Without the closing corner."""
    inclusion: bool


@dataclass(frozen=True, slots=True)
class CircleFence:
    """A circle to stay inside of, or outside of."""

    centre: GeoPoint
    radius_m: float
    inclusion: bool


FenceArea = PolygonFence | CircleFence


def fence_items(
    areas: Sequence[FenceArea], return_point: GeoPoint | None = None
) -> list[MissionItem]:
    """Return the items of a fence.

    Radii are made whole metres, as older ArduPilots keep them, to the safe side: an inclusion
    becomes smaller, an exclusion larger.

    Args:
        areas: where the aircraft must stay in, or keep out of.
        return_point: where it goes after a breach, where the vehicle is set to do so.

    Raises:
        ValueError: an area is none, or the vehicle can't hold this fence.
    """
    items: list[MissionItem] = []
    for number, area in enumerate(areas, 1):
        if isinstance(area, CircleFence):
            items.append(_circle(area, number, len(items)))
        else:
            items += _polygon(area, number, len(items))
    if return_point is not None:
        command = dialect.MAV_CMD_NAV_FENCE_RETURN_POINT
        items.append(_item(len(items), command, return_point))
    if len(items) > MOST_ITEMS:
        raise ValueError(f"a fence of {len(items)} items; a vehicle holds {MOST_ITEMS}")
    return items


def rally_items(points: Sequence[tuple[GeoPoint, float]]) -> list[MissionItem]:
    """Return the items of rally points.

    Args:
        points: each with its height above home in metres, which becomes whole metres, up.

    Raises:
        ValueError: a height no vehicle can keep, or too many points.
    """
    if len(points) > MOST_ITEMS:
        raise ValueError(f"{len(points)} rally points; a vehicle holds {MOST_ITEMS}")
    items: list[MissionItem] = []
    low, high = RALLY_ALTITUDE_M
    for seq, (point, altitude_relative_m) in enumerate(points):
        if not low <= altitude_relative_m <= high:
            raise ValueError(
                f"rally point {seq + 1}: {altitude_relative_m} m above home; allowed are "
                f"{low} to {high} m"
            )
        item = _item(seq, dialect.MAV_CMD_NAV_RALLY_POINT, point)
        changes = {
            "frame": dialect.MAV_FRAME_GLOBAL_RELATIVE_ALT,
            "z": float(math.ceil(altitude_relative_m)),
        }
        items.append(item.model_copy(update=changes))
    return items


def fence_difference(sent: Sequence[MissionItem], read: Sequence[MissionItem]) -> str | None:
    """Return what differs in meaning between a fence sent and read back, None if nothing."""
    return first_difference(sent, read, FENCE)


def rally_difference(sent: Sequence[MissionItem], read: Sequence[MissionItem]) -> str | None:
    """Return what differs in meaning between rally points sent and read back, None if nothing."""
    return first_difference(sent, read, RALLY)


def _circle(area: CircleFence, number: int, seq: int) -> MissionItem:
    if not SMALLEST_RADIUS_M <= area.radius_m <= LARGEST_RADIUS_M:
        raise ValueError(
            f"area {number}: a radius of {area.radius_m} m; allowed are "
            f"{SMALLEST_RADIUS_M:.0f} to {LARGEST_RADIUS_M:.0f} m"
        )
    if area.inclusion:
        command = dialect.MAV_CMD_NAV_FENCE_CIRCLE_INCLUSION
        return _item(seq, command, area.centre, math.floor(area.radius_m))
    command = dialect.MAV_CMD_NAV_FENCE_CIRCLE_EXCLUSION
    return _item(seq, command, area.centre, math.ceil(area.radius_m))


def _polygon(area: PolygonFence, number: int, first: int) -> list[MissionItem]:
    corners = [_corner(corner) for corner in area.corners]
    if len(corners) > 1 and corners[0] == corners[-1]:
        raise ValueError(f"area {number}: the closing corner repeats the first")
    if not 3 <= len(corners) <= MOST_CORNERS:
        raise ValueError(f"area {number}: {len(corners)} corners; allowed are 3 to {MOST_CORNERS}")
    if area.inclusion:
        command = dialect.MAV_CMD_NAV_FENCE_POLYGON_VERTEX_INCLUSION
    else:
        command = dialect.MAV_CMD_NAV_FENCE_POLYGON_VERTEX_EXCLUSION
    return [
        _item(first + index, command, corner, len(corners))
        for index, corner in enumerate(area.corners)
    ]


def _corner(point: GeoPoint) -> tuple[int, int]:
    return round(point.lat_deg * 1e7), round(point.lon_deg * 1e7)


def _item(seq: int, command: int, point: GeoPoint, param1: float = 0.0) -> MissionItem:
    x, y = _corner(point)
    frame = dialect.MAV_FRAME_GLOBAL
    return MissionItem(seq=seq, frame=frame, command=command, param1=param1, x=x, y=y)
