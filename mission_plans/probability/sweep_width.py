"""How much of what lies under the camera is found: sweep width and probability of detection.

Koopman, "Search and Screening" (1946): a search of effort `length x sweep width` over an area has
the coverage c = W L / A; random search finds 1 - exp(-c), perfectly parallel search min(1, c).
"""

import json
import math
from functools import lru_cache
from pathlib import Path
from typing import Literal

import numpy as np

from mission_plans.ground.camera import focal_length_px, footprint_width_m, object_height_px
from mission_plans.values.plan import CameraSpec

__all__ = [
    "Light",
    "Sensor",
    "Vegetation",
    "detection",
    "pod_perfect",
    "pod_random",
    "sweep_width_m",
]

Light = Literal["day", "dusk", "night"]
Vegetation = Literal["open", "scrub", "forest"]
Sensor = Literal["visible", "thermal"]

STANDING_M = 1.7
SHOULDERS_M = 0.5

VISIBLE: dict[Vegetation, float] = {"open": 1.0, "scrub": 0.6, "forest": 0.25}
"""Share of people not hidden by plants from above; our assumption until measured on site."""

LIT: dict[tuple[Sensor, Light], float] = {
    ("visible", "day"): 1.0,
    ("visible", "dusk"): 0.6,
    ("visible", "night"): 0.0,
    ("thermal", "day"): 0.6,
    ("thermal", "dusk"): 0.9,
    ("thermal", "night"): 1.0,
}
"""Our assumption, ordered as ground searchers' measured sweep widths are (64 m by day, 22 m at
night, 68 m at night with infra-red; rescue.is 2018)."""


@lru_cache(maxsize=1)
def _recall() -> tuple[list[float], list[float]]:
    file = Path(__file__).parents[1] / "data" / "lost_person.json"
    table = json.loads(file.read_text(encoding="utf-8"))["recall"]
    return table["height_px"], table["found"]


def detection(
    camera: CameraSpec,
    agl_m: float,
    *,
    sensor: Sensor = "visible",
    light: Light = "day",
    vegetation: Vegetation = "open",
) -> float:
    """Return the probability that a person in the picture's centre row is found in one pass.

    Seen from the side a person is as tall as they stand; from straight above only as wide as their
    shoulders. The larger of both counts.
    """
    focal = focal_length_px(camera)
    depression = math.radians(max(15.0, -camera.pitch_deg))
    from_above_px = focal * SHOULDERS_M * math.sin(depression) ** 2 / agl_m
    seen_px = max(object_height_px(camera, agl_m, STANDING_M), from_above_px)
    heights, found = _recall()
    recall = float(np.interp(seen_px, heights, found))
    return recall * VISIBLE[vegetation] * LIT[sensor, light]


def sweep_width_m(
    camera: CameraSpec,
    agl_m: float,
    *,
    sensor: Sensor = "visible",
    light: Light = "day",
    vegetation: Vegetation = "open",
) -> float:
    """Return the effective sweep width: swath x probability of detection."""
    found = detection(camera, agl_m, sensor=sensor, light=light, vegetation=vegetation)
    return footprint_width_m(camera, agl_m) * found


def pod_random(coverage: float) -> float:
    """Return the probability of detection of a random search with that coverage."""
    return 1 - math.exp(-coverage)


def pod_perfect(coverage: float) -> float:
    """Return the probability of detection of perfectly parallel sweeps with that coverage."""
    return min(1.0, coverage)
