"""Tasks that nobody acknowledged in time."""

from sqlmodel import select

from field_api.services import Services
from field_api.store import SYSTEM
from field_api.tasks.models import Task
from field_api.tasks.records import task_view
from field_api.tasks.rules import is_due

__all__ = ["escalate_due"]


def escalate_due(ctx: Services) -> int:
    """Mark and announce every task that is unacknowledged for too long; return how many."""
    now_ms = ctx.clock()
    after_ms = int(ctx.settings.escalate_after_s * 1000)

    def due(row: Task) -> bool:
        return is_due(row.state, row.created_ms, row.escalated_ms, now_ms, after_ms)

    with ctx.store.read() as session:
        waiting = [
            row.id for row in session.exec(select(Task).where(Task.state == "sent")) if due(row)
        ]
    for task_id in waiting:
        with ctx.store.change(SYSTEM) as change:
            row = change.session.get_one(Task, task_id)
            if not due(row):
                continue
            row.escalated_ms = now_ms
            minutes = after_ms / 60_000
            change.record(
                "task.escalated",
                row.id,
                f"{row.terminal_id} {minutes:g} 分钟未签收,任务升级:{row.title}",
                f"{row.terminal_id} did not acknowledge in {minutes:g} min, escalated: {row.title}",
                incident_id=row.incident_id,
                refs={"terminal_id": row.terminal_id},
            )
            change.session.flush()
            view = task_view(change.session, row)
            change.after_commit(lambda view=view: ctx.live.publish("task", view))
    return len(waiting)
