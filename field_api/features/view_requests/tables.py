"""Requests for a drone's view of a place: the table."""

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict
from sqlmodel import Field

from field_api.core.columns import choice, integer64, shape
from field_api.core.records import Requested

__all__ = ["Still", "ViewPurpose", "ViewRequest", "ViewState"]


class ViewPurpose(StrEnum):
    """What somebody wants to see."""

    FIRE = "fire"
    PEOPLE = "people"
    SITE = "site"
    """An inspected site from above: roofs, tanks, slopes that one can't climb."""
    ROUTE = "route"
    OTHER = "other"


class ViewState(StrEnum):
    """How far a request has come."""

    WAITING = "waiting"
    TAKEN = "taken"
    ANSWERED = "answered"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    """By who asked."""


class Still(BaseModel):
    """A still picture of an answer."""

    model_config = ConfigDict(frozen=True)

    sha256: str
    taken_ms: int
    source: Literal["video", "alert", "file"]
    detection_id: str | None = None
    """The confirmed alert that it is evidence of."""


class ViewRequest(Requested, table=True):
    """Somebody in the field asks for a drone's view of a place."""

    incident_id: str | None = Field(default=None, index=True)
    inspection_id: str | None = Field(default=None, index=True)
    """The case that the pictures belong to."""
    purpose: ViewPurpose = choice(ViewPurpose)
    text: str = ""
    lat_deg: float
    lon_deg: float
    accuracy_m: float | None = None
    """Of one's own position; None for a place pointed at."""
    terminal_id: str = Field(index=True)
    asked_ms: int = integer64()
    """By the handheld's clock, never later than it came in."""
    received_ms: int = integer64(index=True)
    asked_by: str
    state: ViewState = choice(ViewState, index=True)
    taken_ms: int | None = integer64(default=None)
    taken_by: str | None = None
    ended_ms: int | None = integer64(default=None)
    ended_by: str | None = None
    answer: str = ""
    """What was seen, or why it was refused or taken back."""
    vehicle_id: str | None = None
    stills: list[Still] = shape(list[Still], default_factory=list)
    shelved: bool = Field(default=False, index=True)
    """Ended for so long that handhelds and first pictures leave it out."""
