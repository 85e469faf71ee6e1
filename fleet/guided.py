"""Flying to places in GUIDED: the target is sent, and only what the aircraft then does counts.

Whoever loses this node in the middle of it comes home by the autopilot's own failsafe.
"""

import asyncio
import contextlib
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

from field_api.contract.messages import FlyTo, LookAgain, VehicleState
from fleet.controls import Controls, GuardedError, require_nothing_found
from fleet.guards import Finding
from fleet.guided_checks import Stop, guided_findings
from fleet.protocol.guided_target import GuidedTarget
from fleet.telemetry import Telemetry
from fleet.vehicle import RefusedError
from mission_plans.ground.geodesy import bearing_deg, destination, distance_m
from mission_plans.ground.terrain import NoTerrainError
from mission_plans.values.plan import GeoPoint

__all__ = [
    "Leg",
    "arrive",
    "begin",
    "fly_to_leg",
    "look_legs",
    "place_leg",
    "round_and_round",
    "stay",
]

ARRIVED_M = 5.0
ARRIVED_HEIGHT_M = 3.0
MOVING_M = 2.0
TRIES = 4
TRY_S = 4.0
"""An aircraft that turns and gets going moves two metres in this time."""
STALLED_S = 30.0
RING_CORNERS = 12


@dataclass(frozen=True, slots=True)
class Leg:
    """A checked flight to a place."""

    target: GuidedTarget
    agl_m: float

    @property
    def zh(self) -> str:
        """Its height, with its references."""
        relative_m = self.target.altitude_relative_m
        return f"离地 {self.agl_m:.0f} 米(起飞点以上 {relative_m:.0f} 米)"

    @property
    def en(self) -> str:
        """Its height, with its references."""
        relative_m = self.target.altitude_relative_m
        return f"{self.agl_m:.0f} m above ground ({relative_m:.0f} m above launch)"


def fly_to_leg(controls: Controls, body: FlyTo) -> Leg:
    """Check the way to a place; nothing is sent.

    Raises:
        GuardedError: why not.
    """
    return place_leg(controls, body.place, body.height_agl_m)


def place_leg(controls: Controls, place: GeoPoint, height_agl_m: float) -> Leg:
    """Check the way to a place at a height above its ground; nothing is sent.

    Raises:
        GuardedError: why not.
    """
    state = controls.state()
    stop = Stop(place, _ground_m(controls, place) + height_agl_m)
    _check(controls, state, [stop])
    return Leg(_target(state, stop), height_agl_m)


def look_legs(controls: Controls, body: LookAgain) -> list[Leg]:
    """Check the way to where something is looked at; the first leg leads there, the others round.

    Raises:
        GuardedError: why not.
    """
    state = controls.state()
    amsl_m = _ground_m(controls, body.place) + body.height_agl_m
    here = _here(state)
    from_deg = bearing_deg(body.place, here) if here and distance_m(body.place, here) > 1 else 0.0
    circles = body.circles and body.radius_m > 0
    turns = range(RING_CORNERS + 1 if circles else 1)
    bearings = [(from_deg + 360 * i / RING_CORNERS) % 360 for i in turns]
    stops = [Stop(destination(body.place, deg, body.radius_m), amsl_m) for deg in bearings]
    _check(controls, state, stops, body.duration_s)
    return [Leg(_target(state, stop), body.height_agl_m) for stop in stops]


async def begin(controls: Controls, leg: Leg) -> None:
    """Send it there and see it go.

    Raises:
        RefusedError: the mode did not change, or it does not move; it hovers.
    """
    vehicle = controls.vehicle
    await vehicle.set_mode("GUIDED")
    away_m = _away_m(vehicle.telemetry, leg.target)
    for number in range(1, TRIES + 1):
        vehicle.guide(leg.target)
        try:
            await vehicle.wait_for(
                lambda t: _arrived(t, leg.target) or _away_m(t, leg.target) < away_m - MOVING_M,
                TRY_S,
                "flight to the place",
            )
        except RefusedError:
            if number == TRIES:
                raise
        else:
            return


async def arrive(controls: Controls, leg: Leg) -> bool:
    """Follow it there; say again where to where it does not come closer.

    Returns:
        Whether it arrived. If not, somebody else took over, or it got stuck and that was told.
    """
    vehicle, target = controls.vehicle, leg.target
    nearest_m, nearer_s = math.inf, time.monotonic()
    while vehicle.telemetry.mode == "GUIDED":
        try:
            await vehicle.wait_for(lambda t: _arrived(t, target), 2.0, "arrival")
        except RefusedError:
            away_m, now_s = _away_m(vehicle.telemetry, target), time.monotonic()
            if away_m < nearest_m - 1.0:
                nearest_m, nearer_s = away_m, now_s
            elif now_s - nearer_s > STALLED_S:
                zh = f"距目标 {away_m:.0f} 米处停住,未到达"
                en = f"it got no closer than {away_m:.0f} m to the place it was sent to"
                controls.tell("caution", "not_arrived", zh, en, "O8")
                return False
            else:
                vehicle.guide(target)
        else:
            return True
    return False


async def stay(controls: Controls, until_s: float) -> bool:
    """Hover until a moment by the monotonic clock.

    Returns:
        Whether it still flies by these orders.
    """
    with contextlib.suppress(RefusedError):
        left_s = max(0.0, until_s - time.monotonic())
        await controls.vehicle.wait_for(lambda t: t.mode != "GUIDED", left_s, "hover")
    return controls.vehicle.telemetry.mode == "GUIDED"


async def round_and_round(controls: Controls, legs: Sequence[Leg], until_s: float) -> bool:
    """Fly along a ring of places until a moment by the monotonic clock.

    Returns:
        Whether it still flies by these orders.
    """
    number = 0
    while time.monotonic() < until_s:
        if controls.vehicle.telemetry.mode != "GUIDED":
            return False
        target = legs[number % len(legs)].target
        # The next one is said before it would stop at this one.
        if _level_m(controls.vehicle.telemetry, target) < 2 * ARRIVED_M:
            number += 1
            target = legs[number % len(legs)].target
        controls.vehicle.guide(target)
        await asyncio.sleep(0.2)
    return controls.vehicle.telemetry.mode == "GUIDED"


def _check(
    controls: Controls, state: VehicleState, stops: Sequence[Stop], stay_s: float = 0.0
) -> None:
    sortie = controls.book.sortie
    require_nothing_found(guided_findings(state, sortie, controls.terrain, stops, stay_s))


def _ground_m(controls: Controls, place: GeoPoint) -> float:
    try:
        return float(controls.terrain.elevation_m(place.lat_deg, place.lon_deg))
    except NoTerrainError as error:
        finding = Finding("terrain", f"没有地形数据:{error}", f"{error}", "O2")
        raise GuardedError([finding]) from error


def _target(state: VehicleState, stop: Stop) -> GuidedTarget:
    home_amsl_m = (state.altitude_amsl_m or 0.0) - (state.altitude_relative_m or 0.0)
    return GuidedTarget(stop.place.lat_deg, stop.place.lon_deg, stop.amsl_m - home_amsl_m)


def _here(state: VehicleState | Telemetry) -> GeoPoint | None:
    if state.lat_deg is None or state.lon_deg is None:
        return None
    return GeoPoint(lat_deg=state.lat_deg, lon_deg=state.lon_deg)


def _level_m(telemetry: Telemetry, target: GuidedTarget) -> float:
    here = _here(telemetry)
    place = GeoPoint(lat_deg=target.lat_deg, lon_deg=target.lon_deg)
    return math.inf if here is None else distance_m(here, place)


def _away_m(telemetry: Telemetry, target: GuidedTarget) -> float:
    rise_m = target.altitude_relative_m - (telemetry.altitude_relative_m or 0.0)
    return math.hypot(_level_m(telemetry, target), rise_m)


def _arrived(telemetry: Telemetry, target: GuidedTarget) -> bool:
    rise_m = abs(target.altitude_relative_m - (telemetry.altitude_relative_m or 0.0))
    return _level_m(telemetry, target) < ARRIVED_M and rise_m < ARRIVED_HEIGHT_M
