"""Papers, hazards and numbers over HTTP."""

from typing import Annotated, Any

from fastapi import Depends, Query, Response
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from field_api.contract.ids import RecordId
from field_api.core.access import Principal, unscoped
from field_api.core.documents.tables import Document
from field_api.core.errors import refuse
from field_api.core.pages import before_id
from field_api.core.routing import Routes, serve_operation
from field_api.core.services import Context, Services, require
from field_api.core.wire import Name
from field_api.features.inspections.hazard_operations import (
    CHECK,
    CONFIRM,
    DECIDE_HAZARD,
    EDIT_HAZARD,
    FIND,
    RECTIFY,
)
from field_api.features.inspections.issuing import ISSUE, SERVE
from field_api.features.inspections.messages import (
    DrawNumbers,
    HazardView,
    NumberAccountView,
    NumberBlockView,
    PaperView,
)
from field_api.features.inspections.number_blocks import RETURN, accounts, draw, holder_of
from field_api.features.inspections.paper_operations import (
    APPROVE,
    BEGIN,
    DECIDE,
    DROP,
    EDIT,
    SUBMIT,
)
from field_api.features.inspections.permissions import (
    INSPECTION_VIEW,
    INSPECTION_WORK,
    NUMBERS_VIEW,
)
from field_api.features.inspections.records import (
    block_views,
    hazard_views,
    paper_views,
    whole_paper_view,
)
from field_api.features.inspections.tables import (
    Hazard,
    HazardLevel,
    HazardState,
    Inspection,
    NumberBlock,
    Paper,
    PaperState,
)

__all__ = ["router"]

router = Routes(tags=["inspections"])

ViewerDep = Annotated[Principal, Depends(require(INSPECTION_VIEW))]
Limit = Annotated[int, Query(ge=1, le=500)]
Before = Annotated[RecordId | None, Query()]
DayQuery = Annotated[str | None, Query(pattern=r"^\d{4}-\d{2}-\d{2}$")]
"""First or last day of the inspections whose papers or hazards are wanted."""
MOST_BLOCKS = 5000


def _of_days(day_from: str | None, day_to: str | None) -> SelectOfScalar[str]:
    query = select(Inspection.id)
    if day_from is not None:
        query = query.where(col(Inspection.day) >= day_from)
    return query if day_to is None else query.where(col(Inspection.day) <= day_to)


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
        query = query.where(col(Paper.inspection_id).in_(_of_days(day_from, day_to)))
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
    responses={
        200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}
    },
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


@router.get("/hazards", operation_id="listHazards")
def list_hazards(
    who: ViewerDep,
    ctx: Context,
    state: Annotated[list[HazardState] | None, Query()] = None,
    level: Annotated[HazardLevel | None, Query()] = None,
    enterprise_id: Annotated[Name | None, Query()] = None,
    day_from: DayQuery = None,
    day_to: DayQuery = None,
    limit: Limit = 100,
    before: Before = None,
) -> list[HazardView]:
    """List hazards, the last found first."""
    query = select(Hazard)
    if state:
        query = query.where(col(Hazard.state).in_(state))
    if level is not None:
        query = query.where(Hazard.level == level)
    if enterprise_id is not None:
        query = query.where(Hazard.enterprise_id == enterprise_id)
    if day_from is not None or day_to is not None:
        query = query.where(col(Hazard.inspection_id).in_(_of_days(day_from, day_to)))
    with ctx.store.read(who.viewer) as session:
        rows = session.exec(
            before_id(session, query, Hazard, (col(Hazard.id),), before, limit)
        ).all()
        with unscoped(session):
            return hazard_views(session, rows)


@router.get("/hazards/{hazard_id}", operation_id="getHazard")
def get_hazard(hazard_id: RecordId, who: ViewerDep, ctx: Context) -> HazardView:
    """Return one hazard."""
    with ctx.store.read(who.viewer) as session:
        row = session.get(Hazard, hazard_id)
        if row is None:
            raise refuse(404, "unknown_hazard", id=hazard_id)
        with unscoped(session):
            return hazard_views(session, [row])[0]


serve_operation(
    router, FIND, "/hazards", operation_id="findHazard", returns=HazardView, created=True
)
for operation, name in (
    (EDIT_HAZARD, "edit"),
    (DECIDE_HAZARD, "decide"),
    (CONFIRM, "confirm"),
    (RECTIFY, "rectify"),
    (CHECK, "check"),
):
    serve_operation(
        router,
        operation,
        f"/hazards/{{hazard_id}}/{name}",
        operation_id=f"{name}Hazard",
        returns=HazardView,
        target="hazard_id",
    )


@router.post("/number-blocks", operation_id="drawNumbers", status_code=201)
def draw_numbers(
    body: DrawNumbers,
    who: Annotated[Principal, Depends(require(INSPECTION_WORK))],
    ctx: Context,
    response: Response,
) -> list[NumberBlockView]:
    """Draw blocks of numbers for one's handheld, or at the console; repeating the body is safe."""
    with ctx.store.change(who) as change:
        rows = draw(change, who, body)
        if change.repeated:
            response.status_code = 200
        change.session.flush()
        return block_views(change.session, rows)


@router.get("/number-blocks", operation_id="listNumberBlocks")
def list_blocks(
    who: Annotated[Principal, Depends(require(NUMBERS_VIEW, INSPECTION_WORK))],
    ctx: Context,
    office_id: Annotated[Name | None, Query()] = None,
    form: Annotated[str | None, Query(max_length=30)] = None,
    year: Annotated[int | None, Query(ge=2000, le=2100)] = None,
    limit: Limit = 100,
    before: Before = None,
) -> list[NumberBlockView]:
    """List blocks, the last drawn first: an inspector's own, or all for who keeps the account."""
    query = select(NumberBlock)
    if not who.may(NUMBERS_VIEW):
        query = query.where(NumberBlock.terminal_id == holder_of(who))
    for column, value in (
        (NumberBlock.office_id, office_id),
        (NumberBlock.form, form),
        (NumberBlock.year, year),
    ):
        if value is not None:
            query = query.where(col(column) == value)
    viewer = who.viewer if who.may(NUMBERS_VIEW) else None
    with ctx.store.read(viewer) as session:
        order = (col(NumberBlock.id),)
        rows = session.exec(before_id(session, query, NumberBlock, order, before, limit)).all()
        return block_views(session, rows)


@router.get("/number-account", operation_id="getNumberAccount")
def get_account(
    who: Annotated[Principal, Depends(require(NUMBERS_VIEW))],
    ctx: Context,
    year: Annotated[int, Query(ge=2000, le=2100)] = 2026,
    office_id: Annotated[Name | None, Query()] = None,
) -> list[NumberAccountView]:
    """Add up a year's numbers: drawn, used, returned, still out."""
    query = select(NumberBlock).where(NumberBlock.year == year)
    if office_id is not None:
        query = query.where(NumberBlock.office_id == office_id)
    with ctx.store.read(who.viewer) as session:
        return accounts(session.exec(query.limit(MOST_BLOCKS)).all())


serve_operation(
    router,
    RETURN,
    "/number-blocks/{block_id}/return",
    operation_id="returnNumbers",
    returns=NumberBlockView,
    target="block_id",
)
