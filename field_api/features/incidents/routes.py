"""Incidents over HTTP."""

from typing import Annotated

from fastapi import Depends, Query, Response
from sqlmodel import col, select

from field_api.contract.ids import RecordId
from field_api.core.access import Principal, unscoped
from field_api.core.audit.asking import Language, LinesDep, lines_csv
from field_api.core.audit.tables import TimelineEntry
from field_api.core.audit.trail import timeline
from field_api.core.file_bodies import CSV, csv_file
from field_api.core.pages import Before, Limit, before_id
from field_api.core.routing import Routes, serve_operation
from field_api.core.services import Context, require
from field_api.features.incidents.messages import FiguresView, IncidentView
from field_api.features.incidents.operations import CLOSE, LINK, MERGE, OPEN, REOPEN
from field_api.features.incidents.permissions import INCIDENT_VIEW, TIMELINE_VIEW
from field_api.features.incidents.records import figures_views, get_incident, incident_views
from field_api.features.incidents.room import COUNT, EDIT
from field_api.features.incidents.tables import (
    Incident,
    IncidentFigures,
    IncidentKind,
    IncidentState,
)

__all__ = ["router"]

router = Routes(prefix="/incidents", tags=["incidents"])

ViewerDep = Annotated[Principal, Depends(require(INCIDENT_VIEW))]
TimelineDep = Annotated[Principal, Depends(require(TIMELINE_VIEW))]

MOST_LINES = 10_000


@router.get("", operation_id="listIncidents")
def list_all(
    who: ViewerDep,
    ctx: Context,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    before: Before = None,
    state: IncidentState | None = None,
    kind: IncidentKind | None = None,
    q: Annotated[str, Query(max_length=120)] = "",
) -> list[IncidentView]:
    """List incidents, newest first; `q` stands in the title, `before` pages back."""
    query = select(Incident)
    if state is not None:
        query = query.where(Incident.state == state)
    if kind is not None:
        query = query.where(Incident.kind == kind)
    if sought := q.strip():
        query = query.where(col(Incident.title).icontains(sought, autoescape=True))
    with ctx.store.read(who.viewer) as session:
        order = (col(Incident.opened_ms), col(Incident.id))
        rows = session.exec(before_id(session, query, Incident, order, before, limit))
        return incident_views(session, rows.all())


serve_operation(router, OPEN, "", operation_id="openIncident", returns=IncidentView, created=True)


@router.get("/{incident_id}", operation_id="getIncident")
def get_one(incident_id: RecordId, who: ViewerDep, ctx: Context) -> IncidentView:
    """Return one incident."""
    with ctx.store.read(who.viewer) as session:
        return incident_views(session, [get_incident(session, incident_id)])[0]


@router.get("/{incident_id}/timeline", operation_id="getTimeline")
def get_timeline(
    incident_id: RecordId,
    who: TimelineDep,
    ctx: Context,
    wanted: LinesDep,
    limit: Annotated[int, Query(ge=1, le=1000)] = 500,
    before_seq: Annotated[int | None, Query(ge=1, le=2**53)] = None,
) -> list[TimelineEntry]:
    """Return the newest lines of who did what and when, oldest first; `before_seq` pages back."""
    with ctx.store.read(who.viewer) as session:
        get_incident(session, incident_id)
        with unscoped(session):
            return timeline(session, incident_id, before_seq=before_seq, limit=limit, wanted=wanted)


@router.get(
    "/{incident_id}/timeline.csv",
    operation_id="getTimelineCsv",
    response_class=Response,
    responses=CSV,
)
def get_timeline_csv(
    incident_id: RecordId,
    who: TimelineDep,
    ctx: Context,
    wanted: LinesDep,
    language: Annotated[Language, Query()] = "zh",
) -> Response:
    """Return the wanted lines as a table, the newest 10,000 of them, oldest first."""
    with ctx.store.read(who.viewer) as session:
        get_incident(session, incident_id)
        with unscoped(session):
            lines = timeline(session, incident_id, before_seq=None, limit=MOST_LINES, wanted=wanted)
    return csv_file(lines_csv(lines, language), f"timeline-{incident_id[-6:]}.csv")


@router.get("/{incident_id}/figures", operation_id="listFigures")
def list_figures(
    incident_id: RecordId,
    who: Annotated[Principal, Depends(require(TIMELINE_VIEW))],
    ctx: Context,
    limit: Limit = 100,
    before: Before = None,
) -> list[FiguresView]:
    """List what was counted of people and by whom, newest first; `before` pages back."""
    with ctx.store.read(who.viewer) as session:
        get_incident(session, incident_id)
        query = select(IncidentFigures).where(IncidentFigures.incident_id == incident_id)
        order = (col(IncidentFigures.t_ms), col(IncidentFigures.id))
        # Who may see the incident sees its counts, those of before its street was put right too.
        with unscoped(session):
            rows = session.exec(before_id(session, query, IncidentFigures, order, before, limit))
            return figures_views(session, rows.all())


_ACTS = (
    (EDIT, "edit", "editIncident"),
    (COUNT, "figures", "countPeople"),
    (LINK, "links", "linkIncident"),
    (MERGE, "merge", "mergeIncident"),
    (CLOSE, "close", "closeIncident"),
    (REOPEN, "reopen", "reopenIncident"),
)
for _operation, _name, _operation_id in _ACTS:
    serve_operation(
        router,
        _operation,
        f"/{{incident_id}}/{_name}",
        operation_id=_operation_id,
        returns=IncidentView,
        target="incident_id",
    )
