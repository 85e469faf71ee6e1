"""Reading tasks, and which handheld is nearest."""

from collections.abc import Sequence
from typing import Any, cast

from sqlmodel import Session, col, select

from field_api.core.blobs.tables import Attachment, stored_media
from field_api.core.change import Change
from field_api.core.errors import refuse
from field_api.core.services import Services
from field_api.features.incidents.tables import Incident
from field_api.features.positions.positions import Positions
from field_api.features.positions.rules import Located, by_distance
from field_api.features.roster.tables import Terminal
from field_api.features.tasks.messages import (
    NearestTerminal,
    SightLine,
    TaskReportView,
    TaskStepView,
    TaskView,
)
from field_api.features.tasks.rules import FINISHED
from field_api.features.tasks.tables import Task, TaskReport, TaskState, TaskStep
from mission_plans.values.plan import GeoPoint

__all__ = ["choose_terminal", "nearest_terminals", "task_views"]


def nearest_terminals(
    ctx: Services, session: Session, lat_deg: float, lon_deg: float
) -> list[NearestTerminal]:
    """Return handhelds of one's areas with a known position, nearest first."""
    roster = {row.id: row for row in session.exec(select(Terminal))}
    # Named one by one, not as "neither done nor refused": that would read every task there was.
    open_states = [state for state in TaskState if state not in FINISHED]
    open_tasks = select(Task.terminal_id).where(col(Task.state).in_(open_states)).distinct()
    busy = set(session.exec(open_tasks))
    positions = ctx.part(Positions).newest()
    located = [
        Located(terminal_id, position.lat_deg, position.lon_deg)
        for terminal_id, position in positions.items()
        if terminal_id in roster
    ]
    return [
        NearestTerminal(
            terminal_id=ranked.terminal_id,
            holder=roster[ranked.terminal_id].holder,
            team_id=roster[ranked.terminal_id].team_id,
            lat_deg=positions[ranked.terminal_id].lat_deg,
            lon_deg=positions[ranked.terminal_id].lon_deg,
            t_ms=positions[ranked.terminal_id].t_ms,
            distance_m=ranked.distance_m,
            bearing_deg=ranked.bearing_deg,
            busy=ranked.terminal_id in busy,
        )
        for ranked in by_distance(located, lat_deg, lon_deg)
    ]


def choose_terminal(
    ctx: Services, change: Change, terminal_id: str | None, place: GeoPoint | None
) -> tuple[Terminal, float | None]:
    """Return the handheld a task goes to and its distance, None where either has no position.

    Raises:
        ApiError: 404 for an unknown terminal, 409 where none reported a position, or where the
            task has no place that one could be nearest to.
    """
    if terminal_id is None:
        if place is None:
            raise refuse(409, "terminal_needed", field="terminal_id")
        ranked = nearest_terminals(ctx, change.session, place.lat_deg, place.lon_deg)
        chosen = next((item for item in ranked if not item.busy), ranked[0] if ranked else None)
        if chosen is None:
            raise refuse(409, "no_terminal", field="terminal_id")
        return change.session.get_one(Terminal, chosen.terminal_id), chosen.distance_m
    terminal = change.get(Terminal, terminal_id, field="terminal_id")
    position = ctx.part(Positions).of(terminal.id)
    if position is None or place is None:
        return terminal, None
    here = Located(terminal.id, position.lat_deg, position.lon_deg)
    return terminal, by_distance([here], place.lat_deg, place.lon_deg)[0].distance_m


def _steps(session: Session, ids: list[str]) -> dict[str, list[TaskStepView]]:
    found: dict[str, list[TaskStepView]] = {}
    rows = session.exec(
        select(TaskStep)
        .where(col(TaskStep.task_id).in_(ids))
        .order_by(col(TaskStep.received_ms), col(TaskStep.t_ms), col(TaskStep.id))
    )
    for step in rows:
        found.setdefault(step.task_id, []).append(
            TaskStepView(
                id=step.id,
                to=cast("Any", step.to_state.value),
                t_ms=step.t_ms,
                received_ms=step.received_ms,
                by=step.by,
                text=step.text,
            )
        )
    return found


def _reports(session: Session, ids: list[str]) -> dict[str, list[TaskReportView]]:
    rows = session.exec(
        select(TaskReport)
        .where(col(TaskReport.task_id).in_(ids))
        .order_by(col(TaskReport.t_ms), col(TaskReport.id))
    ).all()
    here = stored_media(session, [sha256 for row in rows for sha256 in row.media])
    found: dict[str, list[TaskReportView]] = {}
    for row in rows:
        found.setdefault(row.task_id, []).append(
            TaskReportView(
                id=row.id,
                t_ms=row.t_ms,
                received_ms=row.received_ms,
                by=row.by,
                text=row.text,
                lat_deg=row.lat_deg,
                lon_deg=row.lon_deg,
                media=row.media,
                media_missing=[sha256 for sha256 in row.media if sha256 not in here],
            )
        )
    return found


def _pictures(session: Session, ids: list[str]) -> dict[str, str]:
    """The picture of the alert each task is about: the part that shows it, else the whole."""
    query = select(Attachment).where(
        Attachment.topic == "task",
        col(Attachment.record_id).in_(ids),
        col(Attachment.role).in_(("evidence_crop", "evidence_frame")),
    )
    # The cut-out last: where both are there it is the one that stays.
    rows = sorted(session.exec(query), key=lambda row: row.role == "evidence_crop")
    return {row.record_id: row.sha256 for row in rows}


def _sight(row: Task) -> SightLine | None:
    if row.sight_lat_deg is None or row.sight_lon_deg is None or row.bearing_deg is None:
        return None
    return SightLine(
        lat_deg=row.sight_lat_deg, lon_deg=row.sight_lon_deg, bearing_deg=row.bearing_deg
    )


def task_views(session: Session, rows: Sequence[Task]) -> list[TaskView]:
    """Return what clients see of tasks: five queries for all of them."""
    ids = [row.id for row in rows]
    steps, reports = _steps(session, ids), _reports(session, ids)
    pictures = _pictures(session, ids)
    incidents = {row.incident_id for row in rows}
    drills = dict(
        session.exec(
            select(Incident.id, Incident.drill).where(col(Incident.id).in_(incidents))
        ).all()
    )
    terminals = {row.terminal_id for row in rows}
    holders = dict(
        session.exec(
            select(Terminal.id, Terminal.holder).where(col(Terminal.id).in_(terminals))
        ).all()
    )
    return [
        TaskView(
            id=row.id,
            version=row.version,
            area=row.area,
            incident_id=row.incident_id,
            detection_id=row.detection_id,
            terminal_id=row.terminal_id,
            assignee=holders.get(row.terminal_id, row.terminal_id),
            title=row.title,
            text=row.text,
            lat_deg=row.lat_deg,
            lon_deg=row.lon_deg,
            error_m=row.error_m,
            placed_by=row.placed_by,
            sight=_sight(row),
            picture=pictures.get(row.id),
            distance_m=row.distance_m,
            state=row.state,
            created_ms=row.created_ms,
            created_by=row.created_by,
            acknowledged_ms=row.acknowledged_ms,
            escalated_ms=row.escalated_ms,
            due_ms=row.due_ms,
            reminded_ms=row.reminded_ms,
            reminded_by=row.reminded_by,
            reminders=row.reminders,
            handed_to=row.handed_to,
            handed_from=row.handed_from,
            handed_from_id=row.handed_from_id,
            drill=drills.get(row.incident_id, False),
            steps=steps.get(row.id, []),
            reports=reports.get(row.id, []),
        )
        for row in rows
    ]
