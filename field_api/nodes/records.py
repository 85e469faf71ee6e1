"""Enrolling and recognising nodes."""

import secrets

from sqlmodel import Session, col, select

from field_api.accounts.sessions import token_hash
from field_api.nodes.links import NodeLinks
from field_api.nodes.models import Node, NodeView
from field_api.store import Actor, Store

__all__ = ["enrol", "list_nodes", "node_of_token", "node_view"]


def enrol(store: Store, actor: Actor, node_id: str, kind: str) -> str:
    """Let a node sign in and return its token, which is shown only now.

    Enrolling a node again replaces its token.
    """
    token = f"xsn_{secrets.token_urlsafe(32)}"
    with store.change(actor) as change:
        row = change.session.get(Node, node_id)
        if row is None:
            row = Node(
                node_id=node_id,
                kind=kind,
                token_hash=token_hash(token),
                enrolled_ms=change.t_ms,
            )
            change.session.add(row)
        row.kind, row.token_hash, row.enrolled_ms = kind, token_hash(token), change.t_ms
        row.disabled = False
        change.record(
            "node.enrolled", node_id, f"登记节点 {node_id}", f"Node {node_id} ({kind}) enrolled"
        )
    return token


def node_of_token(session: Session, token: str) -> Node | None:
    """Return the enabled node that a token belongs to."""
    row = session.exec(select(Node).where(Node.token_hash == token_hash(token))).first()
    return row if row is not None and not row.disabled else None


def node_view(row: Node, links: NodeLinks) -> NodeView:
    """Return what clients see of a node."""
    presence = links.presence(row.node_id)
    return NodeView(
        node_id=row.node_id,
        kind=row.kind,
        connected=presence is not None and presence.connected_since_ms is not None,
        software_version=presence.software_version if presence else None,
        connected_since_ms=presence.connected_since_ms if presence else None,
        last_heard_ms=presence.last_heard_ms if presence else None,
        text=presence.text if presence else "",
    )


def list_nodes(session: Session, links: NodeLinks) -> list[NodeView]:
    """Return every enrolled node."""
    return [node_view(row, links) for row in session.exec(select(Node).order_by(col(Node.node_id)))]
