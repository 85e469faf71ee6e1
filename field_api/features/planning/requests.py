"""From what the operator drew and the roster holds to what the planner is asked."""

from collections.abc import Mapping

from sqlmodel import Session

from field_api.core.errors import refuse
from field_api.features.likelihood.tracks import likely_tracks
from field_api.features.planning.messages import MakePlan
from field_api.features.roster.views import read_fences, read_spec
from mission_plans.ground.camera import lane_spacing_m
from mission_plans.ground.sun import sun_azimuth_deg, sun_elevation_deg
from mission_plans.probability.search_record import SearchRecord
from mission_plans.values.pattern import Tracks
from mission_plans.values.plan import AircraftSpec, GeoPoint, Light, PlanRequest

__all__ = ["light_at", "plan_request"]

DAY_DEG = 3.0
"""The sun is this high before shadows of trees and slopes leave enough light to see people in."""
NIGHT_DEG = -6.0
"""End of civil twilight."""


def light_at(t_ms: int, place: GeoPoint) -> Light:
    """Return the light that the sun gives at a place."""
    elevation_deg = sun_elevation_deg(t_ms, place.lat_deg, place.lon_deg)
    if elevation_deg >= DAY_DEG:
        return "day"
    return "dusk" if elevation_deg >= NIGHT_DEG else "night"


def _aircraft(session: Session, body: MakePlan, charges: Mapping[str, float]) -> list[AircraftSpec]:
    aircraft: list[AircraftSpec] = []
    for index, vehicle_id in enumerate(body.vehicle_ids):
        spec = read_spec(session, vehicle_id)
        if spec is None or vehicle_id in body.vehicle_ids[:index]:
            raise refuse(422, "vehicle_not_usable", field=f"vehicle_ids.{index}", id=vehicle_id)
        if body.camera_pitch_deg is not None:
            camera = spec.camera.model_copy(update={"pitch_deg": body.camera_pitch_deg})
            spec = spec.model_copy(update={"camera": camera})
        if vehicle_id in charges:
            spec = spec.model_copy(update={"battery_fraction": charges[vehicle_id]})
        aircraft.append(spec)
    return aircraft


def plan_request(
    session: Session,
    body: MakePlan,
    now_ms: int,
    gaps: list[list[GeoPoint]] | None = None,
    record: SearchRecord | None = None,
    charges: Mapping[str, float] | None = None,
    light: Light | None = None,
) -> PlanRequest:
    """Return what to plan: the operator's area, given gaps or the likeliest places.

    Args:
        session: of the roster.
        body: what the operator asked for.
        now_ms: UTC.
        gaps: outlines instead of the area.
        record: of the search so far, for the likeliest places.
        charges: of the batteries that are in aircraft on the ground.
        light: of simulated cameras, in place of the sun's.

    Raises:
        ApiError: 422, an aircraft is unknown or named twice.
    """
    aircraft = _aircraft(session, body, charges or {})
    launch = aircraft[0].launch
    pattern = body.pattern
    if record is not None:
        spacing_m = min(lane_spacing_m(a.camera, body.agl_m, body.overlap) for a in aircraft)
        pattern = Tracks(tracks=likely_tracks(record, aircraft, spacing_m))
    return PlanRequest(
        area=body.area if gaps is None else gaps[0],
        also=body.also if gaps is None else gaps[1:],
        holes=body.holes,
        pattern=pattern,
        entry=body.entry,
        aircraft=aircraft,
        agl_m=body.agl_m,
        overlap=body.overlap,
        heading_deg=body.heading_deg,
        heading_rule=body.heading_rule,
        wind=body.wind,
        sun_azimuth_deg=sun_azimuth_deg(now_ms, launch.lat_deg, launch.lon_deg),
        seek=body.seek,
        vegetation=body.vegetation,
        light=body.light or light or light_at(now_ms, launch),
        relay=body.relay,
        fences=read_fences(session),
    )
