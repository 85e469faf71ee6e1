"""What the live WebSocket sends: `{"type": ..., "data": ...}`, first one `snapshot`.

These types stand in the OpenAPI document as `LiveMessage`, so that clients are generated from the
same source as for HTTP.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, TypeAdapter

from field_api.audit.models import TimelineEntry
from field_api.contract.messages import (
    FlownTrack,
    FrameBoxes,
    StreamState,
    TerminalPosition,
    VehicleEvent,
    VehicleState,
)
from field_api.detections.models import DetectionView
from field_api.incidents.models import IncidentView
from field_api.nodes.models import NodeView
from field_api.plans.models import PlanView
from field_api.sorties.models import CommandView, SortieView
from field_api.tasks.models import TaskView
from field_api.wire import View

__all__ = ["LiveKind", "LiveMessage", "LiveSnapshot", "live_adapter"]

LiveKind = Literal[
    "vehicle_state",
    "vehicle_event",
    "frame_boxes",
    "stream_state",
    "terminal_position",
    "incident",
    "detection",
    "task",
    "sortie",
    "timeline",
    "node",
    "command_result",
]


class LiveSnapshot(View):
    """The present, sent when a browser connects; changes follow."""

    server_time_ms: int
    vehicles: list[VehicleState]
    streams: list[StreamState]
    terminals: list[TerminalPosition]
    incidents: list[IncidentView]
    detections: list[DetectionView]
    """Those that wait for review or belong to an open incident, newest first."""
    tasks: list[TaskView]
    sorties: list[SortieView]
    nodes: list[NodeView]


class _Live(BaseModel):
    pass


class SnapshotMessage(_Live):
    """First message."""

    type: Literal["snapshot"]
    data: LiveSnapshot


class VehicleStateMessage(_Live):
    """A vehicle moved; at most `live_hz` per second and vehicle."""

    type: Literal["vehicle_state"]
    data: VehicleState


class VehicleEventMessage(_Live):
    """A vehicle said something that matters."""

    type: Literal["vehicle_event"]
    data: VehicleEvent


class FrameBoxesMessage(_Live):
    """Boxes of one video frame, to be matched by `pts_90k`."""

    type: Literal["frame_boxes"]
    data: FrameBoxes


class StreamStateMessage(_Live):
    """Health of a video stream."""

    type: Literal["stream_state"]
    data: StreamState


class TerminalPositionMessage(_Live):
    """A handheld moved."""

    type: Literal["terminal_position"]
    data: TerminalPosition


class IncidentMessage(_Live):
    """An incident was opened or changed."""

    type: Literal["incident"]
    data: IncidentView


class DetectionMessage(_Live):
    """An alert came, grew or was judged."""

    type: Literal["detection"]
    data: DetectionView


class TaskMessage(_Live):
    """A task was sent or changed."""

    type: Literal["task"]
    data: TaskView


class SortieMessage(_Live):
    """A sortie took a step."""

    type: Literal["sortie"]
    data: SortieView


class PlanMessage(_Live):
    """A draft was improved."""

    type: Literal["plan"]
    data: PlanView


class FlownMessage(_Live):
    """A piece of a sortie as flown."""

    type: Literal["flown"]
    data: FlownTrack


class TimelineMessage(_Live):
    """A line was added to an incident's timeline."""

    type: Literal["timeline"]
    data: TimelineEntry


class NodeMessage(_Live):
    """A node came, went or said how it is."""

    type: Literal["node"]
    data: NodeView


class CommandResultMessage(_Live):
    """An order was sent or answered."""

    type: Literal["command_result"]
    data: CommandView


LiveMessage = Annotated[
    SnapshotMessage
    | VehicleStateMessage
    | VehicleEventMessage
    | FrameBoxesMessage
    | StreamStateMessage
    | TerminalPositionMessage
    | IncidentMessage
    | DetectionMessage
    | TaskMessage
    | SortieMessage
    | PlanMessage
    | FlownMessage
    | TimelineMessage
    | NodeMessage
    | CommandResultMessage,
    Field(discriminator="type"),
]
live_adapter: TypeAdapter[LiveMessage] = TypeAdapter(LiveMessage)
