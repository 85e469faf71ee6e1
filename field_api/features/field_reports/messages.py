"""Quick reports and calls for help on the wire."""

from typing import Annotated

from pydantic import Field

from field_api.contract.ids import RecordId
from field_api.core.wire import (
    Body,
    Latitude,
    Longitude,
    LongText,
    Milliseconds,
    Sha256,
    ShortText,
    View,
)
from field_api.features.field_reports.tables import FieldReportState, SosState
from field_api.features.incidents.tables import IncidentKind

__all__ = [
    "AcceptReport",
    "CancelSos",
    "FieldReportView",
    "FileReport",
    "QuickReport",
    "RaiseSos",
    "SosView",
]

Metres = Annotated[float, Field(ge=0, le=100_000, allow_inf_nan=False)]


class QuickReport(Body):
    """What was seen, where and when; pictures may be uploaded before or after."""

    id: RecordId
    t_ms: Milliseconds
    kind: IncidentKind
    text: LongText = ""
    lat_deg: Latitude
    lon_deg: Longitude
    accuracy_m: Metres | None = None
    media: Annotated[list[Sha256], Field(max_length=20)] = Field(default=[])
    originals: Annotated[list[Sha256], Field(max_length=20)] = Field(
        default=[], exclude_if=lambda originals: not originals
    )
    """The pictures as the camera gave them, where `media` are copies with time and place. Left
    out of the digest where there are none: what was sent before may be repeated."""
    voice: Sha256 | None = None


class AcceptReport(Body):
    """Take it on: it joins the open incident of this id, or opens one under it."""

    id: RecordId
    """The incident's."""
    title: ShortText | None = None
    """Of an incident that it opens."""
    drill: bool = False


class FileReport(Body):
    """Nothing follows from it; the reporter is told why."""

    id: RecordId
    reason: LongText


class FieldReportView(View):
    """A quick report."""

    id: str
    version: int
    area: str
    kind: IncidentKind
    text: str
    lat_deg: float
    lon_deg: float
    accuracy_m: float | None
    media: list[str]
    originals: list[str]
    voice: str | None
    media_missing: list[str]
    """Pictures and voice that have not come yet."""
    terminal_id: str
    seen_ms: int
    reported_ms: int
    reported_by: str
    state: FieldReportState
    incident_id: str | None
    answered_ms: int | None
    answered_by: str | None
    answer: str


class RaiseSos(Body):
    """Call for help from one's own handheld; a place where one is known."""

    id: RecordId
    t_ms: Milliseconds
    lat_deg: Latitude | None = None
    lon_deg: Longitude | None = None
    accuracy_m: Metres | None = None
    text: LongText = ""


class CancelSos(Body):
    """End it. Who raised it says why."""

    id: RecordId
    t_ms: Milliseconds
    reason: LongText = ""


class SosView(View):
    """A call for help."""

    id: str
    version: int
    area: str
    terminal_id: str
    lat_deg: float | None
    lon_deg: float | None
    accuracy_m: float | None
    text: str
    raised_ms: int
    raised_by: str
    state: SosState
    cancelled_ms: int | None
    cancelled_by: str | None
    cancelled_reason: str
