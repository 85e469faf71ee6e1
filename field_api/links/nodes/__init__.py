"""The field link: nodes sign in, send what they saw, and get their orders."""

from sqlmodel import select

from field_api.core.feature import Feature
from field_api.core.services import Services
from field_api.features.accounts.tables import Device, DeviceKind
from field_api.links.nodes.routes import router
from field_api.links.nodes.sessions import NodeSessions
from field_api.links.nodes.views import NODE, NODE_VIEW, node_view

__all__ = ["FEATURE"]


def _sessions(ctx: Services) -> NodeSessions:
    # Newcomers see every enrolled node, also those that have not been here since the start.
    with ctx.store.read() as session:
        rows = session.exec(select(Device).where(Device.kind != DeviceKind.HANDHELD)).all()
    for row in rows:
        ctx.bus.publish(NODE, f"node/{row.id}", node_view(row, ctx.presence))
    return NodeSessions(ctx)


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
