"""Nodes over HTTP, and the field link's socket."""

from typing import Annotated

from fastapi import Depends, WebSocket
from sqlmodel import col, select

from field_api.core.access import Principal
from field_api.core.routing import Routes
from field_api.core.services import Context, get_services, require
from field_api.features.accounts.tables import Device, DeviceKind
from field_api.links.nodes.socket import serve_link
from field_api.links.nodes.views import NODE_VIEW, NodeView, node_view

__all__ = ["router"]

router = Routes(tags=["nodes"])


@router.get("/nodes", operation_id="listNodes")
def list_all(
    _who: Annotated[Principal, Depends(require(NODE_VIEW))], ctx: Context
) -> list[NodeView]:
    """List enrolled nodes and whether they are here."""
    with ctx.store.read() as session:
        rows = session.exec(
            select(Device).where(Device.kind != DeviceKind.HANDHELD).order_by(col(Device.id))
        )
        return [node_view(row, ctx.presence) for row in rows]


@router.websocket("/link")
async def link(socket: WebSocket) -> None:
    """Serve the field link (see `field_api.contract.link`)."""
    await serve_link(socket, get_services(socket))
