"""Opening, linking, merging, closing and reopening incidents; putting one right is in `room`."""

from field_api.core.areas import district_areas
from field_api.core.change import Change
from field_api.core.errors import refuse
from field_api.core.operation import Call, Operation
from field_api.core.texts import Both
from field_api.core.wire import digest
from field_api.features.incidents.messages import (
    CloseIncident,
    LinkIncident,
    MergeIncident,
    OpenIncident,
    ReopenIncident,
)
from field_api.features.incidents.permissions import INCIDENT_CLOSE, INCIDENT_OPEN
from field_api.features.incidents.records import open_incident
from field_api.features.incidents.room import first_figures
from field_api.features.incidents.tables import Incident, IncidentLink, IncidentState

__all__ = ["CLOSE", "LINK", "MERGE", "OPEN", "REOPEN"]


def _area(call: Call[OpenIncident]) -> str:
    """Return whose business the incident is."""
    body, own = call.body, call.who.viewer.areas
    if body.area is not None:
        if not district_areas().known(body.area):
            raise refuse(422, "unknown_area", field="area", code=body.area)
        return body.area
    return district_areas().nearest_street(body.lat_deg, body.lon_deg, own or None) or ""


def _open(call: Call[OpenIncident]) -> Incident:
    """Open an incident; the same body again answers 200, another body under the same id 409."""
    change, body = call.change, call.body
    known = change.known(Incident, body, body.id)
    if known is not None:
        return known
    area = _area(call)
    call.who.require_area(area, field="area")
    row = change.create(
        Incident(
            **body.model_dump(exclude={"area"}),
            area=area,
            opened_ms=change.t_ms,
            opened_by=call.who.actor.name,
            request_sha256=digest(body),
        )
    )
    first_figures(change, row)
    drill = Both("【演练】", "[drill] ") if row.drill else Both("", "")
    change.record("incident.opened", row.id, incident_id=row.id, drill=drill, title=row.title)
    return row


def _two(call: Call[LinkIncident] | Call[MergeIncident]) -> tuple[Incident, Incident]:
    """Return two open incidents, the one acted on first."""
    if call.body.incident_id == call.target:
        raise refuse(409, "same_incident", field="incident_id")
    return (
        open_incident(call.change, call.target),
        open_incident(call.change, call.body.incident_id),
    )


def _linked(change: Change, row: Incident, other: Incident) -> bool:
    """Link two incidents; return whether they were not linked before."""
    first_id, second_id = sorted((row.id, other.id))
    if change.session.get(IncidentLink, (first_id, second_id)) is not None:
        return False
    change.session.add(IncidentLink(first_id=first_id, second_id=second_id))
    return True


def _link(call: Call[LinkIncident]) -> Incident:
    """Say that two incidents belong together."""
    change = call.change
    row, other = _two(call)
    if _linked(change, row, other):
        for one, two in ((row, other), (other, row)):
            change.put(one)
            change.record(
                "incident.linked",
                one.id,
                incident_id=one.id,
                refs={"incident_id": two.id},
                title=two.title,
            )
    return row


def _merge(call: Call[MergeIncident]) -> Incident:
    """Say that an incident is a second report of another: the other goes on for both.

    What was merged is closed and read-only, and keeps its alerts, tasks and reports; both are
    linked, so that each is found from the other. Reopening it takes the merge back.
    """
    change, body = call.change, call.body
    there = change.get(Incident, call.target, field="incident_id")
    if there.merged_into_id is not None and there.merged_into_id == body.incident_id:
        change.repeated = True
        return there
    row, into = _two(call)
    if not body.text:
        raise refuse(422, "merge_needs_reason", field="text")
    if row.drill is not into.drill:
        raise refuse(409, "drill_and_real", field="incident_id")
    _linked(change, row, into)
    change.put(row)
    change.put(into)
    row.state, row.closed_ms = IncidentState.CLOSED, change.t_ms
    row.closed_by, row.close_reason = call.who.actor.name, body.text
    row.merged_into_id = into.id
    change.record(
        "incident.merged",
        row.id,
        incident_id=row.id,
        refs={"incident_id": into.id},
        title=into.title,
        why=body.text,
    )
    change.record(
        "incident.merged_here",
        into.id,
        incident_id=into.id,
        refs={"incident_id": row.id},
        title=row.title,
        why=body.text,
    )
    return row


def _close(call: Call[CloseIncident]) -> Incident:
    """Close an incident with a reason; it is read-only and detections no longer join it."""
    change = call.change
    row = open_incident(change, call.target)
    if not call.body.text:
        raise refuse(422, "close_needs_reason", field="text")
    change.put(row)
    row.state, row.closed_ms = IncidentState.CLOSED, change.t_ms
    row.closed_by, row.close_reason = call.who.actor.name, call.body.text
    change.record("incident.closed", row.id, incident_id=row.id, why=call.body.text)
    return row


def _reopen(call: Call[ReopenIncident]) -> Incident:
    """Deal with a closed incident again; its deadlines go on from when it was opened first."""
    change = call.change
    row = change.get(Incident, call.target, field="incident_id")
    if row.state is IncidentState.OPEN:
        raise refuse(409, "incident_open")
    if not call.body.text:
        raise refuse(422, "reopen_needs_reason", field="text")
    change.put(row)
    row.state, row.closed_ms, row.closed_by, row.close_reason = IncidentState.OPEN, None, None, None
    row.merged_into_id = None
    change.record("incident.reopened", row.id, incident_id=row.id, why=call.body.text)
    return row


OPEN = Operation("incident.open", INCIDENT_OPEN, OpenIncident, _open, makes=Incident)
LINK = Operation("incident.link", INCIDENT_OPEN, LinkIncident, _link, targeted=True)
MERGE = Operation(
    "incident.merge", INCIDENT_CLOSE, MergeIncident, _merge, targeted=True, batch=False
)
CLOSE = Operation("incident.close", INCIDENT_CLOSE, CloseIncident, _close, targeted=True)
REOPEN = Operation("incident.reopen", INCIDENT_CLOSE, ReopenIncident, _reopen, targeted=True)
