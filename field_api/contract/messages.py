"""What nodes and the command post say to each other.

Three classes of message travel on the field link (see `link`):

* **latest-wins** (`LatestMessage`): telemetry and live boxes. A newer value of the same `key`
  replaces an unsent older one; late ones are dropped.
* **durable** (`DurableMessage`): detections and flight records. Kept in the node's on-disk outbox
  until acknowledged, stored exactly once by `id`.
* **commands** (`Command`): command post to node, with id, author and expiry; answered by a durable
  `CommandResult`.

Time is UTC milliseconds since 1970 (`_ms`), positions are WGS-84, image boxes are fractions of
the frame's width and height.
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from field_api.contract.ids import RecordId
from mission_plans.plan import Check, Fence, GeoPoint, SortiePlan

__all__ = [
    "BatteryState",
    "Box",
    "CameraPose",
    "Command",
    "CommandOutcome",
    "CommandResult",
    "Detection",
    "DurableMessage",
    "ErrorEllipse",
    "EvidenceImage",
    "FlightPhase",
    "FrameBoxes",
    "GpsState",
    "LandVehicle",
    "LatestMessage",
    "LinkState",
    "ModelReference",
    "NodeState",
    "PauseVehicle",
    "ResumeVehicle",
    "ReturnVehicle",
    "SortieEvent",
    "SortieState",
    "StartSortie",
    "StreamState",
    "TerminalPosition",
    "UploadSortie",
    "VehicleEvent",
    "VehicleState",
    "durable_adapter",
    "latest_adapter",
]

SafeInt = Annotated[int, Field(ge=-(2**53 - 1), le=2**53 - 1)]
"""An integer that JSON readers and databases keep exactly."""
Milliseconds = Annotated[int, Field(ge=0, le=2**53 - 1)]
Fraction = Annotated[float, Field(ge=0, le=1)]
VehicleId = Annotated[str, Field(min_length=1, max_length=40)]
StreamId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$")]


class Message(BaseModel):
    """A wire value: unknown fields are ignored so that an older peer understands a newer one."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


# --- telemetry (latest-wins) ---------------------------------------------------------------


class LinkState(StrEnum):
    """How fresh a vehicle's telemetry is (story O8)."""

    LIVE = "live"
    STALE = "stale"
    """No heartbeat for 3 s."""
    LOST = "lost"
    """No heartbeat for 5 s: an alarm."""


class FlightPhase(StrEnum):
    """Whether the vehicle is on the ground or in the air, from EXTENDED_SYS_STATE or arming."""

    UNKNOWN = "unknown"
    GROUND = "ground"
    TAKEOFF = "takeoff"
    AIR = "air"
    LANDING = "landing"


class BatteryState(Message):
    """The main battery; None where the autopilot does not say."""

    voltage_v: float | None = None
    current_a: float | None = None
    remaining_fraction: Fraction | None = None


class GpsState(Message):
    """Satellite fix; `fix_type` as in MAVLink GPS_FIX_TYPE (3 = 3-D)."""

    fix_type: int = 0
    satellites: int = 0
    hdop: float | None = None


class VehicleState(Message):
    """Snapshot of one vehicle."""

    kind: Literal["vehicle_state"] = "vehicle_state"
    vehicle_id: VehicleId
    t_ms: Milliseconds
    """When the position was received at the fleet node."""
    link: LinkState
    telemetry_age_ms: Milliseconds = 0
    mode: str = ""
    armed: bool = False
    phase: FlightPhase = FlightPhase.UNKNOWN
    failsafe: str | None = None
    """The vehicle's own failsafe in progress, in its words; None when there is none."""
    lat_deg: float | None = None
    lon_deg: float | None = None
    altitude_amsl_m: float | None = None
    altitude_relative_m: float | None = None
    altitude_agl_m: float | None = None
    """Above the ground model of the fleet node."""
    heading_deg: float | None = None
    roll_deg: float | None = None
    pitch_deg: float | None = None
    velocity_north_ms: float | None = None
    velocity_east_ms: float | None = None
    velocity_down_ms: float | None = None
    home: GeoPoint | None = None
    battery: BatteryState = BatteryState()
    gps: GpsState = GpsState()
    position_ok: bool = False
    """The autopilot's own estimate is good enough to fly a mission."""
    prearm_ok: bool = False
    mission_seq: int | None = None
    mission_count: int | None = None
    sortie_id: str | None = None
    sortie_state: str | None = None

    @property
    def key(self) -> str:
        """What a newer value replaces."""
        return f"vehicle_state/{self.vehicle_id}"


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


class FrameBoxes(Message):
    """What the detector and tracker saw in one video frame."""

    kind: Literal["frame_boxes"] = "frame_boxes"
    stream_id: StreamId
    pts_90k: SafeInt
    """The frame's own presentation time stamp in 90 kHz units, as in the video packets."""
    t_ms: Milliseconds
    boxes: list[Box] = []

    @property
    def key(self) -> str:
        """Boxes of different frames do not replace each other within a stream's short queue."""
        return f"frame_boxes/{self.stream_id}"


class StreamState(Message):
    """Health of one video stream."""

    kind: Literal["stream_state"] = "stream_state"
    stream_id: StreamId
    vehicle_id: str | None = None
    t_ms: Milliseconds
    state: Literal["waiting", "live", "stalled", "ended"]
    width_px: int | None = None
    height_px: int | None = None
    frames_per_s: float | None = None
    kbit_per_s: float | None = None
    detector_frames_per_s: float | None = None
    detector_latency_ms: float | None = None

    @property
    def key(self) -> str:
        """What a newer value replaces."""
        return f"stream_state/{self.stream_id}"


class NodeState(Message):
    """A node's own health."""

    kind: Literal["node_state"] = "node_state"
    node_id: str
    t_ms: Milliseconds
    version: str
    text: str = ""

    @property
    def key(self) -> str:
        """What a newer value replaces."""
        return f"node_state/{self.node_id}"


class TerminalPosition(Message):
    """Where a handheld is; positions coalesce, the latest wins."""

    kind: Literal["terminal_position"] = "terminal_position"
    terminal_id: str
    t_ms: Milliseconds
    lat_deg: Annotated[float, Field(ge=-90, le=90)]
    lon_deg: Annotated[float, Field(ge=-180, le=180)]
    accuracy_m: float | None = None
    battery_fraction: Fraction | None = None

    @property
    def key(self) -> str:
        """What a newer value replaces."""
        return f"terminal_position/{self.terminal_id}"


LatestMessage = Annotated[
    VehicleState | FrameBoxes | StreamState | NodeState | TerminalPosition,
    Field(discriminator="kind"),
]
latest_adapter: TypeAdapter[
    VehicleState | FrameBoxes | StreamState | NodeState | TerminalPosition
] = TypeAdapter(LatestMessage)


# --- durable records -----------------------------------------------------------------------


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
    evidence: list[EvidenceImage] = []


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


class VehicleEvent(Message):
    """Something a vehicle said or did that must not be lost: failsafe, guard, status text."""

    kind: Literal["vehicle_event"] = "vehicle_event"
    id: RecordId
    t_ms: Milliseconds
    vehicle_id: VehicleId
    severity: Literal["info", "caution", "warning"]
    code: str
    """Stable name, e.g. `link_lost`, `statustext`, `failsafe`, `battery_low`."""
    text_zh: str
    text_en: str
    source: str = ""


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


class CommandOutcome(StrEnum):
    """What became of a command."""

    ACCEPTED = "accepted"
    """Begun; a later result follows."""
    DONE = "done"
    REFUSED = "refused"
    """Nothing was sent to a vehicle."""
    FAILED = "failed"


class CommandResult(Message):
    """A node's answer to a command."""

    kind: Literal["command_result"] = "command_result"
    id: RecordId
    t_ms: Milliseconds
    command_id: RecordId
    outcome: CommandOutcome
    code: str = ""
    """Reason in a word, e.g. `expired`, `repeated`, `unknown_vehicle`, `check_failed`."""
    text: str = ""


DurableMessage = Annotated[
    Detection | SortieEvent | VehicleEvent | FlownTrack | CommandResult,
    Field(discriminator="kind"),
]
durable_adapter: TypeAdapter[
    Detection | SortieEvent | VehicleEvent | FlownTrack | CommandResult
] = TypeAdapter(DurableMessage)


# --- commands ------------------------------------------------------------------------------


class UploadSortie(Message):
    """Bind a sortie to its vehicle and upload it; no take-off yet."""

    action: Literal["upload_sortie"] = "upload_sortie"
    vehicle_id: VehicleId
    sortie: SortiePlan
    checks: list[Check]
    """The plan's checks as authorised; the node refuses if a blocking one failed."""
    fences: list[Fence] = []


class StartSortie(Message):
    """Arm, take off and fly an uploaded sortie."""

    action: Literal["start_sortie"] = "start_sortie"
    vehicle_id: VehicleId
    sortie_id: str


class PauseVehicle(Message):
    """Hold position."""

    action: Literal["pause_vehicle"] = "pause_vehicle"
    vehicle_id: VehicleId


class ResumeVehicle(Message):
    """Go on with the mission."""

    action: Literal["resume_vehicle"] = "resume_vehicle"
    vehicle_id: VehicleId


class ReturnVehicle(Message):
    """Return to launch."""

    action: Literal["return_vehicle"] = "return_vehicle"
    vehicle_id: VehicleId


class LandVehicle(Message):
    """Land where it is."""

    action: Literal["land_vehicle"] = "land_vehicle"
    vehicle_id: VehicleId


CommandBody = Annotated[
    UploadSortie | StartSortie | PauseVehicle | ResumeVehicle | ReturnVehicle | LandVehicle,
    Field(discriminator="action"),
]


class Command(Message):
    """An order to a node; stale or repeated ones are refused."""

    id: RecordId
    author: str
    issued_ms: Milliseconds
    expires_ms: Milliseconds
    """Command-post time; the node compares with its own clock corrected by the link's offset."""
    body: CommandBody
