"""Calls for help: raised on one's own handheld, kept until they are cancelled."""

from field_api.core.errors import refuse
from field_api.core.operation import Call, Operation
from field_api.core.wire import digest
from field_api.features.field_reports.messages import CancelSos, RaiseSos
from field_api.features.field_reports.permissions import REPORT_ANSWER, SOS_END, SOS_SEND
from field_api.features.field_reports.tables import Sos, SosState
from field_api.features.roster.tables import Terminal

__all__ = ["CANCEL", "RAISE"]


def _raise(call: Call[RaiseSos]) -> Sos:
    """Call for help; repeating the body is safe."""
    change, body = call.change, call.body
    known = change.known(Sos, body, body.id)
    if known is not None:
        return known
    terminal_id = call.who.viewer.terminal_id
    terminal = change.session.get(Terminal, terminal_id) if terminal_id else None
    if terminal is None:
        raise refuse(403, "no_own_terminal")
    row = change.create(
        Sos(
            **body.model_dump(exclude={"t_ms"}),
            area=terminal.area,
            terminal_id=terminal.id,
            raised_ms=min(body.t_ms, change.t_ms),
            raised_by=call.who.actor.name,
            raised_user=call.who.user_id,
            state=SosState.RAISED,
            request_sha256=digest(body),
        )
    )
    change.record(
        "sos.raised",
        row.id,
        area=row.area,
        refs={"terminal_id": row.terminal_id, "t_ms": str(body.t_ms)},
        who=row.raised_by,
        terminal=row.terminal_id,
        what=row.text[:200],
    )
    return row


def _cancel(call: Call[CancelSos]) -> Sos:
    """End a call for help: command any, the holder their own with a reason."""
    change, body = call.change, call.body
    row = change.get(Sos, call.target)
    commands = call.who.may(REPORT_ANSWER)
    if not commands and row.raised_user != call.who.user_id:
        raise refuse(403, "sos_of_another")
    if row.state is SosState.CANCELLED:
        change.repeated = True
        return row
    if not commands and not body.reason:
        raise refuse(422, "sos_needs_reason", field="reason")
    change.put(row)
    row.state, row.cancelled_reason = SosState.CANCELLED, body.reason
    row.cancelled_ms, row.cancelled_by = change.t_ms, call.who.actor.name
    change.record(
        "sos.cancelled",
        row.id,
        area=row.area,
        by=call.who.actor.name,
        terminal=row.terminal_id,
        why=body.reason,
    )
    return row


RAISE = Operation("sos.raise", SOS_SEND, RaiseSos, _raise, makes=Sos)
CANCEL = Operation("sos.cancel", SOS_END, CancelSos, _cancel, targeted=True)
