"""Handing over at shift change (交接班): the table, and what a note holds."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from field_api.core.columns import choice, integer64, shape
from field_api.core.records import Requested

__all__ = [
    "ClockLine",
    "Handover",
    "HandoverState",
    "IncidentLine",
    "Standing",
    "TaskLine",
    "WaitingLine",
    "WarningLine",
]


class HandoverState(StrEnum):
    """How far a handing over has come."""

    SIGNED = "signed"
    """Signed off by who hands over; nobody has taken over yet."""
    CONFIRMED = "confirmed"
    """Taken over by name, and never changed again."""


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True)

    id: str
    """Of the record that the line is about."""
    incident_id: str | None
    incident: str
    """Title of the incident, empty where it has none yet."""


class IncidentLine(_Line):
    """An open incident with its figures; None is not known."""

    kind: str
    drill: bool
    opened_ms: int
    people_missing: int | None
    people_found: int | None
    people_injured: int | None


class ClockLine(_Line):
    """A duty to report that is not yet met."""

    name: str
    name_en: str
    due_ms: int | None
    """None is at once."""
    overdue: bool
    """As of the note."""


class TaskLine(_Line):
    """A task that is not done."""

    title: str
    terminal_id: str
    acknowledged: bool
    created_ms: int


class WaitingLine(_Line):
    """An alert or a quick report that nobody has answered."""

    kind: str
    """Label of an alert, kind of a quick report."""
    t_ms: int


class WarningLine(_Line):
    """A warning in force."""

    headline: str
    level: str | None
    drill: bool
    expires_ms: int | None


class Standing(BaseModel):
    """Where everything stands, drafted from the records at `as_of_ms`."""

    model_config = ConfigDict(frozen=True)

    as_of_ms: int
    incidents: list[IncidentLine] = []
    clocks: list[ClockLine] = []
    tasks: list[TaskLine] = []
    alerts: list[WaitingLine] = []
    reports: list[WaitingLine] = []
    warnings: list[WarningLine] = []
    totals: dict[str, int] = {}
    """How many there were of each list, those beyond its limit included."""


class Handover(Requested, table=True):
    """One shift change: what was handed over, by whom and to whom."""

    state: HandoverState = choice(HandoverState, index=True)
    standing: Standing = shape(Standing)
    note: str = ""
    """What the records do not say, in the words of who hands over."""
    signed_ms: int = integer64(index=True)
    signed_by: str
    signed_user: str
    """User name: who takes over is somebody else."""
    confirmed_ms: int | None = integer64(default=None)
    confirmed_by: str | None = None
    confirmed_user: str | None = None
    remark: str = ""
    """Of who took over."""
