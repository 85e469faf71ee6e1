"""Quick reports: sent from the field, taken on or filed at the desk."""

from field_api.core.areas import district_areas
from field_api.core.blobs.tables import attach
from field_api.core.change import Change
from field_api.core.errors import refuse
from field_api.core.operation import Call, Operation
from field_api.core.texts import both
from field_api.core.wire import digest
from field_api.features.field_reports.messages import AcceptReport, FileReport, QuickReport
from field_api.features.field_reports.permissions import REPORT_ANSWER, REPORT_SEND
from field_api.features.field_reports.tables import FieldReport, FieldReportState
from field_api.features.incidents.messages import OpenIncident
from field_api.features.incidents.operations import OPEN
from field_api.features.incidents.records import require_open
from field_api.features.incidents.tables import Incident

__all__ = ["ACCEPT", "FILE", "QUICK"]


def _quick(call: Call[QuickReport]) -> FieldReport:
    """Report what was seen; repeating the body is safe."""
    change, body, viewer = call.change, call.body, call.who.viewer
    known = change.known(FieldReport, body, body.id)
    if known is not None:
        return known
    if viewer.terminal_id is None:
        raise refuse(403, "no_own_terminal")
    own = viewer.areas or None
    row = change.create(
        FieldReport(
            **body.model_dump(exclude={"t_ms"}),
            area=district_areas().nearest_street(body.lat_deg, body.lon_deg, own) or "",
            terminal_id=viewer.terminal_id,
            seen_ms=min(body.t_ms, change.t_ms),
            reported_ms=change.t_ms,
            reported_by=call.who.actor.name,
            state=FieldReportState.NEW,
            request_sha256=digest(body),
        )
    )
    for role, named in (
        ("photo", body.media),
        ("voice", [body.voice] if body.voice else []),
        ("original", body.originals),
    ):
        for sha256 in named:
            attach(change, sha256, "field_report", row.id, role=role, t_ms=body.t_ms)
    change.record(
        "field_report.sent",
        row.id,
        area=row.area,
        refs={"terminal_id": row.terminal_id, "t_ms": str(body.t_ms)},
        by=row.reported_by,
        kind=both(f"words.report_kind.{row.kind.value}"),
        what=row.text[:200],
    )
    return row


def _unanswered(change: Change, report_id: str) -> FieldReport:
    row = change.get(FieldReport, report_id)
    if row.state is not FieldReportState.NEW:
        raise refuse(409, f"field_report_is_{row.state.value}", by=row.answered_by or "")
    return row


def _answer(call: Call[AcceptReport] | Call[FileReport], row: FieldReport) -> None:
    call.change.put(row)
    row.answered_ms, row.answered_by = call.change.t_ms, call.who.actor.name


def _incident(call: Call[AcceptReport], row: FieldReport) -> Incident:
    """Return the incident that it joins, or the one that it opens."""
    there = call.change.session.get(Incident, call.body.id)
    if there is not None:
        return require_open(call.change.get(Incident, call.body.id, field="id"))
    title = call.body.title
    if title is None:
        raise refuse(422, "incident_needs_title", field="title")
    opens = OpenIncident(
        id=call.body.id,
        kind=row.kind,
        title=title,
        text=row.text,
        lat_deg=row.lat_deg,
        lon_deg=row.lon_deg,
        area=row.area or None,
        drill=call.body.drill,
    )
    opened = OPEN.run(Call(call.ctx, call.change, call.who, opens))
    assert isinstance(opened, Incident)
    call.change.session.flush()
    return opened


def _accept(call: Call[AcceptReport]) -> FieldReport:
    """Take a report on: it opens an incident, or joins one."""
    change = call.change
    row = change.get(FieldReport, call.target)
    if row.state is FieldReportState.ACCEPTED and row.incident_id == call.body.id:
        change.repeated = True
        return row
    row = _unanswered(change, call.target)
    incident = _incident(call, row)
    _answer(call, row)
    row.state, row.incident_id = FieldReportState.ACCEPTED, incident.id
    change.record(
        "field_report.accepted",
        row.id,
        area=row.area,
        incident_id=incident.id,
        title=incident.title,
        by=call.who.actor.name,
        who=row.reported_by,
    )
    return row


def _file(call: Call[FileReport]) -> FieldReport:
    """File a report: nothing follows from it."""
    change, body = call.change, call.body
    row = change.get(FieldReport, call.target)
    if row.state is FieldReportState.FILED and row.answer == body.reason:
        change.repeated = True
        return row
    row = _unanswered(change, call.target)
    if not body.reason:
        raise refuse(422, "filing_needs_reason", field="reason")
    _answer(call, row)
    row.state, row.answer = FieldReportState.FILED, body.reason
    change.record(
        "field_report.filed",
        row.id,
        area=row.area,
        by=call.who.actor.name,
        who=row.reported_by,
        why=body.reason,
    )
    return row


QUICK = Operation("report.quick", REPORT_SEND, QuickReport, _quick, makes=FieldReport)
ACCEPT = Operation("report.accept", REPORT_ANSWER, AcceptReport, _accept, targeted=True)
FILE = Operation("report.file", REPORT_ANSWER, FileReport, _file, targeted=True)
