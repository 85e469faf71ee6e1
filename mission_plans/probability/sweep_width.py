"""How much of what lies under the camera is found: sweep width and probability of detection.

Koopman, "Search and Screening" (1946): a search of effort `length x sweep width` over an area has
the coverage c = W L / A; random search finds 1 - exp(-c), perfectly parallel search min(1, c).
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mission_plans.ground.camera import focal_length_px, footprint_width_m
from mission_plans.ground.footprint import useful_rows_deg
from mission_plans.values.plan import CameraSpec, Light, Seek, Sensor, Vegetation

__all__ = [
    "POSTURES",
    "Posture",
    "View",
    "best_pitch_deg",
    "detection",
    "detection_from",
    "least_detection",
    "pod_perfect",
    "pod_random",
    "postures_of",
    "sweep_width_m",
]

Posture = Literal["standing", "lying"]
POSTURES: tuple[Posture, ...] = ("standing", "lying")

STANDING_M = 1.7
SHOULDERS_M = 0.5
LYING_M = 1.4
"""Mean extent up the picture of a body of 1.7 by 0.5 m on the ground that lies any way round."""
THICK_M = 0.25

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

USUAL_MS = 8.0
INDEPENDENT_S = 2.0
"""Looks this far apart count as independent: our assumption. In the simulator one look finds 0.2 of
the people at 60 m, for which this gives 0.6 a pass; five passes out of five found them
(docs/model_card.md, along a lane)."""

PITCHES_DEG = tuple(range(-90, -25, 5))


@lru_cache(maxsize=1)
def _recall() -> Mapping[Posture, tuple[list[float], list[float]]]:
    file = Path(__file__).parents[1] / "data" / "lost_person.json"
    recall = json.loads(file.read_text(encoding="utf-8"))["recall"]
    return {p: (recall[p]["height_px"], recall[p]["found"]) for p in POSTURES}


def _depression(camera: CameraSpec) -> float:
    # Flatter than 15 degrees nothing useful is seen of the ground; the planner plans no such view.
    return math.radians(max(15.0, -camera.pitch_deg))


def _apparent_m(camera: CameraSpec, posture: Posture) -> float:
    """Return how tall a person looks across the line of sight.

    From the side somebody who stands is as tall as they are; from straight above only as wide as
    their shoulders. The larger of both counts.
    """
    down = _depression(camera)
    if posture == "standing":
        return max(STANDING_M * math.cos(down), SHOULDERS_M * math.sin(down))
    return LYING_M * math.sin(down) + THICK_M * math.cos(down)


def _looks(camera: CameraSpec, agl_m: NDArray[np.float64], speed_ms: float) -> NDArray[np.float64]:
    """Return how many independent looks a person gets while the picture passes over them."""
    steepest, flattest = useful_rows_deg(camera)
    near, far = (1 / math.tan(math.radians(-row)) for row in (max(steepest, -179.0), flattest))
    return np.maximum(1.0, agl_m * (far - near) / speed_ms / INDEPENDENT_S)


def detection_from(
    camera: CameraSpec,
    slant_m: ArrayLike,
    speed_ms: float = USUAL_MS,
    *,
    posture: Posture = "standing",
    light: Light = "day",
    vegetation: Vegetation = "open",
) -> NDArray[np.float64]:
    """Return the probability that a person at that distance from the camera is found in one pass.

    Args:
        camera: with its sensor and pitch.
        slant_m: distances to the ground along the optical axis.
        speed_ms: over ground; slower passes give more looks.
        posture: of the person.
        light: of the hour.
        vegetation: round the person.
    """
    slant = np.asarray(slant_m, dtype=np.float64)
    height_px = focal_length_px(camera) * _apparent_m(camera, posture) / slant
    heights, found = _recall()[posture]
    one_look = np.interp(height_px, heights, found) * LIT[camera.sensor, light]
    looks = _looks(camera, slant * math.sin(_depression(camera)), speed_ms)
    # More looks don't find whom the detector recognises at no size, nor whom plants hide.
    ever = found[-1]
    return np.asarray(VISIBLE[vegetation] * ever * (1 - (1 - one_look / ever) ** looks))


def detection(
    camera: CameraSpec,
    agl_m: float,
    speed_ms: float = USUAL_MS,
    *,
    posture: Posture = "standing",
    light: Light = "day",
    vegetation: Vegetation = "open",
) -> float:
    """Return the probability that a person in the picture's centre row is found in one pass."""
    slant_m = agl_m / math.sin(_depression(camera))
    found = detection_from(
        camera, slant_m, speed_ms, posture=posture, light=light, vegetation=vegetation
    )
    return float(found)


def postures_of(seek: Seek) -> tuple[Posture, ...]:
    """Return whom a search must be able to find; none in a search for smoke."""
    match seek:
        case "anyone":
            return POSTURES
        case "smoke":
            return ()
        case _:
            return (seek,)


@dataclass(frozen=True, slots=True)
class View:
    """How a search is flown, the camera's pitch aside."""

    agl_m: float
    speed_ms: float
    seek: Seek
    light: Light
    vegetation: Vegetation


def least_detection(camera: CameraSpec, view: View) -> float:
    """Return the probability for whoever of those sought is hardest to find."""
    return min(
        (
            detection(
                camera,
                view.agl_m,
                view.speed_ms,
                posture=posture,
                light=view.light,
                vegetation=view.vegetation,
            )
            for posture in postures_of(view.seek)
        ),
        default=1.0,
    )


def best_pitch_deg(camera: CameraSpec, view: View) -> float:
    """Return the pitch with the widest effective sweep for whoever is hardest to find.

    Steeper comes first among equals.
    """

    def width_m(pitch_deg: float) -> float:
        tilted = camera.model_copy(update={"pitch_deg": float(pitch_deg)})
        return footprint_width_m(tilted, view.agl_m) * least_detection(tilted, view)

    return float(max(PITCHES_DEG, key=lambda pitch: (round(width_m(pitch), 6), -pitch)))


def sweep_width_m(
    camera: CameraSpec,
    agl_m: float,
    *,
    posture: Posture = "standing",
    light: Light = "day",
    vegetation: Vegetation = "open",
) -> float:
    """Return the effective sweep width: swath x probability of detection."""
    found = detection(camera, agl_m, posture=posture, light=light, vegetation=vegetation)
    return footprint_width_m(camera, agl_m) * found


def pod_random(coverage: float) -> float:
    """Return the probability of detection of a random search with that coverage."""
    return 1 - math.exp(-coverage)


def pod_perfect(coverage: float) -> float:
    """Return the probability of detection of perfectly parallel sweeps with that coverage."""
    return min(1.0, coverage)
