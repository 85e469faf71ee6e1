"""How large the next look is: every n-th is wide, where that finds people who are too small else.

How small a person is follows from the ground sampling distance: the camera's distance to the ground
in the middle of the picture and its field of view. A wide look goes as far as people measure enough
pixels, the picture has them and the processor has time.
"""

import math
from dataclasses import dataclass

from field_api.contract.messages import CameraPose
from mission_plans.ground.terrain import NoTerrainError, Terrain
from vision.geolocation import ground_point, offset_ned_m

__all__ = ["LookPlan", "WideLookRules", "pixels_per_m"]

STEP_PX = 32


@dataclass(frozen=True)
class WideLookRules:
    """The named settings of wide looks."""

    every: int = 6
    """Every n-th look may be wide; 0 for none."""
    max_px: int = 1920
    """Widest look."""
    person_px: float = 16.0
    """A person should measure this much."""
    person_m: float = 1.7
    in_a_row: int = 7
    """Wide looks on end, to decide about somebody whom the first one found."""
    busy_share: float = 0.6
    """Part of the time between looks that they may take on the mean, wide ones included."""


def pixels_per_m(
    pose: CameraPose, aspect: float, terrain: Terrain, width_px: float
) -> float | None:
    """Pixels that a metre measures in the middle of a picture, across the line of sight.

    None where that line meets no known ground.
    """
    try:
        middle = ground_point(pose, 0.5, 0.5, aspect, terrain)
    except NoTerrainError:
        return None
    if middle is None:
        return None
    distance_m = math.hypot(*offset_ned_m(pose, middle))
    return width_px / (2 * distance_m * math.tan(math.radians(pose.hfov_deg) / 2))


class LookPlan:
    """The looks of one stream."""

    def __init__(self, rules: WideLookRules, usual_px: int, period_s: float) -> None:
        """`usual_px` is the usual look's width; `period_s` the time a look has on this machine."""
        self._rules = rules
        self._usual_px = usual_px
        self._period_s = period_s
        self._since_wide = 0
        self._in_a_row = 0
        self._usual_s: float | None = None

    def next_px(
        self, picture_px: int, usual_px_per_m: float | None, undecided: float | None
    ) -> int | None:
        """Width of the next look, None for the usual one.

        Args:
            picture_px: the picture's own longer side.
            usual_px_per_m: pixels of a metre on the ground in a usual look, None where unknown.
            undecided: size of the smallest person who waits to be seen again, as a part of the
                picture's longer side; None for nobody.
        """
        rules = self._rules
        self._since_wide += 1
        width_px = self._wide_px(picture_px, usual_px_per_m)
        if rules.every == 0 or width_px is None or not self._affordable(width_px):
            return None
        small = undecided is not None and undecided * self._usual_px < rules.person_px
        again = small and 0 < self._in_a_row < rules.in_a_row
        if self._since_wide < rules.every and not again:
            self._in_a_row = 0
            return None
        self._since_wide = 0
        self._in_a_row += 1
        return width_px

    def took(self, seconds: float, width_px: int | None) -> None:
        """Learn what a usual look costs on this machine."""
        if width_px is None:
            before = self._usual_s
            self._usual_s = seconds if before is None else 0.8 * before + 0.2 * seconds

    def _wide_px(self, picture_px: int, usual_px_per_m: float | None) -> int | None:
        rules = self._rules
        widest = min(rules.max_px, picture_px)
        if usual_px_per_m is not None:
            wanted = self._usual_px * rules.person_px / (rules.person_m * usual_px_per_m)
            widest = min(widest, wanted)
        width_px = math.ceil(widest / STEP_PX) * STEP_PX
        return width_px if width_px > self._usual_px else None

    def _affordable(self, width_px: int) -> bool:
        if self._usual_s is None:
            return False
        wide_s = self._usual_s * (width_px / self._usual_px) ** 2
        mean_s = (self._usual_s * (self._rules.every - 1) + wide_s) / self._rules.every
        return mean_s <= self._period_s * self._rules.busy_share
