"""Incidents over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from sqlmodel import col, select

from field_api.accounts.rules import Permission
from field_api.audit.models import AuditEntry, TimelineEntry
from field_api.contract.ids import RecordId
from field_api.errors import ApiError
from field_api.incidents.models import (
    CloseIncident,
    Incident,
    IncidentLink,
    IncidentView,
    LinkIncident,
    OpenIncident,
)
from field_api.incidents.records import (
    get_incident,
    incident_view,
    list_incidents,
    open_incident,
)
from field_api.services import Context, Principal, ViewerDep, require
from field_api.store import timeline_entry
from field_api.wire import digest

__all__ = ["router"]

router = APIRouter(prefix="/incidents", tags=["incidents"])

OpenerDep = Annotated[Principal, Depends(require(Permission.INCIDENT_OPEN))]


@router.get("", operation_id="listIncidents")
def list_all(_who: ViewerDep, ctx: Context) -> list[IncidentView]:
    """List incidents, newest first."""
    with ctx.store.read() as session:
        return list_incidents(session)


@router.post("", operation_id="openIncident", status_code=201)
def open_new(body: OpenIncident, who: OpenerDep, ctx: Context, response: Response) -> IncidentView:
    """Open an incident; the same body again answers 200, another body under the same id 409."""
    with ctx.store.change(who.actor) as change:
        known = change.session.get(Incident, body.id)
        if known is not None:
            if known.request_sha256 != digest(body):
                raise ApiError(
                    409,
                    "id_taken",
                    "此编号已用于另一事件",
                    "Another incident has this id",
                    field="id",
                )
            response.status_code = 200
            return incident_view(change.session, known)
        row = Incident(
            **body.model_dump(),
            opened_ms=change.t_ms,
            opened_by=who.actor.name,
            request_sha256=digest(body),
        )
        change.session.add(row)
        change.session.flush()
        drill_zh, drill_en = ("【演练】", "[drill] ") if row.drill else ("", "")
        change.record(
            "incident.opened",
            row.id,
            f"{drill_zh}接报并建立事件:{row.title}",
            f"{drill_en}Incident opened: {row.title}",
            incident_id=row.id,
        )
        view = incident_view(change.session, row)
        change.after_commit(lambda: ctx.live.publish("incident", view))
    return view


@router.get("/{incident_id}", operation_id="getIncident")
def get_one(incident_id: RecordId, _who: ViewerDep, ctx: Context) -> IncidentView:
    """Return one incident."""
    with ctx.store.read() as session:
        return incident_view(session, get_incident(session, incident_id))


@router.get("/{incident_id}/timeline", operation_id="getTimeline")
def get_timeline(incident_id: RecordId, _who: ViewerDep, ctx: Context) -> list[TimelineEntry]:
    """Return who did what and when, oldest first: a view of the audit trail."""
    with ctx.store.read() as session:
        get_incident(session, incident_id)
        rows = session.exec(
            select(AuditEntry)
            .where(AuditEntry.incident_id == incident_id)
            .order_by(col(AuditEntry.seq))
        )
        return [entry for row in rows if (entry := timeline_entry(row)) is not None]


@router.post("/{incident_id}/links", operation_id="linkIncident")
def link(incident_id: RecordId, body: LinkIncident, who: OpenerDep, ctx: Context) -> IncidentView:
    """Say that two incidents belong together."""
    if body.incident_id == incident_id:
        raise ApiError(
            409,
            "same_incident",
            "事件不能关联自身",
            "An incident can't be linked to itself",
            field="incident_id",
        )
    first_id, second_id = sorted((incident_id, body.incident_id))
    with ctx.store.change(who.actor) as change:
        row = get_incident(change.session, incident_id)
        other = get_incident(change.session, body.incident_id)
        if change.session.get(IncidentLink, (first_id, second_id)) is None:
            change.session.add(IncidentLink(first_id=first_id, second_id=second_id))
            change.session.flush()
            for one, two in ((row, other), (other, row)):
                change.record(
                    "incident.linked",
                    one.id,
                    f"关联事件:{two.title}",
                    f"Linked to incident: {two.title}",
                    incident_id=one.id,
                    refs={"incident_id": two.id},
                )
        view = incident_view(change.session, row)
        other_view = incident_view(change.session, other)

        def tell() -> None:
            ctx.live.publish("incident", view)
            ctx.live.publish("incident", other_view)

        change.after_commit(tell)
    return view


@router.post("/{incident_id}/close", operation_id="closeIncident")
def close(
    incident_id: RecordId,
    body: CloseIncident,
    who: Annotated[Principal, Depends(require(Permission.INCIDENT_CLOSE))],
    ctx: Context,
) -> IncidentView:
    """Close an incident; detections no longer join it."""
    with ctx.store.change(who.actor) as change:
        row = open_incident(change.session, incident_id)
        row.state, row.closed_ms, row.closed_by = "closed", change.t_ms, who.actor.name
        change.record(
            "incident.closed",
            row.id,
            f"关闭事件。{body.text}".strip(),
            f"Incident closed. {body.text}".strip(),
            incident_id=row.id,
        )
        view = incident_view(change.session, row)
        change.after_commit(lambda: ctx.live.publish("incident", view))
    return view
