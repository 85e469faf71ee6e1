"""What no plan can beat: the shortest possible longest sortie."""

from collections.abc import Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from mission_plans.allocation.shares import Slot

__all__ = ["lower_bound_s"]

PRECISION_S = 0.1


def lower_bound_s(area: BaseGeometry, spacing_m: float, slots: Sequence[Slot]) -> float:
    """Return a duration no set of these sorties can stay below, over flat ground without wind.

    In a time T a sortie searches at most speed x (T - way to the area and back); all together must
    search area / spacing metres of lane. And somebody must reach the farthest ground and return.
    """
    if not slots or area.area <= 0:
        return 0.0
    way_s = np.array(
        [2 * area.distance(shapely.Point(s.launch)) / s.model.transit_ms for s in slots]
    )
    speed = np.array([s.model.cruise_ms for s in slots])
    wanted_m = area.area / spacing_m
    low, high = 0.0, float(wanted_m / speed.min() + way_s.max())
    while high - low > PRECISION_S:
        middle = (low + high) / 2
        if float((speed * np.maximum(0.0, middle - way_s)).sum()) >= wanted_m:
            high = middle
        else:
            low = middle
    corners = shapely.get_coordinates(area)
    reach = [
        2 * np.hypot(corners[:, 0] - s.launch[0], corners[:, 1] - s.launch[1]) / s.model.transit_ms
        for s in slots
    ]
    # Lanes end half a spacing short of the outline.
    farthest_s = float(np.min(reach, axis=0).max()) - spacing_m / float(
        min(s.model.transit_ms for s in slots)
    )
    return max(high, farthest_s)
