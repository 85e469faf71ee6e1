"""The level of an incident from what was stated."""

from sqlmodel import Session

from field_api.features.incident_reports.levels import Graded, grade
from field_api.features.incident_reports.tables import Level, ReportCase
from field_api.features.incidents.tables import Incident

__all__ = ["FIGURES", "graded_case", "level_of"]

FIGURES = ("deaths", "serious_injured", "loss_cny", "burned_ha")


def graded_case(kind: str, case: ReportCase) -> Graded | None:
    """Return the level that the stated figures reach, None where it can't be reckoned."""
    return grade(kind, {name: getattr(case, name) for name in FIGURES})


def level_of(session: Session, incident: Incident) -> Level | None:
    """Return the level: as a person said, else as the figures reach; None is not known."""
    case = session.get(ReportCase, incident.id)
    if case is None:
        return None
    reckoned = graded_case(incident.kind.value, case)
    return case.level_said or (reckoned.level if reckoned else None)
