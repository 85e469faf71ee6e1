"""The field link: nodes sign in, send what they saw, and get their orders."""

from sqlmodel import select

from field_api.core.feature import Feature
from field_api.core.services import Services
from field_api.features.accounts.tables import Device, DeviceKind
from field_api.links.nodes.routes import router
from field_api.links.nodes.sessions import NodeSessions
from field_api.links.nodes.views import NODE, NODE_VIEW, NodeView, node_view

__all__ = ["FEATURE"]


def _sessions(ctx: Services) -> NodeSessions:
    # Newcomers see every enrolled node, also those that have not been here since the start.
    with ctx.store.read() as session:
        rows = session.exec(select(Device).where(Device.kind != DeviceKind.HANDHELD)).all()
    for row in rows:
        ctx.bus.publish(NODE, f"node/{row.id}", node_view(row, ctx.presence))
    ctx.workers.when_one_goes(lambda worker_id: _lost(ctx, worker_id))
    return NodeSessions(ctx)


def _lost(ctx: Services, worker_id: str) -> None:
    """A worker ended without a word: its nodes are not here any more, until they come back."""
    for node_id in ctx.presence.forget_worker(worker_id):
        known = ctx.bus.newest(f"node/{node_id}")
        if known is not None and isinstance(known.data, NodeView):
            gone = {"connected": False, "connected_since_ms": None}
            ctx.bus.publish(NODE, known.key, known.data.model_copy(update=gone))


FEATURE = Feature(
    name="nodes",
    about="Field nodes",
    routers=(router,),
    values=(NODE,),
    permissions=(NODE_VIEW,),
    parts=(_sessions,),
    follows=lambda ctx, events: ctx.part(NodeSessions).follow(events),
    serves=lambda ctx: ctx.part(NodeSessions).send_orders(),
)
