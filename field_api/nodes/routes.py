"""Nodes over HTTP, and the field link's socket."""

from fastapi import APIRouter, WebSocket

from field_api.nodes.link_socket import serve_link
from field_api.nodes.models import NodeView
from field_api.nodes.records import list_nodes
from field_api.services import Context, ViewerDep, get_services

__all__ = ["router"]

router = APIRouter(tags=["nodes"])


@router.get("/nodes", operation_id="listNodes")
def list_all(_who: ViewerDep, ctx: Context) -> list[NodeView]:
    """List enrolled nodes and whether they are here."""
    with ctx.store.read() as session:
        return list_nodes(session, ctx.links)


@router.websocket("/link")
async def link(socket: WebSocket) -> None:
    """Serve the field link (see `field_api.contract.link`)."""
    await serve_link(socket, get_services(socket))
