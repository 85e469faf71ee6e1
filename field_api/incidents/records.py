"""Reading and changing incidents."""

from typing import cast

from sqlmodel import Session, col, or_, select

from field_api.errors import ApiError
from field_api.incidents.models import (
    Incident,
    IncidentKind,
    IncidentLink,
    IncidentState,
    IncidentView,
)
from field_api.incidents.rules import FIRST_REPORT_MS, SECOND_REPORT_MS, Place

__all__ = ["get_incident", "incident_view", "list_incidents", "open_incident", "open_places"]


def get_incident(session: Session, incident_id: str) -> Incident:
    """Return an incident.

    Raises:
        ApiError: 404, there is none of this id.
    """
    row = session.get(Incident, incident_id)
    if row is None:
        raise ApiError(
            404,
            "unknown_incident",
            "没有这个事件",
            "There is no such incident",
            field="incident_id",
        )
    return row


def open_incident(session: Session, incident_id: str) -> Incident:
    """Return an incident that is not closed.

    Raises:
        ApiError: 404 for an unknown one, 409 for a closed one.
    """
    row = get_incident(session, incident_id)
    if row.state != "open":
        raise ApiError(409, "incident_closed", "事件已关闭", "The incident is closed")
    return row


def _linked(session: Session, incident_id: str | None = None) -> dict[str, list[str]]:
    """Return which incidents each incident is linked to; of one, or of all in one query."""
    query = select(IncidentLink)
    if incident_id is not None:
        query = query.where(
            or_(
                col(IncidentLink.first_id) == incident_id,
                col(IncidentLink.second_id) == incident_id,
            )
        )
    linked: dict[str, list[str]] = {}
    for link in session.exec(query):
        linked.setdefault(link.first_id, []).append(link.second_id)
        linked.setdefault(link.second_id, []).append(link.first_id)
    return linked


def _view(row: Incident, linked: dict[str, list[str]]) -> IncidentView:
    return IncidentView(
        id=row.id,
        kind=cast("IncidentKind", row.kind),
        title=row.title,
        text=row.text,
        lat_deg=row.lat_deg,
        lon_deg=row.lon_deg,
        drill=row.drill,
        people_missing=row.people_missing,
        state=cast("IncidentState", row.state),
        opened_ms=row.opened_ms,
        opened_by=row.opened_by,
        closed_ms=row.closed_ms,
        closed_by=row.closed_by,
        first_report_due_ms=row.opened_ms + FIRST_REPORT_MS,
        second_report_due_ms=row.opened_ms + SECOND_REPORT_MS,
        linked_ids=sorted(linked.get(row.id, [])),
    )


def incident_view(session: Session, row: Incident) -> IncidentView:
    """Return what clients see of an incident."""
    return _view(row, _linked(session, row.id))


def list_incidents(session: Session) -> list[IncidentView]:
    """Return every incident, newest first."""
    linked = _linked(session)
    rows = session.exec(select(Incident).order_by(col(Incident.opened_ms).desc()))
    return [_view(row, linked) for row in rows]


def open_places(session: Session) -> list[Place]:
    """Return where the open incidents are."""
    rows = session.exec(select(Incident).where(Incident.state == "open"))
    return [Place(row.id, row.lat_deg, row.lon_deg) for row in rows]
