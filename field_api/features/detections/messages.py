"""Detections on the wire."""

from typing import Annotated, Literal

from pydantic import Field

from field_api.contract.messages import Box, CameraPose, ErrorEllipse, ModelReference
from field_api.core.wire import Body, LongText, View
from field_api.features.detections.tables import DetectionStatus
from mission_plans.values.plan import GeoPoint

__all__ = [
    "DetectionView",
    "EvidenceView",
    "ReviewDetection",
]


class ReviewDetection(Body):
    """A named person's judgement."""

    verdict: Literal["confirm", "reject"]
    reason: Annotated[LongText, Field(min_length=1)] | None = None


class EvidenceView(View):
    """A picture of the detection."""

    role: Literal["crop", "frame"]
    media_type: str
    sha256: str
    url: str


class DetectionView(View):
    """An alert."""

    id: str
    version: int
    area: str
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
    duplicate_of: str | None = None
    """The alert that this is another sighting of; lists and screens show alerts only."""
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
