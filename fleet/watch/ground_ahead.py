"""The ground ahead: an aircraft that will be too low within a minute."""

from dataclasses import dataclass

import numpy as np

from field_api.contract.messages import FlightPhase
from fleet.sortie import Sortie
from fleet.watch.catalogue import Alarm
from fleet.watch.path_ahead import STEP_S, Path, Target, away_m, path_ahead, targets, until
from fleet.watch.sight import Sight, heard
from mission_plans.allocation.return_layers import RETURN_CLEARANCE_M
from mission_plans.allocation.schedule import LAUNCH_ZONE_M
from mission_plans.ground.terrain import Terrain
from mission_plans.values.plan import SortiePlan, WaypointKind

__all__ = ["GroundAhead"]

AHEAD_S = 60.0
LOOK_S = 1.0
"""A minute ahead is not looked at five times a second: it is the dearest of the rules."""
CLEARANCE_M = RETURN_CLEARANCE_M - 10.0
"""Planning keeps 50 m over the lanes and 30 m on the way home: 10 m less than the least of it is a
fault, neither wind nor barometer."""
PLANNED_LESS_M = 5.0
"""A plan that was allowed to fly lower is told when it gets this much lower than planned."""

_UP, _HOME = WaypointKind.TAKEOFF, WaypointKind.RETURN
"""Above the launch point, however low."""


@dataclass(frozen=True, slots=True)
class _Planned:
    sortie_id: str
    mission: tuple[Target, ...]
    limit_m: float


class GroundAhead:
    """The rules `terrain` and `terrain_unknown` of one aircraft."""

    def __init__(self, terrain: Terrain) -> None:
        self._terrain = terrain
        self._planned: _Planned | None = None
        self._found: list[Alarm] = []
        self._looked_s = -np.inf

    def look(self, sight: Sight) -> list[Alarm]:
        """Return what holds now."""
        if sight.now_s - self._looked_s >= LOOK_S:
            self._looked_s = sight.now_s
            self._found = self._ahead(sight)
        return self._found

    def _ahead(self, sight: Sight) -> list[Alarm]:
        state, sortie = sight.state, sight.flying
        # Whoever lands in place comes near the ground on purpose.
        landing = state.phase is FlightPhase.LANDING or state.mode == "LAND"
        if sortie is None or landing or not heard(state) or state.phase is FlightPhase.GROUND:
            return []
        planned = self._of(sortie)
        path = path_ahead(state, planned.mission, AHEAD_S)
        if path is None:
            return []
        # Near its launch point it climbs and comes down on purpose.
        homes = [sortie.plan.launch, *([state.home] if state.home is not None else [])]
        near = np.logical_or.reduce(
            [away_m(path, home.lat_deg, home.lon_deg) < LAUNCH_ZONE_M for home in homes]
        )
        found: list[Alarm] = []
        reach_s = AHEAD_S
        while True:
            part = until(path, reach_s)
            try:
                agl_m = self._agl_m(part)
                break
            except ValueError:  # NoTerrainError, or a plan so absurd that it leads nowhere.
                # What lies this side of the model's edge is still looked at.
                found = [_unknown()]
                reach_s /= 2
                if reach_s < STEP_S:
                    return found
        agl_m = np.where(near[: len(agl_m)], np.inf, agl_m)
        low = np.flatnonzero(agl_m < planned.limit_m)
        if low.size:
            lowest_m = float(agl_m.min())
            found.append(_low(float(part.t_s[low[0]]), lowest_m, planned.limit_m))
        return found

    def _agl_m(self, path: Path) -> np.ndarray:
        return path.altitude_m - self._terrain.elevation_m(path.lat_deg, path.lon_deg)

    def _of(self, sortie: Sortie) -> _Planned:
        planned = self._planned
        if planned is None or planned.sortie_id != sortie.plan.id:
            limit_m = min(CLEARANCE_M, self._lowest_m(sortie.plan) - PLANNED_LESS_M)
            planned = _Planned(sortie.plan.id, targets(sortie.plan), max(0.0, limit_m))
            self._planned = planned
        return planned

    def _lowest_m(self, plan: SortiePlan) -> float:
        """Return the least height above ground that was planned, infinite where unknown."""
        points = [w for w in plan.waypoints if w.kind not in (_UP, _HOME)]
        if not points:
            return np.inf
        columns = [(w.lat_deg, w.lon_deg, w.altitude_amsl_m) for w in points]
        lat, lon, high = np.array(columns).T
        try:
            return float((high - self._terrain.elevation_m(lat, lon)).min())
        except ValueError:
            return np.inf


def _low(in_s: float, lowest_m: float, limit_m: float) -> Alarm:
    when = ("现", "is now") if in_s == 0 else (f"{in_s:.0f} 秒后", f"in {in_s:.0f} s it will be")
    return Alarm(
        "terrain",
        f"{when[0]}离地过低,前方一分钟内最低 {lowest_m:.0f} 米(下限 {limit_m:.0f} 米)",
        f"{when[1]} too low: {lowest_m:.0f} m above the ground at the lowest of the next minute "
        f"(at least {limit_m:.0f} m)",
    )


def _unknown() -> Alarm:
    return Alarm(
        "terrain_unknown",
        "前方没有地形数据,不能判断离地高度",
        "no ground model ahead: its height above the ground is not watched there",
    )
