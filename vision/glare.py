"""Light of the sun in the lens or mirrored by water, which a network takes for smoke.

Where the sun stands in a picture is known from the camera's pose and the time; light that is blown
out there is the sun's. Without a pose only its form tells: the sun is one round, blown-out core,
white smoke in full light is blown out in shreds.
"""

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from field_api.contract.messages import CameraPose
from mission_plans.ground.sun import sun_azimuth_deg, sun_elevation_deg
from vision.camera import image_of
from vision.detector import RawBox

__all__ = ["is_glare", "sun_places"]

Place = tuple[float, float]

LOWEST_SUN_DEG = -1.0
NEAR = 0.08
"""The sun may stand this far outside a box, as a fraction of the picture: bloom reaches beyond it,
poses are a degree or two off."""
BLOWN_OUT = 250
"""Level from which a pixel's three colours count as blown out."""
BLOWN_SHARE = 0.03
"""Part of a box that must be; half of all real smoke has under 0.001, 85 % under this."""
CORE_SHARE, CORE_FILLS = 0.08, 0.4
"""Without a pose: part of a box that its largest blown-out spot must be, and part of the circle
around it which that spot must fill. 1.3 % of 533 boxes around real smoke are like that, and more
than half of the looks into drawn light (`python -m tests.benchmarks glare`)."""


def sun_places(pose: CameraPose, t_ms: int, aspect: float) -> list[Place]:
    """Where the sun, and its mirror image in still water, stand in the picture or just beside it.

    Fractions of the picture; `t_ms` is the capture time, UTC, `aspect` its width / height.
    """
    elevation_deg = sun_elevation_deg(t_ms, pose.lat_deg, pose.lon_deg)
    if elevation_deg < LOWEST_SUN_DEG:
        return []
    azimuth = math.radians(sun_azimuth_deg(t_ms, pose.lat_deg, pose.lon_deg))
    places: list[Place] = []
    for elevation in (math.radians(elevation_deg), -math.radians(elevation_deg)):
        flat = math.cos(elevation)
        towards = [flat * math.cos(azimuth), flat * math.sin(azimuth), -math.sin(elevation)]
        place = image_of(pose, np.array(towards), aspect)
        if place is not None and all(-NEAR <= part <= 1 + NEAR for part in place):
            places.append(place)
    return places


def is_glare(image_rgb: NDArray[np.uint8], box: RawBox, places: Sequence[Place] | None) -> bool:
    """Whether a box shows the sun's own light.

    Args:
        image_rgb: the picture.
        box: what the network takes for smoke.
        places: `sun_places` of the picture; None where nobody knows where the camera looks.
    """
    if places is not None and not any(
        box.x - NEAR <= x <= box.x + box.w + NEAR and box.y - NEAR <= y <= box.y + box.h + NEAR
        for x, y in places
    ):
        return False
    height_px, width_px = image_rgb.shape[:2]
    rows = slice(int(box.y * height_px), math.ceil((box.y + box.h) * height_px))
    columns = slice(int(box.x * width_px), math.ceil((box.x + box.w) * width_px))
    blown_out = image_rgb[rows, columns].min(axis=2, initial=255) >= BLOWN_OUT
    if places is not None:
        return float(blown_out.mean()) >= BLOWN_SHARE
    return _has_round_core(blown_out)


def _has_round_core(blown_out: NDArray[np.bool_]) -> bool:
    count, _, stats, _ = cv2.connectedComponentsWithStats(blown_out.astype(np.uint8))
    if count < 2:
        return False
    largest = stats[1:][int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))]
    wide, high, area = (int(value) for value in largest[2:5])
    circle = math.pi / 4 * max(wide, high) ** 2
    return area >= CORE_SHARE * blown_out.size and area >= CORE_FILLS * circle
