"""Whether the battery brings it home: over the ground, against the wind, with a reserve (O8)."""

import math
from dataclasses import dataclass

from field_api.contract.messages import SortieState, VehicleState
from fleet.watch.catalogue import Alarm
from fleet.watch.sight import Sight, place, velocity_ms
from mission_plans.allocation.flight_model import LANDING_S, FlightModel, Leg
from mission_plans.allocation.return_layers import return_altitude_m
from mission_plans.ground.geodesy import offset_m
from mission_plans.ground.terrain import Terrain
from mission_plans.values.plan import AircraftSpec, GeoPoint, SortiePlan, Wind

__all__ = ["HOME_RESERVE", "BatteryHome", "WayHome", "home_fraction", "leg_fraction", "way_home"]

HOME_RESERVE = 0.15
"""What must be left of the battery when it has come home."""
SOON_MIN = 3.0
"""The pilot is told this long before it must turn home (story O8)."""
SLOW_M = 10.0
"""Below this a landing is slow; it hovers before."""
HIGHEST_M = 10_000.0
LONGEST_MIN = 1_000.0
STRONGEST_MS = 40.0
"""Strongest wind the flight model takes."""


@dataclass(frozen=True, slots=True)
class WayHome:
    """What the way home takes from here."""

    fraction: float
    """Share of a full battery."""
    per_s: float
    """Share of a full battery that a second of level flight uses."""
    growing_per_s: float
    """How much more it takes with every second that it flies on as now; never less than 0."""


def way_home(
    state: VehicleState, plan: SortiePlan, return_altitude_m: float | None = None
) -> WayHome | None:
    """Return what the way home takes, None where its place or the plan's energy is unknown.

    By the planner's own flight model in the wind that the aircraft measures, straight home at the
    greater of its own height and the return altitude (above launch), then down, slowly at the end.
    """
    at, home = place(state), state.home or plan.launch
    energy = plan.duration_s > 0 and plan.cruise_ms > 0 and plan.energy_fraction >= 0
    if at is None or not energy or not all(map(math.isfinite, (plan.duration_s, plan.cruise_ms))):
        return None
    model = FlightModel.of(_spec(plan), _wind(state))
    north_m, east_m = offset_m(at, home)
    if not math.isfinite(north_m + east_m):
        return None
    height_m = min(HIGHEST_M, max(0.0, state.altitude_relative_m or 0.0))
    high_m = min(HIGHEST_M, max(height_m, return_altitude_m or 0.0))
    way = Leg(0.0, 0.0)
    if high_m > height_m and math.hypot(north_m, east_m) > 1.0:
        way += model.straight(0.0, 0.0, high_m - height_m, plan.cruise_ms)
    level = model.level(east_m, north_m, plan.cruise_ms)
    way += level + model.straight(0.0, 0.0, -high_m, plan.cruise_ms)
    way += model.hold(LANDING_S).times(min(1.0, high_m / SLOW_M))
    per_s = plan.energy_fraction / plan.duration_s
    # More than a whole battery is never at hand: by how much more says nothing.
    return WayHome(
        min(1.0, way.energy_s * per_s), per_s, per_s * _growth(state, north_m, east_m, level)
    )


def leg_fraction(state: VehicleState, plan: SortiePlan, to: GeoPoint, amsl_m: float) -> float:
    """Return the share of a full battery that a straight leg takes, a whole one where unknown."""
    at = place(state)
    if at is None or not (plan.duration_s > 0 and plan.cruise_ms > 0):
        return 1.0
    model = FlightModel.of(_spec(plan), _wind(state))
    north_m, east_m = offset_m(at, to)
    up_m = amsl_m - (state.altitude_amsl_m or amsl_m)
    leg = model.straight(east_m, north_m, up_m, plan.cruise_ms)
    return min(1.0, leg.energy_s * plan.energy_fraction / plan.duration_s)


def _spec(plan: SortiePlan) -> AircraftSpec:
    return AircraftSpec(
        vehicle_id="watch", launch=plan.launch, cruise_ms=min(60.0, max(0.1, plan.cruise_ms))
    )


def _wind(state: VehicleState) -> Wind | None:
    speed, direction = state.wind_speed_ms, state.wind_from_deg
    if speed is None or direction is None or not (speed >= 0 and math.isfinite(direction)):
        return None
    return Wind(from_deg=direction % 360 % 360, speed_ms=min(speed, STRONGEST_MS))


def _growth(state: VehicleState, north_m: float, east_m: float, level: Leg) -> float:
    """Return by how many seconds of level flight the way home grows in a second."""
    velocity, away_m = velocity_ms(state), math.hypot(north_m, east_m)
    if velocity is None or away_m < 1.0:
        return 0.0
    leaving_ms = -(velocity[0] * north_m + velocity[1] * east_m) / away_m
    return max(0.0, leaving_ms) * level.energy_s / away_m


def home_fraction(
    state: VehicleState, plan: SortiePlan, return_altitude_m: float | None = None
) -> float | None:
    """Return the share of a battery that the way home takes from here, None where unknown."""
    way = way_home(state, plan, return_altitude_m)
    return None if way is None else way.fraction


class BatteryHome:
    """The rules `battery_soon` and `battery_home` of one aircraft."""

    def __init__(self, terrain: Terrain | None) -> None:
        self._terrain = terrain
        self._return: tuple[str, float | None] | None = None
        """Of which sortie, and how high it comes home."""
        self.minutes_left: float | None = None
        """Until it must turn home, flying as it does now."""

    def look(self, sight: Sight) -> list[Alarm]:
        """Return what holds now."""
        self.minutes_left = None
        sortie, left = sight.flying, sight.state.battery.remaining_fraction
        if sortie is None or left is None:
            return []
        way = way_home(sight.state, sortie.plan, self._return_m(sortie.plan))
        if way is None:
            return []
        spare = left - way.fraction - HOME_RESERVE
        returning = sortie.state is SortieState.RETURNING
        using = way.per_s + way.growing_per_s
        if using > 0 and not returning:
            self.minutes_left = max(-LONGEST_MIN, min(LONGEST_MIN, spare / using / 60))
        if spare < 0:
            return [_too_late(left, way.fraction, returning=returning)]
        if self.minutes_left is not None and self.minutes_left < SOON_MIN:
            return [_soon(left, self.minutes_left)]
        return []

    def _return_m(self, plan: SortiePlan) -> float | None:
        if self._return is None or self._return[0] != plan.id:
            height_m = None
            if self._terrain is not None and plan.waypoints:
                try:
                    height_m = return_altitude_m(plan, self._terrain)
                except ValueError:  # NoTerrainError among them.
                    height_m = None  # Then its own height is all that is known.
            self._return = (plan.id, height_m)
        return self._return[1]


def _too_late(left: float, need: float, *, returning: bool) -> Alarm:
    advice = ("返航途中", "it is on its way") if returning else ("请立即返航", "order it home now")
    return Alarm(
        "battery_home",
        f"电量 {left:.0%},返航约需 {need:.0%},落地将低于 {HOME_RESERVE:.0%};{advice[0]}",
        f"battery at {left:.0%}, coming home takes about {need:.0%}: less than "
        f"{HOME_RESERVE:.0%} will be left; {advice[1]}",
    )


def _soon(left: float, minutes: float) -> Alarm:
    return Alarm(
        "battery_soon",
        f"电量 {left:.0%},约 {minutes:.1f} 分钟后必须返航",
        f"battery at {left:.0%}: it must turn home in about {minutes:.1f} min",
    )
