"""Calling the roll of an incident, answering, ending."""

from sqlmodel import col, select

from field_api.contract.ids import new_id
from field_api.core.change import Change
from field_api.core.errors import refuse
from field_api.core.operation import Call, Operation
from field_api.core.wire import digest
from field_api.features.check_ins.messages import AnswerRoll, CallRoll, EndRoll
from field_api.features.check_ins.permissions import CHECK_IN_SAY, CHECK_IN_SET
from field_api.features.check_ins.rules import said_at
from field_api.features.check_ins.tables import CheckIn, RollAsk, RollCall
from field_api.features.incidents.records import open_incident
from field_api.features.tasks.tables import Task, TaskState

__all__ = ["ANSWER", "CALL", "END"]

MOST_ASKED = 500


def _everybody(change: Change, incident_id: str) -> list[str]:
    """Handhelds that were sent out in an incident, also those that are done and on their way back.

    Who refused or was called off never left for it; who has a timer is out whatever their tasks.
    """
    away = (TaskState.REFUSED, TaskState.CANCELLED)
    sent = select(Task.terminal_id).where(
        Task.incident_id == incident_id, col(Task.state).not_in(away)
    )
    timed = select(CheckIn.terminal_id).where(
        CheckIn.incident_id == incident_id, col(CheckIn.ended_ms).is_(None)
    )
    found = {*change.session.exec(sent.distinct()), *change.session.exec(timed.distinct())}
    return sorted(found)[:MOST_ASKED]


def _call(call: Call[CallRoll]) -> RollCall:
    """Ask everybody of an incident at once; repeating the body is safe."""
    change, body = call.change, call.body
    known = change.known(RollCall, body, body.id)
    if known is not None:
        return known
    incident = open_incident(change, body.incident_id)
    going = select(RollCall).where(
        RollCall.incident_id == incident.id, col(RollCall.ended_ms).is_(None)
    )
    if change.session.exec(going.limit(1)).first() is not None:
        raise refuse(409, "roll_is_called")
    asked = _everybody(change, incident.id)
    if not asked:
        raise refuse(409, "roll_of_nobody")
    row = change.create(
        RollCall(
            id=body.id,
            area=incident.area,
            incident_id=incident.id,
            called_ms=change.t_ms,
            called_by=call.who.actor.name,
            request_sha256=digest(body),
        )
    )
    change.session.flush()
    for terminal_id in asked:
        change.create(
            RollAsk(
                id=new_id(),
                area=incident.area,
                roll_call_id=row.id,
                incident_id=incident.id,
                terminal_id=terminal_id,
                called_ms=change.t_ms,
            ),
            fresh_id=True,
        )
    change.record(
        "roll.called",
        row.id,
        incident_id=row.incident_id,
        refs={"terminals": ",".join(asked)},
        by=row.called_by,
        count=len(asked),
    )
    return row


def _unanswered(change: Change, roll_call_id: str) -> list[RollAsk]:
    query = select(RollAsk).where(
        RollAsk.roll_call_id == roll_call_id, col(RollAsk.answered_ms).is_(None)
    )
    return list(change.session.exec(query.limit(MOST_ASKED)).all())


def _answer(call: Call[AnswerRoll]) -> RollAsk:
    """Answer a roll call; the last answer ends it. One that comes after its end is kept too."""
    change, body = call.change, call.body
    ask = change.get(RollAsk, call.target)
    if call.who.viewer.terminal_id != ask.terminal_id:
        raise refuse(403, "check_in_of_another")
    if ask.answered_ms is not None:
        change.repeated = True
        return ask
    change.put(ask)
    ask.answered_ms, ask.received_ms = said_at(body.t_ms, change.t_ms), change.t_ms
    change.session.flush()
    row = change.session.get_one(RollCall, ask.roll_call_id)
    missing = len(_unanswered(change, row.id))
    if row.ended_ms is None and not missing:
        row.ended_ms = change.t_ms
    change.retell(row)
    change.record(
        "roll.answered",
        row.id,
        incident_id=row.incident_id,
        refs={"terminal_id": ask.terminal_id, "t_ms": str(ask.answered_ms)},
        by=call.who.actor.name,
        terminal=ask.terminal_id,
        missing=missing,
    )
    return ask


def _end(call: Call[EndRoll]) -> RollCall:
    """End a roll call that somebody has not answered; ending it again changes nothing."""
    change = call.change
    row = change.get(RollCall, call.target)
    if row.ended_ms is not None:
        change.repeated = True
        return row
    missing = _unanswered(change, row.id)
    for ask in missing:
        change.put(ask)
        ask.closed = True
    change.put(row)
    row.ended_ms, row.ended_by = change.t_ms, call.who.actor.name
    change.record(
        "roll.ended",
        row.id,
        incident_id=row.incident_id,
        by=row.ended_by,
        missing=", ".join(sorted(ask.terminal_id for ask in missing)),
    )
    return row


CALL = Operation("roll.call", CHECK_IN_SET, CallRoll, _call, makes=RollCall, batch=False)
ANSWER = Operation("roll.answer", CHECK_IN_SAY, AnswerRoll, _answer, targeted=True)
END = Operation("roll.end", CHECK_IN_SET, EndRoll, _end, targeted=True, batch=False)
