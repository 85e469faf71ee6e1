"""What lanes cost an aircraft that follows the ground: steep ground slows it."""

import numpy as np
from numpy.typing import NDArray

from mission_plans.allocation.flight_model import FlightModel, Leg
from mission_plans.coverage.lanes import Lane
from mission_plans.ground.terrain_patch import TerrainPatch

__all__ = ["LaneCost", "slope_factor"]

SAMPLE_M = 50.0


def slope_factor(slope: NDArray[np.float64], model: FlightModel) -> float:
    """Return flown seconds over those on flat ground, the mean over places of a given slope.

    Args:
        slope: rise over run along the flight, positive uphill.
        model: the aircraft.
    """
    if slope.size == 0:
        return 1.0
    rate = np.where(slope >= 0, model.climb_ms, model.descent_ms)
    speed = np.clip(rate / np.maximum(np.abs(slope), 1e-9), model.slowest_ms, model.cruise_ms)
    return float((model.cruise_ms / speed).mean())


class LaneCost:
    """What lanes cost each kind of aircraft, in the direction flown; remembered."""

    def __init__(self, patch: TerrainPatch | None = None) -> None:
        """Take the ground, or None for flat ground."""
        self._patch = patch
        self._known: dict[tuple[Lane, FlightModel], Leg] = {}

    def of(self, lane: Lane, model: FlightModel) -> Leg:
        """Return the cost of flying a whole lane, with its hold."""
        key = (lane, model)
        cost = self._known.get(key)
        if cost is None:
            level = model.level(lane.x1 - lane.x0, lane.y1 - lane.y0, model.cruise_ms)
            cost = level.times(self._factor(lane, model)) + model.hold(lane.hold_s)
            self._known[key] = cost
        return cost

    def _factor(self, lane: Lane, model: FlightModel) -> float:
        if self._patch is None or lane.length_m == 0:
            return 1.0
        count = max(1, round(lane.length_m / SAMPLE_M))
        part = np.arange(count + 1) / count
        ground = self._patch.elevation_m(
            lane.x0 + (lane.x1 - lane.x0) * part, lane.y0 + (lane.y1 - lane.y0) * part
        )
        return slope_factor(np.diff(ground) / (lane.length_m / count), model)
