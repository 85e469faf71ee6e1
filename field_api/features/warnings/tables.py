"""Warnings: drafts, what was issued or received, and who has seen it on a handheld."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Field as Kept

from field_api.core.columns import choice, integer64, shape
from field_api.core.records import Record, Requested
from field_api.core.registers.outline import Outline
from field_api.features.warnings.formats.model import Alert, Level, Place, ResponseType

__all__ = [
    "DraftState",
    "IssuedWarning",
    "Origin",
    "Shape",
    "WarningDraft",
    "WarningReceipt",
    "WarningState",
    "receipt_id",
]


class DraftState(StrEnum):
    """What has become of a draft."""

    OPEN = "open"
    APPROVED = "approved"
    """As it stands, by name; any change takes the approval back."""
    PUBLISHED = "published"
    DISCARDED = "discarded"


class WarningState(StrEnum):
    """Whether a warning holds."""

    IN_FORCE = "in_force"
    UPDATED = "updated"
    """Another one took its place."""
    CANCELLED = "cancelled"
    """Lifted (解除), with a reason."""
    EXPIRED = "expired"


class Origin(StrEnum):
    """Whose warning it is."""

    OWN = "own"
    RECEIVED = "received"
    """Of another body, from a file: shown, never edited."""


class Shape(BaseModel):
    """A drawn part of a target area, as it came: a ring without closing point, or a circle."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    polygon: Annotated[list[Place], Field(max_length=20_000)] = Field(default=[])
    centre: Place | None = None
    radius_m: float | None = None
    """0 is a point."""


class WarningDraft(Requested, table=True):
    """A warning that is being written; anything may still be missing."""

    state: DraftState = choice(DraftState, default=DraftState.OPEN, index=True)
    incident_id: str | None = Kept(default=None, index=True)
    amends_id: str | None = Kept(default=None, index=True)
    """The warning in force that it will take the place of."""
    drill: bool
    event_code: str
    event: str
    level: Level | None = choice(Level, default=None, nullable=True)
    onset_ms: int | None = integer64(default=None)
    expires_ms: int | None = integer64(default=None)
    area_codes: list[str] = shape(list[str])
    outlines: list[Outline] = shape(list[Outline])
    area_text: str
    description: str
    instruction: str
    responses: list[ResponseType] = shape(list[ResponseType])
    certainty: str
    channels: list[str] = shape(list[str])
    issuer: str
    author: str
    created_ms: int = integer64(index=True)
    changed_by: str
    changed_ms: int = integer64()
    approved_by: str | None = None
    approved_ms: int | None = integer64(default=None)
    warning_id: str | None = None
    """What it became."""


class IssuedWarning(Requested, table=True):
    """A warning as it was published here or came from elsewhere; its words never change."""

    origin: Origin = choice(Origin)
    state: WarningState = choice(WarningState, default=WarningState.IN_FORCE, index=True)
    incident_id: str | None = Kept(default=None, index=True)
    amends_id: str | None = None
    followed_by_id: str | None = None
    drill: bool
    """Exercise or test: nobody has to act on it."""
    identifier: str = Kept(index=True)
    sender: str
    sent_ms: int = integer64(index=True)
    event_code: str
    event: str
    level: Level | None = choice(Level, default=None, nullable=True)
    """None where a received one names none of the four."""
    severity: str
    onset_ms: int | None = integer64(default=None)
    expires_ms: int | None = integer64(default=None, index=True)
    area_codes: list[str] = shape(list[str])
    shapes: list[Shape] = shape(list[Shape])
    area_text: str
    headline: str
    description: str
    instruction: str
    issuer: str
    drafted_by: str | None = None
    approved_by: str | None = None
    published_by: str
    """Of a received one: who took it in."""
    ended_ms: int | None = integer64(default=None, index=True)
    ended_by: str | None = None
    end_reason: str = ""
    shelved: bool = Kept(default=False, index=True)
    """Ended so long ago that handhelds and first pictures do without it."""
    source_name: str | None = None
    """Name of the file it came in."""
    message: Alert = shape(Alert)
    """The whole message, from which files are written."""
    end_message: Alert | None = shape(Alert, default=None, nullable=True)
    """The message that lifted it."""


class WarningReceipt(Record, table=True):
    """Somebody has seen a warning on a handheld, and says so."""

    incident_id: str | None = None
    warning_id: str = Kept(index=True)
    terminal_id: str = Kept(index=True)
    name: str
    seen_ms: int = integer64()
    """By the handheld's clock, never later than it came in."""
    received_ms: int = integer64()


def receipt_id(warning_id: str, terminal_id: str) -> str:
    """Return the id of a handheld's receipt for a warning: there is one."""
    return f"{warning_id}:{terminal_id}"
