"""What clients see of nodes."""

from field_api.contract.messages import DetectorReport, LinkReport, StrangerReport
from field_api.core.bus import ValueKind
from field_api.core.presence import NodePresence
from field_api.core.roles import STAFF, Permission
from field_api.core.wire import View
from field_api.features.accounts.tables import Device

__all__ = ["NODE", "NODE_VIEW", "NodeView", "node_view"]

NODE_VIEW = Permission.of("node.view", *STAFF)


class NodeView(View):
    """A node and whether it is here."""

    node_id: str
    kind: str
    connected: bool
    software_version: str | None
    connected_since_ms: int | None
    last_heard_ms: int | None
    text: str
    """The node's own word on its health."""
    links: list[LinkReport]
    """Of a fleet node: the ways over which it hears vehicles."""
    strangers: list[StrangerReport]
    """Of a fleet node: devices in quarantine, to which nothing is sent."""
    detector: DetectorReport | None
    """Of a vision node: what it looks with."""


NODE = ValueKind("node", NodeView, NODE_VIEW)


def node_view(row: Device, presence: NodePresence) -> NodeView:
    """Return what clients see of a node."""
    known = presence.of(row.id)
    state = known.state if known else None
    return NodeView(
        node_id=row.id,
        kind=row.kind.value,
        connected=known is not None and known.connected_since_ms is not None,
        software_version=known.software_version if known else None,
        connected_since_ms=known.connected_since_ms if known else None,
        last_heard_ms=known.last_heard_ms if known else None,
        text=state.text if state else "",
        links=state.links if state else [],
        strangers=state.strangers if state else [],
        detector=state.detector if state else None,
    )
