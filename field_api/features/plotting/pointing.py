"""“Look here”: pointing at a place for everybody, and what fades by itself."""

from sqlmodel import col, select

from field_api.core.errors import refuse
from field_api.core.operation import Call, Operation
from field_api.core.roles import SYSTEM
from field_api.core.services import Services
from field_api.core.wire import digest
from field_api.features.incidents.tables import Incident, IncidentState
from field_api.features.plotting.messages import EndPointer, MakePointer
from field_api.features.plotting.permissions import DRAWING_EDIT, POINTER_MAKE
from field_api.features.plotting.tables import Pointer

__all__ = ["END", "POINT", "fade"]

MINUTE_MS = 60_000


def _point(call: Call[MakePointer]) -> Pointer:
    """Point at a place; repeating the body is safe.

    One that comes late, from a handheld that was out of reach, is in the timeline, and on screens
    only as long as it would have been.
    """
    change, body = call.change, call.body
    known = change.known(Pointer, body, body.id)
    if known is not None:
        return known
    incident = change.get(Incident, body.incident_id, field="incident_id")
    pointed_ms = min(body.t_ms, change.t_ms)
    if incident.state is not IncidentState.OPEN and pointed_ms > (incident.closed_ms or 0):
        raise refuse(409, "incident_closed")
    until_ms = pointed_ms + body.minutes * MINUTE_MS
    row = change.create(
        Pointer(
            **body.model_dump(exclude={"t_ms", "minutes"}),
            area=incident.area,
            pointed_ms=pointed_ms,
            until_ms=until_ms,
            ended=until_ms <= change.t_ms,
            author_id=call.who.user_id,
            author=call.who.actor.name,
            author_terminal_id=call.who.viewer.terminal_id,
            request_sha256=digest(body),
        )
    )
    change.record(
        "pointer.made",
        row.id,
        incident_id=incident.id,
        refs={"t_ms": str(body.t_ms), "lat_deg": str(row.lat_deg), "lon_deg": str(row.lon_deg)},
        text="pointer.made_late" if row.ended else "pointer.made",
        place=f"{row.lat_deg:.5f}, {row.lon_deg:.5f}",
        what=row.text,
    )
    return row


def _end(call: Call[EndPointer]) -> Pointer:
    """Take a pointer back; what has faded already stays as it is."""
    change = call.change
    row = change.get(Pointer, call.target)
    if row.author_id != call.who.user_id and not call.who.may(DRAWING_EDIT):
        raise refuse(403, "pointer_of_another", by=row.author)
    if row.ended:
        change.repeated = True
        return row
    change.put(row)
    row.ended = True
    change.record("pointer.ended", row.id, incident_id=row.incident_id, what=row.text)
    return row


def fade(ctx: Services) -> int:
    """Take pointers off the screens whose time is over; return how many."""
    due = select(Pointer).where(col(Pointer.ended).is_(False), Pointer.until_ms <= ctx.clock())
    with ctx.store.read() as session:
        if session.exec(due.limit(1)).first() is None:
            return 0
    with ctx.store.change(SYSTEM) as change:
        rows = change.session.exec(due.limit(200)).all()
        for row in rows:
            change.put(row)
            row.ended = True
        change.record("pointer.faded", "", count=len(rows))
        return len(rows)


POINT = Operation("pointer.make", POINTER_MAKE, MakePointer, _point, makes=Pointer)
END = Operation("pointer.end", POINTER_MAKE, EndPointer, _end, targeted=True)
