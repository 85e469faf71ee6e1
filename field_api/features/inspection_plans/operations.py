"""Writing a year's plan, and approving it."""

from sqlmodel import select

from field_api.core.areas import AreaKind, district_areas
from field_api.core.change import Change
from field_api.core.errors import refuse
from field_api.core.operation import Call, Operation
from field_api.core.wire import digest
from field_api.features.inspection_plans.messages import (
    ApprovePlan,
    SubmitPlan,
    TargetBody,
    WritePlan,
)
from field_api.features.inspection_plans.tables import InspectionPlan, PlanState, Target
from field_api.features.inspections.permissions import INSPECTION_APPROVE, INSPECTION_ASSIGN

__all__ = ["APPROVE", "SUBMIT", "WRITE"]


def _checked(targets: list[TargetBody]) -> list[Target]:
    areas = district_areas().listed()
    streets = {area.code for area in areas if area.kind is AreaKind.STREET}
    seen: set[tuple[str, str]] = set()
    for target in targets:
        if target.area not in streets:
            raise refuse(422, "plan_unknown_street", field="targets", area=target.area)
        if (target.area, target.sector) in seen:
            raise refuse(
                422, "plan_row_twice", field="targets", area=target.area, sector=target.sector
            )
        seen.add((target.area, target.sector))
    kept = [Target.model_validate(target.model_dump()) for target in targets]
    return sorted(kept, key=lambda target: (target.area, target.sector))


def _write(call: Call[WritePlan]) -> InspectionPlan:
    """Write a year's plan; what was approved has to be approved anew. Repeating is safe."""
    change, body = call.change, call.body
    of_year = select(InspectionPlan).where(InspectionPlan.year == body.year)
    row = change.session.exec(of_year.limit(1)).first()
    if row is not None and row.request_sha256 == digest(body):
        change.repeated = True
        return row
    targets = _checked(body.targets)
    if row is None:
        if change.known(InspectionPlan, body, body.id) is not None or body.version is not None:
            raise refuse(404, "unknown_inspection_plan", field="version", year=body.year)
        row = change.create(
            InspectionPlan(
                id=body.id,
                year=body.year,
                state=PlanState.DRAFT,
                targets=targets,
                written_ms=change.t_ms,
                written_by=call.who.actor.name,
            )
        )
    else:
        if body.version is None:
            raise refuse(409, "plan_of_year_there", field="year", year=body.year)
        change.put(row, seen_version=body.version)
        row.targets, row.state = targets, PlanState.DRAFT
        row.written_ms, row.written_by = change.t_ms, call.who.actor.name
    row.request_sha256 = digest(body)
    change.record(
        "inspection_plan.written",
        row.id,
        by=row.written_by,
        year=row.year,
        count=sum(sum(target.months) for target in targets),
    )
    return row


def _looked_at(change: Change, plan_id: str, version: int, state: PlanState) -> InspectionPlan:
    row = change.get(InspectionPlan, plan_id)
    if row.state is not state:
        raise refuse(409, f"inspection_plan_is_{row.state.value}", year=row.year)
    return change.put(row, seen_version=version)


def _submit(call: Call[SubmitPlan]) -> InspectionPlan:
    """Ask for approval."""
    change = call.change
    row = _looked_at(change, call.target, call.body.version, PlanState.DRAFT)
    if not any(any(target.months) for target in row.targets):
        raise refuse(409, "plan_is_empty", year=row.year)
    row.state = PlanState.ASKED
    row.asked_ms, row.asked_by = change.t_ms, call.who.actor.name
    change.record("inspection_plan.asked", row.id, by=row.asked_by, year=row.year)
    return row


def _approve(call: Call[ApprovePlan]) -> InspectionPlan:
    """Approve the plan that was looked at, or send it back with a reason."""
    change, body = call.change, call.body
    row = _looked_at(change, call.target, body.version, PlanState.ASKED)
    if not body.approve and not body.opinion:
        raise refuse(422, "plan_needs_opinion", field="opinion")
    row.state = PlanState.APPROVED if body.approve else PlanState.DRAFT
    row.decided_ms, row.decided_by = change.t_ms, call.who.actor.name
    row.opinion = body.opinion
    change.record(
        "inspection_plan.approved" if body.approve else "inspection_plan.sent_back",
        row.id,
        by=row.decided_by,
        year=row.year,
        opinion=body.opinion,
    )
    return row


WRITE = Operation("inspection_plan.write", INSPECTION_ASSIGN, WritePlan, _write, batch=False)
SUBMIT = Operation(
    "inspection_plan.submit", INSPECTION_ASSIGN, SubmitPlan, _submit, targeted=True, batch=False
)
APPROVE = Operation(
    "inspection_plan.approve", INSPECTION_APPROVE, ApprovePlan, _approve, targeted=True, batch=False
)
