"""Quick reports and calls for help: the tables."""

from enum import StrEnum

from sqlmodel import Field

from field_api.core.columns import choice, integer64, shape
from field_api.core.records import Requested
from field_api.features.incidents.tables import IncidentKind

__all__ = ["FieldReport", "FieldReportState", "Sos", "SosState"]


class FieldReportState(StrEnum):
    """What the duty desk made of it."""

    NEW = "new"
    ACCEPTED = "accepted"
    """It opened an incident, or joined one."""
    FILED = "filed"
    """Looked at; nothing follows from it."""


class SosState(StrEnum):
    """Whether help is still called for."""

    RAISED = "raised"
    CANCELLED = "cancelled"


class FieldReport(Requested, table=True):
    """What somebody in the field saw and reported in three taps."""

    kind: IncidentKind = choice(IncidentKind)
    text: str = ""
    lat_deg: float
    lon_deg: float
    accuracy_m: float | None = None
    media: list[str] = shape(list[str])
    """Pictures as they are shown: time and place burnt in."""
    originals: list[str] = shape(list[str], default_factory=list)
    """The same pictures as the camera gave them."""
    voice: str | None = None
    """A voice note, by its hash."""
    terminal_id: str = Field(index=True)
    seen_ms: int = integer64()
    reported_ms: int = integer64(index=True)
    """When it came in."""
    reported_by: str
    state: FieldReportState = choice(FieldReportState, index=True)
    incident_id: str | None = Field(default=None, index=True)
    answered_ms: int | None = integer64(default=None)
    answered_by: str | None = None
    answer: str = ""
    shelved: bool = Field(default=False, index=True)
    """Answered for so long that handhelds and first pictures leave it out."""


class Sos(Requested, table=True):
    """Somebody calls for help; it stays until it is cancelled."""

    terminal_id: str = Field(index=True)
    lat_deg: float | None = None
    lon_deg: float | None = None
    accuracy_m: float | None = None
    text: str = ""
    raised_ms: int = integer64()
    """By the handheld's clock, never later than it came in."""
    raised_by: str
    raised_user: str
    state: SosState = choice(SosState, index=True)
    cancelled_ms: int | None = integer64(default=None)
    cancelled_by: str | None = None
    cancelled_reason: str = ""
    shelved: bool = Field(default=False, index=True)
    """Ended for so long that handhelds and first pictures leave it out."""
