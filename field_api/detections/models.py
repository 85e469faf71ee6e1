"""Detections: tables and wire shapes."""

from typing import Annotated, Literal

from pydantic import Field as Limited
from sqlmodel import Field, SQLModel

from field_api.contract.messages import Box, CameraPose, ErrorEllipse, ModelReference
from field_api.wire import Body, LongText, View
from mission_plans.plan import GeoPoint

__all__ = [
    "DetectionRecord",
    "DetectionStatus",
    "DetectionView",
    "EvidenceView",
    "ReviewDetection",
]

DetectionStatus = Literal["open", "confirmed", "rejected"]


class DetectionRecord(SQLModel, table=True):
    """A lead, as the vision node saw it, and what a person made of it."""

    id: str = Field(primary_key=True)
    incident_id: str | None = Field(default=None, index=True)
    duplicate_of: str | None = Field(default=None, index=True)
    """The alert this sighting belongs to; None where it is the alert itself."""
    status: str = Field(index=True)
    label: str
    stream_id: str
    track_id: int
    first_seen_ms: int
    t_ms: int = Field(index=True)
    last_seen_ms: int
    sightings: int = 1
    lat_deg: float | None = None
    lon_deg: float | None = None
    node_id: str
    received_ms: int
    detection_json: str
    """The message without its pictures' bytes."""
    reviewed_by: str | None = None
    reviewed_ms: int | None = None
    review_reason: str | None = None


class ReviewDetection(Body):
    """A named person's judgement."""

    verdict: Literal["confirm", "reject"]
    reason: Annotated[LongText, Limited(min_length=1)] | None = None


class EvidenceView(View):
    """A picture of the detection."""

    role: Literal["crop", "frame"]
    media_type: str
    sha256: str
    url: str


class DetectionView(View):
    """An alert."""

    id: str
    incident_id: str | None
    status: DetectionStatus
    label: Literal["person", "smoke"]
    confidence: float
    t_ms: int
    """Capture time of the evidence frame."""
    first_seen_ms: int
    last_seen_ms: int
    """Newest sighting joined to this alert."""
    received_ms: int
    sightings: int
    """How many detections this alert stands for."""
    stream_id: str
    vehicle_id: str | None
    track_id: int
    frame_count: int
    pts_90k: int
    box: Box
    position: GeoPoint | None
    altitude_amsl_m: float | None
    error_ellipse: ErrorEllipse | None
    bearing_deg: float | None
    pose: CameraPose | None
    """None where the stream does not say where its camera is."""
    model: ModelReference
    evidence: list[EvidenceView]
    reviewed_by: str | None
    reviewed_ms: int | None
    review_reason: str | None
