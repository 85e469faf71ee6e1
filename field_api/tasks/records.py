"""Reading tasks and sending them."""

from typing import cast

from sqlmodel import Session, col, select

from field_api.errors import ApiError
from field_api.incidents.models import Incident
from field_api.roster.models import Terminal
from field_api.store import Change
from field_api.tasks.models import (
    AssignTask,
    Task,
    TaskReport,
    TaskReportView,
    TaskState,
    TaskStep,
    TaskStepView,
    TaskView,
    TransitionTarget,
)
from field_api.terminals.models import LastPosition
from field_api.terminals.records import nearest_terminals
from field_api.terminals.rules import Located, by_distance

__all__ = ["choose_terminal", "get_task", "list_tasks", "task_view"]


def get_task(session: Session, task_id: str) -> Task:
    """Return a task.

    Raises:
        ApiError: 404, there is none of this id.
    """
    row = session.get(Task, task_id)
    if row is None:
        raise ApiError(404, "unknown_task", "没有这个任务", "There is no such task")
    return row


def choose_terminal(change: Change, body: AssignTask) -> tuple[Terminal, float | None]:
    """Return the handheld a task goes to and its distance, None for one without a position.

    Raises:
        ApiError: 404 for an unknown terminal, 409 where none reported a position.
    """
    session = change.session
    if body.terminal_id is None:
        ranked = nearest_terminals(session, body.lat_deg, body.lon_deg)
        chosen = next((item for item in ranked if not item.busy), ranked[0] if ranked else None)
        if chosen is None:
            raise ApiError(
                409,
                "no_terminal",
                "没有终端上报过位置,请指定终端",
                "No terminal has reported a position; name one",
                field="terminal_id",
            )
        return session.get_one(Terminal, chosen.terminal_id), chosen.distance_m
    terminal = session.get(Terminal, body.terminal_id)
    if terminal is None:
        raise ApiError(
            404,
            "unknown_terminal",
            f"没有终端 {body.terminal_id}",
            f"There is no terminal {body.terminal_id}",
            field="terminal_id",
        )
    position = session.get(LastPosition, terminal.terminal_id)
    if position is None:
        return terminal, None
    here = Located(terminal.terminal_id, position.lat_deg, position.lon_deg)
    return terminal, by_distance([here], body.lat_deg, body.lon_deg)[0].distance_m


def task_view(session: Session, row: Task) -> TaskView:
    """Return what clients see of a task."""
    terminal = session.get(Terminal, row.terminal_id)
    incident = session.get_one(Incident, row.incident_id)
    steps = session.exec(
        select(TaskStep)
        .where(TaskStep.task_id == row.id)
        .order_by(col(TaskStep.received_ms), col(TaskStep.t_ms), col(TaskStep.id))
    )
    reports = session.exec(
        select(TaskReport)
        .where(TaskReport.task_id == row.id)
        .order_by(col(TaskReport.t_ms), col(TaskReport.id))
    )
    return TaskView(
        id=row.id,
        incident_id=row.incident_id,
        detection_id=row.detection_id,
        terminal_id=row.terminal_id,
        assignee=terminal.holder if terminal else row.terminal_id,
        title=row.title,
        text=row.text,
        lat_deg=row.lat_deg,
        lon_deg=row.lon_deg,
        distance_m=row.distance_m,
        state=cast("TaskState", row.state),
        created_ms=row.created_ms,
        created_by=row.created_by,
        acknowledged_ms=row.acknowledged_ms,
        escalated_ms=row.escalated_ms,
        drill=incident.drill,
        steps=[
            TaskStepView(
                id=step.id,
                to=cast("TransitionTarget", step.to_state),
                t_ms=step.t_ms,
                received_ms=step.received_ms,
                by=step.by,
                text=step.text,
            )
            for step in steps
        ],
        reports=[
            TaskReportView(
                id=report.id,
                t_ms=report.t_ms,
                received_ms=report.received_ms,
                by=report.by,
                text=report.text,
                lat_deg=report.lat_deg,
                lon_deg=report.lon_deg,
                media=[sha256 for sha256 in report.media.split(",") if sha256],
            )
            for report in reports
        ],
    )


def list_tasks(
    session: Session, *, incident_id: str | None = None, terminal_id: str | None = None
) -> list[TaskView]:
    """Return tasks, newest first."""
    query = select(Task).order_by(col(Task.created_ms).desc(), col(Task.id).desc())
    if incident_id is not None:
        query = query.where(Task.incident_id == incident_id)
    if terminal_id is not None:
        query = query.where(Task.terminal_id == terminal_id)
    return [task_view(session, row) for row in session.exec(query)]
