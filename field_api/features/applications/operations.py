"""Filling, handing in and answering flight applications."""

from datetime import UTC, datetime

from field_api.core.documents.issuing import issue, next_number
from field_api.core.errors import refuse
from field_api.core.operation import Call, Operation
from field_api.core.texts import Both
from field_api.core.wire import digest
from field_api.features.applications.messages import (
    AnswerApplication,
    MakeApplication,
    SubmitApplication,
)
from field_api.features.applications.records import (
    TEMPLATE,
    applicant,
    application_views,
    asking_checks,
    flight_rules,
)
from field_api.features.applications.tables import ApplicationRecord, ApplicationState
from field_api.features.plans.permissions import PLAN_MAKE
from field_api.features.plans.records import approve, flight_facts
from field_api.features.plans.tables import PlanRecord
from field_api.features.roster.permissions import AIRSPACE_APPROVE
from mission_plans.rules.flight_application import fill_application

__all__ = ["ANSWER", "MAKE", "SUBMIT"]

HAND_IN_MS = 2 * 60_000
"""Left between filling an application and handing it in, where no take-off is asked for."""


def _whole_minute(t_ms: int) -> int:
    return -(-t_ms // 60_000) * 60_000


def _make(call: Call[MakeApplication]) -> ApplicationRecord:
    """Fill the thirteen items of Art. 27 from the plan and reckon the times (story O5)."""
    change, body, settings = call.change, call.body, call.ctx.settings
    record = change.get(PlanRecord, call.target)
    known = change.known(ApplicationRecord, body, body.id, plan_id=record.id)
    if known is not None:
        return known
    rules = flight_rules(settings.flight_rules_file)
    unit, plan = applicant(settings.applicant_file), record.plan
    facts = flight_facts(plan.request, change.t_ms)
    takeoff_ms = body.takeoff_ms or change.t_ms
    filled = fill_application(plan, unit, facts, rules, body.kind, takeoff_ms, change.t_ms)
    if body.takeoff_ms is None:
        takeoff_ms = _whole_minute(filled.earliest_takeoff_ms + HAND_IN_MS)
        filled = fill_application(plan, unit, facts, rules, body.kind, takeoff_ms, change.t_ms)
    row = change.create(
        ApplicationRecord(
            id=body.id,
            area=record.area,
            plan_id=record.id,
            plan_revision=record.revision,
            incident_id=record.incident_id,
            state=ApplicationState.DRAFTED,
            body=filled,
            request_sha256=digest(body),
            created_ms=change.t_ms,
            created_by=call.who.actor.name,
        )
    )
    change.record(
        "application.made",
        row.id,
        incident_id=row.incident_id,
        refs={"plan_id": record.id},
        kind=Both(filled.kind_zh, filled.kind_en),
    )
    return row


def _submit(call: Call[SubmitApplication]) -> ApplicationRecord:
    """Hand the application in now: its document is issued and never changes again."""
    change = call.change
    row = change.get(ApplicationRecord, call.target)
    if row.state is not ApplicationState.DRAFTED:
        return row
    change.put(row)
    row.state, row.submitted_ms = ApplicationState.SUBMITTED, change.t_ms
    row.submitted_by = call.who.actor.name
    year = datetime.fromtimestamp(change.t_ms / 1000, UTC).year
    document = issue(
        change,
        call.ctx.blobs,
        row,
        TEMPLATE,
        application_views(change.session, [row])[0],
        kind="flight_application",
        number=next_number(change.session, "flight_application", year, "西应急飞申"),
        incident_id=row.incident_id,
    )
    row.document_id = document.id
    late = change.t_ms > row.body.submit_by_ms
    change.record(
        "application.submitted",
        row.id,
        incident_id=row.incident_id,
        refs={"plan_id": row.plan_id, "document": document.sha256},
        number=document.number,
        late=Both(",晚于时限", ", late for its take-off") if late else Both("", ""),
    )
    return row


def _answer(call: Call[AnswerApplication]) -> ApplicationRecord:
    """Store the authority's answer; an approval is bound beside the plan."""
    change, body = call.change, call.body
    if body.approved and body.approval_id is None:
        raise refuse(422, "approval_id_needed", field="approval_id")
    if not body.approved and not body.text:
        raise refuse(422, "reason_needed", field="text")
    row = change.get(ApplicationRecord, call.target)
    if row.state is ApplicationState.DRAFTED:
        raise refuse(409, "not_submitted")
    if row.state is not ApplicationState.SUBMITTED:
        return row
    change.put(row)
    row.state = ApplicationState.APPROVED if body.approved else ApplicationState.REFUSED
    row.answered_ms, row.answered_by = change.t_ms, call.who.actor.name
    row.approval_id, row.answer_text = body.approval_id, body.text
    if body.approved and body.approval_id is not None:
        asking = asking_checks(call.ctx)
        approve(change, row.plan_id, row.id, body.approval_id, asking, call.who.actor.name)
    change.record(
        f"application.{row.state.value}",
        row.id,
        incident_id=row.incident_id,
        refs={"plan_id": row.plan_id, "approval_id": row.approval_id or ""},
        approval=row.approval_id or "",
        why=body.text,
    )
    return row


MAKE = Operation("application.make", PLAN_MAKE, MakeApplication, _make, targeted=True, batch=False)
SUBMIT = Operation(
    "application.submit", PLAN_MAKE, SubmitApplication, _submit, targeted=True, batch=False
)
ANSWER = Operation(
    "application.answer", AIRSPACE_APPROVE, AnswerApplication, _answer, targeted=True, batch=False
)
