"""Tasks on the wire."""

from typing import Annotated, Literal

from pydantic import Field

from field_api.contract.ids import RecordId
from field_api.core.wire import (
    Body,
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
    "NearestTerminal",
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
    lat_deg: Latitude
    lon_deg: Longitude


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
    lat_deg: Latitude
    lon_deg: Longitude
    media: Annotated[list[Sha256], Field(max_length=20)] = Field(default=[])


class TaskStepView(View):
    """One step of a task."""

    id: str
    to: TransitionTarget
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
    lat_deg: float
    lon_deg: float
    media: list[str]
    media_missing: list[str]
    """Pictures that have not arrived yet."""


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
    lat_deg: float
    lon_deg: float
    distance_m: float | None
    """From the terminal's last position when the task was sent."""
    state: TaskState
    created_ms: int
    created_by: str
    acknowledged_ms: int | None
    escalated_ms: int | None
    """When nobody had acknowledged it in time."""
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
