"""Handovers over HTTP."""

from typing import Annotated

from fastapi import Depends
from sqlmodel import col, select

from field_api.contract.ids import RecordId
from field_api.core.access import Principal
from field_api.core.errors import refuse
from field_api.core.pages import Before, Limit, before_id
from field_api.core.routing import Routes, serve_operation
from field_api.core.services import Context, require
from field_api.features.handovers.gathering import standing_of
from field_api.features.handovers.messages import HandoverView
from field_api.features.handovers.operations import CONFIRM, EDIT, SIGN
from field_api.features.handovers.permissions import HANDOVER_VIEW, HANDOVER_WRITE
from field_api.features.handovers.records import handover_views
from field_api.features.handovers.tables import Handover, Standing

__all__ = ["router"]

router = Routes(prefix="/handovers", tags=["handovers"])

ViewerDep = Annotated[Principal, Depends(require(HANDOVER_VIEW))]


@router.get("", operation_id="listHandovers")
def list_all(
    who: ViewerDep, ctx: Context, limit: Limit = 50, before: Before = None
) -> list[HandoverView]:
    """List shift changes, newest first; `before` pages back."""
    with ctx.store.read(who.viewer) as session:
        order = (col(Handover.signed_ms), col(Handover.id))
        query = before_id(session, select(Handover), Handover, order, before, limit)
        return handover_views(session, session.exec(query).all())


@router.get("/draft", operation_id="draftHandover")
def draft(who: Annotated[Principal, Depends(require(HANDOVER_WRITE))], ctx: Context) -> Standing:
    """Return what a handover would say now; nothing is kept."""
    with ctx.store.read(who.viewer) as session:
        return standing_of(session, ctx.clock())


@router.get("/{handover_id}", operation_id="getHandover")
def get_one(handover_id: RecordId, who: ViewerDep, ctx: Context) -> HandoverView:
    """Return one shift change."""
    with ctx.store.read(who.viewer) as session:
        row = session.get(Handover, handover_id)
        if row is None:
            raise refuse(404, "unknown_handover")
        return handover_views(session, [row])[0]


serve_operation(router, SIGN, "", operation_id="signHandover", returns=HandoverView, created=True)
for _operation, _name in ((EDIT, "edit"), (CONFIRM, "confirm")):
    serve_operation(
        router,
        _operation,
        f"/{{handover_id}}/{_name}",
        operation_id=f"{_name}Handover",
        returns=HandoverView,
        target="handover_id",
    )
