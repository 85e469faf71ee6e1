"""The durable inbox: every message of a node, stored exactly once by its id."""

from sqlmodel import Field, SQLModel

from field_api.core.columns import JsonText, integer64

__all__ = ["ReceivedMessage"]


class ReceivedMessage(SQLModel, table=True):
    """A durable message as it came."""

    id: str = Field(primary_key=True)
    kind: str = Field(index=True)
    node_id: str
    t_ms: int = integer64()
    received_ms: int = integer64()
    body: str = Field(sa_type=JsonText)
    """The message as received, pictures replaced by their hash."""
