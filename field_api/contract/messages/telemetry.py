"""What vehicles, video streams, nodes and handhelds say of themselves."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from field_api.contract.ids import RecordId
from field_api.contract.messages.base import Fraction, Message, Milliseconds, StreamId, VehicleId
from field_api.contract.messages.looking import DetectorReport
from field_api.contract.messages.onboard import OnboardWork
from mission_plans.values.plan import GeoPoint

__all__ = [
    "BatteryState",
    "CameraState",
    "CaptureBasis",
    "FlightPhase",
    "GpsState",
    "LinkReport",
    "LinkState",
    "NodeState",
    "RemoteIdState",
    "StrangerReport",
    "StreamState",
    "StreamTrouble",
    "TerminalPosition",
    "VehicleEvent",
    "VehicleState",
    "WayState",
]


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


class RemoteIdState(Message):
    """Whether an aircraft tells by radio who and where it is."""

    state: Literal["broadcasting", "not_ready"]
    text: str = ""
    """What is wanting, in the module's words."""
    required: bool = False
    """The node's settings let nothing take off without."""


class CameraState(Message):
    """Where the camera looks and what it can do; None where it does not say."""

    pitch_deg: float | None = None
    """Against the horizon: 0 level, -90 straight down."""
    yaw_deg: float | None = None
    """Against the nose, clockwise."""
    place: GeoPoint | None = None
    """The aircraft said that it keeps this place in the picture."""
    zoom_percent: float | None = None
    """Of its range, 0 the widest."""
    hfov_deg: float | None = None
    """Horizontal field of view."""
    zooms: bool = False
    photo_count: int | None = None
    """Pictures taken since it was switched on."""
    other_station: int | None = None
    """MAVLink system that has taken control of the gimbal instead of this node."""
    problem_zh: str = ""
    """Why the last wish is not fulfilled; empty while it is or may be."""
    problem_en: str = ""


class WayState(Message):
    """One way to a vehicle: the same aircraft may be heard over several links."""

    link: Annotated[str, Field(max_length=40)]
    """Its id in the node's settings."""
    state: LinkState
    age_ms: Milliseconds | None = None
    """Since the last heartbeat that came this way."""
    active: bool = False
    """Orders go this way."""
    lost_fraction: Fraction | None = None
    """Share of frames that went missing in the last seconds, by their sequence numbers."""
    bytes_per_s: float = 0.0
    replay: bool = False
    """A recording is played: nothing can be ordered."""


class LinkReport(Message):
    """One link of a node."""

    id: Annotated[str, Field(max_length=40)]
    kind: Annotated[str, Field(max_length=20)]
    """`udpin`, `udpout`, `tcp`, `tcpin`, `serial` or `tlog`."""
    up: bool
    """Whether it is open: the socket, the port, the connection."""
    age_ms: Milliseconds | None = None
    """Since the last frame."""
    frames: int = 0
    bytes_per_s: float = 0.0
    lost_fraction: Fraction | None = None
    garbage: int = 0
    """Stretches of bytes that are no frame, since the node's start."""


class StrangerReport(Message):
    """A device in quarantine: it is heard, it is not of the roster, nothing is sent to it."""

    system: int
    link: Annotated[str, Field(max_length=40)]
    peer: Annotated[str, Field(max_length=80)] = ""
    autopilot: Annotated[str, Field(max_length=60)] = ""
    """MAV_AUTOPILOT, as it says of itself."""
    type: Annotated[str, Field(max_length=60)] = ""
    """MAV_TYPE, likewise."""
    vehicle_id: str | None = None
    """The aircraft that has this system id, on other links; None where none has."""
    first_ms: Milliseconds
    last_ms: Milliseconds


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
    ekf_flags: int | None = None
    """EKF_STATUS_FLAGS of the autopilot's estimate; None where it does not send them."""
    ekf_variance: float | None = None
    """The largest of the estimate's test ratios; from 0.8 on ArduPilot distrusts it."""
    wind_from_deg: float | None = None
    """Direction the wind comes from, by the autopilot's estimate, clockwise from true north."""
    wind_speed_ms: float | None = None
    minutes_left: float | None = None
    """Until it must turn home to land with the reserve, flying as it does now; negative when that
    moment has passed, None when it flies no sortie."""
    prearm_ok: bool = False
    mission_seq: int | None = None
    mission_count: int | None = None
    fence: Literal["confirmed", "none", "breached"] | None = None
    """The aircraft's own fence: read back and as ordered, switched off, or broken now; None where
    nothing is known of it."""
    ways: Annotated[list[WayState], Field(max_length=8)] = Field(default=[])
    """The links over which it is heard, the preferred one first."""
    doubt: Literal["checking", "claimed", "swapped", "twin", "mixed"] | None = None
    """Why it is not certain which device this aircraft is; nothing is ordered meanwhile."""
    sortie_id: str | None = None
    sortie_state: str | None = None
    onboard_work: OnboardWork | None = None
    """What is being read from its computer now; None for nothing."""
    remote_id: RemoteIdState | None = None
    """None where no Remote ID is set up for it and none is heard."""
    clock_offset_ms: float | None = None
    """Its clock since boot minus the node's UTC, by TIMESYNC; None before the first answer."""
    round_trip_ms: float | None = None
    """Of the exchange that the offset is from, the quickest of the last ones."""
    camera: CameraState | None = None
    """None where the aircraft has shown no gimbal and no camera."""

    @property
    def key(self) -> str:
        """What a newer value replaces."""
        return f"vehicle_state/{self.vehicle_id}"


StreamTrouble = Literal["no_answer", "unsupported", "damaged", "not_shown"]
"""Why there is no picture: the source doesn't answer; what it sends can't be examined; pictures
come damaged and nobody looks at them; they are examined but browsers can't show them (H.265)."""


CaptureBasis = Literal["sender_report", "metadata", "arrival"]
"""What says when a picture was taken: the camera's clock by RTP's sender reports or by its
metadata, or, where that is off by more than 2 s, the arrival."""


class StreamState(Message):
    """Health of one video stream."""

    kind: Literal["stream_state"] = "stream_state"
    stream_id: StreamId
    vehicle_id: str | None = None
    t_ms: Milliseconds
    state: Literal["waiting", "live", "stalled", "ended"]
    trouble: StreamTrouble | None = None
    detail: Annotated[str, Field(max_length=200)] = ""
    """What the source or FFmpeg said of it."""
    width_px: int | None = None
    height_px: int | None = None
    frames_per_s: float | None = None
    kbit_per_s: float | None = None
    detector_frames_per_s: float | None = None
    detector_latency_ms: float | None = None
    capture_by: CaptureBasis | None = None
    """What the pictures' capture times go by."""
    lost_share: Annotated[float, Field(ge=0, le=1)] | None = None
    """Of the pictures the camera must have made, those that never came to the command post, which
    counts them."""
    key_interval_s: Annotated[float, Field(ge=0)] | None = None
    """Between key frames, as the command post gets them: how long a broken picture stays broken."""

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
    links: Annotated[list[LinkReport], Field(max_length=64)] = Field(default=[])
    strangers: Annotated[list[StrangerReport], Field(max_length=64)] = Field(default=[])
    detector: DetectorReport | None = None
    """Of a vision node."""

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


class VehicleEvent(Message):
    """Something a vehicle said or did that must not be lost: failsafe, guard, status text."""

    kind: Literal["vehicle_event"] = "vehicle_event"
    id: RecordId
    t_ms: Milliseconds
    vehicle_id: VehicleId
    """Whose; the node's own id where no aircraft is concerned."""
    severity: Literal["info", "caution", "warning"]
    code: str
    """Stable name, e.g. `link_lost`, `statustext`, `failsafe`, `battery_low`."""
    text_zh: str
    text_en: str
    source: str = ""
