"""Orders that no node answered."""

from sqlmodel import col, select

from field_api.core.roles import SYSTEM
from field_api.core.services import Services
from field_api.core.texts import both
from field_api.features.flights.tables import CommandRecord, CommandState

__all__ = ["ANSWER_WAIT_MS", "expire_unanswered"]

ANSWER_WAIT_MS = 15_000
"""How long after its expiry an order may still be answered: the result is on its way."""


def expire_unanswered(ctx: Services) -> int:
    """Mark and announce orders whose answer is overdue; return how many."""
    overdue = (
        CommandRecord.state == CommandState.SENT,
        col(CommandRecord.expires_ms) < ctx.clock() - ANSWER_WAIT_MS,
    )
    with ctx.store.read() as session:
        if session.exec(select(CommandRecord.id).where(*overdue).limit(1)).first() is None:
            return 0
    with ctx.store.change(SYSTEM) as change:
        rows = change.session.exec(select(CommandRecord).where(*overdue)).all()
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
