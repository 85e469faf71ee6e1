"""Where an aircraft will be in the next minute: along its mission, or straight on. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from field_api.contract.messages import VehicleState
from fleet.watch.sight import amsl_m, place, velocity_ms
from mission_plans.formats.mission_items import Command, mission_items
from mission_plans.ground.geodesy import metres_per_degree
from mission_plans.values.plan import AircraftSpec, SortiePlan

__all__ = ["Path", "Target", "away_m", "path_ahead", "targets", "until"]

STEP_S = 2.0
"""Between two looks along the path: 16 m at search speed, finer than the ground model."""
CLIMB_MS = float(AircraftSpec.model_fields["climb_ms"].default)
DESCENT_MS = float(AircraftSpec.model_fields["descent_ms"].default)
SLOWEST_MS = 0.5

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Target:
    """A place that a mission flies to."""

    seq: int
    """Of its mission item."""
    lat_deg: float
    lon_deg: float
    altitude_m: float
    """Above mean sea level."""
    speed_ms: float
    """Over the ground, on the way to it."""


@dataclass(frozen=True, slots=True)
class Path:
    """Columns of one length, from now on."""

    t_s: Floats
    lat_deg: Floats
    lon_deg: Floats
    altitude_m: Floats


def targets(plan: SortiePlan) -> tuple[Target, ...]:
    """Return the places of a sortie's mission in the order of its items."""
    found: list[Target] = []
    if not plan.waypoints:
        return ()
    speed_ms = plan.cruise_ms
    for item in mission_items(plan)[1:]:
        if item.command == Command.DO_CHANGE_SPEED:
            speed_ms = item.param2
        elif item.command in (Command.NAV_TAKEOFF, Command.NAV_WAYPOINT):
            # The take-off's height is above the launch point, all the others above the sea.
            base_m = plan.launch_amsl_m if item.command == Command.NAV_TAKEOFF else 0.0
            place_deg = item.x / 1e7, item.y / 1e7
            found.append(Target(item.seq, *place_deg, item.z + base_m, speed_ms))
    return tuple(found)


def path_ahead(state: VehicleState, mission: Sequence[Target], horizon_s: float) -> Path | None:
    """Return where it will be until `horizon_s` from now, None where its place is unknown.

    Args:
        state: where it is.
        mission: what it flies by itself; empty where it does not.
        horizon_s: how far ahead.
    """
    at, height_m = place(state), amsl_m(state)
    if at is None or height_m is None:
        return None
    when = np.arange(0.0, horizon_s + STEP_S / 2, STEP_S)
    left = [t for t in mission if state.mission_seq is not None and t.seq >= state.mission_seq]
    north_m, east_m = metres_per_degree(at.lat_deg)
    if state.mode == "AUTO" and left:
        corners = np.array(
            [(at.lat_deg, at.lon_deg, height_m)]
            + [(t.lat_deg, t.lon_deg, t.altitude_m) for t in left]
        )
        speed = np.maximum([t.speed_ms for t in left], SLOWEST_MS)
        step = np.diff(corners, axis=0)
        level_s = np.hypot(step[:, 0] * north_m, step[:, 1] * east_m) / speed
        rise = step[:, 2]
        # The slower of both motions sets the time, as autopilots fly it.
        leg_s = np.maximum(level_s, np.where(rise >= 0, rise / CLIMB_MS, -rise / DESCENT_MS))
        reached_s = np.append(0.0, np.cumsum(leg_s))
        lat, lon, high = (np.interp(when, reached_s, corners[:, i]) for i in range(3))
        return Path(when, lat, lon, high)
    north, east, up = velocity_ms(state) or (0.0, 0.0, 0.0)
    lat = np.clip(at.lat_deg + north * when / north_m, -90, 90)
    lon = (at.lon_deg + east * when / east_m + 180) % 360 - 180
    return Path(when, lat, lon, height_m + up * when)


def away_m(path: Path, lat_deg: float, lon_deg: float) -> Floats:
    """Return how far from a place each point of a path is."""
    north_m, east_m = metres_per_degree(lat_deg)
    east = (path.lon_deg - lon_deg) * east_m
    return np.hypot((path.lat_deg - lat_deg) * north_m, east)


def until(path: Path, t_s: float) -> Path:
    """Return the first part of a path."""
    count = max(1, math.ceil(t_s / STEP_S))
    parts = (path.t_s, path.lat_deg, path.lon_deg, path.altitude_m)
    return Path(*(part[:count] for part in parts))
