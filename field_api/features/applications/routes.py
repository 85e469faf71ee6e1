"""Flight applications over HTTP."""

from typing import Annotated

from fastapi import Depends, Response
from sqlmodel import Session, col, select

from field_api.contract.ids import RecordId
from field_api.core.access import Principal, unscoped
from field_api.core.documents.pdf import render_pdf
from field_api.core.documents.tables import Document
from field_api.core.file_bodies import gives
from field_api.core.routing import Routes, serve_operation
from field_api.core.services import Context, Services, require
from field_api.features.applications.messages import ApplicationView
from field_api.features.applications.operations import ANSWER, EDIT, MAKE, SUBMIT
from field_api.features.applications.records import (
    TEMPLATE,
    application_views,
    get_application,
)
from field_api.features.applications.tables import ApplicationRecord
from field_api.features.plans.permissions import PLAN_VIEW
from field_api.features.plans.records import get_plan

__all__ = ["router"]

router = Routes(tags=["applications"])

ViewerDep = Annotated[Principal, Depends(require(PLAN_VIEW))]


def _now(ctx: Services, session: Session, row: ApplicationRecord) -> ApplicationView:
    return application_views(session, [row], ctx.clock())[0]


serve_operation(
    router,
    MAKE,
    "/plans/{plan_id}/applications",
    operation_id="makeApplication",
    returns=ApplicationView,
    created=True,
    target="plan_id",
    view=_now,
)
serve_operation(
    router,
    EDIT,
    "/applications/{application_id}",
    operation_id="editApplication",
    returns=ApplicationView,
    target="application_id",
    method="PUT",
    view=_now,
)
for operation, name in ((SUBMIT, "submit"), (ANSWER, "answer")):
    serve_operation(
        router,
        operation,
        f"/applications/{{application_id}}/{name}",
        operation_id=f"{name}Application",
        returns=ApplicationView,
        target="application_id",
        view=_now,
    )


@router.get("/plans/{plan_id}/applications", operation_id="listApplications")
def list_all(plan_id: RecordId, who: ViewerDep, ctx: Context) -> list[ApplicationView]:
    """List a plan's applications, newest first."""
    with ctx.store.read(who.viewer) as session:
        get_plan(session, plan_id)
        rows = session.exec(
            select(ApplicationRecord)
            .where(ApplicationRecord.plan_id == plan_id)
            .order_by(col(ApplicationRecord.created_ms).desc(), col(ApplicationRecord.id).desc())
            .limit(100)
        ).all()
        return application_views(session, rows, ctx.clock())


@router.get("/applications/{application_id}", operation_id="getApplication")
def get_one(application_id: RecordId, who: ViewerDep, ctx: Context) -> ApplicationView:
    """Return an application: the JSON to hand in where a system takes it."""
    with ctx.store.read(who.viewer) as session:
        return _now(ctx, session, get_application(session, application_id))


@router.get(
    "/applications/{application_id}/application.pdf",
    operation_id="getApplicationPdf",
    response_class=Response,
    responses=gives("application/pdf"),
)
def get_pdf(application_id: RecordId, who: ViewerDep, ctx: Context) -> Response:
    """Return an application as an A4 document: a draft as it stands, then as it was handed in."""
    with ctx.store.read(who.viewer) as session:
        row = get_application(session, application_id)
        with unscoped(session):
            document = session.get(Document, row.document_id) if row.document_id else None
        view = _now(ctx, session, row)
    if document is None:
        pdf = render_pdf(TEMPLATE, view)
    else:
        pdf = ctx.blobs.path(document.sha256).read_bytes()
    return Response(
        pdf,
        media_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="application-{application_id}.pdf"'},
    )
