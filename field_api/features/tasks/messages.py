"""Tasks on the wire."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from field_api.contract.ids import RecordId
from field_api.core.wire import (
    Body,
    Degrees,
    Latitude,
    Longitude,
    LongText,
    Milliseconds,
    Name,
    Sha256,
    ShortText,
    View,
)
from field_api.features.tasks.tables import TaskState

__all__ = [
    "AssignTask",
    "CancelTask",
    "HandOverTask",
    "NearestTerminal",
    "RemindTask",
    "SightLine",
    "TaskReportBody",
    "TaskReportView",
    "TaskStepView",
    "TaskView",
    "TransitionBody",
    "TransitionTarget",
]

TransitionTarget = Literal["acknowledged", "en_route", "on_scene", "done", "refused"]


class AssignTask(Body):
    """A job to send out. The caller makes the id."""

    id: RecordId
    incident_id: RecordId
    detection_id: RecordId | None = None
    terminal_id: Name | None = None
    """None sends the nearest free terminal that reported a position."""
    title: ShortText
    text: LongText = ""
    lat_deg: Latitude | None = None
    """Left out with `lon_deg`, the place is that of the alert; without one there is none, and a
    handheld has to be named."""
    lon_deg: Longitude | None = None

    due_ms: Milliseconds | None = None
    """When they should be on the scene; left out, there is no such time."""

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if (self.lat_deg is None) != (self.lon_deg is None):
            raise ValueError("give lat_deg and lon_deg, or neither")
        return self


class CancelTask(Body):
    """Call a task off."""

    id: RecordId
    reason: Annotated[LongText, Field(min_length=1)]


class RemindTask(Body):
    """Press for a task that is late (督办)."""

    id: RecordId


class HandOverTask(Body):
    """Give a task to another handheld (转交): it gets a task of its own, this one is called off."""

    id: RecordId
    """Of the new task."""
    terminal_id: Name
    reason: Annotated[LongText, Field(min_length=1)]


class TransitionBody(Body):
    """A receipt or a step; made on the terminal, possibly long before it arrives."""

    id: RecordId
    to: TransitionTarget
    t_ms: Milliseconds
    text: LongText = ""


class TaskReportBody(Body):
    """A report from the scene; its pictures may be uploaded before or after."""

    id: RecordId
    t_ms: Milliseconds
    text: LongText = ""
    lat_deg: Latitude | None = None
    """None where neither handheld nor task has a place."""
    lon_deg: Longitude | None = None
    media: Annotated[list[Sha256], Field(max_length=20)] = Field(default=[])


class TaskStepView(View):
    """One step of a task."""

    id: str
    to: TransitionTarget | Literal["cancelled"]
    t_ms: int
    received_ms: int
    by: str
    text: str


class TaskReportView(View):
    """One report of a task."""

    id: str
    t_ms: int
    received_ms: int
    by: str
    text: str
    lat_deg: float | None
    lon_deg: float | None
    media: list[str]
    media_missing: list[str]
    """Pictures that have not arrived yet."""


class SightLine(View):
    """From where a camera saw something, and in which direction."""

    lat_deg: float
    lon_deg: float
    bearing_deg: Degrees


class TaskView(View):
    """A task with its receipts and reports."""

    id: str
    version: int
    area: str
    incident_id: str
    detection_id: str | None
    terminal_id: str
    assignee: str
    """Who holds the terminal."""
    title: str
    text: str
    lat_deg: float | None
    """None where the task has no place: it has a direction, or words only."""
    lon_deg: float | None
    error_m: float | None
    """How far from there it may be; None where a person named the place itself."""
    placed_by: str | None
    """Who put the alert on the map by hand; None where the camera gave the place."""
    sight: SightLine | None
    """Where the alert was seen from; None without an alert."""
    picture: str | None
    """SHA-256 of the alert's picture."""
    distance_m: float | None
    """From the terminal's last position when the task was sent."""
    state: TaskState
    created_ms: int
    created_by: str
    acknowledged_ms: int | None
    escalated_ms: int | None
    """When nobody had acknowledged it in time."""
    due_ms: int | None
    reminded_ms: int | None
    reminded_by: str | None
    reminders: int
    handed_to: str | None
    handed_from: str | None
    handed_from_id: str | None
    drill: bool
    steps: list[TaskStepView]
    reports: list[TaskReportView]


class NearestTerminal(View):
    """A handheld and how far it is, along the ellipsoid."""

    terminal_id: str
    holder: str
    team_id: str | None
    lat_deg: float
    lon_deg: float
    t_ms: int
    distance_m: float
    bearing_deg: float
    """From the asked place to the handheld."""
    busy: bool
    """It has a task that is not finished."""
