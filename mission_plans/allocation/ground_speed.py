"""What lanes cost an aircraft that follows the ground: steep ground slows it."""

import math

import numpy as np
from numpy.typing import NDArray

from mission_plans.allocation.flight_model import CLIMB_FACTOR, FlightModel, Leg
from mission_plans.allocation.vertical import GRADIENT_MARGIN, SPEED_STEP_MS
from mission_plans.coverage.lanes import Lane
from mission_plans.ground.terrain_patch import TerrainPatch

__all__ = ["LaneCost", "WayGround", "slope_factor"]

SAMPLE_M = 50.0

Point = tuple[float, float]


def slope_factor(
    slope: NDArray[np.float64], model: FlightModel, wanted_ms: float | None = None
) -> float:
    """Return flown seconds over those on flat ground, the mean over places of a given slope.

    Args:
        slope: rise over run along the flight, positive uphill.
        model: the aircraft.
        wanted_ms: ground speed on the flat; None for the search speed.
    """
    if slope.size == 0:
        return 1.0
    flat_ms = model.cruise_ms if wanted_ms is None else wanted_ms
    rate = np.where(slope >= 0, model.climb_ms, model.descent_ms)
    # As heights are laid: with a margin, at whole steps.
    fastest = GRADIENT_MARGIN * rate / np.maximum(np.abs(slope), 1e-9)
    steps = np.floor(fastest / SPEED_STEP_MS) * SPEED_STEP_MS
    speed = np.where(fastest >= flat_ms, flat_ms, np.clip(steps, model.slowest_ms, flat_ms))
    return float((flat_ms / speed).mean())


def _slopes(patch: TerrainPatch, a: Point, b: Point) -> tuple[NDArray[np.float64], float]:
    """Return rise over run of equal stretches of a line, and a stretch's length in metres."""
    length_m = math.dist(a, b)
    count = max(1, round(length_m / SAMPLE_M))
    part = np.arange(count + 1) / count
    ground = patch.elevation_m(a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part)
    step_m = length_m / count
    return np.diff(ground) / step_m, step_m


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
        return slope_factor(_slopes(self._patch, lane.start, lane.end)[0], model)


class WayGround:
    """The ground under ways between launch points and lanes."""

    def __init__(self, patch: TerrainPatch) -> None:
        """Take the ground of the search and of the ways to it."""
        self._patch = patch

    def flown(self, model: FlightModel, a: Point, b: Point, speed_ms: float) -> Leg:
        """Return the cost of a straight way that follows the ground."""
        length_m = math.dist(a, b)
        level = model.level(b[0] - a[0], b[1] - a[1], speed_ms)
        if length_m < SAMPLE_M:
            return level
        slope, step_m = _slopes(self._patch, a, b)
        climb_s = float(np.maximum(slope, 0.0).sum()) * step_m / model.climb_ms
        factor = slope_factor(slope, model, speed_ms)
        return level.times(factor) + Leg(0.0, climb_s * (CLIMB_FACTOR - 1))
