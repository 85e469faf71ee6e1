"""The vehicle's own fence: height, circle about home, and uploaded areas (AC_Fence)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from pymavlink.dialects.v20 import ardupilotmega as mavlink
from shapely import Polygon, contains_xy

from sim.vehicle.location import LocalFrame
from sim.vehicle.mission import MissionItem

__all__ = ["ALT_MAX", "ALT_MIN", "CIRCLE", "POLYGON", "Fence", "FenceArea", "areas_from_items"]

ALT_MAX, CIRCLE, POLYGON, ALT_MIN = 1, 2, 4, 8
"""Bits of FENCE_TYPE."""

_BREACH_KIND = (
    (ALT_MAX, mavlink.FENCE_BREACH_MAXALT),
    (CIRCLE, mavlink.FENCE_BREACH_BOUNDARY),
    (POLYGON, mavlink.FENCE_BREACH_BOUNDARY),
    (ALT_MIN, mavlink.FENCE_BREACH_MINALT),
)
_CLEAR_AFTER_S = 10.0


@dataclass(frozen=True, slots=True)
class FenceArea:
    """One uploaded area: a polygon (metres north, east about home) or a circle."""

    inclusion: bool
    polygon: Polygon | None = None
    centre: tuple[float, float] = (0.0, 0.0)
    radius_m: float = 0.0

    def violated_by(self, north_m: float, east_m: float) -> bool:
        """Whether a point is on the wrong side."""
        if self.polygon is not None:
            inside = bool(contains_xy(self.polygon, north_m, east_m))
        else:
            inside = math.hypot(north_m - self.centre[0], east_m - self.centre[1]) < self.radius_m
        return inside != self.inclusion


def areas_from_items(items: Sequence[MissionItem], frame: LocalFrame) -> list[FenceArea]:
    """Areas of an uploaded fence; rings that are not polygons raise `ValueError`."""
    areas: list[FenceArea] = []
    index = 0
    while index < len(items):
        item = items[index]
        if item.command in (
            mavlink.MAV_CMD_NAV_FENCE_CIRCLE_INCLUSION,
            mavlink.MAV_CMD_NAV_FENCE_CIRCLE_EXCLUSION,
        ):
            areas.append(
                FenceArea(
                    item.command == mavlink.MAV_CMD_NAV_FENCE_CIRCLE_INCLUSION,
                    centre=frame.to_metres(item.lat_deg, item.lon_deg),
                    radius_m=item.param1,
                )
            )
            index += 1
        elif item.command == mavlink.MAV_CMD_NAV_FENCE_RETURN_POINT:
            index += 1
        else:
            count = int(item.param1)
            ring = items[index : index + count]
            same = all(i.command == item.command and int(i.param1) == count for i in ring)
            if count < 3 or len(ring) != count or not same:
                raise ValueError(f"fence item {index}: a ring of {count} points is not complete")
            points = [frame.to_metres(i.lat_deg, i.lon_deg) for i in ring]
            inclusion = item.command == mavlink.MAV_CMD_NAV_FENCE_POLYGON_VERTEX_INCLUSION
            areas.append(FenceArea(inclusion, polygon=Polygon(points)))
            index += count
    return areas


class Fence:
    """Which limits are broken now, and for how long."""

    def __init__(self) -> None:
        self.areas: list[FenceArea] = []
        self.enabled = False
        self.breaches = 0
        """Bits of FENCE_TYPE that are broken."""
        self.breach_count = 0
        self.breach_time_s = 0.0
        self.breach_kind = mavlink.FENCE_BREACH_NONE

    def broken_bits(
        self,
        types: int,
        north_m: float,
        east_m: float,
        height_m: float,
        *,
        height_max_m: float,
        height_min_m: float,
        radius_m: float,
    ) -> int:
        """Bits of FENCE_TYPE that a position (about home) would break."""
        bits = 0
        if types & ALT_MAX and height_m >= height_max_m:
            bits |= ALT_MAX
        if types & ALT_MIN and height_m <= height_min_m:
            bits |= ALT_MIN
        if types & CIRCLE and math.hypot(north_m, east_m) >= radius_m:
            bits |= CIRCLE
        if types & POLYGON and any(area.violated_by(north_m, east_m) for area in self.areas):
            bits |= POLYGON
        return bits

    def update(self, broken: int, now_s: float) -> bool:
        """Take the bits broken now; True when a limit was newly broken."""
        new = broken & ~self.breaches
        if new:
            self.breaches |= new
            self.breach_count = min(65535, self.breach_count + 1)
            self.breach_time_s = now_s
            self.breach_kind = next(kind for bit, kind in _BREACH_KIND if new & bit)
        elif self.breaches and not broken and now_s - self.breach_time_s >= _CLEAR_AFTER_S:
            self.breaches = 0
            self.breach_kind = mavlink.FENCE_BREACH_NONE
        return bool(new)
