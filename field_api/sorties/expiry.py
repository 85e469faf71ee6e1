"""Orders that no node answered."""

from sqlmodel import col, select

from field_api.services import Services
from field_api.sorties.models import CommandRecord
from field_api.sorties.records import ACTION_ZH, command_view
from field_api.store import SYSTEM

__all__ = ["ANSWER_WAIT_MS", "expire_unanswered"]

ANSWER_WAIT_MS = 15_000
"""How long after its expiry an order may still be answered: the result is on its way."""


def expire_unanswered(ctx: Services) -> int:
    """Mark and announce orders whose answer is overdue; return how many."""
    overdue = (
        CommandRecord.state == "sent",
        col(CommandRecord.expires_ms) < ctx.clock() - ANSWER_WAIT_MS,
    )
    with ctx.store.read() as session:
        if session.exec(select(CommandRecord.id).where(*overdue)).first() is None:
            return 0
    with ctx.store.change(SYSTEM) as change:
        rows = change.session.exec(select(CommandRecord).where(*overdue)).all()
        for row in rows:
            row.state = "unanswered"
            change.record(
                "command.unanswered",
                row.id,
                f"{row.vehicle_id} {ACTION_ZH[row.action]}:节点未回复,命令已过期",
                f"{row.vehicle_id} {row.action.replace('_', ' ')}: no answer, it has expired",
                incident_id=row.incident_id,
                refs={"vehicle_id": row.vehicle_id},
            )
            view = command_view(row)
            change.after_commit(lambda view=view: ctx.live.publish("command_result", view))
        return len(rows)
