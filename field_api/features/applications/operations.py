"""Filling, handing in and answering flight applications."""

from datetime import UTC, datetime

from field_api.core.documents.issuing import issue, next_number
from field_api.core.errors import ApiError, refuse
from field_api.core.operation import Call, Operation
from field_api.core.texts import Both, both
from field_api.core.wire import digest
from field_api.features.applications.messages import (
    AnswerApplication,
    EditApplication,
    MakeApplication,
    SubmitApplication,
)
from field_api.features.applications.records import (
    TEMPLATE,
    applicant_of,
    application_views,
    asking_checks,
    plan_changed,
)
from field_api.features.applications.tables import ApplicationRecord, ApplicationState
from field_api.features.flights.views import flown_span_ms
from field_api.features.plans.permissions import PLAN_MAKE
from field_api.features.plans.records import approve, flight_facts, flight_rules
from field_api.features.plans.tables import PlanRecord
from field_api.features.roster.permissions import AIRSPACE_APPROVE
from mission_plans.rules.application_times import deadlines
from mission_plans.rules.flight_application import (
    ApplicationError,
    FlightTimes,
    edit_application,
    fill_application,
)
from mission_plans.rules.rules_file import FlightRules

__all__ = ["ANSWER", "EDIT", "MAKE", "SUBMIT"]

HAND_IN_MS = 2 * 60_000
"""Left between filling an application and handing it in, where no take-off is asked for."""


def _whole_minute(t_ms: int) -> int:
    return -(-t_ms // 60_000) * 60_000


def _flight_times(
    call: Call[MakeApplication], record: PlanRecord, rules: FlightRules
) -> FlightTimes:
    """Return the times asked for, else the flight's own, else the earliest the law allows."""
    change, body = call.change, call.body
    lasts_ms = round(record.plan.metrics.finished_s * 1000)
    takeoff_ms, landed_ms, flown = flown_span_ms(change.session, record.id)
    if body.takeoff_ms is not None:
        takeoff_ms, landed_ms, flown = body.takeoff_ms, None, False
    if takeoff_ms is None:
        soonest = deadlines(rules, body.kind, change.t_ms, change.t_ms).earliest_takeoff_ms
        takeoff_ms = _whole_minute(soonest + HAND_IN_MS)
    ends_ms = max(landed_ms or takeoff_ms + lasts_ms, takeoff_ms + 60_000)
    return FlightTimes(takeoff_ms=takeoff_ms, finished_ms=ends_ms, flown=flown)


def _make(call: Call[MakeApplication]) -> ApplicationRecord:
    """Fill the thirteen items of Art. 27 from the plan and reckon the times (story O5)."""
    change, body, settings = call.change, call.body, call.ctx.settings
    record = change.get(PlanRecord, call.target)
    known = change.known(ApplicationRecord, body, body.id, plan_id=record.id)
    if known is not None:
        return known
    if not record.plan.sorties:
        raise refuse(409, "nothing_to_apply_for")
    rules = flight_rules(settings.flight_rules_file)
    filled = fill_application(
        record.plan,
        applicant_of(change.session, settings.applicant_file),
        flight_facts(record.plan, change.t_ms),
        rules,
        body.kind,
        _flight_times(call, record, rules),
        change.t_ms,
    )
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


def _edit(call: Call[EditApplication]) -> ApplicationRecord:
    """Change words or times of a draft; the deadlines follow from the times."""
    change, body = call.change, call.body
    row = change.get(ApplicationRecord, call.target)
    if row.state is not ApplicationState.DRAFTED:
        raise refuse(409, "already_submitted")
    filled = row.body
    takeoff_ms = filled.takeoff_ms if body.takeoff_ms is None else body.takeoff_ms
    lasts_ms = filled.finished_ms - filled.takeoff_ms
    times = FlightTimes(
        takeoff_ms=takeoff_ms,
        finished_ms=takeoff_ms + lasts_ms if body.finished_ms is None else body.finished_ms,
        flown=filled.flown and takeoff_ms <= change.t_ms,
    )
    texts = {item.number: item.text for item in body.items}
    rules = flight_rules(call.ctx.settings.flight_rules_file)
    try:
        edited = edit_application(filled, texts, times, rules, change.t_ms)
    except ApplicationError as error:
        raise ApiError(422, "not_so", error.text_zh, error.text_en, field=error.field) from None
    change.put(row, seen_version=body.version)
    row.body = edited
    changed = [
        after.number
        for before, after in zip(filled.items, edited.items, strict=True)
        if before != after
    ]
    change.record(
        "application.edited",
        row.id,
        incident_id=row.incident_id,
        refs={"plan_id": row.plan_id},
        items=", ".join(map(str, changed)) or "–",
    )
    return row


def _submit(call: Call[SubmitApplication]) -> ApplicationRecord:
    """Hand the application in now: its document is issued and never changes again."""
    change = call.change
    row = change.get(ApplicationRecord, call.target)
    if row.state is not ApplicationState.DRAFTED:
        return row
    if plan_changed(change.session, row):
        raise refuse(409, "plan_changed_since")
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
    """Store the authority's answer; an approval is bound beside the plan it was given for.

    Where the plan changed since, the answer is kept and answers no check.
    """
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
    stale = plan_changed(change.session, row)
    if body.approved and body.approval_id is not None and not stale:
        asking = asking_checks(call.ctx)
        approve(change, row.plan_id, row.id, body.approval_id, asking, call.who.actor.name)
    change.record(
        f"application.{row.state.value}",
        row.id,
        incident_id=row.incident_id,
        refs={"plan_id": row.plan_id, "approval_id": row.approval_id or ""},
        approval=row.approval_id or "",
        why=body.text,
        stale=both("words.not_of_this_plan") if stale and body.approved else Both("", ""),
    )
    return row


MAKE = Operation("application.make", PLAN_MAKE, MakeApplication, _make, targeted=True, batch=False)
EDIT = Operation("application.edit", PLAN_MAKE, EditApplication, _edit, targeted=True, batch=False)
SUBMIT = Operation(
    "application.submit", PLAN_MAKE, SubmitApplication, _submit, targeted=True, batch=False
)
ANSWER = Operation(
    "application.answer", AIRSPACE_APPROVE, AnswerApplication, _answer, targeted=True, batch=False
)
