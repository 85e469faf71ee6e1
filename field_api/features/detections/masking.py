"""Which sightings a masked spot silences. Pure.

A mask silences what it was made for and no more: its own label, so that smoke which was judged
never hides a person, and its own place. What can't be put at a place is heard.
"""

from datetime import timedelta

from field_api.contract.alert_merging import PERSON_M, SMOKE_M
from field_api.contract.messages import Box, Detection, PictureRegion
from field_api.features.detections.tables import DetectionMask
from mission_plans.ground.geodesy import distance_m
from mission_plans.values.plan import GeoPoint

__all__ = ["LIMITS", "MaskLimits", "grown", "silences"]

_HOUR_S = 3600.0
GROWN = 0.3
"""A part of a picture reaches this far beyond the judged box on each side, in box sizes: boxes of
one lamp differ a little."""
INSIDE = 0.7
"""Part of a box that must lie in the masked part of the picture: a plume that only begins there is
another one."""


class MaskLimits:
    """How far and how long a mask of a label may reach."""

    def __init__(self, usual_m: float, most_m: float, usual: timedelta, most: timedelta) -> None:
        self.usual_m, self.most_m = usual_m, most_m
        self.usual_h = usual.total_seconds() / _HOUR_S
        self.most_h = most.total_seconds() / _HOUR_S


LIMITS = {
    "smoke": MaskLimits(SMOKE_M, 300.0, timedelta(days=1), timedelta(days=30)),
    # Whoever is missing may come to the very rock that was taken for them: small and short.
    "person": MaskLimits(PERSON_M, PERSON_M, timedelta(hours=2), timedelta(hours=12)),
}
"""By label. The usual radius is that within which two sightings are one alert."""


def grown(box: Box) -> PictureRegion:
    """Return the part of the picture that masks a judged box."""
    left, top = max(0.0, box.x - GROWN * box.w), max(0.0, box.y - GROWN * box.h)
    right = min(1.0, box.x + (1 + GROWN) * box.w)
    bottom = min(1.0, box.y + (1 + GROWN) * box.h)
    return PictureRegion(x=left, y=top, w=right - left, h=bottom - top)


def silences(mask: DetectionMask, seen: Detection, now_ms: int) -> bool:
    """Whether a mask keeps a sighting from becoming an alert."""
    if mask.ended_ms is not None or now_ms >= mask.until_ms or mask.label != seen.label:
        return False
    if mask.lat_deg is not None and mask.lon_deg is not None and mask.radius_m is not None:
        centre = GeoPoint(lat_deg=mask.lat_deg, lon_deg=mask.lon_deg)
        return seen.position is not None and distance_m(seen.position, centre) <= mask.radius_m
    fixed = seen.vehicle_id is None and seen.stream_id == mask.stream_id
    return fixed and mask.region is not None and _share_inside(seen.box, mask.region) >= INSIDE


def _share_inside(box: Box, region: PictureRegion) -> float:
    across = min(box.x + box.w, region.x + region.w) - max(box.x, region.x)
    down = min(box.y + box.h, region.y + region.h) - max(box.y, region.y)
    area = box.w * box.h
    return max(0.0, across) * max(0.0, down) / area if area > 0 else 0.0
