"""When each sortie takes off: batteries changed, aircraft apart, relays without a gap."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mission_plans.allocation.flight_model import FlightModel
from mission_plans.allocation.legs import leg_costs
from mission_plans.ground.local_frame import LocalFrame
from mission_plans.values.plan import SortiePlan, WaypointKind

__all__ = [
    "LAUNCH_ZONE_M",
    "SEPARATION_H_M",
    "SEPARATION_V_M",
    "Conflict",
    "Timeline",
    "conflict_between",
    "scheduled",
    "timeline",
]

SEPARATION_H_M = 50.0
SEPARATION_V_M = 20.0

LAUNCH_ZONE_M = 80.0
"""Around a shared launch point aircraft are kept apart by take-off order, not by the plan."""

TAKEOFF_INTERVAL_S = 20.0
"""Aircraft sharing a launch site take off at least this long after each other."""

DELAY_STEP_S = 15.0
MOST_DELAYS = 40
RELAY_OVERLAP_S = 20.0
"""A relief is on station this long before the one before it leaves."""

SAMPLE_S = 2.0


@dataclass(frozen=True, slots=True)
class Timeline:
    """Where a sortie is when: columns of one length, seconds after its take-off."""

    t_s: NDArray[np.float64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    z: NDArray[np.float64]
    on_station_s: float
    """When the first lane begins."""
    off_station_s: float
    """When the last lane ends."""

    def at(self, t_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return east, north and height (columns) at times; NaN on the ground."""
        columns = [np.interp(t_s, self.t_s, v) for v in (self.x, self.y, self.z)]
        position = np.column_stack(columns)
        position[(t_s < self.t_s[0]) | (t_s > self.t_s[-1])] = np.nan
        return position


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two aircraft too close in place, height and time."""

    distance_m: float
    t_s: float
    """After the plan's first take-off."""


def timeline(sortie: SortiePlan, frame: LocalFrame, model: FlightModel) -> Timeline:
    """Return the planned course of a sortie in time."""
    points = sortie.waypoints
    x, y = frame.to_metres([w.lat_deg for w in points], [w.lon_deg for w in points])
    z = np.array([w.altitude_amsl_m for w in points])
    t = max(0.0, float(z[0]) - sortie.launch_amsl_m) / model.climb_ms
    rows = [(0.0, x[0], y[0], sortie.launch_amsl_m), (t, x[0], y[0], z[0])]
    on_s: float | None = None
    off_s = 0.0
    for i, (b, (way, stay)) in enumerate(
        zip(points[1:], leg_costs(x, y, points, model), strict=True)
    ):
        t += way.seconds
        rows.append((t, x[i + 1], y[i + 1], z[i + 1]))
        if on_s is None and b.kind in (WaypointKind.LANE_START, WaypointKind.LANE_END):
            on_s = t
        if stay.seconds:
            t += stay.seconds
            rows.append((t, x[i + 1], y[i + 1], z[i + 1]))
        if b.kind is WaypointKind.LANE_END:
            off_s = t
    t += max(0.0, float(z[-1]) - sortie.launch_amsl_m) / model.descent_ms
    rows.append((t, x[-1], y[-1], sortie.launch_amsl_m))
    table = np.asarray(rows, dtype=np.float64)
    return Timeline(table[:, 0], table[:, 1], table[:, 2], table[:, 3], on_s or 0.0, off_s)


def conflict_between(
    a: Timeline, b: Timeline, start_a_s: float, start_b_s: float
) -> Conflict | None:
    """Return the closest approach that breaks separation, if any (story O12)."""
    begin = max(start_a_s, start_b_s)
    end = min(start_a_s + a.t_s[-1], start_b_s + b.t_s[-1])
    if end <= begin:
        return None
    t = np.arange(begin, end, SAMPLE_S)
    p, q = a.at(t - start_a_s), b.at(t - start_b_s)
    apart = np.hypot(p[:, 0] - q[:, 0], p[:, 1] - q[:, 1])
    near = (apart < SEPARATION_H_M) & (np.abs(p[:, 2] - q[:, 2]) < SEPARATION_V_M)
    for home in (a, b):
        near &= np.hypot(p[:, 0] - home.x[0], p[:, 1] - home.y[0]) >= LAUNCH_ZONE_M
    if not near.any():
        return None
    index = int(np.argmin(np.where(near, apart, np.inf)))
    return Conflict(float(apart[index]), float(t[index]))


def _free_start_s(
    earliest_s: float, course: Timeline, placed: Sequence[tuple[float, Timeline]]
) -> float:
    """Return the first start from `earliest_s` on that keeps apart from those already placed."""
    for step in range(MOST_DELAYS):
        start_s = earliest_s + step * DELAY_STEP_S
        if all(conflict_between(c, course, s, start_s) is None for s, c in placed):
            return start_s
    return earliest_s


def scheduled(
    sorties: Sequence[SortiePlan],
    frame: LocalFrame,
    models: dict[str, FlightModel],
    swap_s: float,
    *,
    relay: bool,
) -> list[SortiePlan]:
    """Return the sorties with their take-off times, in the order given.

    Every sortie starts as early as its battery change, its launch site and the separation from
    those before it allow; in a relay, as late as it may to arrive before the one before it leaves.
    Where no delay within ten minutes keeps two aircraft apart, the check says so.
    """
    placed: list[tuple[float, Timeline]] = []
    ready_s: dict[str, float] = {}
    site_free_s: dict[tuple[float, float], float] = {}
    relieved_s: float | None = None
    timed: list[SortiePlan] = []
    for sortie in sorted(sorties, key=lambda s: s.order):
        course = timeline(sortie, frame, models[sortie.vehicle_id])
        site = (round(course.x[0] / LAUNCH_ZONE_M), round(course.y[0] / LAUNCH_ZONE_M))
        earliest_s = max(ready_s.get(sortie.vehicle_id, 0.0), site_free_s.get(site, 0.0))
        if relay and relieved_s is not None:
            earliest_s = max(earliest_s, relieved_s - RELAY_OVERLAP_S - course.on_station_s)
        start_s = _free_start_s(earliest_s, course, placed)
        placed.append((start_s, course))
        ready_s[sortie.vehicle_id] = start_s + sortie.duration_s + swap_s
        site_free_s[site] = start_s + TAKEOFF_INTERVAL_S
        relieved_s = start_s + course.off_station_s
        timed.append(sortie.model_copy(update={"start_s": math.ceil(start_s)}))
    place = {sortie.id: sortie for sortie in timed}
    return [place[sortie.id] for sortie in sorties]
