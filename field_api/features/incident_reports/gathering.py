"""What is known of an incident when a report is drafted."""

from dataclasses import dataclass, field

from sqlmodel import Session, col, select

from field_api.core.areas import district_areas
from field_api.features.detections.tables import DetectionRecord, DetectionStatus
from field_api.features.field_reports.tables import FieldReport, FieldReportState
from field_api.features.flights.tables import SortieRecord
from field_api.features.incident_reports.grading import graded_case
from field_api.features.incident_reports.levels import Graded
from field_api.features.incident_reports.tables import (
    IncidentReport,
    Level,
    ReportCase,
    ReportStage,
    ReportState,
)
from field_api.features.incidents.tables import Incident, IncidentFigures
from field_api.features.roster.tables import Team, Terminal, Vehicle
from field_api.features.tasks.tables import Task, TaskState

__all__ = [
    "FIGURES_TOLD",
    "Fact",
    "Known",
    "SentTeam",
    "changes_between",
    "facts_of",
    "gather",
    "last_issued",
]

Fact = str | int | float | None
MOST = 500
"""Records of one kind that a report counts: an incident with more has other worries."""


@dataclass(frozen=True, slots=True)
class SentTeam:
    """A team that has a task."""

    name: str
    task_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """Everything that a report draws on, as records."""

    incident: Incident
    case: ReportCase
    figures: IncidentFigures | None
    """The newest count of people."""
    area_name: str
    tasks: list[Task] = field(default_factory=list[Task])
    teams: list[SentTeam] = field(default_factory=list[SentTeam])
    sorties: list[SortieRecord] = field(default_factory=list[SortieRecord])
    aircraft: dict[str, str] = field(default_factory=dict[str, str])
    alerts: list[DetectionRecord] = field(default_factory=list[DetectionRecord])
    """Confirmed by a person: a lead is no fact."""
    field_reports: list[FieldReport] = field(default_factory=list[FieldReport])
    previous: IncidentReport | None = None
    """The last issued one."""

    @property
    def graded(self) -> Graded | None:
        """The level that the figures reach."""
        return graded_case(self.incident.kind.value, self.case)

    @property
    def level(self) -> Level | None:
        """As a person said, else as reckoned."""
        reckoned = self.graded
        return self.case.level_said or (reckoned.level if reckoned else None)


def last_issued(session: Session, incident_id: str) -> IncidentReport | None:
    """Return an incident's last issued report that answers a duty."""
    issued = select(IncidentReport).where(
        IncidentReport.incident_id == incident_id,
        IncidentReport.state == ReportState.ISSUED,
        IncidentReport.stage != ReportStage.SITUATION,
    )
    return session.exec(issued.order_by(col(IncidentReport.as_of_ms).desc()).limit(1)).first()


def _area_name(code: str) -> str:
    """Return district, street and community of an area, as they are written."""
    names: list[str] = []
    for digits in (6, 9, 12):
        area = district_areas().get(code[:digits]) if len(code) >= digits else None
        if area is not None:
            names.append(area.name)
    return "".join(names)


def _teams(session: Session, tasks: list[Task]) -> list[SentTeam]:
    ids = {task.terminal_id for task in tasks if task.state not in ("refused", "cancelled")}
    rows = session.exec(
        select(Terminal.id, Team.name)
        .join(Team, col(Team.id) == col(Terminal.team_id))
        .where(col(Terminal.id).in_(ids))
    ).all()
    of_team: dict[str, list[str]] = {}
    names = dict(rows)
    for task in tasks:
        if task.terminal_id in names:
            of_team.setdefault(names[task.terminal_id], []).append(task.id)
    return [SentTeam(name, tuple(found)) for name, found in sorted(of_team.items())]


def gather(session: Session, incident: Incident, case: ReportCase) -> Known:
    """Return what is known: eight queries, each with an index and a limit."""
    of_incident = incident.id
    newest = select(IncidentFigures).where(IncidentFigures.incident_id == of_incident)
    newest = newest.order_by(col(IncidentFigures.t_ms).desc(), col(IncidentFigures.id).desc())
    tasks = session.exec(
        select(Task)
        .where(Task.incident_id == of_incident)
        .order_by(col(Task.created_ms), col(Task.id))
        .limit(MOST)
    ).all()
    sorties = session.exec(
        select(SortieRecord)
        .where(SortieRecord.incident_id == of_incident)
        .order_by(col(SortieRecord.id))
        .limit(MOST)
    ).all()
    vehicles = {row.vehicle_id for row in sorties}
    return Known(
        incident=incident,
        case=case,
        figures=session.exec(newest.limit(1)).first(),
        area_name=_area_name(incident.area),
        tasks=list(tasks),
        teams=_teams(session, list(tasks)),
        sorties=list(sorties),
        aircraft=dict(
            session.exec(
                select(Vehicle.id, Vehicle.name).where(col(Vehicle.id).in_(vehicles))
            ).all()
        ),
        alerts=list(
            session.exec(
                select(DetectionRecord)
                .where(
                    DetectionRecord.incident_id == of_incident,
                    DetectionRecord.status == DetectionStatus.CONFIRMED,
                    col(DetectionRecord.duplicate_of).is_(None),
                )
                .order_by(col(DetectionRecord.t_ms))
                .limit(MOST)
            )
        ),
        field_reports=list(
            session.exec(
                select(FieldReport)
                .where(
                    FieldReport.incident_id == of_incident,
                    FieldReport.state == FieldReportState.ACCEPTED,
                )
                .order_by(col(FieldReport.reported_ms))
                .limit(MOST)
            )
        ),
        previous=last_issued(session, of_incident),
    )


def facts_of(known: Known) -> dict[str, Fact]:
    """Return the figures by name: what one report is held against the next by."""
    incident, case = known.incident, known.case
    return {
        "level": known.level.value if known.level else None,
        "people_missing": incident.people_missing,
        "people_found": incident.people_found,
        "people_injured": incident.people_injured,
        "deaths": case.deaths,
        "serious_injured": case.serious_injured,
        "loss_cny": case.loss_cny,
        "burned_ha": case.burned_ha,
        "happened_ms": case.happened_ms,
        "weather": case.weather or None,
        "alerts": len(known.alerts),
        "tasks": len(known.tasks),
        "tasks_done": sum(task.state is TaskState.DONE for task in known.tasks),
        "sorties": len(known.sorties),
    }


FIGURES_TOLD = (
    "level",
    "people_missing",
    "people_found",
    "people_injured",
    "deaths",
    "serious_injured",
    "loss_cny",
    "burned_ha",
)
"""What alone makes a follow-up due; the rest is told along with it."""


def changes_between(
    before: dict[str, Fact], after: dict[str, Fact]
) -> list[tuple[str, Fact, Fact]]:
    """Return the figures that are another value now, in the order of `facts_of`."""
    return [
        (name, before.get(name), value)
        for name, value in after.items()
        if before.get(name) != value
    ]
