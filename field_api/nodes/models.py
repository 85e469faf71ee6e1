"""Enrolled nodes and the durable inbox: tables and wire shapes."""

from sqlmodel import Field, SQLModel

from field_api.wire import View

__all__ = ["Node", "NodeView", "ReceivedMessage"]


class Node(SQLModel, table=True):
    """A fleet or vision node that may sign in."""

    node_id: str = Field(primary_key=True)
    kind: str
    token_hash: str = Field(unique=True)
    """SHA-256 of the enrolment token, which is random and 256 bits long."""
    enrolled_ms: int
    disabled: bool = False


class ReceivedMessage(SQLModel, table=True):
    """A durable message, stored exactly once by its id."""

    id: str = Field(primary_key=True)
    kind: str = Field(index=True)
    node_id: str
    t_ms: int
    received_ms: int
    body_json: str
    """The message as received, pictures replaced by their hash."""


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
