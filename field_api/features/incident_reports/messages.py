"""Reports of incidents on the wire."""

from typing import Annotated, Literal

from pydantic import Field

from field_api.contract.ids import RecordId
from field_api.core.wire import Body, LongText, Milliseconds, Name, ShortText, View
from field_api.features.incident_reports.tables import (
    ClockState,
    Level,
    ReportStage,
    ReportState,
    Section,
    SendingWay,
)
from field_api.features.law.tables import DutyStage, DutyStart, DutyWay

__all__ = [
    "AcknowledgeSending",
    "AskApproval",
    "CaseView",
    "ChangeView",
    "ClockView",
    "DecideReport",
    "DraftReport",
    "DropReport",
    "EditReport",
    "ReportView",
    "ReportingView",
    "SayFacts",
    "SayLevel",
    "SayOneSent",
    "SendingView",
]

Version = Annotated[int, Field(ge=1)]
"""The one that was looked at: what was changed meanwhile is refused."""
People = Annotated[int, Field(ge=0, le=100_000)]
SectionText = Annotated[str, Field(max_length=6000)]


class SayFacts(Body):
    """What reports need; what is left out stays as it was said before."""

    happened_ms: Milliseconds | None = None
    deaths: People | None = None
    serious_injured: People | None = None
    loss_cny: Annotated[int, Field(ge=0, le=10**13)] | None = None
    """Direct economic loss, yuan."""
    burned_ha: Annotated[float, Field(ge=0, le=1_000_000)] | None = None
    """Burned forest, hectares."""
    traffic: bool | None = None
    unit: LongText | None = None
    weather: LongText | None = None
    next_steps: LongText | None = None


class SayLevel(Body):
    """A level other than the reckoned one, with its reason; None takes the reckoned one again."""

    level: Level | None
    reason: LongText = ""


class DraftReport(Body):
    """Draft a report from what is known now."""

    id: RecordId
    stage: ReportStage


class SectionBody(Body):
    """Other words under one heading."""

    key: Name
    text: SectionText


class EditReport(Body):
    """Other words of a draft; what is left out stays."""

    version: Version
    title: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    recipient: ShortText | None = None
    sections: Annotated[list[SectionBody], Field(max_length=20)] = Field(default=[])


class AskApproval(Body):
    """Ask a commander to approve it."""

    version: Version


class DecideReport(Body):
    """Approve the report that was looked at, which issues it, or send it back with a reason."""

    version: Version
    approve: bool
    opinion: LongText = ""


class DropReport(Body):
    """It is not wanted; an issued one stays."""

    version: Version


class SayOneSent(Body):
    """A report was given to whom it is for, or told by phone."""

    id: RecordId
    report_id: RecordId | None = None
    """None for a report by phone."""
    recipient: ShortText
    way: SendingWay
    sent_ms: Milliseconds
    clocks: Annotated[list[RecordId], Field(max_length=20)] = Field(default=[])
    """Ids of the running clocks that it stops."""
    note: LongText = ""


class AcknowledgeSending(Body):
    """The other end has taken it."""

    by: ShortText
    """Who took it there."""
    t_ms: Milliseconds


class CaseView(View):
    """What reports of an incident need."""

    id: str
    version: int
    area: str
    incident_id: str
    happened_ms: int | None
    deaths: int | None
    serious_injured: int | None
    loss_cny: int | None
    burned_ha: float | None
    traffic: bool
    unit: str
    weather: str
    next_steps: str
    level_said: Level | None
    level_reason: str
    stated_ms: int | None
    stated_by: str | None
    level: Level | None
    """As a person said, else as the figures reach; None is not known."""
    level_by: str | None
    """The figure that decides, None where a person does or nothing is known."""
    level_basis: str | None
    level_unknown: list[str]
    """Figures that nobody has stated: with them the level may be a higher one."""
    supplement_until_ms: int | None
    """Until when changed casualties are reported (条例 13); None for what is no accident."""


class ClockView(View):
    """A duty to report and its clock."""

    id: str
    version: int
    area: str
    incident_id: str
    duty_id: str
    name: str
    name_en: str
    stage: DutyStage
    way: DutyWay
    recipient: str
    recipient_en: str
    basis: str
    is_law: bool
    start: DutyStart
    start_ms: int
    start_assumed: bool
    due_ms: int | None
    state: ClockState
    ended_ms: int | None
    sending_id: str | None


class ReportView(View):
    """A report of an incident."""

    id: str
    version: int
    area: str
    incident_id: str
    stage: ReportStage
    ordinal: int
    state: ReportState
    drill: bool
    title: str
    recipient: str
    sections: list[Section]
    level: Level | None
    as_of_ms: int
    drafted_in_ms: int
    drafted_ms: int
    drafted_by: str
    edited_ms: int | None
    edited_by: str | None
    asked_ms: int | None
    asked_by: str | None
    decided_ms: int | None
    decided_by: str | None
    opinion: str
    number: str
    sha256: str


class SendingView(View):
    """Somebody said that a report was sent."""

    id: str
    version: int
    area: str
    incident_id: str
    report_id: str | None
    recipient: str
    way: SendingWay
    sent_ms: int
    said_ms: int
    said_by: str
    note: str
    met: list[str]
    acknowledged_ms: int | None
    acknowledged_by: str
    acknowledged_said_by: str | None


class ChangeView(View):
    """A figure that is another one than in the last issued report."""

    key: str
    before: str | int | float | None
    after: str | int | float | None


class ReportingView(View):
    """Where the reports of an incident stand."""

    case: CaseView | None
    clocks: list[ClockView]
    reports: list[ReportView]
    """The newest first."""
    sendings: list[SendingView]
    proposed: Literal["first", "follow_up"] | None
    """Which report is to be made now: none was issued yet, or figures changed since."""
    changes: list[ChangeView]
    """What changed since the last issued report."""
