"""Who was not heard in time."""

from sqlmodel import col, select

from field_api.core.roles import SYSTEM
from field_api.core.services import Services
from field_api.features.check_ins.rules import local_clock
from field_api.features.check_ins.tables import CheckIn
from field_api.features.incidents.records import of_open_incident
from field_api.features.positions.positions import Positions

__all__ = ["raise_overdue"]


def raise_overdue(ctx: Services) -> int:
    """Raise the alarm for everybody who is overdue; return for how many.

    A word may lie in a handheld's outbox: nobody can know. So the alarm says when the handheld
    was last heard at all, and claims nothing of the person.
    """
    now_ms = ctx.clock()
    late = (
        col(CheckIn.ended_ms).is_(None),
        col(CheckIn.due_ms) <= now_ms,
        col(CheckIn.overdue_ms).is_(None),
        of_open_incident(CheckIn.incident_id),
    )
    with ctx.store.read() as session:
        if session.exec(select(CheckIn.id).where(*late).limit(1)).first() is None:
            return 0
    with ctx.store.change(SYSTEM) as change:
        rows = change.session.exec(select(CheckIn).where(*late).limit(200)).all()
        for row in rows:
            change.put(row)
            row.overdue_ms = now_ms
            position = ctx.part(Positions).of(row.terminal_id)
            heard = [t_ms for t_ms in (row.heard_ms, position and position.t_ms) if t_ms]
            row.heard_ms = max(heard, default=None)
            change.record(
                "check_in.overdue",
                row.id,
                incident_id=row.incident_id,
                refs={"terminal_id": row.terminal_id, "heard_ms": str(row.heard_ms or "")},
                terminal=row.terminal_id,
                minutes=row.interval_s // 60,
                said=local_clock(row.last_ms),
                heard=local_clock(row.heard_ms),
            )
        return len(rows)
