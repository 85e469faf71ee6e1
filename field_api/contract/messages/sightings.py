"""What a camera saw: boxes in one frame, and detections that people judge."""

from typing import Annotated, Literal

from pydantic import Field

from field_api.contract.ids import RecordId
from field_api.contract.messages.base import Fraction, Message, Milliseconds, SafeInt, StreamId
from mission_plans.values.plan import GeoPoint

__all__ = [
    "Box",
    "CameraPose",
    "Detection",
    "ErrorEllipse",
    "EvidenceImage",
    "FrameBoxes",
    "ModelReference",
    "PictureRegion",
]


class Box(Message):
    """A tracked object in one frame."""

    track_id: SafeInt
    label: str
    confidence: Fraction
    x: Fraction
    """Left edge."""
    y: Fraction
    """Top edge."""
    w: Fraction
    h: Fraction


class PictureRegion(Message):
    """A part of a picture."""

    x: Fraction
    """Left edge."""
    y: Fraction
    """Top edge."""
    w: Fraction
    h: Fraction


class FrameBoxes(Message):
    """What the detector and tracker saw in one video frame."""

    kind: Literal["frame_boxes"] = "frame_boxes"
    stream_id: StreamId
    pts_90k: SafeInt
    """The frame's own presentation time stamp in 90 kHz units, as in the video packets."""
    t_ms: Milliseconds
    boxes: list[Box] = Field(default=[])

    @property
    def key(self) -> str:
        """Boxes of different frames do not replace each other within a stream's short queue."""
        return f"frame_boxes/{self.stream_id}"


class ErrorEllipse(Message):
    """One-sigma horizontal error ellipse on the ground."""

    semi_major_m: Annotated[float, Field(ge=0)]
    semi_minor_m: Annotated[float, Field(ge=0)]
    orientation_deg: float
    """Direction of the major axis, clockwise from true north."""


class CameraPose(Message):
    """Where the camera was and where it looked when the frame was taken."""

    lat_deg: float
    lon_deg: float
    altitude_amsl_m: float
    yaw_deg: float
    """Azimuth of the optical axis, clockwise from true north."""
    pitch_deg: float
    """Elevation of the optical axis: 0 horizon, -90 straight down."""
    roll_deg: float = 0.0
    hfov_deg: float
    source: Literal["klv", "telemetry"] = "klv"


class ModelReference(Message):
    """The exact detector that made a detection."""

    name: str
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class EvidenceImage(Message):
    """A picture inside a durable message; the command post stores it by its hash."""

    role: Literal["crop", "frame"]
    media_type: Literal["image/jpeg"] = "image/jpeg"
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    data_base64: str
    part: PictureRegion | None = None
    """Which part of the whole picture it shows; None where the node did not say."""


class Detection(Message):
    """A lead for people to judge: one object seen long enough by one camera."""

    kind: Literal["detection"] = "detection"
    id: RecordId
    t_ms: Milliseconds
    """Capture time of the evidence frame."""
    first_seen_ms: Milliseconds
    stream_id: StreamId
    vehicle_id: str | None = None
    label: Literal["person", "smoke"]
    confidence: Fraction
    frame_count: SafeInt
    """Frames of the track that support it."""
    track_id: SafeInt
    pts_90k: SafeInt
    box: Box
    position: GeoPoint | None = None
    altitude_amsl_m: float | None = None
    """Height of the ground at `position`."""
    error_ellipse: ErrorEllipse | None = None
    bearing_deg: float | None = None
    """Given where the view is too flat for a point (under 15 degrees of depression)."""
    pose: CameraPose | None = None
    """None for a camera that does not say where it looks; then there is no position either."""
    model: ModelReference
    evidence: list[EvidenceImage] = Field(default=[])
    people: Annotated[list[PictureRegion], Field(max_length=500)] = Field(default=[])
    """Everybody whom the detector saw in the evidence frame: made unrecognisable when the pictures
    leave the command post."""
