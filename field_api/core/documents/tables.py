"""Issued documents: bytes that never change, with their hash and number."""

from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from field_api.core.columns import integer64, shape
from field_api.core.records import Record
from field_api.core.wire import View

__all__ = ["Document", "DocumentView"]


class Document(Record, table=True):
    """One issued version of a document; a change is a new version that names the old one."""

    __table_args__ = (
        Index("ix_document_subject", "topic", "record_id"),
        UniqueConstraint("number", "issue"),
    )

    kind: str
    """What it is, e.g. `flight_application`."""
    topic: str
    """Of the record it was issued for."""
    record_id: str
    incident_id: str | None = Field(default=None, index=True)
    number: str
    """As printed on it."""
    issue: int = 1
    """1 for the first; a later issue replaces the one before."""
    replaces: str | None = None
    template_sha256: str
    """The template it was set with: never used again for this document."""
    content: dict[str, Any] = shape(dict[str, Any])
    """The values it shows."""
    sha256: str
    """Of the stored bytes."""
    size_bytes: int = integer64()
    media_type: str = "application/pdf"
    issued_ms: int = integer64(index=True)
    issued_by: str


class DocumentView(View):
    """An issued document."""

    id: str
    version: int
    kind: str
    topic: str
    record_id: str
    incident_id: str | None
    number: str
    issue: int
    replaces: str | None
    sha256: str
    size_bytes: int
    media_type: str
    issued_ms: int
    issued_by: str
