"""Detections: the table."""

from enum import StrEnum

from sqlalchemy import Index
from sqlmodel import Field

from field_api.contract.messages import Detection, PictureRegion
from field_api.core.columns import choice, integer64, shape
from field_api.core.records import Record, Requested

__all__ = ["CLIP", "DetectionMask", "DetectionRecord", "DetectionStatus", "RejectionCause"]


CLIP = "clip"
"""Role of an alert's film among its attachments."""


class DetectionStatus(StrEnum):
    """What a person made of a lead."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"


class RejectionCause(StrEnum):
    """Why an alert was rejected: whether the detector was wrong is another question."""

    NOT_A_TARGET = "not_a_target"
    """There is no person, or no smoke: the detector was wrong."""
    KNOWN = "known"
    """A person or smoke, known already."""
    OWN_PEOPLE = "own_people"
    """People of our own."""
    UNCLEAR = "unclear"
    """It can't be told."""


class DetectionRecord(Record, table=True):
    """A lead, as the vision node saw it, and what a person made of it."""

    __table_args__ = (
        # An alert's next sighting is looked for by these.
        Index("ix_detection_alerts", "label", "last_seen_ms"),
        # The log of false alarms.
        Index("ix_detection_status_reviewed", "status", "reviewed_ms"),
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
    placed_by: str | None = None
    """Who put it on the map by hand; its place is then theirs, not the camera's."""
    placed_ms: int | None = integer64(default=None)
    placed_error_m: float | None = None
    """How far from there it may be, as that person said."""
    detection: Detection = shape(Detection)
    """The message without its pictures' bytes."""
    reviewed_by: str | None = None
    reviewed_ms: int | None = integer64(default=None)
    review_reason: str | None = None
    review_cause: RejectionCause | None = choice(RejectionCause, default=None)
    taken_by: str | None = None
    """Who is looking at it; it lapses by itself, see `triage_rules.TAKEN_FOR_MS`."""
    taken_ms: int | None = integer64(default=None)
    snoozed_until_ms: int | None = integer64(default=None)
    """Until when nobody wants to see it; then it is back."""
    snoozed_by: str | None = None
    merged_by: str | None = None
    """Who said that it is the same fire or person as `duplicate_of`; None where cameras did."""
    merged_ms: int | None = integer64(default=None)
    evidence_removed_ms: int | None = integer64(default=None)
    """When its pictures were deleted because their time was over; the hashes stay."""


class DetectionMask(Requested, table=True):
    """A spot where a rejected alert's kind raises no further alert for a time.

    By its place on the ground, or by a part of a fixed camera's picture.
    """

    detection_id: str = Field(index=True)
    """The rejected alert; what the mask silences is kept as its sightings."""
    label: str
    """The one kind of alert that is silenced."""
    stream_id: str
    lat_deg: float | None = None
    lon_deg: float | None = None
    radius_m: float | None = None
    region: PictureRegion | None = shape(PictureRegion, default=None)
    reason: str = ""
    made_ms: int = integer64(index=True)
    made_by: str
    until_ms: int = integer64(index=True)
    ended_ms: int | None = integer64(default=None, index=True)
    """When it was lifted or its time was over."""
    ended_by: str | None = None
    """Who lifted it; None where its time was over."""
    silenced: int = 0
    """How many sightings became no alert."""
    last_silenced_ms: int | None = integer64(default=None)
    last_silenced_id: str | None = None
    """The newest of them: its pictures can be looked at."""
