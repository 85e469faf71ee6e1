"""The audit trail's tables and what clients read of them."""

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from field_api.core.columns import integer64, shape
from field_api.core.wire import View

__all__ = ["AuditEntry", "AuditView", "AuditWords", "ChainReport", "TimelineEntry"]


class AuditEntry(SQLModel, table=True):
    """One recorded act, chained to the one before. Triggers refuse changes and deletions."""

    __table_args__ = (Index("ix_auditentry_incident_seq", "incident_id", "seq"),)

    seq: int = integer64(primary_key=True)
    """1, 2, 3 ... without a gap."""
    t_ms: int = integer64(index=True)
    action: str
    """Stable name, e.g. `incident.opened`."""
    subject: str = Field(index=True)
    """Id of the record acted on."""
    incident_id: str | None = None
    words_sha256: str
    """Salted hash of the words beside this entry."""
    prev_hash: str
    hash: str


class AuditWords(SQLModel, table=True):
    """The erasable half of an entry. Triggers refuse changes."""

    seq: int = integer64(primary_key=True)
    salt: str
    actor: str = Field(index=True)
    """User name, `node:ID`, or `system`."""
    actor_name: str
    source: str
    """Network address, `command line`, or the field link."""
    text_zh: str
    text_en: str
    refs: dict[str, str] = shape(dict[str, str])
    """Further ids and values."""


class AuditView(View):
    """One audit entry; its words are empty where they were erased."""

    seq: int
    t_ms: int
    actor: str
    actor_name: str
    source: str
    action: str
    subject: str
    incident_id: str | None
    text_zh: str
    text_en: str
    refs: dict[str, str]
    erased: bool
    prev_hash: str
    hash: str


class TimelineEntry(View):
    """One line of an incident's timeline, derived from the audit trail."""

    seq: int
    t_ms: int
    incident_id: str
    actor: str
    actor_name: str
    action: str
    subject: str
    text_zh: str
    text_en: str
    refs: dict[str, str]


class ChainReport(View):
    """Whether the chain is whole."""

    intact: bool
    entries: int
    erased: int
    """Entries whose words were erased by a recorded act."""
    head: str
    """Hash of the last entry; note it elsewhere to detect a cut-off tail."""
    broken_seq: int | None = None
    """First entry that does not fit."""
    reason: str | None = None
