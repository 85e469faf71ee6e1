"""Requests for a drone's view over HTTP."""

from typing import Annotated

from fastapi import Depends, Query
from sqlmodel import col, select

from field_api.contract.ids import RecordId
from field_api.core.access import Principal
from field_api.core.pages import Before, Limit, before_id
from field_api.core.routing import Routes, serve_operation
from field_api.core.services import Context, require
from field_api.features.view_requests.messages import ViewRequestView
from field_api.features.view_requests.operations import ANSWER, ASK, REFUSE, TAKE, WITHDRAW
from field_api.features.view_requests.permissions import VIEW_OWN, VIEW_REQUEST_VIEW
from field_api.features.view_requests.records import request_views
from field_api.features.view_requests.tables import ViewRequest, ViewState

__all__ = ["router"]

router = Routes(tags=["view requests"])


@router.get("/view-requests", operation_id="listViewRequests")
def list_requests(
    who: Annotated[Principal, Depends(require(VIEW_REQUEST_VIEW, VIEW_OWN))],
    ctx: Context,
    state: Annotated[list[ViewState] | None, Query()] = None,
    inspection_id: Annotated[RecordId | None, Query()] = None,
    limit: Limit = 100,
    before: Before = None,
) -> list[ViewRequestView]:
    """List requests for a drone's view, the last first."""
    query = select(ViewRequest)
    if state:
        query = query.where(col(ViewRequest.state).in_(state))
    if inspection_id is not None:
        query = query.where(ViewRequest.inspection_id == inspection_id)
    order = (col(ViewRequest.received_ms), col(ViewRequest.id))
    with ctx.store.read(who.viewer) as session:
        rows = session.exec(before_id(session, query, ViewRequest, order, before, limit)).all()
        return request_views(session, rows)


serve_operation(
    router, ASK, "/view-requests", operation_id="askView", returns=ViewRequestView, created=True
)
for operation, name in (
    (TAKE, "take"),
    (REFUSE, "refuse"),
    (ANSWER, "answer"),
    (WITHDRAW, "withdraw"),
):
    serve_operation(
        router,
        operation,
        f"/view-requests/{{request_id}}/{name}",
        operation_id=f"{name}ViewRequest",
        returns=ViewRequestView,
        target="request_id",
    )
