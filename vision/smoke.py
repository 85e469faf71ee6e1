"""Decides when enough has been seen to call people.

One picture proves little: the network fires on clouds, roads and steam. As in Pyronear's engine a
low threshold per picture is paired with a vote over a window of looks. Smoke also grows and drifts,
which rock, roof and fog do not: a candidate whose outline and texture stay the same needs twice the
window. What is the sun's light in half of the looks is none.
"""

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.glare import is_glare
from vision.tracker import Sighting, Track

__all__ = ["PersonRules", "SmokeEvidence", "SmokeRules", "person_confirmed"]


@dataclass(frozen=True)
class PersonRules:
    """When a tracked person becomes an alert."""

    window: int = 7
    """Looks considered."""
    seen: int = 4
    """Looks of the window in which the person must have been seen."""
    mean_confidence: float = 0.5
    """Over the sightings of the window."""


@dataclass(frozen=True)
class SmokeRules:
    """When tracked smoke becomes an alert (window and vote as in pyro-engine)."""

    window: int = 6
    seen: int = 4
    mean_confidence: float = 0.3
    """Sum of confidences over the window's length: misses count as 0."""
    max_width: float = 0.95
    """Wider boxes are fog or a blinded lens."""
    growth: float = 1.08
    """Area ratio over the window that counts as growing (or shrinking by its inverse)."""
    change: float = 0.06
    """Mean change of the box's texture between looks that counts as drifting."""
    still_factor: int = 2
    """Windows needed when nothing grows or drifts."""


def mean_confidence(sightings: list[Sighting], looks: int) -> float:
    """Sum of confidences over a number of looks."""
    return sum(s.box.score for s in sightings) / looks if looks else 0.0


def person_confirmed(track: Track, rules: PersonRules) -> bool:
    """Whether a person has been seen often and clearly enough."""
    recent = track.recent(rules.window)
    return (
        len(recent) >= rules.seen and mean_confidence(recent, len(recent)) >= rules.mean_confidence
    )


PATCH_PX = 32


class SmokeEvidence:
    """What one smoke track looked like over time."""

    def __init__(self, rules: SmokeRules) -> None:
        self.rules = rules
        self._patches: deque[NDArray[Any]] = deque(maxlen=2)
        self._changes: deque[float] = deque(maxlen=rules.window)
        self._glare: deque[bool] = deque(maxlen=rules.window)

    def look(
        self,
        image_rgb: NDArray[np.uint8],
        track: Track,
        sun_places: Sequence[tuple[float, float]] | None = (),
    ) -> None:
        """Remember the texture inside the track's box, and whether it is the sun's light."""
        self._glare.append(is_glare(image_rgb, track.box, sun_places))
        height_px, width_px = image_rgb.shape[:2]
        box = track.box
        x0, y0 = int(box.x * width_px), int(box.y * height_px)
        x1 = max(x0 + 1, math.ceil((box.x + box.w) * width_px))
        y1 = max(y0 + 1, math.ceil((box.y + box.h) * height_px))
        grey = cv2.cvtColor(image_rgb[y0:y1, x0:x1], cv2.COLOR_RGB2GRAY)
        patch = cv2.resize(grey, (PATCH_PX, PATCH_PX), interpolation=cv2.INTER_AREA)
        self._patches.append(patch.astype(np.float32) / 255)
        if len(self._patches) == 2:
            self._changes.append(float(np.mean(np.abs(self._patches[1] - self._patches[0]))))

    def moves(self, track: Track) -> bool:
        """Whether it grew, shrank or changed within like smoke does."""
        recent = track.recent(self.rules.window)
        if len(recent) < 2:
            return False
        half = len(recent) // 2
        before = np.median([s.box.w * s.box.h for s in recent[:half]])
        after = np.median([s.box.w * s.box.h for s in recent[half:]])
        ratio = float(after / before)
        grew = ratio >= self.rules.growth or ratio <= 1 / self.rules.growth
        drifts = bool(self._changes) and float(np.mean(self._changes)) >= self.rules.change
        return grew or drifts

    def confirmed(self, track: Track) -> bool:
        """Whether the vote holds, over a longer window for something that stays the same."""
        rules = self.rules
        if track.box.w > rules.max_width or 2 * sum(self._glare) >= max(1, len(self._glare)):
            return False
        factor = 1 if self.moves(track) else rules.still_factor
        recent = track.recent(rules.window * factor)
        return (
            len(recent) >= rules.seen * factor
            and mean_confidence(recent, rules.window * factor) >= rules.mean_confidence
        )
