"""The life of a sortie, and the track as it was flown."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from field_api.contract.ids import RecordId
from field_api.contract.messages.base import Message, Milliseconds, VehicleId

__all__ = [
    "FlownSample",
    "FlownTrack",
    "SortieEvent",
    "SortieState",
]


class SortieState(StrEnum):
    """Life of a sortie; every step is a recorded event."""

    AUTHORISED = "authorised"
    """A named person allowed exactly this flight of exactly this vehicle."""
    UPLOADING = "uploading"
    UPLOADED = "uploaded"
    """Read back from the vehicle and equal to the plan."""
    STARTING = "starting"
    FLYING = "flying"
    PAUSED = "paused"
    RETURNING = "returning"
    RETURNED = "returned"
    """Landed and disarmed at the end of the mission or after a return."""
    REPLACED = "replaced"
    """Over in the air: its aircraft was given another sortie."""
    FAILED = "failed"


class SortieEvent(Message):
    """One step in a sortie's life."""

    kind: Literal["sortie_event"] = "sortie_event"
    id: RecordId
    t_ms: Milliseconds
    sortie_id: str
    vehicle_id: VehicleId
    state: SortieState
    author: str
    """User who commanded the step, or the node's id where the vehicle itself did it."""
    text: str = ""


class FlownSample(Message):
    """Where an aircraft was during a sortie."""

    t_ms: Milliseconds
    lat_deg: Annotated[float, Field(ge=-90, le=90)]
    lon_deg: Annotated[float, Field(ge=-180, le=180)]
    altitude_amsl_m: float
    heading_deg: float


class FlownTrack(Message):
    """A piece of a sortie as flown, about one position a second: what was really searched."""

    kind: Literal["flown_track"] = "flown_track"
    id: RecordId
    t_ms: Milliseconds
    """Of the last sample."""
    sortie_id: str
    vehicle_id: VehicleId
    samples: Annotated[list[FlownSample], Field(min_length=1, max_length=600)]
