"""Requests for a drone's view on the wire."""

from typing import Annotated, Literal

from pydantic import Field

from field_api.contract.ids import RecordId
from field_api.core.wire import (
    Body,
    Latitude,
    Longitude,
    LongText,
    Milliseconds,
    Name,
    Sha256,
    View,
)
from field_api.features.view_requests.tables import ViewPurpose, ViewState

__all__ = [
    "AnswerView",
    "AskView",
    "RefuseView",
    "StillBody",
    "StillView",
    "TakeView",
    "ViewRequestView",
    "WithdrawView",
]


class AskView(Body):
    """What one wants to see, where, and what it is for."""

    id: RecordId
    t_ms: Milliseconds
    purpose: ViewPurpose
    text: LongText = ""
    lat_deg: Latitude
    lon_deg: Longitude
    accuracy_m: Annotated[float, Field(ge=0, le=100_000)] | None = None
    """Of one's own position; left out for a place pointed at."""
    incident_id: RecordId | None = None
    inspection_id: RecordId | None = None


class TakeView(Body):
    """Somebody sees to it."""

    id: RecordId


class RefuseView(Body):
    """Nobody will look; who asked is told why."""

    id: RecordId
    reason: LongText


class WithdrawView(Body):
    """It is no longer wanted."""

    id: RecordId
    t_ms: Milliseconds
    reason: LongText = ""


class StillBody(Body):
    """A still picture that was stored before."""

    sha256: Sha256
    taken_ms: Milliseconds
    source: Literal["video", "alert", "file"]
    detection_id: RecordId | None = None
    """Of `alert`: the confirmed alert that it is evidence of."""


class AnswerView(Body):
    """What was seen: pictures, words, or both."""

    id: RecordId
    text: LongText = ""
    vehicle_id: Name | None = None
    stills: Annotated[list[StillBody], Field(max_length=12)] = Field(default=[])


class StillView(View):
    """A still picture of an answer."""

    sha256: str
    taken_ms: int
    source: Literal["video", "alert", "file"]
    detection_id: str | None


class ViewRequestView(View):
    """A request for a drone's view."""

    id: str
    version: int
    area: str
    incident_id: str | None
    inspection_id: str | None
    purpose: ViewPurpose
    text: str
    lat_deg: float
    lon_deg: float
    accuracy_m: float | None
    terminal_id: str
    asked_ms: int
    received_ms: int
    asked_by: str
    state: ViewState
    taken_ms: int | None
    taken_by: str | None
    ended_ms: int | None
    ended_by: str | None
    answer: str
    vehicle_id: str | None
    stills: list[StillView]
