"""Reading plans, improving drafts, binding approvals."""

import time
from collections.abc import Sequence

from sqlmodel import Session, col, select

from field_api.core.change import Change
from field_api.core.errors import ApiError, refuse
from field_api.core.roles import SYSTEM
from field_api.core.services import Services
from field_api.features.maps.base import MapBase
from field_api.features.plans.messages import PlanApprovalView, PlanHead, PlanView
from field_api.features.plans.rules import is_night
from field_api.features.plans.tables import PlanApproval, PlanRecord, PlanState
from mission_plans.rules.flight_rules import (
    FlightFacts,
    load_flight_rules,
    shipped_rules,
    triggered,
)
from mission_plans.search.planning import PlanError, plan_search
from mission_plans.values.plan import Check, PlanRequest, SearchPlan

__all__ = [
    "approve",
    "compute_plan",
    "flight_facts",
    "get_plan",
    "plan_heads",
    "plan_view",
    "plan_views",
    "use_improved",
]


def get_plan(session: Session, plan_id: str) -> PlanRecord:
    """Return a plan that the session may see.

    Raises:
        ApiError: 404, there is none of this id.
    """
    row = session.get(PlanRecord, plan_id)
    if row is None:
        raise refuse(404, "unknown_plan")
    return row


def compute_plan(ctx: Services, request: PlanRequest, plan_id: str) -> SearchPlan:
    """Return a plan with its checks.

    Raises:
        ApiError: 422, the area can't be planned; the text says why.
    """
    started = time.perf_counter()
    try:
        plan = plan_search(request, ctx.part(MapBase).terrain(), plan_id)
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


# --- views -------------------------------------------------------------------------------------


def _approvals(session: Session, ids: list[str]) -> dict[str, list[PlanApproval]]:
    found: dict[str, list[PlanApproval]] = {}
    query = select(PlanApproval).where(col(PlanApproval.plan_id).in_(ids))
    for row in session.exec(query.order_by(col(PlanApproval.bound_ms))):
        found.setdefault(row.plan_id, []).append(row)
    return found


def _answered(check: Check, approvals: list[PlanApproval]) -> Check:
    approval = next((a for a in approvals if check.id in a.check_ids), None)
    if check.passed or approval is None:
        return check
    return check.model_copy(
        update={
            "passed": True,
            "text_zh": f"{check.text_zh}(已批准 {approval.approval_id})",
            "text_en": f"{check.text_en} (approved: {approval.approval_id})",
        }
    )


def _with_approvals(plan: SearchPlan, approvals: list[PlanApproval]) -> SearchPlan:
    """Return a plan whose checks are answered by approvals; the stored plan stays as it is."""
    if not approvals:
        return plan
    checks = [_answered(check, approvals) for check in plan.checks]
    return plan.model_copy(update={"checks": checks})


def _head(row: PlanRecord, plan: SearchPlan, approvals: list[PlanApproval]) -> dict[str, object]:
    return {
        "id": row.id,
        "version": row.version,
        "area": row.area,
        "incident_id": row.incident_id,
        "state": row.state,
        "revision": row.revision,
        "flyable": plan.flyable,
        "vehicle_ids": [aircraft.vehicle_id for aircraft in plan.request.aircraft],
        "area_m2": plan.metrics.area_m2,
        "sortie_count": len(plan.sorties),
        "longest_sortie_s": plan.metrics.longest_sortie_s,
        "approvals": [PlanApprovalView.model_validate(approval) for approval in approvals],
        "created_ms": row.created_ms,
        "created_by": row.created_by,
        "authorised_ms": row.authorised_ms,
        "authorised_by": row.authorised_by,
        "override_reason": row.override_reason,
        "launched_ms": row.launched_ms,
        "launched_by": row.launched_by,
    }


def plan_heads(session: Session, rows: Sequence[PlanRecord]) -> list[PlanHead]:
    """Return plans without their lanes."""
    approvals = _approvals(session, [row.id for row in rows])
    return [
        PlanHead.model_validate(
            _head(
                row, _with_approvals(row.plan, approvals.get(row.id, [])), approvals.get(row.id, [])
            )
        )
        for row in rows
    ]


def plan_views(session: Session, rows: Sequence[PlanRecord], now_ms: int) -> list[PlanView]:
    """Return plans as clients see them."""
    approvals = _approvals(session, [row.id for row in rows])
    views: list[PlanView] = []
    for row in rows:
        bound = approvals.get(row.id, [])
        plan = _with_approvals(row.plan, bound)
        launch = plan.request.aircraft[0].launch
        views.append(
            PlanView.model_validate(
                {
                    **_head(row, plan, bound),
                    "plan": plan,
                    "lights_required": is_night(now_ms, launch.lat_deg, launch.lon_deg),
                }
            )
        )
    return views


def plan_view(session: Session, row: PlanRecord, now_ms: int) -> PlanView:
    """Return one plan as clients see it."""
    return plan_views(session, [row], now_ms)[0]


# --- changing ----------------------------------------------------------------------------------


def use_improved(ctx: Services, better: SearchPlan) -> None:
    """Put a better plan in place of a draft that nobody has authorised yet."""
    with ctx.store.change(SYSTEM) as change:
        row = change.session.get(PlanRecord, better.id)
        if row is None or row.state is not PlanState.DRAFT:
            return
        before = row.plan
        metrics = better.metrics.model_copy(update={"planning_ms": before.metrics.planning_ms})
        better = with_law(ctx, better.model_copy(update={"metrics": metrics}))
        change.put(row)
        row.plan = better
        row.revision += 1
        change.record(
            "plan.improved",
            row.id,
            incident_id=row.incident_id,
            was=before.metrics.longest_sortie_s / 60,
            now=metrics.longest_sortie_s / 60,
            sorties_before=len(before.sorties),
            sorties=len(better.sorties),
        )


def approve(
    change: Change, plan_id: str, application_id: str, approval_id: str, asking: set[str], by: str
) -> None:
    """Bind an approval to a plan: it answers the checks that asked for one.

    Args:
        change: the transaction.
        plan_id: the plan applied for.
        application_id: the application that was answered.
        approval_id: the authority's number.
        asking: ids of the checks that an approval answers.
        by: who bound it.
    """
    row = change.session.get_one(PlanRecord, plan_id)
    failed = [check.id for check in row.plan.checks if not check.passed and check.id in asking]
    change.session.add(
        PlanApproval(
            application_id=application_id,
            plan_id=plan_id,
            approval_id=approval_id,
            check_ids=failed,
            bound_ms=change.t_ms,
            bound_by=by,
        )
    )
    change.session.flush()
    change.put(row)
    row.revision += 1
