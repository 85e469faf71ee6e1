"""Making plans from what the operator drew and the roster holds."""

import time
from typing import cast

from sqlmodel import Session, col, select

from field_api.errors import ApiError
from field_api.likelihood.tracks import likely_tracks
from field_api.plans.models import MakePlan, PlanRecord, PlanState, PlanView
from field_api.plans.rules import is_night, sun_azimuth_deg
from field_api.roster.records import read_fences, read_spec
from field_api.services import Services
from field_api.store import SYSTEM
from mission_plans.camera import lane_spacing_m
from mission_plans.flight_rules import FlightFacts, load_flight_rules, shipped_rules, triggered
from mission_plans.pattern import Tracks
from mission_plans.plan import AircraftSpec, GeoPoint, PlanRequest, SearchPlan
from mission_plans.probability.search_record import SearchRecord
from mission_plans.search import PlanError, plan_search

__all__ = [
    "compute_plan",
    "flight_facts",
    "get_plan",
    "list_plans",
    "plan_request",
    "plan_view",
    "use_improved",
]


def get_plan(session: Session, plan_id: str) -> PlanRecord:
    """Return a plan.

    Raises:
        ApiError: 404, there is none of this id.
    """
    row = session.get(PlanRecord, plan_id)
    if row is None:
        raise ApiError(404, "unknown_plan", "没有这个计划", "There is no such plan")
    return row


def plan_request(
    session: Session,
    body: MakePlan,
    now_ms: int,
    gaps: list[list[GeoPoint]] | None = None,
    record: SearchRecord | None = None,
) -> PlanRequest:
    """Return what to plan: the operator's area, given gaps or the likeliest places.

    Raises:
        ApiError: 422, an aircraft is unknown or named twice.
    """
    aircraft: list[AircraftSpec] = []
    for index, vehicle_id in enumerate(body.vehicle_ids):
        spec = read_spec(session, vehicle_id)
        if spec is None or vehicle_id in body.vehicle_ids[:index]:
            raise ApiError(
                422,
                "unknown_vehicle",
                f"花名册中没有 {vehicle_id},或重复选择",
                f"{vehicle_id} is not in the roster, or named twice",
                field=f"vehicle_ids.{index}",
            )
        if body.camera_pitch_deg is not None:
            camera = spec.camera.model_copy(update={"pitch_deg": body.camera_pitch_deg})
            spec = spec.model_copy(update={"camera": camera})
        aircraft.append(spec)
    launch = aircraft[0].launch
    pattern = body.pattern
    if record is not None:
        spacing_m = min(lane_spacing_m(a.camera, body.agl_m, body.overlap) for a in aircraft)
        pattern = Tracks(tracks=likely_tracks(record, aircraft, spacing_m))
    return PlanRequest(
        area=body.area if gaps is None else gaps[0],
        also=[] if gaps is None else gaps[1:],
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
        relay=body.relay,
        fences=read_fences(session),
    )


def compute_plan(ctx: Services, request: PlanRequest, plan_id: str) -> SearchPlan:
    """Return a plan with its checks.

    Raises:
        ApiError: 422, the area can't be planned; the text says why.
    """
    started = time.perf_counter()
    try:
        plan = plan_search(request, ctx.maps.terrain(), plan_id)
    except PlanError as error:
        raise ApiError(422, error.code, error.text_zh, error.text_en, field=error.field) from None
    planning_ms = (time.perf_counter() - started) * 1000
    metrics = plan.metrics.model_copy(update={"planning_ms": round(planning_ms, 1)})
    return with_law(ctx, plan.model_copy(update={"metrics": metrics}))


def flight_facts(request: PlanRequest, now_ms: int) -> FlightFacts:
    """Return what the flight rules must know besides the plan."""
    launch = request.aircraft[0].launch
    return FlightFacts(
        night=is_night(now_ms, launch.lat_deg, launch.lon_deg),
        # A pilot for each launch site: aircraft of one site are flown from one desk.
        pilots=len({(a.launch.lat_deg, a.launch.lon_deg) for a in request.aircraft}),
    )


def with_law(ctx: Services, plan: SearchPlan) -> SearchPlan:
    """Return a plan with the clauses it triggers among its checks (story O4)."""
    # Controlled areas are already among the planner's own checks.
    law = [
        check
        for check in triggered(
            plan,
            flight_facts(plan.request, ctx.clock()),
            load_flight_rules(ctx.settings.flight_rules_file)
            if ctx.settings.flight_rules_file
            else shipped_rules(),
        )
        if check.id != "law_19_zone"
    ]
    return plan.model_copy(update={"checks": [*plan.checks, *law]})


def plan_view(row: PlanRecord, now_ms: int) -> PlanView:
    """Return what clients see of a plan."""
    plan = SearchPlan.model_validate_json(row.plan_json)
    launch = plan.request.aircraft[0].launch
    return PlanView(
        id=row.id,
        incident_id=row.incident_id,
        state=cast("PlanState", row.state),
        revision=row.revision,
        flyable=plan.flyable,
        lights_required=is_night(now_ms, launch.lat_deg, launch.lon_deg),
        plan=plan,
        created_ms=row.created_ms,
        created_by=row.created_by,
        authorised_ms=row.authorised_ms,
        authorised_by=row.authorised_by,
        override_reason=row.override_reason,
        launched_ms=row.launched_ms,
        launched_by=row.launched_by,
    )


def use_improved(ctx: Services, better: SearchPlan) -> None:
    """Put a better plan in place of a draft that nobody has authorised yet."""
    with ctx.store.change(SYSTEM) as change:
        row = change.session.get(PlanRecord, better.id)
        if row is None or row.state != "draft":
            return
        before = SearchPlan.model_validate_json(row.plan_json)
        metrics = better.metrics.model_copy(update={"planning_ms": before.metrics.planning_ms})
        better = with_law(ctx, better.model_copy(update={"metrics": metrics}))
        row.plan_json = better.model_dump_json()
        row.revision += 1
        was_s, is_s = before.metrics.longest_sortie_s, metrics.longest_sortie_s
        change.record(
            "plan.improved",
            row.id,
            f"计划已优化:最长架次 {was_s / 60:.1f} → {is_s / 60:.1f} 分钟,"
            f"架次 {len(before.sorties)} → {len(better.sorties)}",
            f"Plan improved: longest sortie {was_s / 60:.1f} to {is_s / 60:.1f} min, "
            f"sorties {len(before.sorties)} to {len(better.sorties)}",
            incident_id=row.incident_id,
        )
        change.session.flush()
        view = plan_view(row, change.t_ms)
        change.after_commit(lambda: ctx.live.publish("plan", view))


def list_plans(session: Session, incident_id: str, now_ms: int) -> list[PlanView]:
    """Return an incident's plans, newest first."""
    rows = session.exec(
        select(PlanRecord)
        .where(PlanRecord.incident_id == incident_id)
        .order_by(col(PlanRecord.created_ms).desc(), col(PlanRecord.id).desc())
    )
    return [plan_view(row, now_ms) for row in rows]
