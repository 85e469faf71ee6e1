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
from field_api.contract.messages.onboard import (
    FetchFile,
    FetchParameters,
    FileEntry,
    FileListing,
    ListFiles,
    OnboardWork,
    ParameterChange,
    ParameterMark,
    ParameterReport,
    ParametersChanged,
    ParameterTold,
    ParameterWish,
    ReadParameter,
    SetParameters,
)
from field_api.contract.messages.orders import (
    Command,
    CommandBody,
    CommandOutcome,
    CommandResult,
    ConfirmIdentity,
    FlightBody,
    FlyTo,
    LandVehicle,
    LookAgain,
    OnboardBody,
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
    LinkReport,
    LinkState,
    NodeState,
    RemoteIdState,
    StrangerReport,
    StreamState,
    TerminalPosition,
    VehicleEvent,
    VehicleState,
    WayState,
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
    "ConfirmIdentity",
    "Detection",
    "DurableBody",
    "DurableMessage",
    "ErrorEllipse",
    "EvidenceImage",
    "FetchFile",
    "FetchParameters",
    "FileEntry",
    "FileListing",
    "FlightBody",
    "FlightPhase",
    "FlownSample",
    "FlownTrack",
    "FlyTo",
    "FrameBoxes",
    "GpsState",
    "LandVehicle",
    "LatestBody",
    "LatestMessage",
    "LinkReport",
    "LinkState",
    "ListFiles",
    "LookAgain",
    "ModelReference",
    "NodeState",
    "OnboardBody",
    "OnboardWork",
    "ParameterChange",
    "ParameterMark",
    "ParameterReport",
    "ParameterTold",
    "ParameterWish",
    "ParametersChanged",
    "PauseVehicle",
    "RallyPoint",
    "ReadParameter",
    "RemoteIdState",
    "ResumeVehicle",
    "RetaskSortie",
    "ReturnVehicle",
    "SetParameters",
    "SortieEvent",
    "SortieOrder",
    "SortieState",
    "StartSortie",
    "StrangerReport",
    "StreamId",
    "StreamState",
    "TakePhoto",
    "TerminalPosition",
    "UploadSortie",
    "VehicleEvent",
    "VehicleState",
    "WayState",
    "Wish",
    "durable_adapter",
    "wish_adapter",
]
