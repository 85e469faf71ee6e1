"""Reading incidents, for this feature and those that stand on it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, or_, select

from field_api.core.change import Change
from field_api.core.errors import refuse
from field_api.features.incidents.messages import FiguresView, IncidentView
from field_api.features.incidents.rules import Place
from field_api.features.incidents.tables import (
    Incident,
    IncidentFigures,
    IncidentLink,
    IncidentState,
)

__all__ = [
    "figures_views",
    "get_incident",
    "incident_views",
    "of_open_incident",
    "open_incident",
    "open_places",
    "require_open",
]


def get_incident(session: Session, incident_id: str) -> Incident:
    """Return an incident that the session may see.

    Raises:
        ApiError: 404, there is none of this id.
    """
    row = session.get(Incident, incident_id)
    if row is None:
        raise refuse(404, "unknown_incident", field="incident_id")
    return row


def of_open_incident(incident_id: Any) -> ColumnElement[bool]:
    """Return that a column names an open incident."""
    is_open = select(Incident.id).where(Incident.state == IncidentState.OPEN)
    return col(incident_id).in_(is_open)


def require_open(row: Incident) -> Incident:
    """Return an incident that is not closed.

    Raises:
        ApiError: 409 for a closed one.
    """
    if row.state is not IncidentState.OPEN:
        raise refuse(409, "incident_closed")
    return row


def open_incident(change: Change, incident_id: str) -> Incident:
    """Return an open incident that this person may see.

    Raises:
        ApiError: 404 for an unknown one, 409 for a closed one.
    """
    return require_open(change.get(Incident, incident_id, field="incident_id"))


def _linked(session: Session, ids: list[str]) -> dict[str, list[str]]:
    linked: dict[str, list[str]] = {}
    query = select(IncidentLink).where(
        or_(col(IncidentLink.first_id).in_(ids), col(IncidentLink.second_id).in_(ids))
    )
    for link in session.exec(query):
        linked.setdefault(link.first_id, []).append(link.second_id)
        linked.setdefault(link.second_id, []).append(link.first_id)
    return linked


def incident_views(session: Session, rows: Sequence[Incident]) -> list[IncidentView]:
    """Return what clients see of incidents."""
    linked = _linked(session, [row.id for row in rows])
    return [
        IncidentView(
            id=row.id,
            version=row.version,
            area=row.area,
            kind=row.kind,
            title=row.title,
            text=row.text,
            lat_deg=row.lat_deg,
            lon_deg=row.lon_deg,
            drill=row.drill,
            people_missing=row.people_missing,
            people_found=row.people_found,
            people_injured=row.people_injured,
            state=row.state,
            opened_ms=row.opened_ms,
            opened_by=row.opened_by,
            closed_ms=row.closed_ms,
            closed_by=row.closed_by,
            close_reason=row.close_reason,
            linked_ids=sorted(linked.get(row.id, [])),
            merged_into_id=row.merged_into_id,
        )
        for row in rows
    ]


def figures_views(_session: Session, rows: Sequence[IncidentFigures]) -> list[FiguresView]:
    """Return what clients see of counts of people."""
    return [FiguresView.model_validate(row) for row in rows]


def open_places(session: Session) -> list[Place]:
    """Return where the open incidents are."""
    rows = session.exec(
        select(Incident.id, Incident.lat_deg, Incident.lon_deg).where(
            Incident.state == IncidentState.OPEN
        )
    )
    return [Place(*row) for row in rows]
