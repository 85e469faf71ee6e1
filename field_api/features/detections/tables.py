"""Detections: the table."""

from enum import StrEnum

from sqlalchemy import Index
from sqlmodel import Field

from field_api.contract.messages import Detection
from field_api.core.columns import choice, integer64, shape
from field_api.core.records import Record

__all__ = ["DetectionRecord", "DetectionStatus"]


class DetectionStatus(StrEnum):
    """What a person made of a lead."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"


class DetectionRecord(Record, table=True):
    """A lead, as the vision node saw it, and what a person made of it."""

    __table_args__ = (
        # An alert's next sighting is looked for by these.
        Index("ix_detection_alerts", "label", "last_seen_ms"),
    )

    incident_id: str | None = Field(default=None, index=True)
    duplicate_of: str | None = Field(default=None, index=True)
    """The alert this sighting belongs to; None where it is the alert itself."""
    status: DetectionStatus = choice(DetectionStatus, index=True)
    label: str
    stream_id: str
    track_id: int = integer64()
    first_seen_ms: int = integer64()
    t_ms: int = integer64(index=True)
    last_seen_ms: int = integer64()
    sightings: int = 1
    lat_deg: float | None = None
    lon_deg: float | None = None
    node_id: str
    received_ms: int = integer64()
    detection: Detection = shape(Detection)
    """The message without its pictures' bytes."""
    reviewed_by: str | None = None
    reviewed_ms: int | None = integer64(default=None)
    review_reason: str | None = None
