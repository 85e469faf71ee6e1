"""Reports of incidents over HTTP."""

from typing import Annotated

from fastapi import Depends, Query, Response
from sqlmodel import col, select

from field_api.contract.ids import RecordId
from field_api.core.access import Principal
from field_api.core.documents.pdf import render_pdf
from field_api.core.errors import refuse
from field_api.core.file_bodies import gives
from field_api.core.pages import Limit
from field_api.core.routing import Routes, serve_operation
from field_api.core.services import Context, require
from field_api.features.incident_reports.messages import (
    CaseView,
    ClockView,
    ReportingView,
    ReportView,
    SendingView,
)
from field_api.features.incident_reports.operations import (
    ASK,
    DECIDE,
    DRAFT,
    DROP,
    EDIT,
    FACTS,
    LEVEL,
)
from field_api.features.incident_reports.paper import TEMPLATE, paper_of
from field_api.features.incident_reports.permissions import REPORT_VIEW
from field_api.features.incident_reports.records import clock_views, report_views, reporting_of
from field_api.features.incident_reports.sending import ACKNOWLEDGE, SENT
from field_api.features.incident_reports.tables import (
    ClockState,
    IncidentReport,
    ReportClock,
    ReportState,
)
from field_api.features.incidents.records import get_incident

__all__ = ["router"]

router = Routes(tags=["incident reports"])

ViewerDep = Annotated[Principal, Depends(require(REPORT_VIEW))]


@router.get("/report-clocks", operation_id="listReportClocks")
def list_clocks(
    who: ViewerDep,
    ctx: Context,
    limit: Limit = 100,
    state: Annotated[ClockState, Query()] = ClockState.RUNNING,
) -> list[ClockView]:
    """List clocks of duties to report; those that fall due first come first, at once before all."""
    query = select(ReportClock).where(ReportClock.state == state)
    query = query.order_by(col(ReportClock.due_ms).nulls_first(), col(ReportClock.id)).limit(limit)
    with ctx.store.read(who.viewer) as session:
        return clock_views(session, session.exec(query).all())


@router.get("/incidents/{incident_id}/reporting", operation_id="getReporting")
def get_reporting(incident_id: RecordId, who: ViewerDep, ctx: Context) -> ReportingView:
    """Return an incident's clocks, reports and what was sent, and what a next report would tell."""
    with ctx.store.read(who.viewer) as session:
        return reporting_of(session, get_incident(session, incident_id))


@router.get("/incident-reports/{report_id}", operation_id="getIncidentReport")
def get_one(report_id: RecordId, who: ViewerDep, ctx: Context) -> ReportView:
    """Return one report."""
    with ctx.store.read(who.viewer) as session:
        row = session.get(IncidentReport, report_id)
        if row is None:
            raise refuse(404, "unknown_incident_report")
        return report_views(session, [row])[0]


@router.get(
    "/incident-reports/{report_id}/report.pdf",
    operation_id="getIncidentReportPdf",
    response_class=Response,
    responses=gives("application/pdf"),
)
def get_pdf(report_id: RecordId, who: ViewerDep, ctx: Context) -> Response:
    """Return a report as an A4 document: a draft as it stands, then as it was issued."""
    with ctx.store.read(who.viewer) as session:
        row = session.get(IncidentReport, report_id)
        if row is None:
            raise refuse(404, "unknown_incident_report")
        paper = paper_of(row, "", "", None)
        issued = row.sha256 if row.state is ReportState.ISSUED else None
    pdf = ctx.blobs.path(issued).read_bytes() if issued else render_pdf(TEMPLATE, paper)
    return Response(
        pdf,
        media_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="report-{report_id}.pdf"'},
    )


serve_operation(
    router,
    DRAFT,
    "/incidents/{incident_id}/reports",
    operation_id="draftReport",
    returns=ReportView,
    created=True,
    target="incident_id",
)
serve_operation(
    router,
    SENT,
    "/incidents/{incident_id}/report-sendings",
    operation_id="sayReportSent",
    returns=SendingView,
    created=True,
    target="incident_id",
)
for _operation, _name, _operation_id in (
    (FACTS, "report-facts", "sayReportFacts"),
    (LEVEL, "report-level", "sayReportLevel"),
):
    serve_operation(
        router,
        _operation,
        f"/incidents/{{incident_id}}/{_name}",
        operation_id=_operation_id,
        returns=CaseView,
        target="incident_id",
    )
for _operation, _name in ((EDIT, "edit"), (ASK, "ask"), (DECIDE, "decide"), (DROP, "drop")):
    serve_operation(
        router,
        _operation,
        f"/incident-reports/{{report_id}}/{_name}",
        operation_id=f"{_name}IncidentReport",
        returns=ReportView,
        target="report_id",
    )
serve_operation(
    router,
    ACKNOWLEDGE,
    "/report-sendings/{sending_id}/acknowledge",
    operation_id="acknowledgeReport",
    returns=SendingView,
    target="sending_id",
)
