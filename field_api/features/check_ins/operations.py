"""Setting and stopping check-in timers; saying that one is well."""

from sqlmodel import col, select

from field_api.core.change import Change
from field_api.core.errors import refuse
from field_api.core.operation import Call, Operation
from field_api.core.wire import digest
from field_api.features.check_ins.messages import SayWell, SetCheckIn, StopCheckIn
from field_api.features.check_ins.permissions import CHECK_IN_SAY, CHECK_IN_SET
from field_api.features.check_ins.rules import due_after, local_clock, newest, said_at
from field_api.features.check_ins.tables import CheckIn, CheckInWord
from field_api.features.incidents.records import open_incident
from field_api.features.roster.tables import Terminal

__all__ = ["SAY", "SET", "STOP"]


def _end(change: Change, row: CheckIn, by: str) -> None:
    change.put(row)
    row.ended_ms, row.ended_by, row.overdue_ms = change.t_ms, by, None


def _set(call: Call[SetCheckIn]) -> CheckIn:
    """Set a timer; one that the handheld has in this incident ends. Repeating it is safe."""
    change, body, name = call.change, call.body, call.who.actor.name
    known = change.known(CheckIn, body, body.id)
    if known is not None:
        return known
    incident = open_incident(change, body.incident_id)
    terminal = change.get(Terminal, body.terminal_id, field="terminal_id")
    running = select(CheckIn).where(
        CheckIn.terminal_id == terminal.id,
        CheckIn.incident_id == incident.id,
        col(CheckIn.ended_ms).is_(None),
    )
    for before in change.session.exec(running.limit(10)).all():
        _end(change, before, name)
    interval_s = body.interval_min * 60
    row = change.create(
        CheckIn(
            id=body.id,
            area=incident.area,
            incident_id=incident.id,
            terminal_id=terminal.id,
            interval_s=interval_s,
            started_ms=change.t_ms,
            started_by=name,
            due_ms=due_after(change.t_ms, None, interval_s),
            request_sha256=digest(body),
        )
    )
    change.record(
        "check_in.set",
        row.id,
        incident_id=row.incident_id,
        refs={"terminal_id": row.terminal_id},
        by=name,
        terminal=row.terminal_id,
        minutes=body.interval_min,
    )
    return row


def _stop(call: Call[StopCheckIn]) -> CheckIn:
    """Stop a timer; stopping it again changes nothing."""
    change, name = call.change, call.who.actor.name
    row = change.get(CheckIn, call.target)
    if row.ended_ms is not None:
        change.repeated = True
        return row
    _end(change, row, name)
    change.record(
        "check_in.stopped",
        row.id,
        incident_id=row.incident_id,
        refs={"terminal_id": row.terminal_id},
        by=name,
        terminal=row.terminal_id,
    )
    return row


def _say(call: Call[SayWell]) -> CheckIn:
    """Say that one is well; the handheld's own time counts, however late it arrives.

    A word is never refused for being late: that somebody was well is worth knowing even once the
    timer was stopped or the incident closed.
    """
    change, body = call.change, call.body
    row = change.get(CheckIn, call.target)
    if call.who.viewer.terminal_id != row.terminal_id:
        raise refuse(403, "check_in_of_another")
    known = change.made_before(CheckInWord, body.id)
    if known is not None:
        if known.request_sha256 != digest(body) or known.check_in_id != row.id:
            raise refuse(409, "id_taken", field="id")
        change.repeated = True
        return row
    t_ms = said_at(body.t_ms, change.t_ms)
    change.session.add(
        CheckInWord(
            id=body.id,
            check_in_id=row.id,
            t_ms=t_ms,
            received_ms=change.t_ms,
            by=call.who.actor.name,
            request_sha256=digest(body),
        )
    )
    change.put(row)
    row.last_ms, row.heard_ms = newest(row.last_ms, t_ms), change.t_ms
    row.due_ms = due_after(row.started_ms, row.last_ms, row.interval_s)
    if row.due_ms > change.t_ms:
        row.overdue_ms = None
    change.record(
        "check_in.well",
        row.id,
        incident_id=row.incident_id,
        refs={"terminal_id": row.terminal_id, "t_ms": str(t_ms)},
        by=call.who.actor.name,
        terminal=row.terminal_id,
        said=local_clock(t_ms),
        came=local_clock(change.t_ms),
    )
    return row


# What comes out of a queue hours later would watch, or stop watching, whom nobody meant.
SET = Operation("check_in.set", CHECK_IN_SET, SetCheckIn, _set, makes=CheckIn, batch=False)
STOP = Operation("check_in.stop", CHECK_IN_SET, StopCheckIn, _stop, targeted=True, batch=False)
SAY = Operation("check_in.say", CHECK_IN_SAY, SayWell, _say, makes=CheckInWord, targeted=True)
