"""What must hold before an aircraft in flight is sent somewhere else: pure rules over snapshots."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from field_api.contract.messages import LinkState, SortieState, VehicleState
from fleet.fence_way import fence_way
from fleet.guards import Finding
from fleet.sortie import Sortie
from fleet.watch.energy import HOME_RESERVE, leg_fraction, way_home
from fleet.watch.sight import airborne, amsl_m, place
from mission_plans.ground.geodesy import distance_m
from mission_plans.ground.terrain import NoTerrainError, Terrain
from mission_plans.values.plan import GeoPoint

__all__ = ["CLEARANCE_M", "Stop", "guided_findings", "not_ours"]

CLEARANCE_M = 20.0
STEP_M = 10.0
MOST_STEPS = 4000
GUIDED_MODES = frozenset({"AUTO", "GUIDED", "BRAKE", "RTL"})
"""In every other mode somebody flies it by hand, or it lands."""
FLYING = (SortieState.FLYING, SortieState.PAUSED, SortieState.RETURNING)


@dataclass(frozen=True, slots=True)
class Stop:
    """A place to fly to, and its height."""

    place: GeoPoint
    amsl_m: float


def guided_findings(
    state: VehicleState,
    sortie: Sortie | None,
    terrain: Terrain,
    stops: Sequence[Stop],
    stay_s: float = 0.0,
) -> list[Finding]:
    """Return why an aircraft must not be sent along these places, empty where it may.

    It must fly one of our sorties, the straight ways must lie inside the fence on board and 20 m
    clear of the ground, and so must the way home from there, at its height of return; and the
    battery must bring it there, let it stay, and bring it home with the reserve.

    Args:
        state: where it is, and how.
        sortie: what it flies.
        terrain: ground model.
        stops: places in the order in which they are flown to.
        stay_s: time spent there besides.
    """
    found = not_ours(state, sortie)
    here, height_m = place(state), amsl_m(state)
    if here is None or height_m is None or state.altitude_relative_m is None:
        found.append(Finding("no_position", "位置未知", "its place is not known", "O6"))
    if found or sortie is None or here is None or height_m is None:
        return found
    if sortie.fence is None:
        return [Finding("fence", "机上没有围栏", "no fence on board", "O9")]
    home = state.home or sortie.plan.launch
    home_amsl_m = height_m - (state.altitude_relative_m or 0.0)
    last = stops[-1]
    highest_m = max([height_m, *(s.amsl_m for s in stops)]) - home_amsl_m
    ways = [here, *(stop.place for stop in stops), home]
    found += fence_way(sortie.fence, sortie.plan.launch, ways, highest_m)
    return_m = max(last.amsl_m, home_amsl_m + (sortie.return_m or 0.0))
    try:
        low_m = _lowest_m(terrain, [Stop(here, height_m), *stops])
        home_low_m = _lowest_m(terrain, [Stop(last.place, return_m), Stop(home, return_m)])
    except NoTerrainError as error:
        return [*found, Finding("terrain", f"没有地形数据:{error}", f"{error}", "O2")]
    if low_m < CLEARANCE_M:
        found.append(
            Finding(
                "terrain",
                f"航路最低离地 {low_m:.0f} 米(至少 {CLEARANCE_M:.0f} 米)",
                f"the way comes within {low_m:.0f} m of the ground (at least {CLEARANCE_M:.0f} m)",
                "O2",
            )
        )
    if home_low_m < CLEARANCE_M:
        found.append(
            Finding(
                "terrain_home",
                f"从该处返航最低离地 {home_low_m:.0f} 米(至少 {CLEARANCE_M:.0f} 米)",
                f"coming home from there it would be {home_low_m:.0f} m above the ground "
                f"(at least {CLEARANCE_M:.0f} m)",
                "O2",
            )
        )
    return found + _energy(state, sortie, stops, stay_s)


def not_ours(state: VehicleState, sortie: Sortie | None) -> list[Finding]:
    """Return why an aircraft does not fly by our orders now, empty where it does."""
    found: list[Finding] = []
    if state.link is not LinkState.LIVE:
        found.append(Finding("link", "没有遥测", "no live telemetry", "O8"))
    if not airborne(state):
        found.append(Finding("on_ground", "不在空中", "it is not in the air", "O6"))
    if sortie is None or sortie.state not in FLYING:
        found.append(Finding("no_sortie", "没有在飞的架次", "it flies no sortie", "O7"))
    if state.mode not in GUIDED_MODES:
        zh, en = f"模式 {state.mode},由他人操控", f"mode {state.mode}: somebody else flies it"
        found.append(Finding("mode", zh, en, "O7"))
    if state.failsafe is not None:
        found.append(Finding("failsafe", "失效保护生效中", "a failsafe is active", "O8"))
    if not state.position_ok:
        found.append(Finding("position", "位置估计未就绪", "position estimate not ready", "O6"))
    return found


def _energy(
    state: VehicleState, sortie: Sortie, stops: Sequence[Stop], stay_s: float
) -> list[Finding]:
    left = state.battery.remaining_fraction
    if left is None:
        return []
    need, seen = 0.0, state
    for stop in stops:
        need += leg_fraction(seen, sortie.plan, stop.place, stop.amsl_m)
        seen = seen.model_copy(
            update={
                "lat_deg": stop.place.lat_deg,
                "lon_deg": stop.place.lon_deg,
                "altitude_relative_m": (state.altitude_relative_m or 0.0)
                + stop.amsl_m
                - (state.altitude_amsl_m or 0.0),
                "altitude_amsl_m": stop.amsl_m,
            }
        )
    way = way_home(seen, sortie.plan, sortie.return_m)
    if way is None:
        return []
    need += way.fraction + stay_s * way.per_s
    if left - need >= HOME_RESERVE:
        return []
    return [
        Finding(
            "energy",
            f"电量 {left:.0%},前往并返航约需 {need:.0%},落地将低于 {HOME_RESERVE:.0%}",
            f"battery at {left:.0%}; going there and home takes about {need:.0%}: less than "
            f"{HOME_RESERVE:.0%} would be left",
            "O3",
        )
    ]


def _lowest_m(terrain: Terrain, way: Sequence[Stop]) -> float:
    """Return the least height above the ground along straight lines."""
    lowest = np.inf
    for a, b in itertools.pairwise(way):
        steps = min(MOST_STEPS, max(2, int(distance_m(a.place, b.place) / STEP_M) + 2))
        part = np.linspace(0, 1, steps)
        lat = a.place.lat_deg + (b.place.lat_deg - a.place.lat_deg) * part
        lon = a.place.lon_deg + (b.place.lon_deg - a.place.lon_deg) * part
        high = a.amsl_m + (b.amsl_m - a.amsl_m) * part
        lowest = min(lowest, float((high - terrain.elevation_m(lat, lon)).min()))
    return float(lowest)
