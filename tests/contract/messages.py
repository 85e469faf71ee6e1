"""Messages for the link's tests."""

from field_api.contract.ids import new_id
from field_api.contract.messages import (
    Box,
    Command,
    CommandOutcome,
    CommandResult,
    FrameBoxes,
    LinkState,
    PauseVehicle,
    VehicleEvent,
    VehicleState,
)

START_MS = 1_742_016_600_000
"""2025-03-15 13:30 in Kunming."""


def vehicle_state(t_ms: int, vehicle_id: str = "XS-U1") -> VehicleState:
    """A telemetry value."""
    return VehicleState(vehicle_id=vehicle_id, t_ms=t_ms, link=LinkState.LIVE)


def frame_boxes(pts_90k: int, stream_id: str = "XS-U1-cam") -> FrameBoxes:
    """What was seen in one frame."""
    box = Box(track_id=1, label="person", confidence=0.8, x=0.1, y=0.2, w=0.05, h=0.1)
    return FrameBoxes(stream_id=stream_id, pts_90k=pts_90k, t_ms=START_MS, boxes=[box])


def vehicle_event(text: str = "low battery") -> VehicleEvent:
    """A durable record with a fresh id."""
    return VehicleEvent(
        id=new_id(),
        t_ms=START_MS,
        vehicle_id="XS-U1",
        severity="warning",
        code="statustext",
        text_zh=text,
        text_en=text,
    )


def command(expires_ms: int, issued_ms: int = START_MS) -> Command:
    """A pause order with a fresh id."""
    return Command(
        id=new_id(),
        author="pilot",
        issued_ms=issued_ms,
        expires_ms=expires_ms,
        body=PauseVehicle(vehicle_id="XS-U1"),
    )


def result(command_id: str, outcome: CommandOutcome = CommandOutcome.DONE) -> CommandResult:
    """The answer to a command."""
    return CommandResult(id=new_id(), t_ms=START_MS, command_id=command_id, outcome=outcome)
