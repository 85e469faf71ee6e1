"""Law as data: clauses, questions of checklists, holidays, duties to report."""

from enum import StrEnum

from sqlmodel import Field

from field_api.core.columns import choice, integer64, shape
from field_api.core.records import Record

__all__ = [
    "ChecklistItem",
    "ClauseStanding",
    "DutyStage",
    "DutyStart",
    "DutyWay",
    "Holiday",
    "LawClause",
    "ReportDuty",
]


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


class DutyStage(StrEnum):
    """Which report a duty asks for."""

    FIRST = "first"
    """首报."""
    FOLLOW_UP = "follow_up"
    """续报."""
    FINAL = "final"
    """终报."""


class DutyStart(StrEnum):
    """What a duty's clock counts from."""

    RECEIVED = "received"
    """The bureau was told."""
    HAPPENED = "happened"
    """It happened; where nobody has said when, the bureau's being told is taken, and said so."""
    NEW_FACTS = "new_facts"
    """A figure changed after the last report."""
    REPORTED = "reported"
    """The report before was sent."""
    ENDED = "ended"
    """The incident was closed."""


class DutyWay(StrEnum):
    """How a report is made."""

    PHONE = "phone"
    WRITTEN = "written"


class ReportDuty(Record, table=True):
    """A duty to report upwards, and its time limit."""

    code: str
    name: str
    name_en: str = ""
    stage: DutyStage = choice(DutyStage)
    way: DutyWay = choice(DutyWay)
    kinds: list[str] = shape(list[str])
    """Kinds of incident that it is for."""
    from_level: str | None = None
    """The lowest level that it is for, `larger` (较大) and above; None for every level."""
    start: DutyStart = choice(DutyStart)
    minutes: int | None = integer64(default=None)
    """From the start; None is at once (立即、及时): a limit without a figure."""
    daily_at: str = ""
    """`HH:MM` in the bureau's time: due every day until the final report."""
    recipient: str
    recipient_en: str = ""
    basis: str
    standing: ClauseStanding = choice(ClauseStanding)
    """What is not verified is a default of this program, and no law."""
    confirmed_note: str = ""
    note: str = ""
    source: str = ""
    active: bool = True
