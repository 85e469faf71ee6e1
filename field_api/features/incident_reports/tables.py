"""Reports of incidents upwards, their clocks, and what was sent: the tables."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Index
from sqlmodel import Field

from field_api.core.columns import choice, integer64, shape
from field_api.core.records import Record, Requested
from field_api.features.law.tables import DutyStage, DutyStart, DutyWay

__all__ = [
    "ClockState",
    "Gap",
    "IncidentReport",
    "Level",
    "ReportCase",
    "ReportClock",
    "ReportSending",
    "ReportStage",
    "ReportState",
    "Section",
    "SendingWay",
    "Source",
]


class Level(StrEnum):
    """How grave an accident or a fire is, the gravest last (突发事件应对法 3)."""

    ORDINARY = "ordinary"
    """一般."""
    LARGER = "larger"
    """较大."""
    MAJOR = "major"
    """重大."""
    EXTRAORDINARY = "extraordinary"
    """特别重大."""


class ReportStage(StrEnum):
    """Which paper it is."""

    FIRST = "first"
    """首报."""
    FOLLOW_UP = "follow_up"
    """续报."""
    FINAL = "final"
    """终报."""
    SITUATION = "situation"
    """情况报告: for those at hand; it answers no duty to report."""


class ReportState(StrEnum):
    """How far a report has come; it counts once it is issued."""

    DRAFT = "draft"
    ASKED = "asked"
    """It waits for a commander."""
    ISSUED = "issued"
    """Approved by name, set, and never changed again."""
    DROPPED = "dropped"


class ClockState(StrEnum):
    """What became of a duty."""

    RUNNING = "running"
    MET = "met"
    """Somebody said that the report was sent."""
    VOID = "void"
    """It is no longer asked for: the incident was closed before it fell due."""


class SendingWay(StrEnum):
    """How a report went to whom it is for."""

    PHONE = "phone"
    SYSTEM = "system"
    """Through the reporting system of the authority above."""
    FAX = "fax"
    EMAIL = "email"
    COURIER = "courier"
    """Handed over by a person."""


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True)


class Source(_Kept):
    """Where something in a report comes from: as long as the phrase stands in the text."""

    phrase: str
    topic: str
    """Kind of the records."""
    record_ids: list[str]
    t_ms: int | None = None
    """When it was said or happened."""
    by: str = ""


class Gap(_Kept):
    """Something that nobody has said yet, named instead of invented."""

    key: str
    phrase: str


class Section(_Kept):
    """One heading of a report and what stands under it."""

    key: str
    text: str
    sources: list[Source] = []
    gaps: list[Gap] = []


class ReportCase(Record, table=True):
    """What reports of an incident need and nobody else asks; its id is the incident's."""

    incident_id: str = Field(foreign_key="incident.id", index=True)
    happened_ms: int | None = integer64(default=None)
    """When it happened, as somebody said; the incident itself says when the bureau was told."""
    deaths: int | None = None
    serious_injured: int | None = None
    """Seriously injured, acute industrial poisoning included (条例 3)."""
    loss_cny: int | None = integer64(default=None)
    """Direct economic loss, yuan."""
    burned_ha: float | None = None
    """Burned forest (受害森林面积), not the area of the fire scene."""
    traffic: bool = False
    """A road accident: changes are reported for 7 days and not for 30 (条例 13)."""
    unit: str = ""
    """The unit where it happened (事故发生单位概况)."""
    weather: str = ""
    next_steps: str = ""
    level_said: Level | None = choice(Level, default=None)
    """The level where a person overrides the reckoned one, or where there is none to reckon."""
    level_reason: str = ""
    stated_ms: int | None = integer64(default=None)
    stated_by: str | None = None
    reported_ms: int | None = integer64(default=None)
    """As of when the last issued report speaks."""
    new_facts_ms: int = integer64(default=0)
    """The newest figure that a follow-up was proposed for."""
    ended: bool = False
    """The clocks of the incident's end were started."""


class ReportClock(Record, table=True):
    """One duty to report, running from its start until somebody says that it was done."""

    __table_args__ = (Index("ix_reportclock_state_due", "state", "due_ms"),)

    incident_id: str = Field(foreign_key="incident.id", index=True)
    duty_id: str
    name: str
    name_en: str
    stage: DutyStage = choice(DutyStage)
    way: DutyWay = choice(DutyWay)
    recipient: str
    recipient_en: str
    basis: str
    is_law: bool
    """The limit was read in the law, or confirmed by the bureau; else it is a default."""
    start: DutyStart = choice(DutyStart)
    start_ms: int = integer64()
    start_assumed: bool = False
    """Nobody has said when it happened: the bureau's being told is taken."""
    due_ms: int | None = integer64(default=None)
    """None is at once: a limit without a figure."""
    state: ClockState = choice(ClockState)
    ended_ms: int | None = integer64(default=None)
    """When it was met, or no longer asked for."""
    sending_id: str | None = None
    warned: int = 0
    """How often people were told that it is due: soon, and overdue."""


class IncidentReport(Requested, table=True):
    """A report, drafted from the data, put right by people, approved and issued."""

    incident_id: str = Field(foreign_key="incident.id", index=True)
    stage: ReportStage = choice(ReportStage)
    ordinal: int
    """The how-many-eth of its stage: 续报 has several."""
    state: ReportState = choice(ReportState, index=True)
    drill: bool
    title: str
    recipient: str
    """主送: to whom it is addressed."""
    sections: list[Section] = shape(list[Section])
    facts: dict[str, str | int | float | None] = shape(dict[str, str | int | float | None])
    """The figures as they were when it was drafted: what a follow-up is held against."""
    level: Level | None = choice(Level, default=None)
    as_of_ms: int = integer64()
    """When it was drafted: what came later is not in it."""
    drafted_in_ms: int = integer64(default=0)
    """How long the draft took."""
    drafted_ms: int = integer64(index=True)
    drafted_by: str
    edited_ms: int | None = integer64(default=None)
    edited_by: str | None = None
    asked_ms: int | None = integer64(default=None)
    asked_by: str | None = None
    decided_ms: int | None = integer64(default=None)
    decided_by: str | None = None
    opinion: str = ""
    """Of who sent it back."""
    number: str = ""
    document_id: str | None = None
    sha256: str = ""
    """Of the issued PDF."""


class ReportSending(Requested, table=True):
    """Somebody says that a report was given to whom it is for: only then it counts as sent."""

    incident_id: str = Field(foreign_key="incident.id", index=True)
    report_id: str | None = Field(default=None, foreign_key="incidentreport.id", index=True)
    """None for a report by phone."""
    recipient: str
    way: SendingWay = choice(SendingWay)
    sent_ms: int = integer64(index=True)
    said_ms: int = integer64()
    said_by: str
    note: str = ""
    met: list[str] = shape(list[str], default_factory=list)
    """Ids of the clocks that it stopped."""
    acknowledged_ms: int | None = integer64(default=None)
    acknowledged_by: str = ""
    """Who took it at the other end."""
    acknowledged_said_by: str | None = None
