"""Detections on the wire."""

from typing import Annotated, Literal

from pydantic import Field

from field_api.contract.ids import RecordId
from field_api.contract.messages import (
    Box,
    CameraPose,
    ErrorEllipse,
    ModelReference,
    PictureRegion,
)
from field_api.core.wire import Body, Latitude, Longitude, LongText, View
from field_api.features.detections.tables import DetectionStatus, RejectionCause
from mission_plans.values.plan import GeoPoint

__all__ = [
    "ClipView",
    "DetectionView",
    "EvidenceView",
    "ExportEvidence",
    "FalseAlarmView",
    "FalseAlarmsOfDay",
    "LiftMask",
    "MaskSpot",
    "MaskView",
    "MergeAlerts",
    "PlaceAlert",
    "PlacedView",
    "ReleaseAlert",
    "ReviewDetection",
    "SnoozeAlert",
    "TakeAlert",
]


class ReviewDetection(Body):
    """A named person's judgement."""

    verdict: Literal["confirm", "reject"]
    reason: Annotated[LongText, Field(min_length=1)] | None = None
    cause: RejectionCause | None = None
    """Of a rejection: what the alert really was, for the labelled set."""


class MaskSpot(Body):
    """Silence further alerts of the same kind at the spot of a rejected one."""

    id: RecordId
    reason: LongText = ""
    """Left out, the reason why the alert was rejected."""
    hours: Annotated[float, Field(gt=0)] | None = None
    """Left out, a day for smoke and two hours for people; at most 30 days and 12 hours."""
    radius_m: Annotated[float, Field(ge=5)] | None = None
    """Left out, 50 m for smoke and 15 m for people; at most 300 m and 15 m."""


class LiftMask(Body):
    """Let a masked spot be heard again."""

    reason: LongText = ""


class PlaceAlert(Body):
    """Put an alert that the camera could not place on the map by hand."""

    lat_deg: Latitude
    lon_deg: Longitude
    error_m: Annotated[float, Field(ge=5, le=20_000)]
    """How far from there it may be, as the person judges."""


class TakeAlert(Body):
    """One is looking at it; said again while one goes on."""

    id: RecordId


class ReleaseAlert(Body):
    """One looks at it no longer."""

    id: RecordId


class SnoozeAlert(Body):
    """Not now: it comes back by itself."""

    id: RecordId
    minutes: Literal[0, 5, 15]
    """0 brings it back at once."""


class MergeAlerts(Body):
    """Two alerts are one fire, or one person: this one joins another, which stands for both."""

    id: RecordId
    into_id: RecordId


class FalseAlarmView(View):
    """A rejected alert, as the log has it."""

    id: str
    label: Literal["person", "smoke"]
    stream_id: str
    vehicle_id: str | None
    t_ms: int
    confidence: float
    reviewed_ms: int
    reviewed_by: str
    reason: str
    cause: RejectionCause | None
    """None where words alone say it."""


class FalseAlarmsOfDay(View):
    """How many alerts of one camera were rejected on one day, by the bureau's calendar."""

    day: str
    stream_id: str
    count: int


class ExportEvidence(Body):
    """Take an alert's pictures out of the command post."""

    people: Literal["mosaic", "as_taken"] = "mosaic"
    """`mosaic`: everybody whom the detector saw is made unrecognisable, whole and not the face
    alone."""
    reason: LongText = ""
    """What it is for; needed for pictures as taken."""


class MaskView(View):
    """A masked spot."""

    id: str
    version: int
    area: str
    detection_id: str
    label: Literal["person", "smoke"]
    stream_id: str
    lat_deg: float | None
    lon_deg: float | None
    radius_m: float | None
    region: PictureRegion | None
    """Of a fixed camera's picture, where there is no place on the ground."""
    reason: str
    made_ms: int
    made_by: str
    until_ms: int
    ended_ms: int | None
    ended_by: str | None
    silenced: int
    last_silenced_ms: int | None
    last_silenced_id: str | None


class EvidenceView(View):
    """A picture of the detection."""

    role: Literal["crop", "frame"]
    media_type: str
    sha256: str
    url: str


class ClipView(View):
    """The film of an alert: some seconds before and after it, as the camera sent them."""

    sha256: str
    url: str
    begins_ms: int
    """Capture time of its first picture."""


class PlacedView(View):
    """Who put an alert on the map, and how sure they were."""

    by: str
    t_ms: int
    error_m: float


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
    """As the camera gave it, or as a person placed it: then `placed` says who."""
    placed: PlacedView | None
    altitude_amsl_m: float | None
    error_ellipse: ErrorEllipse | None
    bearing_deg: float | None
    pose: CameraPose | None
    """None where the stream does not say where its camera is."""
    model: ModelReference
    evidence: list[EvidenceView]
    clip: ClipView | None
    """None until it is there: it ends seconds after the alert."""
    evidence_removed_ms: int | None
    """When its pictures were deleted: alerts that were rejected long ago have none."""
    taken_by: str | None
    taken_until_ms: int | None
    """Until when it counts as taken, should nothing more be heard of who took it."""
    snoozed_until_ms: int | None
    snoozed_by: str | None
    merged_by: str | None
    merged_ms: int | None
    reviewed_by: str | None
    reviewed_ms: int | None
    review_reason: str | None
    review_cause: RejectionCause | None
