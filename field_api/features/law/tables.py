"""Law as data: clauses, questions of checklists, holidays."""

from enum import StrEnum

from sqlmodel import Field

from field_api.core.columns import choice, shape
from field_api.core.records import Record

__all__ = ["ChecklistItem", "ClauseStanding", "Holiday", "LawClause"]


class ClauseStanding(StrEnum):
    """Whether anybody has read what the clause says."""

    VERIFIED = "verified"
    """Read by who shipped it."""
    UNVERIFIED = "unverified"
    """Not read: shown as such, and never printed."""
    CONFIRMED = "confirmed"
    """Read by an administrator of the bureau, who says where."""


class LawClause(Record, table=True):
    """One clause in one edition."""

    code: str
    standard: str
    """Name of the law or standard."""
    edition: str = ""
    article: str
    """As cited: 第三条（二）."""
    sectors: list[str] = shape(list[str])
    """Sectors that it is picked in; 通用 is every sector."""
    level: str
    """`major` for a criterion of a major hazard, else `ordinary`."""
    text: str = ""
    in_force_from: str | None = None
    in_force_to: str | None = None
    """The last day."""
    standing: ClauseStanding = choice(ClauseStanding)
    confirmed_note: str = ""
    """Where who confirmed it has read it."""
    note: str = ""
    source: str = ""


class ChecklistItem(Record, table=True):
    """One question of a sector's checklist."""

    sector: str = Field(index=True)
    position: int
    question: str
    how: str = ""
    """How it is looked at."""
    clause_ids: list[str] = shape(list[str])
    measure: str
    severity: str
    """`either`: the criteria say which; `transfer`: another authority's."""
    fine_ref: str = ""
    verified: bool = False
    """The cited clauses were read."""
    in_force_from: str | None = None
    in_force_to: str | None = None


class Holiday(Record, table=True):
    """A day that is not what its weekday says."""

    day: str = Field(index=True)
    kind: str
    """`off`, or `work` on a weekend."""
    name: str
