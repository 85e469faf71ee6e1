"""Orders that no node answered."""

from sqlmodel import and_, col, or_, select

from field_api.core.roles import SYSTEM
from field_api.core.services import Services
from field_api.core.texts import both
from field_api.features.flights.tables import CommandRecord, CommandState

__all__ = ["ANSWER_WAIT_MS", "expire_unanswered"]

ANSWER_WAIT_MS = 15_000
"""How long after its expiry an order may still be answered: the result is on its way."""
WORK_WAIT_MS = 3_600_000
"""How long what was begun (reading parameters or a log) may take: its node may have died in it."""


def expire_unanswered(ctx: Services) -> int:
    """Mark and announce orders whose answer is overdue; return how many."""
    late = col(CommandRecord.expires_ms) < ctx.clock() - ANSWER_WAIT_MS
    lost = col(CommandRecord.expires_ms) < ctx.clock() - WORK_WAIT_MS
    overdue = or_(
        and_(col(CommandRecord.state) == CommandState.SENT, late),
        and_(col(CommandRecord.state) == CommandState.ACCEPTED, lost),
    )
    with ctx.store.read() as session:
        if session.exec(select(CommandRecord.id).where(overdue).limit(1)).first() is None:
            return 0
    with ctx.store.change(SYSTEM) as change:
        rows = change.session.exec(select(CommandRecord).where(overdue)).all()
        for row in rows:
            change.put(row)
            row.state = CommandState.UNANSWERED
            change.record(
                "command.unanswered",
                row.id,
                incident_id=row.incident_id,
                refs={"vehicle_id": row.vehicle_id},
                vehicle=row.vehicle_id,
                action=both(f"words.action.{row.action}"),
            )
        return len(rows)
