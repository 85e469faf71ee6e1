"""Hazards: found, edited, confirmed, rectified, checked."""

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
from field_api.features.inspections.messages.papers import PaperConflictView
from field_api.features.inspections.messages.values import Day, Values
from field_api.features.inspections.tables import HazardLevel, HazardState

__all__ = [
    "CheckHazard",
    "ConfirmHazard",
    "EditHazard",
    "FindHazard",
    "HazardView",
    "RectifyHazard",
]


class FindHazard(Body):
    """A hazard found. The caller makes the id."""

    id: RecordId
    inspection_id: RecordId
    text: LongText
    place: LongText = ""
    level: HazardLevel = HazardLevel.ORDINARY
    clause_ids: Annotated[list[Name], Field(max_length=20)] = Field(default=[])
    """Entries of the register `law_clauses`; a major one needs a criterion of its sector."""
    measure: Literal["rectify", "at_once", "withdraw", "suspend", "stop_use", "transfer"] = (
        "rectify"
    )
    due_day: Day | None = None
    media: Annotated[list[Sha256], Field(max_length=24)] = Field(default=[])
    voice: Sha256 | None = Field(default=None, exclude_if=lambda voice: voice is None)
    """A voice note. Left out of the digest where there is none: what was sent before there were any
    may be repeated."""
    lat_deg: Latitude | None = None
    lon_deg: Longitude | None = None
    t_ms: Milliseconds


class EditHazard(Body):
    """Change a hazard field by field, as `EditPaper` does a draft."""

    id: RecordId
    t_ms: Milliseconds
    was: Values
    now: Values


class ConfirmHazard(Body):
    """A second officer confirms that it is a major one, or says that it is not."""

    id: RecordId
    t_ms: Milliseconds
    confirm: bool
    reason: LongText = ""


class RectifyHazard(Body):
    """The enterprise says that it is done; shown by words and pictures."""

    id: RecordId
    t_ms: Milliseconds
    text: LongText = ""
    media: Annotated[list[Sha256], Field(max_length=24)] = Field(default=[])


class CheckHazard(Body):
    """What a re-check found."""

    id: RecordId
    t_ms: Milliseconds
    result: Literal["cleared", "partly", "not"]
    text: LongText = ""
    media: Annotated[list[Sha256], Field(max_length=24)] = Field(default=[])


class HazardView(View):
    """A hazard."""

    id: str
    version: int
    area: str
    inspection_id: str
    enterprise_id: str
    text: str
    place: str
    level: HazardLevel
    clause_ids: list[str]
    measure: str
    due_day: str | None
    state: HazardState
    found_ms: int
    found_by: str
    confirmed_by: str | None
    """The second person, for a major one."""
    confirmed_ms: int | None
    disputed_reason: str
    """Why the second person did not confirm."""
    media: list[str]
    voice: str | None
    media_missing: list[str]
    """Pictures and voice that have not come yet."""
    lat_deg: float | None
    lon_deg: float | None
    rectified_ms: int | None
    rectified_text: str
    rectified_media: list[str]
    checked_ms: int | None
    checked_by: str | None
    check_result: str | None
    check_text: str
    conflicts: list[PaperConflictView]
