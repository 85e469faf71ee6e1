"""Saying that a report was sent, and that the other end has it: only then a clock stops."""

from field_api.core.change import Change
from field_api.core.errors import refuse
from field_api.core.operation import Call, Operation
from field_api.core.texts import Both, both
from field_api.core.wire import digest
from field_api.features.incident_reports.clocks import case_of, meet, start_repeated
from field_api.features.incident_reports.messages import AcknowledgeSending, SayOneSent
from field_api.features.incident_reports.permissions import REPORT_WRITE
from field_api.features.incident_reports.tables import (
    ClockState,
    IncidentReport,
    ReportClock,
    ReportSending,
    ReportState,
    SendingWay,
)
from field_api.features.incidents.tables import Incident
from field_api.features.law.tables import DutyWay

__all__ = ["ACKNOWLEDGE", "SENT"]


def _report(change: Change, body: SayOneSent, incident: Incident) -> IncidentReport | None:
    """Return the issued report that was sent; by phone there may be none."""
    if body.report_id is None:
        if body.way is not SendingWay.PHONE:
            raise refuse(422, "sending_needs_report", field="report_id")
        return None
    report = change.get(IncidentReport, body.report_id, field="report_id")
    if report.incident_id != incident.id:
        raise refuse(422, "report_of_another_incident", field="report_id")
    if report.state is not ReportState.ISSUED:
        raise refuse(409, "report_not_issued", field="report_id")
    return report


def _clocks(
    change: Change, body: SayOneSent, incident: Incident, report: IncidentReport | None
) -> list[ReportClock]:
    """Return the running clocks that it stops; a duty in writing wants an issued report."""
    clocks: list[ReportClock] = []
    for clock_id in dict.fromkeys(body.clocks):
        clock = change.get(ReportClock, clock_id, field="clocks")
        if clock.incident_id != incident.id:
            raise refuse(422, "clock_of_another_incident", field="clocks")
        if clock.state is not ClockState.RUNNING:
            raise refuse(409, "clock_not_running", field="clocks", name=clock.name)
        if clock.way is DutyWay.WRITTEN and report is None:
            raise refuse(422, "duty_in_writing", field="clocks", name=clock.name)
        clocks.append(clock)
    return clocks


def _sent(call: Call[SayOneSent]) -> ReportSending:
    """Say that a report was sent, to whom, how and when; the clocks that it answers stop."""
    change, body = call.change, call.body
    known = change.known(ReportSending, body, body.id, incident_id=call.target)
    if known is not None:
        return known
    incident = change.get(Incident, call.target, field="incident_id")
    case_of(change, incident)
    if body.sent_ms > change.t_ms:
        raise refuse(422, "sent_in_future", field="sent_ms")
    report = _report(change, body, incident)
    clocks = _clocks(change, body, incident, report)
    since_ms = report.decided_ms if report is not None else incident.opened_ms
    if since_ms is not None and body.sent_ms < since_ms:
        raise refuse(422, "sent_before_issued", field="sent_ms")
    row = change.create(
        ReportSending(
            id=body.id,
            area=incident.area,
            incident_id=incident.id,
            report_id=body.report_id,
            recipient=body.recipient,
            way=body.way,
            sent_ms=body.sent_ms,
            said_ms=change.t_ms,
            said_by=call.who.actor.name,
            note=body.note,
            met=[clock.id for clock in clocks],
            request_sha256=digest(body),
        )
    )
    meet(change, clocks, row)
    change.session.flush()
    if report is not None:
        start_repeated(change, incident, body.sent_ms)
    late = [each for each in clocks if each.due_ms is not None and body.sent_ms > each.due_ms]
    change.record(
        "report.sent",
        row.id,
        incident_id=incident.id,
        refs={"report_id": body.report_id or ""},
        by=row.said_by,
        what=Both(report.number, report.number) if report else both("words.report_by_phone"),
        recipient=row.recipient,
        way=both(f"words.sending_way.{row.way.value}"),
        late=both("words.report_late") if late else Both("", ""),
    )
    return row


def _acknowledge(call: Call[AcknowledgeSending]) -> ReportSending:
    """Say who took the report at the other end, and when."""
    change, body = call.change, call.body
    row = change.get(ReportSending, call.target)
    if row.acknowledged_ms is not None:
        if (row.acknowledged_ms, row.acknowledged_by) == (body.t_ms, body.by):
            change.repeated = True
            return row
        raise refuse(409, "sending_acknowledged", by=row.acknowledged_by)
    if not row.sent_ms <= body.t_ms <= change.t_ms:
        raise refuse(422, "acknowledged_out_of_time", field="t_ms")
    change.put(row)
    row.acknowledged_ms, row.acknowledged_by = body.t_ms, body.by
    row.acknowledged_said_by = call.who.actor.name
    change.record(
        "report.acknowledged",
        row.id,
        incident_id=row.incident_id,
        by=body.by,
        recipient=row.recipient,
    )
    return row


SENT = Operation("report.sent", REPORT_WRITE, SayOneSent, _sent, targeted=True, batch=False)
ACKNOWLEDGE = Operation(
    "report.acknowledge", REPORT_WRITE, AcknowledgeSending, _acknowledge, targeted=True, batch=False
)
