"""Reading plans, improving drafts, binding approvals."""

import time
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from sqlmodel import Session, col, select

from field_api.core.change import Change
from field_api.core.errors import ApiError, refuse
from field_api.core.roles import SYSTEM
from field_api.core.services import Services
from field_api.features.maps.base import MapBase
from field_api.features.plans.messages import (
    ChecklistItem,
    PlanApprovalView,
    PlanHead,
    PlanView,
)
from field_api.features.plans.rules import ITEMS, asked_items, lights_reason
from field_api.features.plans.tables import PlanApproval, PlanRecord, PlanState
from mission_plans.rules.flight_application import flown_sha256
from mission_plans.rules.flight_rules import triggered
from mission_plans.rules.rules_file import FlightRules, load_flight_rules, shipped_rules
from mission_plans.search.planning import PlanError, plan_search
from mission_plans.values.flight_facts import FlightFacts
from mission_plans.values.plan import Check, PlanRequest, SearchPlan

__all__ = [
    "approve",
    "bound_by",
    "compute_plan",
    "flight_facts",
    "flight_rules",
    "get_plan",
    "plan_heads",
    "plan_view",
    "plan_views",
    "state_facts",
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


@cache
def flight_rules(file: Path | None) -> FlightRules:
    """Return the rules in force: the settings' file, or those shipped."""
    return load_flight_rules(file) if file else shipped_rules()


def flight_facts(plan: SearchPlan, now_ms: int) -> FlightFacts:
    """Return what was stated of a flight, and what is known here: whether it is night, and that
    one system, this one, controls all aircraft of a plan."""
    night = lights_reason(plan, now_ms) == "night"
    return plan.facts.model_copy(update={"night": night, "one_system": True})


def with_law(ctx: Services, plan: SearchPlan) -> SearchPlan:
    """Return a plan with the clauses it triggers among its checks (story O4)."""
    rules = flight_rules(ctx.settings.flight_rules_file)
    ids = {rule.id for rule in rules.rules}
    # The law names a controlled area with its reason and article: the planner's words are less.
    own = [
        check
        for check in plan.checks
        if check.id not in ids and check.id != "airspace_controlled" and check.id[:4] != "law_"
    ]
    law = triggered(plan, flight_facts(plan, ctx.clock()), rules)
    if any(check.id == "law_19_height" for check in law):
        own = [check for check in own if check.id != "max_agl"]
    return plan.model_copy(update={"checks": [*own, *law]})


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
        lights = lights_reason(plan, now_ms)
        views.append(
            PlanView.model_validate(
                {
                    **_head(row, plan, bound),
                    "plan": plan,
                    "lights_required": lights is not None,
                    "lights_reason": lights,
                    "checklist": _checklist(plan, lights=lights is not None),
                }
            )
        )
    return views


def _checklist(plan: SearchPlan, *, lights: bool) -> list[ChecklistItem]:
    asked = asked_items(plan, lights=lights)
    return [
        ChecklistItem(
            item=item,
            asked=item in asked,
            checks=[check for check in plan.checks if check.id in ids and not check.passed],
        )
        for item, ids in ITEMS.items()
        if lights or item != "lights"
    ]


def plan_view(session: Session, row: PlanRecord, now_ms: int) -> PlanView:
    """Return one plan as clients see it."""
    return plan_views(session, [row], now_ms)[0]


# --- changing ----------------------------------------------------------------------------------


_binders: list[Callable[[Session, str], bool]] = []


def bound_by(binds: Callable[[Session, str], bool]) -> None:
    """Let a feature say of a plan, by its id, that it must stay as it is."""
    _binders.append(binds)


def use_improved(ctx: Services, better: SearchPlan) -> None:
    """Put a better plan in place of a draft that nobody has authorised or built on yet."""
    with ctx.store.change(SYSTEM) as change:
        row = change.session.get(PlanRecord, better.id)
        if row is None or row.state is not PlanState.DRAFT:
            return
        if any(binds(change.session, row.id) for binds in _binders):
            return
        before = row.plan
        metrics = better.metrics.model_copy(update={"planning_ms": before.metrics.planning_ms})
        better = with_law(
            ctx, better.model_copy(update={"metrics": metrics, "facts": before.facts})
        )
        change.put(row)
        row.plan = better
        row.revision += 1
        _lapse(change, row)
        change.record(
            "plan.improved",
            row.id,
            incident_id=row.incident_id,
            was=before.metrics.longest_sortie_s / 60,
            now=metrics.longest_sortie_s / 60,
            sorties_before=len(before.sorties),
            sorties=len(better.sorties),
        )


def state_facts(ctx: Services, change: Change, row: PlanRecord, facts: FlightFacts) -> None:
    """Store what was stated of a draft's flight and hold it against the rules anew."""
    before = row.plan
    change.put(row)
    row.plan = with_law(ctx, before.model_copy(update={"facts": facts}))
    row.revision += 1
    if flown_sha256(row.plan) != flown_sha256(before):
        _lapse(change, row)


def _lapse(change: Change, row: PlanRecord) -> None:
    """Let approvals answer no check any more: they were given for another flight."""
    query = select(PlanApproval).where(PlanApproval.plan_id == row.id)
    for approval in change.session.exec(query):
        approval.check_ids = []
        change.session.add(approval)


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
