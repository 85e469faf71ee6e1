"""Writing editions of plans, approving them, and saying that a drill was held."""

from datetime import date, datetime, timedelta, timezone

from sqlmodel import col, func, select

from field_api.core.change import Change
from field_api.core.errors import refuse
from field_api.core.operation import Call, Operation
from field_api.core.wire import digest
from field_api.features.incidents.tables import Incident
from field_api.features.response_plans.messages import (
    AskPlanApproval,
    DecidePlan,
    EditPlan,
    SayDrill,
    WithdrawPlan,
    WriteResponsePlan,
)
from field_api.features.response_plans.permissions import RESPONSE_APPROVE, RESPONSE_WRITE
from field_api.features.response_plans.tables import (
    PlanDrill,
    PlanLevel,
    ResponsePlan,
    ResponsePlanState,
)

__all__ = ["ASK", "DECIDE", "DRILL", "EDIT", "WITHDRAW", "WRITE"]

BUREAU_ZONE = timezone(timedelta(hours=8))
_S = ResponsePlanState


def _day(text: str, field: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise refuse(422, "no_such_day", field=field, day=text) from None


def _levels(body: WriteResponsePlan | EditPlan) -> list[PlanLevel]:
    return [PlanLevel.model_validate(each.model_dump()) for each in body.levels]


def _edition_of(change: Change, body: WriteResponsePlan) -> tuple[str, int]:
    """Return the plan's key and the number of its next edition."""
    if body.of is None:
        return body.id, 1
    before = change.get(ResponsePlan, body.of, field="of")
    own = ResponsePlan.plan_key == before.plan_key
    waiting = select(ResponsePlan.id).where(own, col(ResponsePlan.state).in_([_S.DRAFT, _S.ASKED]))
    if change.session.exec(waiting.limit(1)).first() is not None:
        raise refuse(409, "response_plan_being_written", name=before.name)
    last = change.session.exec(select(func.max(ResponsePlan.edition)).where(own)).one()
    return before.plan_key, (last or 0) + 1


def _write(call: Call[WriteResponsePlan]) -> ResponsePlan:
    """Write a new plan or the next edition of one; the one in force stays until it is approved."""
    change, body = call.change, call.body
    known = change.known(ResponsePlan, body, body.id)
    if known is not None:
        return known
    key, edition = _edition_of(change, body)
    row = change.create(
        ResponsePlan(
            id=body.id,
            plan_key=key,
            edition=edition,
            state=_S.DRAFT,
            name=body.name,
            owner=body.owner,
            kinds=[kind.value for kind in body.kinds],
            basis=body.basis,
            levels=_levels(body),
            expires_on=_day(body.expires_on, "expires_on") if body.expires_on else None,
            written_ms=change.t_ms,
            written_by=call.who.actor.name,
            request_sha256=digest(body),
        )
    )
    change.record(
        "response_plan.written", row.id, by=row.written_by, name=row.name, edition=row.edition
    )
    return row


def _looked_at(
    change: Change, plan_id: str, version: int, *states: ResponsePlanState
) -> ResponsePlan:
    row = change.get(ResponsePlan, plan_id)
    if row.state not in states:
        raise refuse(409, f"response_plan_is_{row.state.value}", name=row.name)
    return change.put(row, seen_version=version)


def _edit(call: Call[EditPlan]) -> ResponsePlan:
    """Write a draft anew; one that waits for approval becomes a draft again."""
    change, body = call.change, call.body
    row = _looked_at(change, call.target, body.version, _S.DRAFT, _S.ASKED)
    row.name, row.owner, row.basis = body.name, body.owner, body.basis
    row.kinds, row.levels = [kind.value for kind in body.kinds], _levels(body)
    row.expires_on = _day(body.expires_on, "expires_on") if body.expires_on else None
    row.state = _S.DRAFT
    row.written_ms, row.written_by = change.t_ms, call.who.actor.name
    change.record(
        "response_plan.written", row.id, by=row.written_by, name=row.name, edition=row.edition
    )
    return row


def _ask(call: Call[AskPlanApproval]) -> ResponsePlan:
    """Ask a commander to approve it."""
    change = call.change
    row = _looked_at(change, call.target, call.body.version, _S.DRAFT)
    row.state = _S.ASKED
    row.asked_ms, row.asked_by = change.t_ms, call.who.actor.name
    change.record("response_plan.asked", row.id, by=row.asked_by, name=row.name)
    return row


def _decide(call: Call[DecidePlan]) -> ResponsePlan:
    """Approve the edition that was looked at: it takes the place of the one before."""
    change, body = call.change, call.body
    row = _looked_at(change, call.target, body.version, _S.DRAFT, _S.ASKED)
    if not body.approve and not body.opinion:
        raise refuse(422, "plan_needs_opinion", field="opinion")
    row.decided_ms, row.decided_by = change.t_ms, call.who.actor.name
    row.opinion = body.opinion
    row.state = _S.APPROVED if body.approve else _S.DRAFT
    if body.approve:
        before = select(ResponsePlan).where(
            ResponsePlan.plan_key == row.plan_key,
            ResponsePlan.state == _S.APPROVED,
            ResponsePlan.id != row.id,
        )
        for each in change.session.exec(before).all():
            change.put(each)
            each.state = _S.SUPERSEDED
    change.record(
        "response_plan.approved" if body.approve else "response_plan.sent_back",
        row.id,
        by=row.decided_by,
        name=row.name,
        edition=row.edition,
        opinion=body.opinion,
    )
    return row


def _withdraw(call: Call[WithdrawPlan]) -> ResponsePlan:
    """Say that a plan is in force no longer, or that a draft is not wanted."""
    change, body = call.change, call.body
    states = (_S.DRAFT, _S.ASKED, _S.APPROVED)
    row = _looked_at(change, call.target, body.version, *states)
    row.state = _S.WITHDRAWN
    row.decided_ms, row.decided_by = change.t_ms, call.who.actor.name
    row.opinion = body.reason
    change.record(
        "response_plan.withdrawn", row.id, by=row.decided_by, name=row.name, why=body.reason
    )
    return row


def _drill(call: Call[SayDrill]) -> PlanDrill:
    """Say that a drill of the plan was held."""
    change, body = call.change, call.body
    plan = change.get(ResponsePlan, call.target)
    known = change.known(PlanDrill, body, body.id, plan_key=plan.plan_key)
    if known is not None:
        return known
    held = _day(body.held_on, "held_on")
    if held > datetime.fromtimestamp(change.t_ms / 1000, BUREAU_ZONE).date().isoformat():
        raise refuse(422, "drill_in_future", field="held_on")
    if body.incident_id is not None:
        change.get(Incident, body.incident_id, field="incident_id")
    row = change.create(
        PlanDrill(
            id=body.id,
            plan_key=plan.plan_key,
            held_on=held,
            note=body.note,
            incident_id=body.incident_id,
            said_ms=change.t_ms,
            said_by=call.who.actor.name,
            request_sha256=digest(body),
        )
    )
    change.record("response_plan.drilled", row.id, by=row.said_by, name=plan.name, day=held)
    return row


WRITE = Operation("response_plan.write", RESPONSE_WRITE, WriteResponsePlan, _write, batch=False)
EDIT = Operation("response_plan.edit", RESPONSE_WRITE, EditPlan, _edit, targeted=True, batch=False)
ASK = Operation(
    "response_plan.ask", RESPONSE_WRITE, AskPlanApproval, _ask, targeted=True, batch=False
)
DECIDE = Operation(
    "response_plan.decide", RESPONSE_APPROVE, DecidePlan, _decide, targeted=True, batch=False
)
WITHDRAW = Operation(
    "response_plan.withdraw", RESPONSE_APPROVE, WithdrawPlan, _withdraw, targeted=True, batch=False
)
DRILL = Operation(
    "response_plan.drill", RESPONSE_WRITE, SayDrill, _drill, targeted=True, batch=False
)
