"""Items of handhelds that were applied, or wait for one before them."""

from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from field_api.core.columns import integer64, shape

__all__ = ["SyncItem"]


class SyncItem(SQLModel, table=True):
    """One item, kept so that a repeated one is told apart and a held one is not lost."""

    __table_args__ = (Index("ix_syncitem_waits_for", "waits_for"),)

    id: str = Field(primary_key=True)
    device_id: str
    user_id: str
    request_sha256: str
    received_ms: int = integer64(index=True)
    waits_for: str | None = None
    """The item that must come first; None for one that is applied."""
    item: dict[str, Any] | None = shape(dict[str, Any] | None, default=None)
    """The item itself while it is held."""
    unknown: dict[str, Any] | None = shape(dict[str, Any] | None, default=None)
    """Fields that this version does not know, as a newer handheld sent them."""
    topic: str | None = None
    record_id: str | None = None
