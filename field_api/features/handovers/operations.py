"""Signing a shift off, and taking it over."""

from field_api.core.access import Principal
from field_api.core.change import Change
from field_api.core.errors import refuse
from field_api.core.operation import Call, Operation
from field_api.core.roles import DISTRICT
from field_api.core.wire import digest
from field_api.features.handovers.gathering import standing_of
from field_api.features.handovers.messages import ConfirmHandover, EditHandover, SignHandover
from field_api.features.handovers.permissions import HANDOVER_WRITE
from field_api.features.handovers.tables import Handover, HandoverState
from field_api.features.incidents.tables import Incident, IncidentState

__all__ = ["CONFIRM", "EDIT", "SIGN"]


def _area(who: Principal) -> str:
    """Return whose desk is handed over: a note tells nobody more than their own area.

    Raises:
        ApiError: 409 for an account of several areas: no one area would hold its note.
    """
    own = who.viewer.areas
    if len(own) > 1:
        raise refuse(409, "handover_of_several_areas")
    return own[0] if own else DISTRICT


def _sign(call: Call[SignHandover]) -> Handover:
    """Sign a shift off: what stands now is kept as it stands, with the words of who hands over."""
    change, body = call.change, call.body
    known = change.known(Handover, body, body.id)
    if known is not None:
        return known
    row = change.create(
        Handover(
            id=body.id,
            area=_area(call.who),
            state=HandoverState.SIGNED,
            standing=standing_of(change.session, change.t_ms),
            note=body.note,
            signed_ms=change.t_ms,
            signed_by=call.who.actor.name,
            signed_user=call.who.actor.id,
            request_sha256=digest(body),
        )
    )
    change.record(
        "handover.signed",
        row.id,
        area=row.area,
        by=row.signed_by,
        incidents=row.standing.totals["incidents"],
        clocks=row.standing.totals["clocks"],
    )
    return row


def _unconfirmed(change: Change, handover_id: str) -> Handover:
    row = change.get(Handover, handover_id)
    if row.state is HandoverState.CONFIRMED:
        raise refuse(409, "handover_confirmed", by=row.confirmed_by or "")
    return row


def _edit(call: Call[EditHandover]) -> Handover:
    """Put a note right until somebody has taken over; it then says what stands now."""
    change, body = call.change, call.body
    row = _unconfirmed(change, call.target)
    if row.signed_user != call.who.actor.id:
        raise refuse(403, "handover_of_another", by=row.signed_by)
    change.put(row, seen_version=body.version)
    row.note, row.standing = body.note, standing_of(change.session, change.t_ms)
    row.signed_ms = change.t_ms
    change.record("handover.edited", row.id, area=row.area, by=row.signed_by)
    return row


def _confirm(call: Call[ConfirmHandover]) -> Handover:
    """Take over by one's own account: whoever handed over can't, and nothing changes afterwards.

    The timeline of every incident handed over says who has it now.
    """
    change, body, actor = call.change, call.body, call.who.actor
    row = change.get(Handover, call.target)
    if row.state is HandoverState.CONFIRMED and row.confirmed_user == actor.id:
        change.repeated = True
        return row
    row = _unconfirmed(change, call.target)
    if row.signed_user == actor.id:
        raise refuse(409, "handover_own")
    change.put(row, seen_version=body.version)
    row.state, row.remark = HandoverState.CONFIRMED, body.remark
    row.confirmed_ms, row.confirmed_by, row.confirmed_user = change.t_ms, actor.name, actor.id
    change.record("handover.confirmed", row.id, area=row.area, by=actor.name, before=row.signed_by)
    for line in row.standing.incidents:
        incident = change.find(Incident, line.id)
        if incident is not None and incident.state is IncidentState.OPEN:
            change.record(
                "handover.taken_over",
                line.id,
                incident_id=line.id,
                by=actor.name,
                before=row.signed_by,
            )
    return row


SIGN = Operation("handover.sign", HANDOVER_WRITE, SignHandover, _sign, batch=False)
EDIT = Operation("handover.edit", HANDOVER_WRITE, EditHandover, _edit, targeted=True, batch=False)
CONFIRM = Operation(
    "handover.confirm", HANDOVER_WRITE, ConfirmHandover, _confirm, targeted=True, batch=False
)
