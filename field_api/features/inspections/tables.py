"""Inspections: the tables."""

from enum import StrEnum
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from field_api.core.columns import choice, integer64, shape
from field_api.core.records import Requested

__all__ = [
    "ApprovalState",
    "Hazard",
    "HazardLevel",
    "HazardState",
    "Inspection",
    "InspectionState",
    "NumberBlock",
    "Paper",
    "PaperState",
]


class InspectionState(StrEnum):
    """How far an inspection has come."""

    PLANNED = "planned"
    ON_SITE = "on_site"
    """Entered; the record is not issued."""
    DECIDED = "decided"
    """The record is issued, no order is open."""
    RECTIFYING = "rectifying"
    """An order waits for its review."""
    CLOSED = "closed"
    ESCALATED = "escalated"
    """The bureau goes on with it."""


class PaperState(StrEnum):
    """How far a paper has come."""

    DRAFT = "draft"
    ISSUED = "issued"
    SERVED = "served"
    REPLACED = "replaced"
    DROPPED = "dropped"
    """Never issued."""


class ApprovalState(StrEnum):
    """Whether somebody who may has approved it."""

    NOT_NEEDED = "not_needed"
    NEEDED = "needed"
    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"


class HazardLevel(StrEnum):
    """一般、重大."""

    ORDINARY = "ordinary"
    MAJOR = "major"


class HazardState(StrEnum):
    """发现、已责令、已整改、已销号."""

    FOUND = "found"
    ORDERED = "ordered"
    RECTIFIED = "rectified"
    """The enterprise says so."""
    CLEARED = "cleared"


class Inspection(Requested, table=True):
    """One inspection of one enterprise."""

    __table_args__ = (Index("ix_inspection_enterprise_day", "enterprise_id", "day"),)

    enterprise_id: str
    office_id: str
    tier: str
    sector: str
    kind: str
    source: str
    day: str = Field(index=True)
    officer_ids: list[str] = shape(list[str])
    terminal_id: str | None = Field(default=None, index=True)
    note: str = ""
    state: InspectionState = choice(InspectionState, index=True)
    entered_ms: int | None = integer64(default=None)
    scan_code: str | None = None
    emergency_reason: str = ""
    entered_lat_deg: float | None = None
    entered_lon_deg: float | None = None
    visit_number: int | None = None
    escalated_from: str | None = None
    escalated_to: str | None = None
    escalated_reason: str = ""
    opened_ms: int = integer64(index=True)
    opened_by: str
    closed_ms: int | None = integer64(default=None, index=True)
    closed_reason: str = ""
    shelved: bool = Field(default=False, index=True)
    """Closed for so long that handhelds and first pictures leave it out."""


class Paper(Requested, table=True):
    """One document of an inspection: a draft, then issued and unchangeable."""

    __table_args__ = (
        Index("ix_paper_enterprise_form", "enterprise_id", "form", "issued_ms"),
        Index("ix_paper_due", "fulfilled_ms", "due_day"),
        UniqueConstraint("number", "issue"),
    )

    inspection_id: str = Field(index=True, foreign_key="inspection.id")
    enterprise_id: str
    office_id: str
    form: str
    state: PaperState = choice(PaperState, index=True)
    values: dict[str, Any] = shape(dict[str, Any])
    written: dict[str, Any] = shape(dict[str, Any])
    """Who last wrote each field, and when: `{"field": {"by": name, "t_ms": ms}}`."""
    conflicts: list[dict[str, Any]] = shape(list[dict[str, Any]])
    """Fields of which two values are kept until a person decides."""
    hazard_ids: list[str] = shape(list[str])
    order_id: str | None = None
    replaces: str | None = None
    replaced_by: str | None = None
    urgent: bool = False
    approval: ApprovalState = choice(ApprovalState, index=True)
    approved_by: str | None = None
    approved_ms: int | None = integer64(default=None)
    approval_due_ms: int | None = integer64(default=None)
    """Of an urgent measure: when its approval must be there."""
    approval_late_ms: int | None = integer64(default=None)
    """When it was told that the approval had not come in time."""
    opinion: str = ""
    number: str | None = None
    issue: int = 1
    """Counts the versions of one number."""
    day: str | None = None
    due_day: str | None = None
    reminded_days: int | None = None
    fulfilled_ms: int | None = integer64(default=None)
    content: dict[str, Any] | None = shape(dict[str, Any], nullable=True)
    document_id: str | None = None
    sha256: str | None = Field(default=None, index=True)
    issuer_sha256: str | None = None
    issue_sha256: str | None = None
    """Digest of the request that issued it."""
    device_key: str = ""
    device_signature: str = ""
    device_signed: bool | None = None
    """Whether the handheld's signature fits its key; None without one."""
    issued_ms: int | None = integer64(default=None)
    issued_by: str | None = None
    served_ms: int | None = integer64(default=None)
    served_way: str | None = None
    served_to: str = ""
    begun_ms: int = integer64()
    begun_by: str
    shelved: bool = Field(default=False, index=True)


class Hazard(Requested, table=True):
    """One hazard, from being found to being cleared."""

    __table_args__ = (Index("ix_hazard_enterprise_state", "enterprise_id", "state", "level"),)

    inspection_id: str = Field(index=True, foreign_key="inspection.id")
    enterprise_id: str
    text: str
    place: str = ""
    level: HazardLevel = choice(HazardLevel)
    clause_ids: list[str] = shape(list[str])
    measure: str
    due_day: str | None = None
    state: HazardState = choice(HazardState)
    found_ms: int = integer64()
    found_by: str
    found_user: str
    """Account of who found it: another one confirms it."""
    confirmed_by: str | None = None
    confirmed_ms: int | None = integer64(default=None)
    disputed_reason: str = ""
    media: list[str] = shape(list[str])
    voice: str | None = None
    """A voice note, by its hash."""
    lat_deg: float | None = None
    lon_deg: float | None = None
    rectified_ms: int | None = integer64(default=None)
    rectified_text: str = ""
    rectified_media: list[str] = shape(list[str], default_factory=list)
    checked_ms: int | None = integer64(default=None)
    checked_by: str | None = None
    check_result: str | None = None
    check_text: str = ""
    check_media: list[str] = shape(list[str], default_factory=list)
    written: dict[str, Any] = shape(dict[str, Any])
    conflicts: list[dict[str, Any]] = shape(list[dict[str, Any]], default_factory=list)
    shelved: bool = Field(default=False, index=True)


class NumberBlock(Requested, table=True):
    """Consecutive document numbers drawn by one handheld: each is used, returned or still out."""

    __table_args__ = (
        Index("ix_numberblock_series", "office_id", "form", "year", "last"),
        UniqueConstraint("office_id", "form", "year", "first"),
    )

    office_id: str
    form: str
    year: int
    draw_id: str = Field(index=True)
    """The request that drew it: several forms at once."""
    first: int
    last: int
    prefix: str
    suffix: str
    terminal_id: str = Field(index=True)
    """The handheld, or `desk:USERNAME` for one drawn at the console."""
    device_id: str
    drawn_ms: int = integer64()
    drawn_by: str
    used: list[int] = shape(list[int])
    returned_ms: int | None = integer64(default=None)
    returned_reason: str = ""
