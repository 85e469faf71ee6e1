"""Quick reports and calls for help over HTTP."""

from typing import Annotated

from fastapi import Depends, Query
from sqlmodel import col, select

from field_api.core.access import Principal
from field_api.core.pages import Before, Limit, before_id
from field_api.core.routing import Routes, serve_operation
from field_api.core.services import Context, require
from field_api.features.field_reports.messages import FieldReportView, SosView
from field_api.features.field_reports.permissions import REPORT_OWN, REPORT_VIEW
from field_api.features.field_reports.records import report_views, sos_views
from field_api.features.field_reports.report_operations import ACCEPT, FILE, QUICK
from field_api.features.field_reports.sos_operations import CANCEL, RAISE
from field_api.features.field_reports.tables import FieldReport, FieldReportState, Sos, SosState
from field_api.features.positions.permissions import POSITION_OWN, POSITION_VIEW

__all__ = ["router"]

router = Routes(tags=["field reports"])


@router.get("/field-reports", operation_id="listFieldReports")
def list_reports(
    who: Annotated[Principal, Depends(require(REPORT_VIEW, REPORT_OWN))],
    ctx: Context,
    state: Annotated[list[FieldReportState] | None, Query()] = None,
    limit: Limit = 100,
    before: Before = None,
) -> list[FieldReportView]:
    """List quick reports, the last first."""
    query = select(FieldReport)
    if state:
        query = query.where(col(FieldReport.state).in_(state))
    with ctx.store.read(who.viewer) as session:
        order = (col(FieldReport.id),)
        rows = session.exec(before_id(session, query, FieldReport, order, before, limit)).all()
        return report_views(session, rows)


@router.get("/sos", operation_id="listSos")
def list_sos(
    who: Annotated[Principal, Depends(require(POSITION_VIEW, POSITION_OWN))],
    ctx: Context,
    state: Annotated[list[SosState] | None, Query()] = None,
    limit: Limit = 100,
    before: Before = None,
) -> list[SosView]:
    """List calls for help, the last first."""
    query = select(Sos)
    if state:
        query = query.where(col(Sos.state).in_(state))
    with ctx.store.read(who.viewer) as session:
        rows = session.exec(before_id(session, query, Sos, (col(Sos.id),), before, limit)).all()
        return sos_views(session, rows)


serve_operation(
    router,
    QUICK,
    "/field-reports",
    operation_id="sendFieldReport",
    returns=FieldReportView,
    created=True,
)
for operation, name in ((ACCEPT, "accept"), (FILE, "file")):
    serve_operation(
        router,
        operation,
        f"/field-reports/{{report_id}}/{name}",
        operation_id=f"{name}FieldReport",
        returns=FieldReportView,
        target="report_id",
    )
serve_operation(router, RAISE, "/sos", operation_id="raiseSos", returns=SosView, created=True)
serve_operation(
    router,
    CANCEL,
    "/sos/{sos_id}/cancel",
    operation_id="cancelSos",
    returns=SosView,
    target="sos_id",
)
