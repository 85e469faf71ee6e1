"""The audit trail: one row per recorded act, each chained to the one before by SHA-256."""

from sqlmodel import Field, SQLModel

from field_api.wire import View

__all__ = ["AuditEntry", "AuditView", "ChainReport", "TimelineEntry"]


class AuditEntry(SQLModel, table=True):
    """Who did what, when and from where. Triggers of the database refuse changes and deletions."""

    seq: int = Field(primary_key=True)
    """1, 2, 3 ... without a gap."""
    t_ms: int = Field(index=True)
    actor: str
    """User name, `node:ID`, or `system`."""
    actor_name: str
    source: str
    """Network address, `command line`, or the field link."""
    action: str
    """Stable name, e.g. `incident.opened`."""
    subject: str
    """Id of the record acted on."""
    incident_id: str | None = Field(default=None, index=True)
    text_zh: str
    text_en: str
    refs_json: str
    """Canonical JSON object: further ids and values."""
    prev_hash: str
    hash: str


class AuditView(View):
    """One audit entry."""

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
    head: str
    """Hash of the last entry; note it elsewhere to detect a cut-off tail."""
    broken_seq: int | None = None
    """First entry that does not fit."""
    reason: str | None = None
