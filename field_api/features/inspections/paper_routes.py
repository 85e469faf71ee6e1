"""Papers over HTTP."""

from typing import Annotated, Any

from fastapi import Query, Response
from sqlmodel import Session, col, select

from field_api.contract.ids import RecordId
from field_api.core.access import unscoped
from field_api.core.documents.tables import Document
from field_api.core.errors import refuse
from field_api.core.file_bodies import gives
from field_api.core.pages import Before, Limit, before_id
from field_api.core.routing import Routes, serve_operation
from field_api.core.services import Context, Services
from field_api.core.wire import Name
from field_api.features.inspections.issuing import ISSUE, SERVE
from field_api.features.inspections.messages import PaperView
from field_api.features.inspections.paper_operations import (
    APPROVE,
    BEGIN,
    DECIDE,
    DROP,
    EDIT,
    SUBMIT,
)
from field_api.features.inspections.queries import DayQuery, ViewerDep, of_days
from field_api.features.inspections.records import paper_views, whole_paper_view
from field_api.features.inspections.tables import Paper, PaperState

__all__ = ["router"]

router = Routes(tags=["inspections"])


@router.get("/papers", operation_id="listPapers")
def list_papers(
    who: ViewerDep,
    ctx: Context,
    state: Annotated[list[PaperState] | None, Query()] = None,
    form: Annotated[str | None, Query(max_length=30)] = None,
    enterprise_id: Annotated[Name | None, Query()] = None,
    day_from: DayQuery = None,
    day_to: DayQuery = None,
    limit: Limit = 100,
    before: Before = None,
) -> list[PaperView]:
    """List papers, the last begun first."""
    query = select(Paper)
    if state:
        query = query.where(col(Paper.state).in_(state))
    if form is not None:
        query = query.where(Paper.form == form)
    if enterprise_id is not None:
        query = query.where(Paper.enterprise_id == enterprise_id)
    if day_from is not None or day_to is not None:
        query = query.where(col(Paper.inspection_id).in_(of_days(day_from, day_to)))
    # Ids are made in the order of time.
    with ctx.store.read(who.viewer) as session:
        rows = session.exec(before_id(session, query, Paper, (col(Paper.id),), before, limit)).all()
        return paper_views(session, rows)


def _paper(session: Session, paper_id: str) -> Paper:
    row = session.get(Paper, paper_id)
    if row is None:
        raise refuse(404, "unknown_paper", id=paper_id)
    return row


@router.get("/papers/{paper_id}", operation_id="getPaper")
def get_paper(paper_id: RecordId, who: ViewerDep, ctx: Context) -> PaperView:
    """Return one paper, signatures with their strokes."""
    with ctx.store.read(who.viewer) as session:
        return whole_paper_view(_paper(session, paper_id))


@router.get(
    "/papers/{paper_id}/paper.pdf",
    operation_id="getPaperPdf",
    response_class=Response,
    responses=gives("application/pdf"),
)
def get_pdf(paper_id: RecordId, who: ViewerDep, ctx: Context) -> Response:
    """Return an issued paper as it was set then."""
    with ctx.store.read(who.viewer) as session:
        row = _paper(session, paper_id)
        with unscoped(session):
            document = session.get(Document, row.document_id) if row.document_id else None
    if document is None:
        raise refuse(409, "paper_not_issued")
    return Response(
        ctx.blobs.path(document.sha256).read_bytes(),
        media_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="paper-{paper_id}.pdf"'},
    )


def _whole(_ctx: Services, _session: Session, row: Any) -> PaperView:
    return whole_paper_view(row)


serve_operation(
    router, BEGIN, "/papers", operation_id="beginPaper", returns=PaperView, created=True
)
for operation, name in (
    (EDIT, "edit"),
    (DECIDE, "decide"),
    (SUBMIT, "submit"),
    (APPROVE, "approve"),
    (DROP, "drop"),
    (ISSUE, "issue"),
    (SERVE, "serve"),
):
    serve_operation(
        router,
        operation,
        f"/papers/{{paper_id}}/{name}",
        operation_id=f"{name}Paper",
        returns=PaperView,
        target="paper_id",
        view=_whole,
    )
