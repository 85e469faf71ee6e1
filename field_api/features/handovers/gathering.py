"""Where everything stands: what a handover is drafted from."""

from typing import Any

from sqlalchemy import func
from sqlmodel import Session, SQLModel, col, select
from sqlmodel.sql.expression import SelectOfScalar

from field_api.features.detections.tables import DetectionRecord, DetectionStatus
from field_api.features.field_reports.tables import FieldReport, FieldReportState
from field_api.features.handovers.tables import (
    ClockLine,
    IncidentLine,
    Standing,
    TaskLine,
    WaitingLine,
    WarningLine,
)
from field_api.features.incident_reports.tables import ClockState, ReportClock
from field_api.features.incidents.records import of_open_incident
from field_api.features.incidents.tables import Incident, IncidentState
from field_api.features.tasks.tables import Task, TaskState
from field_api.features.warnings.tables import IssuedWarning, WarningState

__all__ = ["standing_of"]

MOST = 100
"""Lines of each list: a note with more is read by nobody; how many there are is said beside it."""
OPEN_TASKS = (TaskState.SENT, TaskState.ACKNOWLEDGED, TaskState.EN_ROUTE, TaskState.ON_SCENE)


def _rows(session: Session, query: SelectOfScalar[Any], *order: Any) -> tuple[list[Any], int]:
    """Return the first rows of a query, and how many there are in all."""
    rows = list(session.exec(query.order_by(*order).limit(MOST)).all())
    if len(rows) < MOST:
        return rows, len(rows)
    return rows, session.exec(select(func.count()).select_from(query.subquery())).one()


def _titles(session: Session, *lists: list[Any]) -> dict[str, str]:
    ids = {row.incident_id for rows in lists for row in rows if row.incident_id is not None}
    known = session.exec(select(Incident.id, Incident.title).where(col(Incident.id).in_(ids)))
    return dict(known.all())


def _of(row: SQLModel, titles: dict[str, str]) -> dict[str, Any]:
    incident_id = getattr(row, "incident_id", None)
    title = titles.get(incident_id, "") if incident_id else ""
    return {"id": getattr(row, "id"), "incident_id": incident_id, "incident": title}  # noqa: B009


def standing_of(session: Session, t_ms: int) -> Standing:
    """Return what is open, runs, waits and is in force, of what the session may see."""
    incidents, all_incidents = _rows(
        session,
        select(Incident).where(Incident.state == IncidentState.OPEN),
        col(Incident.opened_ms).desc(),
        col(Incident.id),
    )
    clocks, all_clocks = _rows(
        session,
        select(ReportClock).where(ReportClock.state == ClockState.RUNNING),
        col(ReportClock.due_ms).nulls_first(),
        col(ReportClock.id),
    )
    tasks, all_tasks = _rows(
        session,
        select(Task).where(col(Task.state).in_(OPEN_TASKS), of_open_incident(Task.incident_id)),
        col(Task.created_ms),
        col(Task.id),
    )
    alerts, all_alerts = _rows(
        session,
        select(DetectionRecord).where(
            DetectionRecord.status == DetectionStatus.OPEN,
            col(DetectionRecord.duplicate_of).is_(None),
        ),
        col(DetectionRecord.t_ms).desc(),
        col(DetectionRecord.id),
    )
    reports, all_reports = _rows(
        session,
        select(FieldReport).where(FieldReport.state == FieldReportState.NEW),
        col(FieldReport.reported_ms),
        col(FieldReport.id),
    )
    warnings, all_warnings = _rows(
        session,
        select(IssuedWarning).where(IssuedWarning.state == WarningState.IN_FORCE),
        col(IssuedWarning.sent_ms).desc(),
        col(IssuedWarning.id),
    )
    titles = _titles(session, clocks, tasks, alerts, reports, warnings)
    return Standing(
        as_of_ms=t_ms,
        incidents=[_incident(row) for row in incidents],
        clocks=[
            ClockLine(
                **_of(row, titles),
                name=row.name,
                name_en=row.name_en,
                due_ms=row.due_ms,
                # At once is overdue as soon as it is asked for.
                overdue=(row.due_ms if row.due_ms is not None else row.start_ms) < t_ms,
            )
            for row in clocks
        ],
        tasks=[
            TaskLine(
                **_of(row, titles),
                title=row.title,
                terminal_id=row.terminal_id,
                acknowledged=row.state is not TaskState.SENT,
                created_ms=row.created_ms,
            )
            for row in tasks
        ],
        alerts=[WaitingLine(**_of(row, titles), kind=row.label, t_ms=row.t_ms) for row in alerts],
        reports=[
            WaitingLine(**_of(row, titles), kind=row.kind.value, t_ms=row.reported_ms)
            for row in reports
        ],
        warnings=[
            WarningLine(
                **_of(row, titles),
                headline=row.headline,
                level=row.level.value if row.level else None,
                drill=row.drill,
                expires_ms=row.expires_ms,
            )
            for row in warnings
        ],
        totals={
            "incidents": all_incidents,
            "clocks": all_clocks,
            "tasks": all_tasks,
            "alerts": all_alerts,
            "reports": all_reports,
            "warnings": all_warnings,
        },
    )


def _incident(row: Incident) -> IncidentLine:
    return IncidentLine(
        id=row.id,
        incident_id=row.id,
        incident=row.title,
        kind=row.kind.value,
        drill=row.drill,
        opened_ms=row.opened_ms,
        people_missing=row.people_missing,
        people_found=row.people_found,
        people_injured=row.people_injured,
    )
