"""Document numbers over HTTP."""

from typing import Annotated

from fastapi import Depends, Query, Response
from sqlmodel import col, select

from field_api.core.access import Principal
from field_api.core.pages import Before, Limit, before_id
from field_api.core.routing import Routes, serve_operation
from field_api.core.services import Context, require
from field_api.core.wire import Name
from field_api.features.inspections.calendar import local_day
from field_api.features.inspections.messages import (
    DrawNumbers,
    NumberAccountView,
    NumberBlockView,
)
from field_api.features.inspections.number_account import accounts
from field_api.features.inspections.number_blocks import RETURN, draw, holder_of
from field_api.features.inspections.permissions import INSPECTION_WORK, NUMBERS_VIEW
from field_api.features.inspections.records import block_views
from field_api.features.inspections.tables import NumberBlock

__all__ = ["router"]

router = Routes(tags=["inspections"])


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
    year: Annotated[int | None, Query(ge=2000, le=2100)] = None,
    office_id: Annotated[Name | None, Query()] = None,
) -> list[NumberAccountView]:
    """Add up a year's numbers, this year's if none is named: drawn, used, returned, still out."""
    if year is None:
        year = int(local_day(ctx.clock())[:4])
    with ctx.store.read(who.viewer) as session:
        return accounts(session, year, office_id)


serve_operation(
    router,
    RETURN,
    "/number-blocks/{block_id}/return",
    operation_id="returnNumbers",
    returns=NumberBlockView,
    target="block_id",
)
