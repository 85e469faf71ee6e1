"""What clients see of reports, their clocks and what was sent."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from field_api.features.incident_reports.gathering import (
    FIGURES_TOLD,
    changes_between,
    facts_of,
    gather,
)
from field_api.features.incident_reports.grading import graded_case
from field_api.features.incident_reports.messages import (
    CaseView,
    ChangeView,
    ClockView,
    ReportingView,
    ReportView,
    SendingView,
)
from field_api.features.incident_reports.rules import supplement_days
from field_api.features.incident_reports.tables import (
    ClockState,
    IncidentReport,
    ReportCase,
    ReportClock,
    ReportSending,
)
from field_api.features.incidents.tables import Incident

__all__ = ["case_views", "clock_views", "report_views", "reporting_of", "sending_views"]

DAY_MS = 86_400_000
MOST = 100


def case_views(session: Session, rows: Sequence[ReportCase]) -> list[CaseView]:
    """Return cases with the level that follows."""
    ids = [row.incident_id for row in rows]
    incidents = {
        row.id: row for row in session.exec(select(Incident).where(col(Incident.id).in_(ids)))
    }
    return [_case_view(incidents[row.incident_id], row) for row in rows]


def _case_view(incident: Incident, row: ReportCase) -> CaseView:
    graded = graded_case(incident.kind.value, row)
    said = row.level_said is not None
    days = supplement_days(incident.kind.value, traffic=row.traffic)
    since_ms = row.happened_ms or incident.opened_ms
    kept = row.model_dump(exclude={"reported_ms", "new_facts_ms", "ended"})
    return CaseView(
        **kept,
        level=row.level_said or (graded.level if graded else None),
        level_by=graded.by if graded and not said else None,
        level_basis=graded.basis if graded and not said else None,
        level_unknown=list(graded.unknown) if graded and not said else [],
        supplement_until_ms=None if days is None else since_ms + days * DAY_MS,
    )


def clock_views(_session: Session, rows: Sequence[ReportClock]) -> list[ClockView]:
    """Return clocks as clients see them."""
    return [ClockView.model_validate(row) for row in rows]


def report_views(_session: Session, rows: Sequence[IncidentReport]) -> list[ReportView]:
    """Return reports as clients see them."""
    return [ReportView.model_validate(row) for row in rows]


def sending_views(_session: Session, rows: Sequence[ReportSending]) -> list[SendingView]:
    """Return what was sent as clients see it."""
    return [SendingView.model_validate(row) for row in rows]


def reporting_of(session: Session, incident: Incident) -> ReportingView:
    """Return where the reports of an incident stand, and which one is to be made now."""
    case = session.get(ReportCase, incident.id)
    clocks = session.exec(
        select(ReportClock)
        .where(ReportClock.incident_id == incident.id)
        .order_by(col(ReportClock.start_ms).desc(), col(ReportClock.id))
        .limit(MOST)
    ).all()
    reports = session.exec(
        select(IncidentReport)
        .where(IncidentReport.incident_id == incident.id)
        .order_by(col(IncidentReport.drafted_ms).desc(), col(IncidentReport.id).desc())
        .limit(MOST)
    ).all()
    sendings = session.exec(
        select(ReportSending)
        .where(ReportSending.incident_id == incident.id)
        .order_by(col(ReportSending.sent_ms).desc(), col(ReportSending.id).desc())
        .limit(MOST)
    ).all()
    proposed, changes = None, []
    if case is not None:
        known = gather(session, incident, case)
        if known.previous is None:
            owed = any(c.state is ClockState.RUNNING and c.stage == "first" for c in clocks)
            proposed = "first" if owed else None
        else:
            found = changes_between(known.previous.facts, facts_of(known))
            changes = [ChangeView(key=k, before=b, after=a) for k, b, a in found]
            proposed = "follow_up" if any(k in FIGURES_TOLD for k, _, _ in found) else None
    return ReportingView(
        case=case_views(session, [case])[0] if case is not None else None,
        clocks=clock_views(session, clocks),
        reports=report_views(session, reports),
        sendings=sending_views(session, sendings),
        proposed=proposed,
        changes=changes,
    )
