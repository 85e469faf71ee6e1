"""Warnings over HTTP."""

from typing import Annotated, Any, Literal

from fastapi import Depends, Query, Request, Response
from sqlmodel import col, select
from starlette.concurrency import run_in_threadpool

from field_api.contract.ids import RecordId
from field_api.core.access import Principal
from field_api.core.file_bodies import gives, takes
from field_api.core.pages import Before, Limit, before_id
from field_api.core.routing import Routes, serve_operation
from field_api.core.services import Context, require
from field_api.features.warnings.drafting import APPROVE, DISCARD, DRAFT, EDIT
from field_api.features.warnings.filing import file_view, take_in, warning_file
from field_api.features.warnings.formats.events import EVENTS
from field_api.features.warnings.messages import (
    EventKindView,
    ReachView,
    Target,
    WarningDraftView,
    WarningFileView,
    WarningReceiptView,
    WarningSetupView,
    WarningView,
)
from field_api.features.warnings.operations import CANCEL, PUBLISH, SEEN
from field_api.features.warnings.permissions import (
    WARNING_DRAFT,
    WARNING_DRAFT_VIEW,
    WARNING_RECEIPT_OWN,
    WARNING_RECEIPT_VIEW,
    WARNING_VIEW,
)
from field_api.features.warnings.reach import reach
from field_api.features.warnings.records import draft_views, receipt_views, warning_views
from field_api.features.warnings.tables import (
    DraftState,
    IssuedWarning,
    WarningDraft,
    WarningReceipt,
    WarningState,
)

__all__ = ["router"]

router = Routes(tags=["warnings"])

ViewerDep = Annotated[Principal, Depends(require(WARNING_VIEW))]
WriterDep = Annotated[Principal, Depends(require(WARNING_DRAFT))]
FileName = Annotated[str, Query(min_length=1, max_length=300)]
MOST_RECEIPTS = 2000


@router.get("/warnings", operation_id="listWarnings")
def list_warnings(
    who: ViewerDep,
    ctx: Context,
    state: Annotated[list[WarningState] | None, Query()] = None,
    limit: Limit = 100,
    before: Before = None,
) -> list[WarningView]:
    """List warnings that were published here or received, the last first."""
    query = select(IssuedWarning)
    if state:
        query = query.where(col(IssuedWarning.state).in_(state))
    order = (col(IssuedWarning.sent_ms), col(IssuedWarning.id))
    with ctx.store.read(who.viewer) as session:
        rows = session.exec(before_id(session, query, IssuedWarning, order, before, limit)).all()
        return warning_views(session, rows)


@router.get("/warning-drafts", operation_id="listWarningDrafts")
def list_drafts(
    who: Annotated[Principal, Depends(require(WARNING_DRAFT_VIEW))],
    ctx: Context,
    state: Annotated[list[DraftState] | None, Query()] = None,
    limit: Limit = 100,
    before: Before = None,
) -> list[WarningDraftView]:
    """List drafts, the last first."""
    query = select(WarningDraft)
    if state:
        query = query.where(col(WarningDraft.state).in_(state))
    order = (col(WarningDraft.created_ms), col(WarningDraft.id))
    with ctx.store.read(who.viewer) as session:
        rows = session.exec(before_id(session, query, WarningDraft, order, before, limit)).all()
        return draft_views(session, rows)


@router.get("/warning-setup", operation_id="getWarningSetup")
def setup(_: WriterDep, ctx: Context) -> WarningSetupView:
    """Return what a new draft begins with: the issuing body and the kinds of event."""
    events = [EventKindView.model_validate(kind, from_attributes=True) for kind in EVENTS]
    return WarningSetupView(issuer=ctx.settings.warning_issuer, events=events)


@router.post("/warning-reach", operation_id="warningReach")
def ask_reach(body: Target, who: WriterDep, ctx: Context) -> ReachView:
    """Return the handhelds that a target area concerns, and why."""
    with ctx.store.read(who.viewer) as session:
        return reach(ctx, session, body)


@router.get("/warnings/{warning_id}/receipts", operation_id="listWarningReceipts")
def list_receipts(
    warning_id: RecordId,
    who: Annotated[Principal, Depends(require(WARNING_RECEIPT_VIEW, WARNING_RECEIPT_OWN))],
    ctx: Context,
) -> list[WarningReceiptView]:
    """List who has seen a warning on a handheld."""
    query = select(WarningReceipt).where(WarningReceipt.warning_id == warning_id)
    with ctx.store.read(who.viewer) as session:
        order = col(WarningReceipt.received_ms)
        return receipt_views(
            session, session.exec(query.order_by(order).limit(MOST_RECEIPTS)).all()
        )


@router.get(
    "/warnings/{warning_id}/file",
    operation_id="getWarningFile",
    response_class=Response,
    responses=gives("application/xml"),
)
def get_file(
    warning_id: RecordId,
    who: ViewerDep,
    ctx: Context,
    format: Annotated[Literal["cap", "national"], Query()] = "cap",
) -> Response:
    """Return a warning as CAP 1.2 or in the national exchange format."""
    file = warning_file(ctx, who.viewer, warning_id, format)
    return Response(
        file.data,
        media_type="application/xml",
        headers={"Content-Disposition": f'attachment; filename="{file.name}"'},
    )


@router.post(
    "/warning-files",
    operation_id="readWarningFile",
    openapi_extra=takes("application/octet-stream"),
)
async def read_file(
    request: Request, _: WriterDep, ctx: Context, name: FileName
) -> WarningFileView:
    """Return what a CAP or national file is worth, by element and line; nothing is stored."""
    return await run_in_threadpool(file_view, name, await request.body(), ctx.clock())


@router.post(
    "/received-warnings",
    operation_id="receiveWarning",
    openapi_extra=takes("application/octet-stream"),
    status_code=201,
)
async def receive(
    request: Request,
    response: Response,
    who: WriterDep,
    ctx: Context,
    id: Annotated[RecordId, Query()],
    name: FileName,
) -> WarningView:
    """Take in the warning, update or cancellation of another body; repeating is safe."""
    data = await request.body()
    view, repeated = await run_in_threadpool(take_in, ctx, who, id, name, data)
    if repeated:
        response.status_code = 200
    return view


def _on_draft(operation: Any, verb: str, operation_id: str, returns: Any, **more: Any) -> None:
    serve_operation(
        router,
        operation,
        f"/warning-drafts/{{draft_id}}{verb}",
        operation_id=operation_id,
        returns=returns,
        target="draft_id",
        **more,
    )


serve_operation(
    router,
    DRAFT,
    "/warning-drafts",
    operation_id="draftWarning",
    returns=WarningDraftView,
    created=True,
)
_on_draft(EDIT, "", "editWarningDraft", WarningDraftView, method="PUT")
_on_draft(DISCARD, "/discard", "discardWarningDraft", WarningDraftView)
_on_draft(APPROVE, "/approve", "approveWarningDraft", WarningDraftView)
_on_draft(PUBLISH, "/publish", "publishWarning", WarningView, created=True)
serve_operation(
    router,
    CANCEL,
    "/warnings/{warning_id}/cancel",
    operation_id="cancelWarning",
    returns=WarningView,
    target="warning_id",
)
serve_operation(
    router,
    SEEN,
    "/warnings/{warning_id}/seen",
    operation_id="sawWarning",
    returns=WarningReceiptView,
    target="warning_id",
)
