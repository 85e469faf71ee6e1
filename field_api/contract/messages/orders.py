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
from mission_plans.plan import Check, Fence, GeoPoint, SortiePlan

__all__ = [
    "Command",
    "CommandBody",
    "CommandOutcome",
    "CommandResult",
    "ConfirmIdentity",
    "FlightBody",
    "LandVehicle",
    "OnboardBody",
    "PauseVehicle",
    "RallyPoint",
    "ResumeVehicle",
    "ReturnVehicle",
    "StartSortie",
    "TakePhoto",
    "UploadSortie",
]


class RallyPoint(Message):
    """A place to come home to instead of the launch point."""

    place: GeoPoint
    altitude_relative_m: Annotated[float, Field(ge=0, le=1000)]
    """Height above the launch point at which it is reached."""


class UploadSortie(Message):
    """Bind a sortie to its vehicle and upload it; no take-off yet."""

    action: Literal["upload_sortie"] = "upload_sortie"
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


FlightBody = (
    UploadSortie
    | StartSortie
    | PauseVehicle
    | ResumeVehicle
    | ReturnVehicle
    | LandVehicle
    | TakePhoto
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
