"""What nodes and the command post say to each other.

Four classes of message travel on the field link (see `link`):

* **latest-wins** (`LatestMessage`): telemetry and live boxes. A newer value of the same `key`
  replaces an unsent older one; late ones are dropped.
* **durable** (`DurableMessage`): detections and flight records. Kept in the node's on-disk outbox
  until acknowledged, stored exactly once by `id`.
* **wishes** (`Wish`): command post to node, latest-wins; where a camera shall look.
* **commands** (`Command`): command post to node, with id, author and expiry; answered by a durable
  `CommandResult`.

Time is UTC milliseconds since 1970 (`_ms`), positions are WGS-84, image boxes are fractions of
the frame's width and height.
"""

from field_api.contract.messages.base import (
    StreamId,
)
from field_api.contract.messages.delivery import (
    DurableBody,
    DurableMessage,
    LatestBody,
    LatestMessage,
    durable_adapter,
)
from field_api.contract.messages.orders import (
    Command,
    CommandBody,
    CommandOutcome,
    CommandResult,
    FlyTo,
    LandVehicle,
    LookAgain,
    PauseVehicle,
    RallyPoint,
    ResumeVehicle,
    RetaskSortie,
    ReturnVehicle,
    SortieOrder,
    StartSortie,
    TakePhoto,
    UploadSortie,
)
from field_api.contract.messages.sightings import (
    Box,
    CameraPose,
    Detection,
    ErrorEllipse,
    EvidenceImage,
    FrameBoxes,
    ModelReference,
)
from field_api.contract.messages.sorties import (
    FlownSample,
    FlownTrack,
    SortieEvent,
    SortieState,
)
from field_api.contract.messages.telemetry import (
    BatteryState,
    CameraState,
    FlightPhase,
    GpsState,
    LinkState,
    NodeState,
    StreamState,
    TerminalPosition,
    VehicleEvent,
    VehicleState,
)
from field_api.contract.messages.wishes import (
    AimAngles,
    AimMission,
    AimPlace,
    CameraAim,
    CameraTarget,
    Wish,
    wish_adapter,
)

__all__ = [
    "AimAngles",
    "AimMission",
    "AimPlace",
    "BatteryState",
    "Box",
    "CameraAim",
    "CameraPose",
    "CameraState",
    "CameraTarget",
    "Command",
    "CommandBody",
    "CommandOutcome",
    "CommandResult",
    "Detection",
    "DurableBody",
    "DurableMessage",
    "ErrorEllipse",
    "EvidenceImage",
    "FlightPhase",
    "FlownSample",
    "FlownTrack",
    "FlyTo",
    "FrameBoxes",
    "GpsState",
    "LandVehicle",
    "LatestBody",
    "LatestMessage",
    "LinkState",
    "LookAgain",
    "ModelReference",
    "NodeState",
    "PauseVehicle",
    "RallyPoint",
    "ResumeVehicle",
    "RetaskSortie",
    "ReturnVehicle",
    "SortieEvent",
    "SortieOrder",
    "SortieState",
    "StartSortie",
    "StreamId",
    "StreamState",
    "TakePhoto",
    "TerminalPosition",
    "UploadSortie",
    "VehicleEvent",
    "VehicleState",
    "Wish",
    "durable_adapter",
    "wish_adapter",
]
