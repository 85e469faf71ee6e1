"""Heights at which aircraft of one launch site come home, apart from each other (story O12).

An autopilot comes home at its return altitude or, where it is higher, at the height it has. So the
layer of an aircraft clears the ground on every straight way home, lies above everything that its
sortie flies, and is 20 m away from the layers of the others.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mission_plans.allocation.schedule import SEPARATION_V_M
from mission_plans.ground.terrain import Terrain
from mission_plans.values.plan import Check, PlanRequest, SearchPlan, Severity, SortiePlan

__all__ = [
    "LAYERS_APART_M",
    "RETURN_CLEARANCE_M",
    "LayerNeed",
    "ReturnLayer",
    "check_return_layers",
    "ground_below_way_home_m",
    "layer_need",
    "return_altitude_m",
    "return_heights_m",
    "return_layers",
]

LAYERS_APART_M = SEPARATION_V_M
RETURN_CLEARANCE_M = 30.0
RETURN_MIN_M = 15.0
RETURN_SAMPLES = 120


def ground_below_way_home_m(sortie: SortiePlan, terrain: Terrain) -> float:
    """Return the highest ground on any straight way from a waypoint home, above mean sea level.

    Raises:
        NoTerrainError: some way crosses ground without data.
    """
    part = np.linspace(0, 1, RETURN_SAMPLES)[:, None]
    lat = np.array([w.lat_deg for w in sortie.waypoints])
    lon = np.array([w.lon_deg for w in sortie.waypoints])
    ground = terrain.elevation_m(
        sortie.launch.lat_deg + (lat - sortie.launch.lat_deg) * part,
        sortie.launch.lon_deg + (lon - sortie.launch.lon_deg) * part,
    )
    return float(ground.max())


def return_altitude_m(sortie: SortiePlan, terrain: Terrain) -> float:
    """Return the height above launch at which every straight way home clears the ground.

    A vehicle that loses its ground station flies straight home: the highest ground between any
    waypoint and home, and 30 m more, is where it must fly.

    Raises:
        NoTerrainError: some way crosses ground without data.
    """
    ground_m = ground_below_way_home_m(sortie, terrain)
    return max(RETURN_MIN_M, ground_m + RETURN_CLEARANCE_M - sortie.launch_amsl_m)


@dataclass(frozen=True, slots=True)
class LayerNeed:
    """Between which heights above mean sea level a sortie may come home."""

    sortie_id: str
    least_amsl_m: float
    most_amsl_m: float


@dataclass(frozen=True, slots=True)
class ReturnLayer:
    """At which height above mean sea level a sortie comes home."""

    sortie_id: str
    amsl_m: float
    apart: bool
    """Whether it is far enough from all the others."""


def layer_need(sortie: SortiePlan, terrain: Terrain, max_agl_m: float) -> LayerNeed:
    """Return where a sortie's layer may lie: never over `max_agl_m` above the highest ground.

    Raises:
        NoTerrainError: some way crosses ground without data.
    """
    ground_m = ground_below_way_home_m(sortie, terrain)
    flown_m = max(w.altitude_amsl_m for w in sortie.waypoints)
    clear_m = max(ground_m + RETURN_CLEARANCE_M, sortie.launch_amsl_m + RETURN_MIN_M)
    return LayerNeed(sortie.id, max(clear_m, flown_m), max(clear_m, ground_m + max_agl_m))


def return_layers(needs: Sequence[LayerNeed], taken_amsl_m: Sequence[float]) -> list[ReturnLayer]:
    """Return a layer for each sortie, the lowest first.

    Args:
        needs: of the sorties; whoever may fly lowest gets the lowest.
        taken_amsl_m: layers of aircraft of the site that fly already.
    """
    used, layers = list(taken_amsl_m), list[ReturnLayer]()
    for need in sorted(needs, key=lambda n: (n.least_amsl_m, n.sortie_id)):
        height_m = _free_m(need.least_amsl_m, used)
        apart = height_m <= need.most_amsl_m or height_m == need.least_amsl_m
        # No room below the ceiling: it comes home low and beside another rather than too high.
        height_m = height_m if apart else need.least_amsl_m
        used.append(height_m)
        layers.append(ReturnLayer(need.sortie_id, height_m, apart))
    return layers


def return_heights_m(plan: SearchPlan, terrain: Terrain) -> dict[str, float]:
    """Return how high above its launch point each sortie of a plan comes home, by its id.

    Raises:
        NoTerrainError: a way home crosses ground without data.
    """
    needs: dict[str, LayerNeed] = {}
    for sortie in plan.sorties:
        # Of one aircraft only one sortie is in the air: the one that needs most counts for all.
        need = layer_need(sortie, terrain, plan.request.max_agl_m)
        known = needs.get(sortie.vehicle_id)
        if known is None or need.least_amsl_m > known.least_amsl_m:
            needs[sortie.vehicle_id] = need
    layers = {layer.sortie_id: layer.amsl_m for layer in return_layers(list(needs.values()), [])}
    return {
        sortie.id: layers[needs[sortie.vehicle_id].sortie_id] - sortie.launch_amsl_m
        for sortie in plan.sorties
    }


def _free_m(least_m: float, used_m: Sequence[float]) -> float:
    """Return the lowest height from `least_m` on that is far enough from all used ones."""
    height_m = least_m
    for used in sorted(used_m):
        if abs(used - height_m) < LAYERS_APART_M:
            height_m = used + LAYERS_APART_M
    return height_m


def check_return_layers(
    sorties: Sequence[SortiePlan], terrain: Terrain, request: PlanRequest
) -> list[Check]:
    """Check that the aircraft of a plan can all come home at once, each at its own height.

    Raises:
        NoTerrainError: some way crosses ground without data.
    """
    # Of one aircraft only one sortie is in the air: the one that needs most counts.
    needs: dict[str, LayerNeed] = {}
    for sortie in sorties:
        if sortie.waypoints:
            need = layer_need(sortie, terrain, request.max_agl_m)
            known = needs.get(sortie.vehicle_id)
            if known is None or need.least_amsl_m > known.least_amsl_m:
                needs[sortie.vehicle_id] = need
    if len(needs) < 2:
        return []
    shared = [layer for layer in return_layers(list(needs.values()), []) if not layer.apart]
    count = len(shared)
    return [
        Check(
            id="return_layers",
            severity=Severity.CAUTION,
            passed=not shared,
            text_zh=f"同时返航时各机高度相差 ≥ {LAYERS_APART_M:.0f} 米"
            if not shared
            else f"限高以下没有足够的返航高度层:{count} 架与他机同层返航",
            text_en=f"coming home at once, aircraft are at least {LAYERS_APART_M:.0f} m of height "
            "apart"
            if not shared
            else f"no room for separate return altitudes below the ceiling: {count} come home at "
            "the height of another",
            source="O12",
            value=float(count),
            limit=0.0,
        )
    ]
