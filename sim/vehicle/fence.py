"""The vehicle's own fence: height, circle about home, and uploaded areas (AC_Fence)."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pymavlink.dialects.v20 import ardupilotmega as mavlink
from shapely import Polygon, contains_xy

from sim.vehicle.fence_items import CIRCLES, INCLUSIONS
from sim.vehicle.location import LocalFrame
from sim.vehicle.mission import MissionItem
from sim.vehicle.parameters import Parameters

__all__ = ["ALT_MAX", "ALT_MIN", "CIRCLE", "POLYGON", "Fence", "FenceArea", "areas_from_items"]

ALT_MAX, CIRCLE, POLYGON, ALT_MIN = 1, 2, 4, 8
"""Bits of FENCE_TYPE."""

_BREACH_KIND = (
    (CIRCLE | POLYGON, mavlink.FENCE_BREACH_BOUNDARY),
    (ALT_MAX, mavlink.FENCE_BREACH_MAXALT),
    (ALT_MIN, mavlink.FENCE_BREACH_MINALT),
)
_BACKUP_M = 20.0
"""Beyond a limit that is broken lies another, which acts anew."""
_MANUAL_RECOVERY_S = 10.0


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
    """Areas of an uploaded fence whose items are in order (see `fence_items.fence_problem`)."""
    areas: list[FenceArea] = []
    index = 0
    while index < len(items):
        item = items[index]
        inclusion = item.command in INCLUSIONS
        if item.command in CIRCLES:
            centre = frame.to_metres(item.lat_deg, item.lon_deg)
            areas.append(FenceArea(inclusion, centre=centre, radius_m=item.param1))
        elif item.command != mavlink.MAV_CMD_NAV_FENCE_RETURN_POINT:
            ring = items[index : index + int(item.param1)]
            points = [frame.to_metres(i.lat_deg, i.lon_deg) for i in ring]
            areas.append(FenceArea(inclusion, polygon=Polygon(points)))
            index += len(ring) - 1
        index += 1
    return areas


class Fence:
    """Which limits are broken now, since when, and whether that is news."""

    def __init__(self) -> None:
        self.areas: list[FenceArea] = []
        self.enabled = False
        self.breaches = 0
        """Bits of FENCE_TYPE that are broken."""
        self.breach_count = 0
        self.breach_time_s = 0.0
        self._backup_m: dict[int, float] = {}
        self._recovery_until_s = -math.inf

    @property
    def breach_kind(self) -> int:
        """FENCE_BREACH of what is broken."""
        kinds = (kind for bits, kind in _BREACH_KIND if self.breaches & bits)
        return next(kinds, mavlink.FENCE_BREACH_NONE)

    def beyond(
        self,
        params: Parameters,
        place: tuple[float, float],
        about_home: tuple[float, float],
        height_m: float,
    ) -> dict[int, float]:
        """How far a position lies beyond each limit it breaks, metres, by bit of FENCE_TYPE.

        `place` and `about_home` are metres north and east of the local frame and of home,
        `height_m` is above home. For areas the distance is 0: ArduCopter does not know it.
        """
        types = int(params["FENCE_TYPE"])
        over = {
            ALT_MAX: height_m - params["FENCE_ALT_MAX"],
            ALT_MIN: params["FENCE_ALT_MIN"] - height_m,
            CIRCLE: math.hypot(*about_home) - params["FENCE_RADIUS"],
            POLYGON: 0.0 if any(area.violated_by(*place) for area in self.areas) else -1.0,
        }
        return {bit: metres for bit, metres in over.items() if types & bit and metres >= 0.0}

    def check(self, beyond: Mapping[int, float], now_s: float) -> int:
        """Take what is broken now; returns the bits that are broken anew."""
        if now_s < self._recovery_until_s:
            return 0
        new = 0
        for bit in (ALT_MAX, ALT_MIN, CIRCLE, POLYGON):
            if bit not in beyond:
                self.breaches &= ~bit
                continue
            again = bit != POLYGON and beyond[bit] >= self._backup_m.get(bit, math.inf)
            if not self.breaches & bit or again:
                new |= bit
                self._record(bit, now_s)
                self._backup_m[bit] = beyond[bit] + _BACKUP_M
        return new

    def _record(self, bit: int, now_s: float) -> None:
        if not self.breaches:
            self.breach_time_s = now_s
        self.breach_count = min(65500, self.breach_count + 1)
        self.breaches |= bit

    def forget(self) -> None:
        """Nothing is broken: the fence is off."""
        self.breaches = 0

    def recover(self, now_s: float) -> None:
        """A new mode, by whomever, takes it out of the breach: it is left alone for 10 s."""
        if self.breaches:
            self._recovery_until_s = now_s + _MANUAL_RECOVERY_S
