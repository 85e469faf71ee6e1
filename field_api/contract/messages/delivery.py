"""The messages by how they travel on the field link: latest-wins or durable."""

from typing import Annotated

from pydantic import Field, TypeAdapter

from field_api.contract.messages.onboard import FileListing, ParameterReport, ParametersChanged
from field_api.contract.messages.orders import CommandResult
from field_api.contract.messages.sightings import Detection, FrameBoxes
from field_api.contract.messages.sorties import FlownTrack, SortieEvent
from field_api.contract.messages.telemetry import (
    NodeState,
    StreamState,
    TerminalPosition,
    VehicleEvent,
    VehicleState,
)

__all__ = [
    "DurableBody",
    "DurableMessage",
    "LatestBody",
    "LatestMessage",
    "durable_adapter",
]


LatestBody = VehicleState | FrameBoxes | StreamState | NodeState | TerminalPosition
"""Telemetry and live boxes: a newer value of a `key` replaces the older one."""
DurableBody = (
    Detection
    | SortieEvent
    | VehicleEvent
    | FlownTrack
    | CommandResult
    | ParameterReport
    | ParametersChanged
    | FileListing
)
"""Records that are kept until acknowledged."""

LatestMessage = Annotated[LatestBody, Field(discriminator="kind")]
DurableMessage = Annotated[DurableBody, Field(discriminator="kind")]
durable_adapter: TypeAdapter[DurableBody] = TypeAdapter(DurableMessage)
"""Reads a durable record from the wire or the outbox."""
