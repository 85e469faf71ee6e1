"""From shares of lanes to sorties: tracks, heights, speeds, time and battery."""

import math

import numpy as np

from mission_plans.allocation.flight_model import CLIMB_FACTOR, LANDING_S, FlightModel, Leg
from mission_plans.allocation.legs import leg_costs
from mission_plans.allocation.shares import LONG_HOP_M, Slot
from mission_plans.allocation.situation import Situation
from mission_plans.allocation.vertical import TrackPoint, fly_over_terrain
from mission_plans.coverage.lanes import Lane
from mission_plans.ground.camera import footprint_width_m
from mission_plans.values.pattern import MappingSurvey
from mission_plans.values.plan import AircraftSpec, SortiePlan, Waypoint, WaypointKind

__all__ = ["build_sortie", "flight_cost"]

SAME_PLACE_M = 0.5
PAD_M = 1.0


def build_sortie(
    plan_id: str, situation: Situation, slot: Slot, lanes: list[Lane], raise_m: float = 0.0
) -> SortiePlan:
    """Return the flight of one aircraft along `lanes`, flown `raise_m` higher than asked.

    Raises:
        NoTerrainError: the flight crosses ground without data.
        BlockedError: no allowed way leads to a lane.
    """
    aircraft = situation.request.aircraft[slot.vehicle]
    waypoints = fly_over_terrain(
        _track(situation, slot, lanes, raise_m),
        situation.frame,
        situation.terrain,
        slot.model,
        situation.rules,
    )
    launch_amsl_m = situation.ground_m(aircraft)
    length_m, cost = flight_cost(waypoints, situation, slot.model, launch_amsl_m)
    return SortiePlan(
        id=f"{plan_id}.{aircraft.vehicle_id}.{slot.order}",
        vehicle_id=aircraft.vehicle_id,
        order=slot.order,
        launch=aircraft.launch,
        launch_amsl_m=launch_amsl_m,
        cruise_ms=aircraft.cruise_ms,
        camera_pitch_deg=aircraft.camera.pitch_deg,
        waypoints=waypoints,
        length_m=length_m,
        duration_s=cost.seconds,
        energy_fraction=cost.energy_s / aircraft.endurance_s,
        trigger_m=_trigger_m(situation, aircraft),
    )


def _trigger_m(situation: Situation, aircraft: AircraftSpec) -> float | None:
    """Return the distance between pictures that keeps the front overlap, for mapping surveys."""
    pattern = situation.request.pattern
    if not isinstance(pattern, MappingSurvey):
        return None
    across_m = footprint_width_m(aircraft.camera, situation.request.agl_m)
    along_m = across_m * aircraft.camera.height_px / aircraft.camera.width_px
    return round(along_m * (1 - pattern.front_overlap), 1)


def _track(
    situation: Situation, slot: Slot, lanes: list[Lane], lane_raise_m: float
) -> list[TrackPoint]:
    relay = situation.request.relay
    layer_m = lane_raise_m if relay else situation.layer_m(slot.vehicle)
    router = situation.router
    track = [TrackPoint(*slot.launch, WaypointKind.TAKEOFF, layer_m)]
    here = slot.launch
    for number, given in enumerate(lanes):
        lane = _off_the_pad(given, slot.launch) if number == 0 else given
        if lane.start != here:
            length_m, way = router.way(here, lane.start)
            speed_ms = slot.model.cruise_ms if number and length_m <= LONG_HOP_M else math.inf
            track[-1] = _left_at(track[-1], speed_ms)
            raise_m = layer_m if number == 0 else lane_raise_m
            for point in way[:-1]:
                track.append(TrackPoint(*point, WaypointKind.TRANSIT, raise_m, speed_ms))
        last = number == len(lanes) - 1
        track.append(TrackPoint(*lane.start, WaypointKind.LANE_START, lane_raise_m))
        track.append(
            TrackPoint(
                *lane.end,
                WaypointKind.LANE_END,
                layer_m if last else lane_raise_m,
                hold_s=lane.hold_s,
            )
        )
        here = lane.end
    for point in router.way(here, slot.launch)[1]:
        track.append(TrackPoint(*point, WaypointKind.RETURN, layer_m))
    return _distinct(track)


def _off_the_pad(lane: Lane, launch: tuple[float, float]) -> Lane:
    """Return a lane that doesn't begin at the launch point: there the flight takes off."""
    if lane.length_m <= PAD_M or math.dist(lane.start, launch) > SAME_PLACE_M:
        return lane
    return lane.part(PAD_M / lane.length_m, 1)


def _left_at(point: TrackPoint, speed_ms: float) -> TrackPoint:
    return TrackPoint(point.x, point.y, point.kind, point.raise_m, speed_ms, point.hold_s)


def _distinct(track: list[TrackPoint]) -> list[TrackPoint]:
    """Join corners at one place; the later says what the following leg is for."""
    kept = [track[0]]
    for point in track[1:]:
        before = kept[-1]
        if math.hypot(point.x - before.x, point.y - before.y) > SAME_PLACE_M:
            kept.append(point)
        elif before.kind is not WaypointKind.TAKEOFF and point.kind is not WaypointKind.RETURN:
            kept[-1] = TrackPoint(
                before.x,
                before.y,
                point.kind,
                point.raise_m,
                point.speed_ms,
                before.hold_s + point.hold_s,
            )
    if len(kept) == 1:
        kept.append(track[-1])
    return kept


def flight_cost(
    waypoints: list[Waypoint],
    situation: Situation,
    model: FlightModel,
    launch_amsl_m: float,
) -> tuple[float, Leg]:
    """Return the length over ground in metres, and the cost from take-off to landing."""
    x, y = situation.frame.to_metres([w.lat_deg for w in waypoints], [w.lon_deg for w in waypoints])
    z = [w.altitude_amsl_m for w in waypoints]
    climb_s = max(0.0, z[0] - launch_amsl_m) / model.climb_ms
    descent_s = max(0.0, z[-1] - launch_amsl_m) / model.descent_ms + LANDING_S
    cost = Leg(climb_s, climb_s * CLIMB_FACTOR) + model.hold(descent_s)
    for way, stay in leg_costs(x, y, waypoints, model):
        cost = cost + way + stay
    return float(np.hypot(np.diff(x), np.diff(y)).sum()), cost
