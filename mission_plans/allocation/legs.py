"""What a sortie's legs cost, corners and stays included: one reckoning for time and battery."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mission_plans.allocation.flight_model import FlightModel, Leg
from mission_plans.values.plan import Waypoint

__all__ = ["leg_costs"]

STOP_DEG = 90.0
"""A start or a stop changes the velocity by as much as a right angle does."""


def leg_costs(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    waypoints: Sequence[Waypoint],
    model: FlightModel,
) -> list[tuple[Leg, Leg]]:
    """Return, for every waypoint after the first, the cost of the way to it and of the stay there.

    The stay is the corner to the next leg, or the stop, and the hold that was asked for.
    """
    dx, dy = np.diff(x), np.diff(y)
    course_deg = np.degrees(np.arctan2(dx, dy))
    costs: list[tuple[Leg, Leg]] = []
    for i, point in enumerate(waypoints[1:]):
        wanted_ms = model.cruise_ms if point.speed_ms is None else point.speed_ms
        east, north = float(dx[i]), float(dy[i])
        rise_m = point.altitude_amsl_m - waypoints[i].altitude_amsl_m
        way = model.straight(east, north, rise_m, wanted_ms)
        speed_ms = math.hypot(east, north) / way.seconds if way.seconds else 0.0
        if point.hold_s:
            turn_deg = 180.0
        elif i + 1 < len(dx):
            turn_deg = float(abs((course_deg[i + 1] - course_deg[i] + 180) % 360 - 180))
        else:
            turn_deg = STOP_DEG
        lost_s = model.corner_s(speed_ms, turn_deg)
        if i == 0:
            lost_s += model.corner_s(speed_ms, STOP_DEG)
        costs.append((way, model.hold(lost_s + point.hold_s)))
    return costs
