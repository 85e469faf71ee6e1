"""How much steep ground slows an aircraft that follows it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mission_plans.allocation import LaneCost
from mission_plans.flight_model import FlightModel
from mission_plans.lanes import Lane
from mission_plans.terrain_patch import TerrainPatch

__all__ = ["lane_costs", "slope_factor"]

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


def lane_costs(
    lanes: Sequence[Lane], models: Sequence[FlightModel], patch: TerrainPatch
) -> LaneCost:
    """Return what every lane costs every aircraft over this ground, in the direction flown."""
    factors: dict[tuple[Lane, FlightModel], float] = {}
    counts = [max(1, round(lane.length_m / SAMPLE_M)) for lane in lanes]
    parts = [np.arange(count + 1) / count for count in counts]
    x = np.concatenate(
        [lane.x0 + (lane.x1 - lane.x0) * p for lane, p in zip(lanes, parts, strict=True)]
    )
    y = np.concatenate(
        [lane.y0 + (lane.y1 - lane.y0) * p for lane, p in zip(lanes, parts, strict=True)]
    )
    ground = patch.elevation_m(x, y)
    begin = 0
    for lane, count in zip(lanes, counts, strict=True):
        heights = ground[begin : begin + count + 1]
        begin += count + 1
        if lane.length_m == 0:
            continue
        slope = np.diff(heights) / (lane.length_m / count)
        for model in set(models):
            factors[lane, model] = slope_factor(slope, model)
    return LaneCost(factors)
