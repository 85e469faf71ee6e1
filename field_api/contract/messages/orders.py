"""Orders of the command post to a node, and the node's answers."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from field_api.contract.ids import RecordId
from field_api.contract.messages.base import Message, Milliseconds, VehicleId
from field_api.contract.messages.onboard import (
    FetchFile,
    FetchParameters,
    ListFiles,
    ReadParameter,
    SetParameters,
)
from mission_plans.values.plan import Check, Fence, GeoPoint, SortiePlan

__all__ = [
    "Command",
    "CommandBody",
    "CommandOutcome",
    "CommandResult",
    "ConfirmIdentity",
    "FlightBody",
    "FlyTo",
    "FollowPlace",
    "LandVehicle",
    "LookAgain",
    "OnboardBody",
    "PauseVehicle",
    "RallyPoint",
    "ResumeVehicle",
    "RetaskSortie",
    "ReturnVehicle",
    "SortieOrder",
    "StartSortie",
    "TakePhoto",
    "UploadSortie",
]


class RallyPoint(Message):
    """A place to come home to instead of the launch point."""

    place: GeoPoint
    altitude_relative_m: Annotated[float, Field(ge=0, le=1000)]
    """Height above the launch point at which it is reached."""


class SortieOrder(Message):
    """A sortie for a vehicle, and what it is flown within."""

    vehicle_id: VehicleId
    sortie: SortiePlan
    checks: list[Check]
    """The plan's checks as authorised; the node refuses if a blocking one failed."""
    fences: list[Fence] = Field(default=[])
    """The airspace put on board: to stay in and to keep out of; controlled airspace without an
    approval is kept out of."""
    max_agl_m: Annotated[float, Field(gt=0)] | None = None
    """Highest flight above the ground that the plan allows; None leaves it to the sortie itself."""
    rally: list[RallyPoint] = Field(default=[])
    return_amsl_m: Annotated[float, Field(ge=-500, le=9000)] | None = None
    """Height above the sea at which it comes home, apart from the other aircraft of its launch
    site; the node comes home higher where the ground asks for it. None leaves it to the node."""


class UploadSortie(SortieOrder):
    """Bind a sortie to its vehicle and upload it; no take-off yet."""

    action: Literal["upload_sortie"] = "upload_sortie"


class RetaskSortie(SortieOrder):
    """Give a vehicle in the air another sortie, and let it go on with that.

    It is held first. Mission and fence are checked as for an upload, from where it is and with the
    battery it has, uploaded and read back; where anything fails it hovers.
    """

    action: Literal["retask_sortie"] = "retask_sortie"


class StartSortie(Message):
    """Arm, take off and fly an uploaded sortie: once, inside its window, kept by the node."""

    action: Literal["start_sortie"] = "start_sortie"
    vehicle_id: VehicleId
    sortie_id: str
    not_before_ms: int | None = None
    """Take off no earlier, by the command post's clock; None at once."""
    not_after_ms: int | None = None
    """Take off no later; None until the order expires."""
    gap_s: Annotated[float, Field(ge=0, le=3600)] = 0.0
    """Take off no sooner after another aircraft of the same node."""


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


class TakePhoto(Message):
    """Let the camera take a still picture, kept on board."""

    action: Literal["take_photo"] = "take_photo"
    vehicle_id: VehicleId


class ConfirmIdentity(Message):
    """A person has looked: the device that orders go to is this aircraft, the others are not."""

    action: Literal["confirm_identity"] = "confirm_identity"
    vehicle_id: VehicleId


HeightAgl = Annotated[float, Field(ge=20, le=500)]
"""Metres above the ground."""


class FlyTo(Message):
    """Fly straight to a place and hover there, the mission kept for later.

    Refused unless the way there and home from there lie inside the fence on board, 20 m clear of
    the ground, and within what the battery holds.
    """

    action: Literal["fly_to"] = "fly_to"
    vehicle_id: VehicleId
    place: GeoPoint
    height_agl_m: HeightAgl
    """Above the ground at the place."""
    watch: GeoPoint | None = None
    """What the camera is kept on from the arrival on, on the ground; None leaves the camera."""


class LookAgain(Message):
    """Hover beside, or fly circles round, a place with the camera on it; then go on.

    An aircraft that was held before hovers afterwards: only who flew its mission goes on with it.
    """

    action: Literal["look_again"] = "look_again"
    vehicle_id: VehicleId
    place: GeoPoint
    """What is looked at: on the ground."""
    height_agl_m: HeightAgl
    """Of the aircraft above the ground at the place."""
    radius_m: Annotated[float, Field(ge=0, le=300)]
    """Distance from the place; 0 hovers above it."""
    circles: bool = False
    """Fly circles; else hover at the near side."""
    duration_s: Annotated[float, Field(ge=10, le=1800)]
    """How long, from the arrival on."""


class FollowPlace(Message):
    """Fly where a handheld is, and stay with it as it moves: by `FollowTo` wishes.

    Every step is checked as a flight to a place is. It hovers where they stop for 10 s, leap, or
    lead where it must not go.
    """

    action: Literal["follow_place"] = "follow_place"
    vehicle_id: VehicleId
    terminal_id: Annotated[str, Field(min_length=1, max_length=40)]
    """Who is followed."""
    place: GeoPoint
    """Where it is now, on the ground."""
    seen_ms: Milliseconds
    """When it was there, by its own clock."""
    height_agl_m: HeightAgl
    """Of the aircraft above the ground below it."""
    offset_m: Annotated[float, Field(ge=0, le=200)] = 0.0
    """The aircraft stays this far from the handheld."""
    bearing_deg: Annotated[float, Field(ge=0, lt=360)] = 0.0
    """In this direction, clockwise from true north."""


FlightBody = (
    UploadSortie
    | StartSortie
    | PauseVehicle
    | ResumeVehicle
    | ReturnVehicle
    | LandVehicle
    | TakePhoto
    | FlyTo
    | LookAgain
    | FollowPlace
    | RetaskSortie
    | ConfirmIdentity
)
"""What moves an aircraft, stops it, or triggers its camera."""
OnboardBody = FetchParameters | ReadParameter | SetParameters | ListFiles | FetchFile
"""What is asked of its computer."""
CommandBody = Annotated[FlightBody | OnboardBody, Field(discriminator="action")]
"""What may be ordered."""


class Command(Message):
    """An order to a node; stale or repeated ones are refused."""

    id: RecordId
    author: str
    issued_ms: Milliseconds
    expires_ms: Milliseconds
    """Command-post time; the node compares with its own clock corrected by the link's offset."""
    body: CommandBody


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
