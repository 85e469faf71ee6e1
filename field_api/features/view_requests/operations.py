"""Asking for a drone's view of a place; taking, refusing and answering at the command post."""

from field_api.core.areas import district_areas
from field_api.core.blobs.tables import attach, missing_media
from field_api.core.change import Change
from field_api.core.errors import refuse
from field_api.core.operation import Call, Operation
from field_api.core.texts import both
from field_api.core.wire import digest
from field_api.features.detections.tables import DetectionRecord, DetectionStatus
from field_api.features.incidents.tables import Incident, IncidentState
from field_api.features.inspections.tables import Inspection
from field_api.features.roster.tables import Vehicle
from field_api.features.view_requests.messages import (
    AnswerView,
    AskView,
    RefuseView,
    StillBody,
    TakeView,
    WithdrawView,
)
from field_api.features.view_requests.permissions import VIEW_ANSWER, VIEW_ASK
from field_api.features.view_requests.tables import Still, ViewPurpose, ViewRequest, ViewState

__all__ = ["ANSWER", "ASK", "REFUSE", "TAKE", "WITHDRAW"]

_OPEN = (ViewState.WAITING, ViewState.TAKEN)


def _ask(call: Call[AskView]) -> ViewRequest:
    """Ask; repeating the body is safe. What was asked before an incident's end may come after."""
    change, body, viewer = call.change, call.body, call.who.viewer
    known = change.known(ViewRequest, body, body.id)
    if known is not None:
        return known
    if viewer.terminal_id is None:
        raise refuse(403, "view_needs_terminal")
    if body.purpose is ViewPurpose.OTHER and not body.text:
        raise refuse(422, "view_needs_text", field="text")
    if body.incident_id is not None:
        incident = change.get(Incident, body.incident_id, field="incident_id")
        ended = incident.state is not IncidentState.OPEN
        if ended and body.t_ms > (incident.closed_ms or 0):
            raise refuse(409, "incident_closed")
    if body.inspection_id is not None:
        change.get(Inspection, body.inspection_id, field="inspection_id")
    own = viewer.areas or None
    row = change.create(
        ViewRequest(
            **body.model_dump(exclude={"t_ms"}),
            area=district_areas().nearest_street(body.lat_deg, body.lon_deg, own) or "",
            terminal_id=viewer.terminal_id,
            asked_ms=min(body.t_ms, change.t_ms),
            received_ms=change.t_ms,
            asked_by=call.who.actor.name,
            state=ViewState.WAITING,
            request_sha256=digest(body),
        )
    )
    change.record(
        "view.asked",
        row.id,
        area=row.area,
        incident_id=row.incident_id,
        refs={"terminal_id": row.terminal_id, "t_ms": str(body.t_ms)},
        by=row.asked_by,
        purpose=both(f"words.view_purpose.{row.purpose.value}"),
        what=row.text[:200],
    )
    return row


def _open(change: Change, request_id: str) -> ViewRequest:
    row = change.get(ViewRequest, request_id)
    if row.state not in _OPEN:
        raise refuse(409, f"view_is_{row.state.value}", by=row.ended_by or "")
    return row


def _take(call: Call[TakeView]) -> ViewRequest:
    """Say that one sees to it: who asked knows by whom."""
    change, name = call.change, call.who.actor.name
    row = change.get(ViewRequest, call.target)
    if row.state is ViewState.TAKEN and row.taken_by == name:
        change.repeated = True
        return row
    row = _open(change, call.target)
    if row.state is ViewState.TAKEN:
        raise refuse(409, "view_is_taken", by=row.taken_by or "")
    change.put(row)
    row.state, row.taken_by, row.taken_ms = ViewState.TAKEN, name, change.t_ms
    change.record(
        "view.taken",
        row.id,
        area=row.area,
        incident_id=row.incident_id,
        by=name,
        who=row.asked_by,
    )
    return row


def _end(
    call: Call[RefuseView] | Call[WithdrawView] | Call[AnswerView],
    row: ViewRequest,
    state: ViewState,
    text: str,
) -> None:
    call.change.put(row)
    row.state, row.answer = state, text
    row.ended_ms, row.ended_by = call.change.t_ms, call.who.actor.name


def _refuse(call: Call[RefuseView]) -> ViewRequest:
    """Refuse with a reason; who asked is told."""
    change, body = call.change, call.body
    row = change.get(ViewRequest, call.target)
    if row.state is ViewState.REFUSED and row.answer == body.reason:
        change.repeated = True
        return row
    row = _open(change, call.target)
    if not body.reason:
        raise refuse(422, "view_refusal_needs_reason", field="reason")
    _end(call, row, ViewState.REFUSED, body.reason)
    change.record(
        "view.refused",
        row.id,
        area=row.area,
        incident_id=row.incident_id,
        by=call.who.actor.name,
        who=row.asked_by,
        why=body.reason,
    )
    return row


def _withdraw(call: Call[WithdrawView]) -> ViewRequest:
    """Take one's own request back."""
    change = call.change
    row = change.get(ViewRequest, call.target)
    if row.terminal_id != call.who.viewer.terminal_id:
        raise refuse(403, "view_of_another")
    if row.state is ViewState.WITHDRAWN:
        change.repeated = True
        return row
    row = _open(change, call.target)
    _end(call, row, ViewState.WITHDRAWN, call.body.reason)
    change.record(
        "view.withdrawn",
        row.id,
        area=row.area,
        incident_id=row.incident_id,
        by=call.who.actor.name,
        why=call.body.reason,
    )
    return row


def _checked(change: Change, stills: list[StillBody]) -> list[Still]:
    """Return pictures that are here, none of them an alert's that nobody has confirmed.

    What a detector marked is a lead; as evidence it counts once a person has reviewed it
    (行政处罚法 41).
    """
    missing = missing_media(change.session, [still.sha256 for still in stills])
    if missing:
        raise refuse(422, "view_picture_missing", field="stills", sha256=missing[0][:12])
    for still in stills:
        if still.detection_id is None:
            if still.source == "alert":
                raise refuse(422, "view_alert_unnamed", field="stills")
            continue
        alert = change.get(DetectionRecord, still.detection_id, field="stills")
        if alert.status is not DetectionStatus.CONFIRMED:
            raise refuse(409, "view_alert_unreviewed", field="stills")
        if still.sha256 not in [item.sha256 for item in alert.detection.evidence]:
            raise refuse(422, "view_not_of_alert", field="stills")
    return [Still.model_validate(still.model_dump()) for still in stills]


def _answer(call: Call[AnswerView]) -> ViewRequest:
    """Answer with pictures, words, or both; they belong to the request and to its case."""
    change, body = call.change, call.body
    row = change.get(ViewRequest, call.target)
    wanted = [still.sha256 for still in body.stills]
    same = (row.answer, [still.sha256 for still in row.stills]) == (body.text, wanted)
    if row.state is ViewState.ANSWERED and same:
        change.repeated = True
        return row
    row = _open(change, call.target)
    if not body.stills and not body.text:
        raise refuse(422, "view_answer_empty", field="stills")
    if body.vehicle_id is not None:
        change.get(Vehicle, body.vehicle_id, field="vehicle_id")
    stills = _checked(change, body.stills)
    _end(call, row, ViewState.ANSWERED, body.text)
    row.stills, row.vehicle_id = stills, body.vehicle_id
    if row.taken_by is None:
        row.taken_by, row.taken_ms = row.ended_by, row.ended_ms
    for still in stills:
        attach(
            change,
            still.sha256,
            "view_request",
            row.id,
            role="still",
            t_ms=still.taken_ms,
            device_id=body.vehicle_id or "",
        )
    change.record(
        "view.answered",
        row.id,
        area=row.area,
        incident_id=row.incident_id,
        refs={"media": ",".join(wanted)},
        by=call.who.actor.name,
        who=row.asked_by,
        count=len(stills),
        what=body.text[:200],
    )
    return row


ASK = Operation("view.ask", VIEW_ASK, AskView, _ask, makes=ViewRequest)
TAKE = Operation("view.take", VIEW_ANSWER, TakeView, _take, targeted=True)
REFUSE = Operation("view.refuse", VIEW_ANSWER, RefuseView, _refuse, targeted=True)
WITHDRAW = Operation("view.withdraw", VIEW_ASK, WithdrawView, _withdraw, targeted=True)
ANSWER = Operation("view.answer", VIEW_ANSWER, AnswerView, _answer, targeted=True)
