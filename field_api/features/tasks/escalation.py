"""Tasks that nobody acknowledged in time."""

from sqlmodel import col, select

from field_api.core.roles import SYSTEM
from field_api.core.services import Services
from field_api.features.incidents.records import of_open_incident
from field_api.features.tasks.rules import is_due
from field_api.features.tasks.tables import Task, TaskState

__all__ = ["escalate_due"]


def escalate_due(ctx: Services) -> int:
    """Mark and announce every task that is unacknowledged for too long; return how many."""
    now_ms = ctx.clock()
    after_ms = int(ctx.settings.escalate_after_s * 1000)
    waiting = (
        Task.state == TaskState.SENT,
        col(Task.escalated_ms).is_(None),
        col(Task.created_ms) <= now_ms - after_ms,
        # Of a closed incident nobody has to go any more.
        of_open_incident(Task.incident_id),
    )
    with ctx.store.read() as session:
        if session.exec(select(Task.id).where(*waiting).limit(1)).first() is None:
            return 0
    with ctx.store.change(SYSTEM) as change:
        rows = change.session.exec(select(Task).where(*waiting).limit(200)).all()
        due = [
            row
            for row in rows
            if is_due(row.state, row.created_ms, row.escalated_ms, now_ms, after_ms)
        ]
        for row in due:
            change.put(row)
            row.escalated_ms = now_ms
            change.record(
                "task.escalated",
                row.id,
                incident_id=row.incident_id,
                refs={"terminal_id": row.terminal_id},
                terminal=row.terminal_id,
                minutes=after_ms / 60_000,
                title=row.title,
            )
        return len(due)
